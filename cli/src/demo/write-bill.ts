import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { BILL_COLUMNS } from './bill-columns';
import type { BillLine } from './bill-line';
import { isoSeconds } from './log-records';
import type { Month } from './simulate-calls';
import { PAYER } from './world';

const EXPORT = 'demo-cur2';

/** Writes the bill in the layout of a CUR 2.0 export: one Parquet file, and the manifest beside it. */
export async function writeBill(folder: string, monthName: string, month: Month, lines: readonly BillLine[]): Promise<void> {
  const period = `BILLING_PERIOD=${monthName}`;
  const data = join(folder, 'bill', EXPORT, 'data', period);
  const metadata = join(folder, 'bill', EXPORT, 'metadata', period);
  for (const path of [data, metadata]) mkdirSync(path, { recursive: true });
  const file = `${EXPORT}-00001.snappy.parquet`;
  await writeParquet(join(data, file), lines.map((line, index) => toRow(line, index, month)));
  const manifest = {
    account: PAYER,
    billingPeriod: monthName,
    columns: [...BILL_COLUMNS].map(([name, type]) => ({ name, type })),
    dataFiles: [`s3://demo-billing/${EXPORT}/data/${period}/${file}`],
    additionalOutputFiles: [],
  };
  writeFileSync(join(metadata, `${EXPORT}-Manifest.json`), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** Rows to Parquet with the types of the export; what a row leaves out is NULL. */
async function writeParquet(path: string, rows: readonly Record<string, unknown>[]): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'bca-demo-'));
  // one thread: the same rows give the same bytes
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    const json = join(scratch, 'rows.jsonl');
    writeFileSync(json, rows.map(row => `${JSON.stringify(row)}\n`).join(''));
    const columns = [...BILL_COLUMNS].map(([name, type]) => `${name}: '${type}'`).join(', ');
    await connection.run(
      `COPY (SELECT * FROM read_json('${quoted(json)}', format = 'newline_delimited', columns = {${columns}}))
       TO '${quoted(path)}' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 20000)`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function quoted(text: string): string {
  return text.replaceAll("'", "''");
}

function toRow(line: BillLine, index: number, month: Month): Record<string, unknown> {
  const [start, end] = [isoSeconds(line.start), isoSeconds(line.end)];
  const rate = line.amount === 0 ? undefined : String(line.usd / line.amount);
  const isUsage = line.lineType === 'Usage';
  const resourceTags = Object.entries(line.tags).filter(([key]) => key.startsWith('resourceTags/')).map(([key, value]) => [`user_${key.slice(13)}`, value]);
  return {
    bill_bill_type: 'Anniversary',
    bill_billing_entity: line.billingEntity,
    bill_billing_period_start_date: isoSeconds(month.start),
    bill_billing_period_end_date: isoSeconds(month.end),
    bill_invoicing_entity: line.billingEntity === 'AWS' ? 'Amazon Web Services, Inc.' : 'Anthropic, PBC',
    bill_payer_account_id: PAYER,
    bill_payer_account_name: 'demo-payer',
    cost_category: {},
    discount: {},
    identity_line_item_id: createHash('sha256').update(String(index)).digest('hex').slice(0, 52),
    identity_time_interval: `${start}/${end}`,
    line_item_blended_cost: line.usd,
    line_item_blended_rate: isUsage ? rate : undefined,
    line_item_currency_code: 'USD',
    // a line that could name its caller and does not holds an empty text; one that never could holds nothing
    line_item_iam_principal: line.principal ?? (line.meaning ? '' : undefined),
    line_item_legal_entity: line.billingEntity === 'AWS' ? 'Amazon Web Services, Inc.' : 'Anthropic, PBC',
    line_item_line_item_description: line.description,
    line_item_line_item_type: line.lineType,
    line_item_net_unblended_cost: line.usd,
    line_item_operation: line.operation,
    line_item_product_code: line.productCode,
    line_item_unblended_cost: line.usd,
    line_item_unblended_rate: isUsage ? rate : undefined,
    line_item_usage_account_id: line.account,
    line_item_usage_account_name: `demo-${line.account.slice(0, 4)}`,
    line_item_usage_amount: line.amount,
    line_item_usage_end_date: end,
    line_item_usage_start_date: start,
    line_item_usage_type: line.usageType,
    pricing_currency: 'USD',
    pricing_public_on_demand_cost: isUsage ? line.usd : undefined,
    pricing_public_on_demand_rate: isUsage ? rate : undefined,
    pricing_term: 'OnDemand',
    pricing_unit: line.unit,
    product: line.product,
    product_product_family: line.productFamily ?? undefined,
    product_region_code: line.regionCode,
    product_servicecode: line.billingEntity === 'AWS' ? line.productCode : undefined,
    product_usagetype: line.usageType,
    resource_tags: Object.fromEntries(resourceTags) as Record<string, string>,
    tags: line.tags,
  };
}
