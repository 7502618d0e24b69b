import { Fn } from 'aws-cdk-lib';
import type * as glue from 'aws-cdk-lib/aws-glue';
import type { ICostAndUsageExport } from '../../data-exports';
import { COST_AND_USAGE_COLUMNS, COST_AND_USAGE_PARTITIONS } from '../../private/cost-and-usage-columns';

/** Name of the table. */
const COST_AND_USAGE = 'cost_and_usage';

function dataColumns(bill: ICostAndUsageExport): { name: string; type: string }[] {
  return [
    ...COST_AND_USAGE_COLUMNS.map(({ name, type }) => ({ name, type })),
    ...Object.entries(bill.additionalColumns).map(([name, type]) => ({ name, type })),
  ];
}

/** The columns of the table, partitions last. */
export function costAndUsageColumns(bill: ICostAndUsageExport): { name: string; type: string }[] {
  return [...dataColumns(bill), ...COST_AND_USAGE_PARTITIONS.map(name => ({ name, type: 'string' }))];
}

/**
 * The bill as exported, one partition per export and billing period. Columns are found by name in Parquet, so one list serves every choice
 * of columns: what an export leaves out is NULL.
 *
 * A billing period may be there more than once, under the names of several exports: `bill_lines` has each once.
 *
 * @see https://docs.aws.amazon.com/cur/latest/userguide/dataexports-export-delivery.html
 * @see https://docs.aws.amazon.com/athena/latest/ug/partition-projection-setting-up.html
 */
export function renderCostAndUsageTable(bill: ICostAndUsageExport, firstBillingPeriod: string): glue.CfnTable.TableInputProperty {
  return {
    name: COST_AND_USAGE,
    description: 'CUR 2.0 with caller identity as delivered, by former exports too; read bill_lines to count each billing period once',
    tableType: 'EXTERNAL_TABLE',
    parameters: {
      'EXTERNAL': 'TRUE',
      'classification': 'parquet',
      'projection.enabled': 'true',
      // names of exports have no commas
      'projection.export_name.type': 'enum',
      'projection.export_name.values': Fn.join(',', bill.exportNames),
      'projection.billing_period.type': 'date',
      'projection.billing_period.format': 'yyyy-MM',
      'projection.billing_period.range': `${firstBillingPeriod},NOW`,
      'projection.billing_period.interval': '1',
      'projection.billing_period.interval.unit': 'MONTHS',
      // upper case in the path, lower case as a column: names in S3 are case-sensitive
      'storage.location.template': bill.bucket.s3UrlForObject(`${bill.prefix}/\${export_name}/data/BILLING_PERIOD=\${billing_period}/`),
    },
    partitionKeys: COST_AND_USAGE_PARTITIONS.map(name => ({ name, type: 'string' })),
    storageDescriptor: {
      columns: dataColumns(bill),
      // projected partitions are read where the template says; whoever reads this folder itself meets no manifests in it
      location: bill.dataLocation,
      inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    },
  };
}
