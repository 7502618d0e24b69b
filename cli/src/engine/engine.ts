import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, DuckDBTypeId, type DuckDBValue } from '@duckdb/node-api';
import { dataFile } from '../data-files';
import type { QueryEngine, QueryResult, Row } from './query-engine';

export type { Row } from './query-engine';

/**
 * The embedded engine: DuckDB in a bounded amount of memory, spilling to a folder of its own, speaking the Athena functions of the views.
 */
export class Engine implements QueryEngine {
  static async open(): Promise<Engine> {
    const folder = mkdtempSync(join(tmpdir(), 'bca-'));
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: '1GB',
      // said outright, or a scan of files keeps to one thread
      threads: String(availableParallelism()),
      temp_directory: join(folder, 'spill'),
      preserve_insertion_order: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const engine = new Engine(instance, await instance.connect(), folder);
    await engine.run(readFileSync(dataFile('sql', 'dialect', 'duckdb.sql'), 'utf8'));
    return engine;
  }

  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    /** Scratch folder, removed on close. */
    readonly folder: string,
  ) {}

  async run(sql: string, values?: DuckDBValue[]): Promise<void> {
    await this.connection.run(sql, values);
  }

  async rows(sql: string): Promise<Row[]> {
    return (await this.result(sql)).rows;
  }

  async result(sql: string): Promise<QueryResult> {
    const reader = await this.next(async () => this.connection.runAndReadAll(sql));
    const columns = reader.deduplicatedColumnNames();
    const types = reader.columnTypes().map(type => type.typeId);
    const rows = reader.getRowsJS()
      .map(row => Object.fromEntries(row.map((value, index) => [columns[index], plain(value, types[index])])));
    return { columns, rows };
  }

  /** How many statements a text holds. */
  async countStatements(sql: string): Promise<number> {
    return (await this.connection.extractStatements(sql)).count;
  }

  /** One query after the other: each has all threads and all of the memory to itself. */
  private async next<T>(query: () => Promise<T>): Promise<T> {
    const answer = this.last.then(query);
    this.last = answer.catch(() => undefined);
    return answer;
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function plain(value: unknown, type?: DuckDBTypeId): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return type === DuckDBTypeId.DATE ? value.toISOString().slice(0, 10) : value.toISOString();
  if (!Array.isArray(value)) return value;
  // a map comes as the list of its entries, and its type is known only where it is not inside something else
  const entries = value as ({ key: unknown; value: unknown } | null)[];
  const isMap = entries.length === 0
    ? type === DuckDBTypeId.MAP
    : entries.every(entry => typeof entry === 'object' && entry !== null && 'key' in entry && 'value' in entry);
  return isMap ? Object.fromEntries(entries.map(entry => [String(entry?.key), plain(entry?.value)])) : value.map(item => plain(item));
}
