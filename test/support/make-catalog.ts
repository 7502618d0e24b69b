import type { Stack } from 'aws-cdk-lib';
import { AttributionCatalog, type AttributionCatalogProps, InvocationLogSource, LedgerStore } from '../../lib/analytics';
import { CostAndUsageExport } from '../../lib/data-exports';
import { AttributionSchema } from '../../lib/schema';

/** A catalog with everything that it needs, where a test has nothing to say about it. */
export function makeCatalog(stack: Stack, props: Partial<AttributionCatalogProps> = {}): AttributionCatalog {
  return new AttributionCatalog(stack, 'Catalog', {
    schema: AttributionSchema.starter(),
    store: props.store ?? LedgerStore.fromLedgerStoreAttributes(stack, 'LedgerStore', { bucketName: 'example-ledger' }),
    bill: props.bill ?? new CostAndUsageExport(stack, 'Bill', { bucketName: 'example-bills' }),
    invocationLogs: InvocationLogSource.fromBucketPerAccountAndRegion('example-logs', { accounts: ['111122223333'], regions: ['us-east-1'] }),
    ...props,
  });
}
