import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrinoClient } from './client';

const START_UP_MS = 180_000;
const LOG_LINES = 60;

/** What runs: the least memory in which every query of the tests finishes, and the quick compiler only, since no query runs for long. */
const JVM_OPTIONS = [
  '-server', '-Xmx1200M', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:ReservedCodeCacheSize=256M',
  '-XX:+ExitOnOutOfMemoryError', '-XX:-OmitStackTraceInFastThrow',
  '-Djdk.attach.allowAttachSelf=true', '-Dfile.encoding=UTF-8', '-Duser.timezone=UTC',
  '--enable-native-access=ALL-UNNAMED', '--sun-misc-unsafe-memory-access=allow',
];

/** Runs a command until it ends or whoever started it does, however that comes about: then the input closes. */
const TETHERED = 'exec 3<&0; "$@" </dev/null 3<&- & server=$!; (cat <&3 >/dev/null; kill -KILL $server) & wait $server';

/**
 * A Trino server whose catalog `awsdatacatalog` stands for the Glue Data Catalog, and folders of whose lake stand for buckets.
 *
 * Athena has one catalog for Hive tables, views and Iceberg tables. Here Iceberg has a catalog of its own over the same definitions, to
 * which the first one redirects.
 */
export class TrinoServer {
  /** Starts a server, which answers queries when this is done. */
  public static async start(): Promise<TrinoServer> {
    const server = new TrinoServer(await freePort());
    try {
      await server.answers();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Where it answers. */
  public readonly url: string;

  private readonly folder = mkdtempSync(join(tmpdir(), 'trino-'));

  /** The folder of its lake: `metastore/` and `data/s3/<bucket>/`. */
  public readonly lake = join(this.folder, 'lake');

  private readonly logFile = join(this.folder, 'server.log');
  private readonly process: ChildProcess;

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`;
    const { server, java } = installed();
    this.configure(port);
    const log = openSync(this.logFile, 'a');
    this.process = spawn('sh', ['-c', TETHERED, 'sh',
      java, ...JVM_OPTIONS, ...vectors(java),
      `-Dconfig=${join(this.folder, 'etc', 'config.properties')}`, `-Dlog.levels-file=${join(this.folder, 'etc', 'log.properties')}`, `-Dnode.data-dir=${join(this.folder, 'run')}`,
      '-cp', join(server, 'lib', '*'), 'io.trino.server.TrinoServer',
    ], { stdio: ['pipe', log, log], cwd: server });
    closeSync(log);
  }

  /** Ends it, and removes all that it has. */
  public async stop(): Promise<void> {
    if (!this.hasEnded()) {
      const ended = new Promise(resolve => this.process.once('exit', resolve));
      this.process.stdin?.end();
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The end of what it wrote. */
  public log(): string {
    return readFileSync(this.logFile, 'utf8').split('\n').slice(-LOG_LINES).join('\n');
  }

  private hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  private configure(port: number): void {
    const etc = join(this.folder, 'etc');
    for (const path of [join(etc, 'catalog'), join(this.lake, 'metastore'), join(this.lake, 'data', 's3'), join(this.folder, 'run', 'plugin')]) {
      mkdirSync(path, { recursive: true });
    }
    const write = (name: string, properties: Readonly<Record<string, string>>): void => {
      writeFileSync(join(etc, name), Object.entries(properties).map(([key, value]) => `${key}=${value}\n`).join(''));
    };
    write('node.properties', { 'node.environment': 'test', 'node.id': 'conformance', 'node.bind-ip': '127.0.0.1' });
    write('log.properties', { '': 'ERROR' });
    write('config.properties', {
      'node.environment': 'test',
      'node.id': 'conformance',
      'node.bind-ip': '127.0.0.1',
      'node.internal-address': '127.0.0.1',
      'coordinator': 'true',
      'node-scheduler.include-coordinator': 'true',
      'http-server.http.port': String(port),
      'discovery.uri': this.url,
      'catalog.management': 'static',
      'catalog.config-dir': join(etc, 'catalog'),
      'query.max-memory': '640MB',
      'query.max-memory-per-node': '640MB',
      'memory.heap-headroom-per-node': '200MB',
      // what is known of queries that have ended would fill the heap
      'query.min-expire-age': '5s',
      'query.max-history': '10',
      'task.info.max-age': '5s',
      // tables are small and plans are large: most of the time would go into the search for a better plan
      'enable-stats-calculator': 'false',
      'optimizer.join-reordering-strategy': 'NONE',
      'join-distribution-type': 'PARTITIONED',
      'task.concurrency': '1',
    });
    const local = { 'fs.native-local.enabled': 'true', 'local.location': this.lake };
    write('catalog/awsdatacatalog.properties', {
      ...local,
      'connector.name': 'hive',
      'hive.metastore': 'file',
      'hive.metastore.catalog.dir': 'local:///metastore',
      'hive.partition-projection-enabled': 'true',
      'hive.non-managed-table-writes-enabled': 'true',
      'hive.recursive-directories': 'true',
      'hive.ignore-absent-partitions': 'true',
      'hive.iceberg-catalog-name': 'iceberg',
    });
    write('catalog/iceberg.properties', {
      ...local,
      'connector.name': 'iceberg',
      'iceberg.catalog.type': 'TESTING_FILE_METASTORE',
      'hive.metastore.catalog.dir': 'local:///metastore',
    });
  }

  /** Waits until both catalogs write and read: a server that answers may have no worker for a catalog yet. */
  private async answers(): Promise<void> {
    const deadline = Date.now() + START_UP_MS;
    const client = new TrinoClient(this.url);
    for (;;) {
      try {
        const info = await (await fetch(`${this.url}/v1/info`)).json() as { starting: boolean };
        if (!info.starting) {
          await client.query('CREATE SCHEMA IF NOT EXISTS awsdatacatalog.ready');
          for (const catalog of ['awsdatacatalog', 'iceberg']) {
            await client.query(`CREATE TABLE IF NOT EXISTS ${catalog}.ready.${catalog}_table AS SELECT 1 AS n`);
            await client.query(`SELECT n FROM ${catalog}.ready.${catalog}_table`);
          }
          return;
        }
      } catch (error) {
        if (this.hasEnded() || Date.now() > deadline) {
          throw new Error(`the Trino server did not start: ${(error as Error).message}\n${this.log()}`, { cause: error });
        }
      }
      await new Promise(resolve => setTimeout(resolve, 250));
    }
  }
}

function installed(): { server: string; java: string } {
  const script = join(__dirname, '..', '..', '..', 'scripts', 'install-trino.mjs');
  return JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })) as { server: string; java: string };
}

/** Trino computes with vectors where Java can, which a reduced runtime cannot. */
function vectors(java: string): string[] {
  const module = 'jdk.incubator.vector';
  return execFileSync(java, ['--list-modules'], { encoding: 'utf8' }).includes(module) ? [`--add-modules=${module}`] : [];
}

/** A port of this machine that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => { server.close(resolve); });
  return port;
}
