import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { openSources, SOURCE_DEFAULTS, type SourceOptions, type Sources } from '../../../cli/src/sources/sources';
import { AttributionCatalog, InvocationLogSource, LedgerStore } from '../../../lib/analytics';
import { CostAndUsageExport } from '../../../lib/data-exports';
import { AttributionSchema } from '../../../lib/schema';
import { expectSameRows } from '../compare';
import type { SynthesizedTemplate } from '../trino/glue-tables';
import { Lake } from './lake';
import { defineRenderedViews } from './rendered-views';

/** What the catalog of a world covers. */
export interface Coverage {
  readonly accounts: string[];
  readonly regions: string[];
  /** First day of the logs. */
  readonly firstDay: string;
}

export const LOGS = 'logs';
/** Bucket of the ledger: dimension files and Iceberg tables. */
export const LEDGER = 'ledger';
export const BILLS = 'bills';
export const EXPORT_PREFIX = 'cur2';
export const LEDGER = 'ledger';

/** The same files on both engines: those of a lake, which Trino reads as synthesized tables and the embedded engine as folders. */
export class World {
  /** Opens the files of a lake, which have to be there by now. */
  public static async open(lake: Lake, coverage: Coverage, exportName: string, options: Partial<SourceOptions> = {}): Promise<World> {
    const sourceOptions: SourceOptions = {
      ...SOURCE_DEFAULTS,
      logs: [lake.bucket(LOGS)],
      bill: [lake.bucket(BILLS)],
      asOf: new Date('2026-11-02T06:00:00Z'),
      by: ['team', 'service'],
      ...options,
    };
    const sources = await openSources(sourceOptions);
    lake.define(synthesizeCatalog(lake.database, coverage, exportName));
    const { schema: file } = sourceOptions;
    const schema = file === undefined ? AttributionSchema.starter() : AttributionSchema.fromJson(readFileSync(file, 'utf8'));
    await defineRenderedViews(lake, sources, schema, sourceOptions, exportName);
    return new World(lake, sources);
  }

  private constructor(public readonly lake: Lake, public readonly sources: Sources) {}

  /** Throws when a query has other rows on Trino than on the embedded engine; answers with the rows. */
  public async expectSame(sql: string): Promise<Record<string, unknown>[]> {
    const trino = await this.lake.trino.rows(sql);
    expectSameRows(sql, trino, await this.sources.engine.rows(sql));
    return trino;
  }

  public close(): void {
    this.sources.engine.close();
  }
}

/** Writes a file of a bucket. */
export function put(lake: Lake, bucket: string, key: string, content: string | Buffer): void {
  const path = join(lake.bucket(bucket), key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** The template of a catalog over the buckets of a lake. */
function synthesizeCatalog(databaseName: string, coverage: Coverage, exportName: string): SynthesizedTemplate {
  const stack = new Stack(new App(), 'Catalog', { env: { account: '111122223333', region: 'us-east-1' } });
  const bill = CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Bill', {
    exportName, bucket: s3.Bucket.fromBucketName(stack, 'Bills', BILLS), prefix: EXPORT_PREFIX,
  });
  new AttributionCatalog(stack, 'Catalog', {
    databaseName, bill, schema: AttributionSchema.starter(), store: LedgerStore.fromLedgerStoreAttributes(stack, 'Store', { bucketName: LEDGER }),
    invocationLogs: InvocationLogSource.fromBucket(s3.Bucket.fromBucketName(stack, 'Logs', LOGS), coverage),
  });
  return Template.fromStack(stack).toJSON() as SynthesizedTemplate;
}
