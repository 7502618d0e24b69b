import type * as glue from 'aws-cdk-lib/aws-glue';
import type { ICostAndUsageExport } from '../../data-exports';
import { COST_AND_USAGE_COLUMNS } from '../../private/cost-and-usage-columns';

/** Name of the table. */
const COST_AND_USAGE = 'cost_and_usage';

/**
 * The bill as exported, one partition per billing period. Columns are found by name in Parquet, so one list serves every choice of columns:
 * what an export leaves out is NULL.
 *
 * @see https://docs.aws.amazon.com/cur/latest/userguide/dataexports-export-delivery.html
 */
export function renderCostAndUsageTable(bill: ICostAndUsageExport, firstBillingPeriod: string): glue.CfnTable.TableInputProperty {
  return {
    name: COST_AND_USAGE,
    description: 'CUR 2.0 with caller identity; always filter billing_period',
    tableType: 'EXTERNAL_TABLE',
    parameters: {
      'EXTERNAL': 'TRUE',
      'classification': 'parquet',
      'projection.enabled': 'true',
      'projection.billing_period.type': 'date',
      'projection.billing_period.format': 'yyyy-MM',
      'projection.billing_period.range': `${firstBillingPeriod},NOW`,
      'projection.billing_period.interval': '1',
      'projection.billing_period.interval.unit': 'MONTHS',
      // upper case in the path, lower case as a column: names in S3 are case-sensitive
      'storage.location.template': `${bill.dataLocation}BILLING_PERIOD=\${billing_period}`,
    },
    partitionKeys: [{ name: 'billing_period', type: 'string' }],
    storageDescriptor: {
      columns: COST_AND_USAGE_COLUMNS.map(({ name, type }) => ({ name, type })),
      location: bill.dataLocation,
      inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    },
  };
}
