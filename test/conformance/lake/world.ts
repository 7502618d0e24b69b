import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSources, SOURCE_DEFAULTS, type SourceOptions, type Sources } from '../../../cli/src/sources/sources';
import type { AttributionSchema } from '../../../lib/schema';
import { expectSameRows } from '../compare';
import { BILLS, type CatalogOptions, LEDGER, LOGS, synthesizeCatalog } from './catalog';
import { deliverBill, deliverLog } from './deliver';
import { Lake } from './lake';

/** What a world is made of, beside the files in its lake. */
export interface WorldOptions extends Omit<CatalogOptions, 'databaseName' | 'settlementHours'> {
  readonly schema: AttributionSchema;
  /**
   * Usage that ended later is unsettled on both engines.
   *
   * @default - all usage is settled
   */
  readonly settledUntil?: Date;
  /** Files for the embedded engine beside logs and bill; their rows become the dimension files of the lake. */
  readonly files?: Pick<SourceOptions, 'prices' | 'profiles' | 'principals'>;
}

const HOUR = 3_600_000;
/** The dimensions that have files; the others are views. */
const DIMENSIONS = ['price_book', 'model_aliases', 'inference_profiles', 'principals'];

/**
 * The same files on both engines: those of a lake, which Trino reads through the catalog as synthesized, and the embedded engine as
 * folders.
 */
export class World {
  /** Opens the files of a lake, which have to be there by now. */
  public static async open(lake: Lake, options: WorldOptions): Promise<World> {
    const now = new Date();
    // the views count back from the time of the query, in whole hours
    const settlementHours = options.settledUntil === undefined ? 0 : Math.floor((now.getTime() - options.settledUntil.getTime()) / HOUR);
    const sources = await openEmbedded(lake, options, now, settlementHours);
    for (const name of DIMENSIONS) {
      const rows = await sources.engine.rows(`SELECT * FROM ${name}`);
      lake.put(LEDGER, `dimensions/${name}/rows.ndjson`, rows.map(row => `${JSON.stringify(row)}\n`).join(''));
    }
    lake.define(synthesizeCatalog({ ...options, settlementHours, databaseName: lake.database }));
    const world = new World(lake, sources);
    await world.keepLedger();
    return world;
  }

  /** A world without logs and bill, but with everything that is defined. */
  public static async openEmpty(lake: Lake, options: WorldOptions): Promise<World> {
    deliverLog(lake, { hour: `${options.firstDay}T00` }, []);
    await deliverBill(lake, options.firstDay.slice(0, 7), []);
    return World.open(lake, options);
  }

  private constructor(public readonly lake: Lake, public readonly sources: Sources) {}

  /** Throws when a query has other rows on Trino than on the embedded engine; answers with the rows. */
  public async expectSame(sql: string): Promise<Record<string, unknown>[]> {
    const [trino, embedded] = [await this.lake.trino.rows(sql), await this.sources.engine.rows(sql)];
    expectSameRows(sql, trino, embedded);
    return trino;
  }

  /** Has a view answer on Trino with the rows that it has now, and spares whoever reads it to work them out again. */
  public async keep(view: string): Promise<void> {
    const { database, trino } = this.lake;
    const { columns } = await trino.query(`SELECT * FROM ${view} LIMIT 0`);
    await trino.query(`CREATE TABLE iceberg.${database}.kept_${view} AS SELECT * FROM ${view}`);
    // Iceberg has types of its own
    const typed = columns.map(({ name, type }) => `cast(${name} AS ${type}) AS ${name}`);
    await trino.query(`CREATE OR REPLACE VIEW ${view} AS SELECT ${typed.join(', ')} FROM kept_${view}`);
  }

  public close(): void {
    this.sources.engine.close();
  }

  /** Stands in for the ledger, whose tables the views read: all that is there by now. */
  private async keepLedger(): Promise<void> {
    const { database, trino } = this.lake;
    for (const [table, source] of [['usage_ledger', 'invocation_records'], ['bill_ledger', 'bedrock_bill_lines']]) {
      await trino.query(`CREATE TABLE iceberg.${database}.${table} AS SELECT * FROM ${source}`);
    }
  }
}

async function openEmbedded(
  lake: Lake, { schema, files }: WorldOptions, asOf: Date, settlementHours: number,
): Promise<Sources> {
  const folder = mkdtempSync(join(tmpdir(), 'schema-'));
  try {
    const schemaFile = join(folder, 'schema.json');
    writeFileSync(schemaFile, schema.toJson());
    return await openSources({
      ...SOURCE_DEFAULTS,
      ...files,
      logs: [lake.bucket(LOGS)],
      bill: [lake.bucket(BILLS)],
      schema: schemaFile,
      asOf,
      settlementHours,
      by: [],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
