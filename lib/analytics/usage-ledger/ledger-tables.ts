import { type Column, type ColumnParameters, type ColumnType, hiveType, viewColumns } from '../sql/view-columns';

/** A table of the ledger. */
export interface LedgerTable {
  readonly name: string;
  readonly columns: readonly Column[];
  /** The column that files are kept apart by; none for small tables. */
  readonly partitionedBy?: string;
  /** The condition under which files are put together by maintenance, with `{since_day}` or `{since_period}`; none for whole tables. */
  readonly compacted?: string;
}

/** What a request of `usage_daily` is counted under, without the attribution keys. */
export const DAILY_GROUPS = ['usage_date', 'account_id', 'region', 'model', 'route', 'caller_role'] as const;

/** What is counted of the requests of a day, in the order of the query. */
const DAILY_MEASURES = typed('bigint', 'requests', 'failed_requests', 'blocked_requests', 'partial_requests', 'unpriced_requests',
  'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens');

/** The columns of `usage_daily` that its query answers with. */
export function dailyColumns(spendKeys: readonly string[]): Column[] {
  return [
    ...DAILY_GROUPS.map((name): Column => ({ name, type: name === 'usage_date' ? 'date' : 'varchar' })),
    ...typed('varchar', ...spendKeys),
    ...DAILY_MEASURES,
    ...typed('double', 'estimated_usd'),
  ];
}

/** A row per run: what it saw, and how the ledger stood after it. */
export const HEALTH_COLUMNS: readonly Column[] = [
  ...typed('timestamp', 'run_at'),
  ...typed('varchar', 'run_id', 'kind'),
  ...typed('date', 'window_from', 'window_to'),
  ...typed('bigint', 'log_lines', 'malformed_lines', 'undated_records', 'stray_records', 'quarantined_objects', 'merged_records', 'ledger_records'),
  ...typed('timestamp', 'newest_call_at'),
  ...typed('double', 'lag_hours'),
  ...typed('bigint', 'bill_lines'),
  ...typed('double', 'bill_usd'),
  ...typed('bigint', 'undelivered_periods'),
];

/** The columns of `closing_statements`, which a `MonthlyClosing` fills. */
const CLOSING_COLUMNS: readonly Column[] = [
  ...typed('varchar', 'billing_period', 'line', 'attribution_key', 'key_value', 'detail'),
  ...typed('double', 'usd'),
  ...typed('timestamp', 'closed_at'),
];

/** The tables that the ledger makes, none of which CloudFormation knows. Columns may be added at the end of each; none is ever removed. */
export function ledgerTables(parameters: ColumnParameters): LedgerTable[] {
  return [
    {
      name: 'usage_ledger',
      columns: [...viewColumns('invocation_records', parameters), ...typed('timestamp', 'merged_at')],
      partitionedBy: 'usage_date',
      compacted: `usage_date >= DATE '{since_day}'`,
    },
    {
      name: 'bill_ledger',
      columns: [...viewColumns('bedrock_bill_lines', parameters), ...typed('varchar', 'row_id'), ...typed('timestamp', 'loaded_at')],
      partitionedBy: 'billing_period',
      compacted: `billing_period >= '{since_period}'`,
    },
    {
      name: 'usage_daily',
      columns: [...dailyColumns(parameters.spendKeys), ...typed('varchar', 'row_id'), ...typed('timestamp', 'computed_at')],
      partitionedBy: 'usage_date',
      compacted: `usage_date >= DATE '{since_day}'`,
    },
    { name: 'closing_statements', columns: CLOSING_COLUMNS },
    { name: 'ledger_health', columns: HEALTH_COLUMNS },
    { name: 'quarantined_objects', columns: [...typed('varchar', 'path', 'reason'), ...typed('timestamp', 'found_at'), ...typed('varchar', 'run_id')] },
  ];
}

/**
 * How Athena keeps the tables: superseded files for five days, so that a query that began earlier than a maintenance finishes, and one can
 * look back at how a table was.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html
 */
const PROPERTIES = {
  table_type: 'ICEBERG',
  format: 'parquet',
  write_compression: 'zstd',
  optimize_rewrite_delete_file_threshold: '2',
  vacuum_max_snapshot_age_seconds: '432000',
  vacuum_min_snapshots_to_keep: '1',
};

/** The statement that makes a table in Athena, where there is none. */
export function createTable({ name, columns, partitionedBy }: LedgerTable, folder: string): string {
  return [
    `CREATE TABLE IF NOT EXISTS ${name} (${columns.map(column => `${column.name} ${hiveType(column.type)}`).join(', ')})`,
    ...partitionedBy === undefined ? [] : [`PARTITIONED BY (${partitionedBy})`],
    `LOCATION '${folder}${name}/'`,
    `TBLPROPERTIES (${Object.entries(PROPERTIES).map(([property, value]) => `'${property}'='${value}'`).join(', ')})`,
  ].join('\n');
}

function typed(type: ColumnType, ...names: string[]): Column[] {
  return names.map(name => ({ name, type }));
}
