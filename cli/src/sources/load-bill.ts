import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { renderBillExports } from '../../../lib/analytics/sql/bill-exports';
import type { Engine } from '../engine/engine';
import { UsageError } from '../usage-error';
import { DELIVERY_FOLDERS, findExportNames, warnAboutExports, warnAboutFolders } from './bill-exports';
import { findFiles } from './find-files';

/** Columns without which there is no bill to read. */
const REQUIRED: Readonly<Record<string, string>> = {
  line_item_usage_account_id: 'VARCHAR',
  line_item_usage_start_date: 'TIMESTAMP',
  line_item_usage_type: 'VARCHAR',
  line_item_line_item_type: 'VARCHAR',
  line_item_product_code: 'VARCHAR',
  line_item_usage_amount: 'DOUBLE',
  line_item_unblended_cost: 'DOUBLE',
};

/** Columns that the views name and an export may lack: absent means NULL on every line. */
const OPTIONAL: Readonly<Record<string, string>> = {
  bill_billing_entity: 'VARCHAR',
  bill_billing_period_start_date: 'TIMESTAMP',
  line_item_currency_code: 'VARCHAR',
  line_item_iam_principal: 'VARCHAR',
  line_item_line_item_description: 'VARCHAR',
  line_item_net_unblended_cost: 'DOUBLE',
  line_item_resource_id: 'VARCHAR',
  line_item_usage_end_date: 'TIMESTAMP',
  pricing_unit: 'VARCHAR',
  product: 'MAP(VARCHAR, VARCHAR)',
  product_product_family: 'VARCHAR',
  product_region_code: 'VARCHAR',
  product_servicecode: 'VARCHAR',
  tags: 'MAP(VARCHAR, VARCHAR)',
};

/** Where a row was delivered: the partitions of the table on Athena. NULL where neither folders nor lines say. */
const PARTITIONS: Readonly<Record<string, string>> = { export_name: 'VARCHAR', billing_period: 'VARCHAR' };

/** Name of the column that holds the path of a row's file while it is read. */
const FILE = 'bca_bill_file';

/** What the bill carries beside the lines that every bill has. */
export interface LoadedBill {
  readonly hasCallers: boolean;
  readonly warnings: string[];
}

/**
 * Files of a CUR 2.0 export, in its delivery layout or in any folder.
 *
 * An export that keeps every delivery (`CREATE_NEW_REPORT`) has one folder per execution below a billing period: reading them all would
 * count the month as often as it was delivered, so only the last one of each period is read.
 *
 * @throws UsageError when a billing period has both, of which nothing says which is newer
 * @see https://docs.aws.amazon.com/cur/latest/userguide/dataexports-export-delivery.html
 */
export function findBillFiles(paths: readonly string[]): { files: string[]; warnings: string[] } {
  const files = findFiles('bill files (*.parquet)', paths, path => path.toLowerCase().endsWith('.parquet'));
  const executions = new Map<string, Set<string>>();
  for (const file of files) {
    const period = executionOf(file);
    if (period) executions.set(period.period, (executions.get(period.period) ?? new Set()).add(period.execution));
  }
  const superseded = new Set<string>();
  const warnings: string[] = [];
  const overwritten = new Set(files.map(file => dirname(file)));
  for (const [period, names] of executions) {
    if (overwritten.has(period)) {
      throw new UsageError(`${JSON.stringify(period)} has files of its own and folders of deliveries, and nothing says which are newer: give the one or the other`);
    }
    const [last, ...earlier] = [...names].sort().reverse();
    if (earlier.length === 0) continue;
    earlier.forEach(execution => superseded.add(`${period}/${execution}`));
    warnings.push(`${basename(period)} was delivered ${names.size} times: only the last delivery (${last}) is read`);
  }
  return { files: files.filter(file => !superseded.has(dirname(file))), warnings };
}

function executionOf(file: string): { period: string; execution: string } | undefined {
  const folder = dirname(file);
  const period = dirname(folder);
  return /^billing_period=/i.test(basename(period)) ? { period, execution: basename(folder) } : undefined;
}

/** Stands in where no bill was given, so that every view has something to read. */
export async function createEmptyBill(engine: Engine): Promise<LoadedBill> {
  const columns = Object.entries({ ...REQUIRED, ...OPTIONAL, ...PARTITIONS }).map(([name, type]) => `${name} ${type}`);
  await engine.run(`CREATE TABLE cost_and_usage (${columns.join(', ')})`);
  await engine.run(`CREATE VIEW bill_exports AS ${renderBillExports('')}`);
  return { hasCallers: false, warnings: [] };
}

/**
 * Makes the view `cost_and_usage` over the files of a bill, and `bill_exports`, which says whose delivery of a billing period counts.
 *
 * @throws UsageError when a file is no Parquet, or no bill, or when exports of several bills are given
 */
