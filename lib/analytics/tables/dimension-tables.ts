import type * as glue from 'aws-cdk-lib/aws-glue';
import type { ILedgerStore } from '../ledger-store';
import { type Column, hiveType } from '../sql/view-columns';

/** A table whose rows a refresher writes, one JSON object a line. */
export interface DimensionTable {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly Column[];
}

const SEEN: readonly Column[] = [
  { name: 'account_id', type: 'varchar' },
  { name: 'first_seen', type: 'date' },
  { name: 'last_seen', type: 'date' },
  { name: 'deleted_on', type: 'date' },
];

/** What the logs and the bill do not say of themselves. */
export const DIMENSION_TABLES: readonly DimensionTable[] = [
  {
    name: 'price_book',
    description: 'Dated list prices with overrides on top: a missing price is NULL, never 0',
    columns: [
      { name: 'model', type: 'varchar' },
      { name: 'region', type: 'varchar' },
      { name: 'route', type: 'varchar' },
      { name: 'tier', type: 'varchar' },
      { name: 'token_type', type: 'varchar' },
      { name: 'unit', type: 'varchar' },
      { name: 'usd', type: 'double' },
      { name: 'context_threshold_tokens', type: 'bigint' },
      { name: 'effective_from', type: 'date' },
      { name: 'effective_to', type: 'date' },
      { name: 'source', type: 'varchar' },
      { name: 'retrieved', type: 'date' },
      { name: 'precedence', type: 'integer' },
    ],
  },
  {
    name: 'model_aliases',
    description: 'The model behind each spelling of it in logs and on the bill',
    columns: [
      { name: 'kind', type: 'varchar' },
      { name: 'alias', type: 'varchar' },
      { name: 'model', type: 'varchar' },
    ],
  },
  {
    name: 'inference_profiles',
    description: 'Profiles and projects that are or were there: their models and tags',
    columns: [
      { name: 'inference_profile_arn', type: 'varchar' },
      { name: 'model_source', type: 'varchar' },
      { name: 'tags', type: 'map(varchar,varchar)' },
      { name: 'name', type: 'varchar' },
      { name: 'kind', type: 'varchar' },
      { name: 'region', type: 'varchar' },
      ...SEEN,
    ],
  },
  {
    name: 'principals',
    description: 'Roles and users that are or were there: their attribution tags, and the keys that they declare for others',
    columns: [
      { name: 'principal_arn', type: 'varchar' },
      { name: 'tags', type: 'map(varchar,varchar)' },
      { name: 'declares_for_others', type: 'array(varchar)' },
      ...SEEN,
    ],
  },
];

/**
 * The files of one dimension. Keys of tags keep their case; an empty folder is a table without rows.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html
 */
export function renderDimensionTable(store: ILedgerStore, table: DimensionTable): glue.CfnTable.TableInputProperty {
  const { name, description, columns } = table;
  return {
    name,
    description,
    tableType: 'EXTERNAL_TABLE',
    parameters: { EXTERNAL: 'TRUE', classification: 'json' },
    storageDescriptor: {
      columns: columns.map(column => ({ name: column.name, type: hiveType(column.type) })),
      location: `s3://${store.bucketName}/dimensions/${name}/`,
      inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
      outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
      serdeInfo: {
        serializationLibrary: 'org.openx.data.jsonserde.JsonSerDe',
        parameters: { 'case.insensitive': 'FALSE' },
      },
    },
  };
}
