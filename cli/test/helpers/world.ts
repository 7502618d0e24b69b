import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { run } from '../../src/main';
import { openSources, SOURCE_DEFAULTS, type SourceOptions, type Sources } from '../../src/sources/sources';

/** A log record as it stands in a file, with what most tests leave alone filled in. */
export interface RecordFields {
  readonly requestId: string;
  readonly day?: string;
  readonly accountId?: string;
  readonly region?: string;
  readonly modelId?: string;
  readonly operation?: string;
  readonly arn?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly errorCode?: string;
  readonly timestamp?: string;
}

export const ACCOUNT = '111122223333';
export const MODEL = 'anthropic.claude-sonnet-4-6';
export const ROLE_SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/checkout/worker-1`;

/** One line of a log file. */
export function record(fields: RecordFields): string {
  const failed = fields.errorCode !== undefined;
  return JSON.stringify({
    schemaType: 'ModelInvocationLog',
    schemaVersion: '1.0',
    timestamp: fields.timestamp ?? `${fields.day ?? '2026-10-05'}T10:00:00Z`,
    accountId: fields.accountId ?? ACCOUNT,
    region: fields.region ?? 'us-east-1',
    requestId: fields.requestId,
    operation: fields.operation ?? 'Converse',
    modelId: fields.modelId ?? MODEL,
    identity: { arn: fields.arn ?? ROLE_SESSION },
    ...fields.metadata && { requestMetadata: fields.metadata },
    ...failed && { errorCode: fields.errorCode },
    input: failed ? {} : {
      inputContentType: 'application/json', inputTokenCount: fields.input,
      cacheReadInputTokenCount: fields.cacheRead, cacheWriteInputTokenCount: fields.cacheWrite,
    },
    output: failed ? {} : { outputContentType: 'application/json', outputTokenCount: fields.output },
  });
}

/** A bill line, with what most tests leave alone filled in. */
export interface BillLine {
  readonly day?: string;
  readonly endsAt?: string;
  readonly account?: string;
  readonly region?: string | null;
  readonly usageType?: string;
  readonly type?: string;
  readonly productCode?: string;
  readonly productFamily?: string | null;
  readonly billingEntity?: string;
  readonly description?: string;
  readonly currency?: string;
  readonly product?: Readonly<Record<string, string>>;
  readonly unit?: string;
  readonly amount?: number;
  readonly usd: number;
  readonly netUsd?: number;
  readonly principal?: string | null;
  readonly tags?: Readonly<Record<string, string>>;
}

const BILL_COLUMNS = {
  bill_billing_entity: 'VARCHAR', bill_billing_period_start_date: 'TIMESTAMP', line_item_usage_account_id: 'VARCHAR',
  line_item_usage_start_date: 'TIMESTAMP', line_item_usage_end_date: 'TIMESTAMP', line_item_usage_type: 'VARCHAR', line_item_line_item_type: 'VARCHAR',
  line_item_product_code: 'VARCHAR', line_item_usage_amount: 'DOUBLE', line_item_unblended_cost: 'DOUBLE', line_item_net_unblended_cost: 'DOUBLE',
  line_item_line_item_description: 'VARCHAR', line_item_currency_code: 'VARCHAR', line_item_iam_principal: 'VARCHAR', pricing_unit: 'VARCHAR',
  product: 'MAP(VARCHAR, VARCHAR)', product_product_family: 'VARCHAR', product_region_code: 'VARCHAR', product_servicecode: 'VARCHAR',
  tags: 'MAP(VARCHAR, VARCHAR)',
} as const;

/** Columns as Athena would read them of a line. */
export function billRow(line: BillLine): Record<string, unknown> {
  const day = line.day ?? '2026-10-05';
  return {
    bill_billing_entity: line.billingEntity ?? 'AWS',
    bill_billing_period_start_date: `${day.slice(0, 7)}-01 00:00:00`,
    line_item_usage_account_id: line.account ?? ACCOUNT,
    line_item_usage_start_date: `${day} 00:00:00`,
    line_item_usage_end_date: line.endsAt ?? `${day} 23:59:59`,
    line_item_usage_type: line.usageType ?? 'USE1-Claude4.6Sonnet-input-tokens',
    line_item_line_item_type: line.type ?? 'Usage',
    line_item_product_code: line.productCode ?? 'AmazonBedrock',
    line_item_usage_amount: line.amount ?? 1,
    line_item_unblended_cost: line.usd,
    line_item_net_unblended_cost: line.netUsd ?? null,
    line_item_line_item_description: line.description ?? '',
    line_item_currency_code: line.currency ?? 'USD',
    line_item_iam_principal: line.principal === undefined ? ROLE_SESSION : line.principal,
    pricing_unit: line.unit ?? '1K tokens',
    product: line.product ?? {},
    product_product_family: line.productFamily === undefined ? 'Amazon Bedrock' : line.productFamily,
    product_region_code: line.region === undefined ? 'us-east-1' : line.region,
    product_servicecode: line.productCode ?? 'AmazonBedrock',
    tags: line.tags ?? {},
  };
}

/** A folder of its own, gone after the test. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'bca-test-'));
  return { path, remove: () => { rmSync(path, { recursive: true, force: true }); } };
}

/** Writes records as one file of lines. */
export function writeLogs(folder: string, lines: readonly string[], name = 'records.jsonl'): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, lines.map(line => `${line}\n`).join(''));
  return path;
}

/** Writes bill lines as Parquet with the types of CUR 2.0 (or those given instead), leaving out the columns named. */
export async function writeBill(
  folder: string, lines: readonly BillLine[], without: readonly string[] = [], name = 'bill.parquet', types: Readonly<Record<string, string>> = {},
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const shape = Object.entries({ ...BILL_COLUMNS, ...types }).map(([column, type]) => `"${column}": "${type}"`).join(', ');
  const path = join(folder, name);
  await connection.run(`CREATE TABLE lines AS SELECT row.* ${without.length > 0 ? `EXCLUDE (${without.join(', ')})` : ''}
    FROM (SELECT unnest(from_json($1::JSON, '[{${shape}}]')) AS row)`, [JSON.stringify(lines.map(billRow))]);
  await connection.run(`COPY lines TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

/** Opens logs and bill as the command line does, hands them over, and closes them. */
export async function withSources<T>(options: Partial<SourceOptions>, use: (sources: Sources) => Promise<T>): Promise<T> {
  const sources = await openSources({
    ...SOURCE_DEFAULTS, asOf: new Date('2026-11-21T00:00:00Z'), by: ['team'], ...options,
  });
  try {
    return await use(sources);
  } finally {
    sources.engine.close();
  }
}

/** What a run of the command line left behind. */
export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process, as a shell would. */
export async function bca(...argv: string[]): Promise<CommandResult> {
  const said = { out: '', err: '' };
  const spies = (['out', 'err'] as const).map(stream => jest.spyOn(process[`std${stream}`], 'write').mockImplementation((text) => {
    said[stream] += text.toString();
    return true;
  }));
  try {
    return { code: await run(argv), ...said };
  } finally {
    spies.forEach((spy) => { spy.mockRestore(); });
  }
}