export async function loadBill(engine: Engine, files: readonly string[]): Promise<LoadedBill> {
  files.forEach(checkParquet);
  const list = `[${files.map(file => `'${file.replaceAll("'", "''")}'`).join(', ')}]`;
  await checkColumns(engine, list);
  const described = await engine.rows(`DESCRIBE SELECT * FROM read_parquet(${list}, union_by_name = true, hive_partitioning = false)`);
  const types = new Map(described.map(row => [String(row.column_name).toLowerCase(), String(row.column_type)]));
  const known = { ...REQUIRED, ...OPTIONAL };
  const present = Object.keys(known).filter(name => types.has(name));
  const absent = Object.keys(known).filter(name => !types.has(name));
  // the folders decide, whatever a file says of itself
  const withoutPartitions = [FILE, ...Object.keys(PARTITIONS).filter(name => types.has(name))];
  const folder = (group: number): string => `nullif(regexp_extract(${FILE}, '${DELIVERY_FOLDERS}', ${group}, 'i'), '')`;
  // files in a folder of their own do not say by their path which period they are of
  const periodOfLine = types.has('bill_billing_period_start_date') ? `strftime(CAST(bill_billing_period_start_date AS TIMESTAMP), '%Y-%m')` : 'NULL';
  await engine.run(`CREATE VIEW cost_and_usage AS
    SELECT * EXCLUDE (${withoutPartitions.join(', ')})
      REPLACE (${present.map(name => `${typed(name, known[name], types.get(name) ?? '')} AS ${name}`).join(', ')})
      ${absent.map(name => `, CAST(NULL AS ${known[name]}) AS ${name}`).join('')}
      , ${folder(1)} AS export_name
      , coalesce(${folder(2)}, ${periodOfLine}) AS billing_period
    FROM read_parquet(${list}, union_by_name = true, hive_partitioning = false, filename = '${FILE}')`);
  const exportNames = findExportNames(files);
  await engine.run(`CREATE VIEW bill_exports AS ${renderBillExports(exportNames.join(','))}`);
  const warnings = [...await warnAboutExports(engine, exportNames), ...warnAboutFolders(files)];
  const hasCallers = types.has('line_item_iam_principal');
  if (!hasCallers) {
    warnings.push('the bill has no line_item_iam_principal: its dollars are split over all callers of a bucket; export it with INCLUDE_IAM_PRINCIPAL_DATA');
  }
  if (!types.has('tags')) warnings.push('the bill has no tags column: no key can be enforced from it; select tags in the export');
  const currencies = (await engine.rows(`SELECT DISTINCT line_item_currency_code AS code FROM cost_and_usage
    WHERE line_item_currency_code NOT IN ('', 'USD') ORDER BY 1`)).map(row => String(row.code));
  if (currencies.length > 0) warnings.push(`the bill is in ${currencies.join(', ')}: its amounts are shown as they are, under names that say usd`);
  return { hasCallers, warnings };
}

/** A map that arrives as JSON text (some tools flatten it) is a map again; everything else has the type that Athena gives it. */
function typed(name: string, type: string, given: string): string {
  if (!type.startsWith('MAP')) return `CAST(${name} AS ${type})`;
  return given === 'VARCHAR' ? `from_json(try_cast(${name} AS JSON), '"${type}"')` : `CAST(${name} AS ${type})`;
}

function checkParquet(file: string): void {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const ends = Buffer.alloc(8);
    readSync(handle, ends, 0, 4, 0);
    readSync(handle, ends, 4, 4, Math.max(0, size - 4));
    if (size < 12 || ends.toString('latin1') !== 'PAR1PAR1') throw new UsageError(`${JSON.stringify(file)} is no Parquet file: give the .parquet files of a CUR 2.0 export`);
  } finally {
    closeSync(handle);
  }
}

async function checkColumns(engine: Engine, list: string): Promise<void> {
  let schemas: { file: string; columns: Set<string> }[];
  try {
    schemas = (await engine.rows(`SELECT file_name, list(lower(name)) AS columns FROM parquet_schema(${list}) GROUP BY file_name ORDER BY file_name`))
      .map(row => ({ file: String(row.file_name), columns: new Set(row.columns as string[]) }));
  } catch (error) {
    throw new UsageError(`the bill cannot be read as Parquet: ${(error as Error).message.split('\n')[0]}`);
  }
  for (const { file, columns } of schemas) {
    const missing = Object.keys(REQUIRED).filter(name => !columns.has(name));
    if (missing.length > 0) {
      throw new UsageError(`${JSON.stringify(file)} is no CUR 2.0 bill: it has no column ${missing.join(', ')}`);
    }
  }
}
