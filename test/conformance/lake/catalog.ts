import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AttributionCatalog, InvocationLogSource, LedgerStore } from '../../../lib/analytics';
import { CostAndUsageExport } from '../../../lib/data-exports';
import type { AttributionSchema } from '../../../lib/schema';
import type { SynthesizedTemplate } from '../trino/glue-tables';

/** Buckets of a lake: of the logs of all accounts and Regions, of the bill, and of the ledger. */
export const [LOGS, BILLS, LEDGER] = ['logs', 'bills', 'ledger'];
/** Folder of the exports in the bucket of the bill. */
export const EXPORT_PREFIX = 'cur2';

/** What a catalog covers. */
export interface CatalogOptions {
  readonly databaseName: string;
  readonly schema: AttributionSchema;
  readonly accounts: string[];
  readonly regions: string[];
  /** First day of the logs. */
  readonly firstDay: string;
  readonly exportName: string;
  readonly settlementHours: number;
}

/** The template of a catalog over the buckets of a lake. */
export function synthesizeCatalog(options: CatalogOptions): SynthesizedTemplate {
  const { databaseName, schema, exportName, settlementHours, accounts, regions, firstDay } = options;
  const stack = new Stack(new App(), 'Catalog', { env: { account: '111122223333', region: 'us-east-1' } });
  const bucket = s3.Bucket.fromBucketName(stack, 'Bills', BILLS);
  new AttributionCatalog(stack, 'Catalog', {
    databaseName,
    schema,
    store: LedgerStore.fromLedgerStoreAttributes(stack, 'Store', { bucketName: LEDGER }),
    invocationLogs: InvocationLogSource.fromBucket(s3.Bucket.fromBucketName(stack, 'Logs', LOGS), { accounts, regions, firstDay }),
    bill: CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Bill', { exportName, bucket, prefix: EXPORT_PREFIX }),
    settlementWindow: Duration.hours(settlementHours),
  });
  return Template.fromStack(stack).toJSON() as SynthesizedTemplate;
}
