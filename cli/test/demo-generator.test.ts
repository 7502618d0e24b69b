import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { generateMonth } from '../src/demo/generate-month';
import { recordsOf } from '../src/demo/log-records';
import { Random } from '../src/demo/random';
import { monthOf, simulateCalls } from '../src/demo/simulate-calls';
import { tokenLines } from '../src/demo/token-lines';
import type { Truth } from '../src/demo/truth';
import { run } from '../src/main';
import type { Report } from '../src/report/report-contract';
import { prepareHandMonth } from './fixtures/hand-month/hand-month';

const CALLS = 3_000;
const scratch = mkdtempSync(join(tmpdir(), 'bca-demo-test-'));
const month = join(scratch, 'month');
let truth: Truth;

beforeAll(async () => {
  truth = await generateMonth({ folder: month, calls: CALLS });
});

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

function digest(folder: string): string {
  const hash = createHash('sha256');
  for (const file of filesBelow(folder)) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest('hex');
}

function recordFiles(): string[] {
  return filesBelow(month).filter(file => file.startsWith('logs/') && file.endsWith('.json.gz') && !file.includes('/data/'));
}

function linesOf(file: string): string[] {
  return gunzipSync(readFileSync(join(month, file))).toString('utf8').trimEnd().split('\n');
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

async function bill(sql: string): Promise<Record<string, unknown>[]> {
  return parquet(join(month, 'bill', 'demo-cur2', 'data', 'BILLING_PERIOD=2026-10', 'demo-cur2-00001.snappy.parquet'), sql);
}

async function parquet(path: string, sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(sql.replace('FROM bill', `FROM '${path}'`));
  const rows = reader.getRowObjectsJS();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

describe('the same options', () => {
  test('give the same bytes', async () => {
    const again = join(scratch, 'again');
    await generateMonth({ folder: again, calls: CALLS });
    expect(digest(again)).toBe(digest(month));
  });

  test('give other bytes with another seed', async () => {
    const other = join(scratch, 'other');
    await generateMonth({ folder: other, calls: CALLS, seed: 2 });
    expect(digest(other)).not.toBe(digest(month));
  });

  test.each(['2026', '2026-13', '2026-10-01', 'october'])('fails when the month is %j', async (name) => {
    await expect(generateMonth({ folder: join(scratch, 'none'), month: name })).rejects.toThrow('give a year and a month such as "2026-10"');
  });
});

describe('the default month', () => {
  const calls = simulateCalls(new Random(1), monthOf('2026-10'), 60_000);
  const usageTypes = new Set(tokenLines(calls).map(line => line.usageType));

  test('has at least 50,000 logged calls', () => {
    expect(new Set(recordsOf(new Random(1), calls).map(({ call }) => call.requestId)).size).toBeGreaterThanOrEqual(50_000);
  });

  test('has three accounts in three Regions each and at least eight services', () => {
    expect(new Set(calls.map(({ workload }) => `${workload.account} ${workload.region}`)).size).toBe(9);
    expect(new Set(calls.map(({ metadata }) => metadata?.service)).size).toBeGreaterThanOrEqual(9);
  });

  test.each([
    ['a bare id', /^anthropic\./],
    ['a geographic prefix', /^us\./],
    ['a global prefix', /^global\./],
    ['a system profile', /:inference-profile\/eu\./],
    ['a foundation model', /::foundation-model\//],
    ['an application inference profile', /:application-inference-profile\//],
    ['a provisioned model', /:provisioned-model\//],
  ])('names models by %s', (_, shape) => {
    expect(calls.some(({ target }) => shape.test(target.modelId))).toBe(true);
  });

  test.each([
    ['hyphens', 'USE1-Claude4.6Sonnet-input-tokens'],
    ['hyphens on a global route', 'USE1-Claude4.6Sonnet-output-tokens-cross-region-global'],
    ['a tier before the route', 'USW2-Nova2.0Lite-input-tokens-flex-cross-region-global'],
    ['batch', 'USE1-Claude4.6Sonnet-input-tokens-batch'],
    ['five-minute cache writes', 'USE1-Claude4.6Sonnet-cache-write-input-token-count'],
    ['one-hour cache writes', 'USE1-MP:USE1_CacheWrite1hInputTokenCount-Units'],
    ['Marketplace camel case', 'USE1-MP:USE1_InputTokenCount-Units'],
    ['Marketplace snake case', 'USE1-MP:USE1_output_tokens_standard-Units'],
    ['mantle', 'USE1-anthropic.claude-opus-4-8-mantle-cache-write-tokens-standard'],
    ['a Region code unlike its Region', 'EU-NovaMicro-input-tokens'],
  ])('writes usage types in %s', (_, usageType) => {
    expect(usageTypes).toContain(usageType);
  });
});

describe('the logs', () => {
  test('hold every request once it is told apart from its repeats', () => {
    const ids = recordFiles().flatMap(linesOf).flatMap(line => /"requestId":"([^"]+)"/.exec(line)?.[1] ?? []);
    expect(new Set(ids).size).toBe(truth.totals.requests);
    expect(ids.length).toBe(truth.totals.requests + truth.totals.duplicate_records);
  });

  test('are delivered in hour folders, never before the event', () => {
    for (const file of recordFiles()) {
      const [, year, month_, day, hour] = /\/(\d{4})\/(\d{2})\/(\d{2})\/(\d{2})\/\d{8}T\d{6,9}Z_[a-f0-9]+\.json\.gz$/.exec(file) ?? [];
      const endOfFolder = `${year}-${month_}-${day}T${hour}:59:59Z`;
      const stamps = linesOf(file).flatMap(line => /"timestamp":"(2026-\d{2}-[0-3]\d[^"]+)"/.exec(line)?.[1] ?? []);
      expect(stamps.filter(stamp => stamp > endOfFolder)).toEqual([]);
    }
  });

  test('are malformed exactly where the truth says', () => {
    const broken = recordFiles().flatMap(file => linesOf(file).flatMap((line, index) => isRecord(line) ? [] : [{ file, line: index + 1 }]));
    expect(broken).toEqual(truth.quality.malformed.map(({ file, line }) => ({ file, line })));
    expect(truth.totals.malformed_lines).toBe(broken.length);
  });

  test('come with an empty permission check per account and Region, and none where nothing was ever logged', () => {
    const checks = filesBelow(month).filter(file => file.endsWith('amazon-bedrock-logs-permission-check'));
    expect(checks).toHaveLength(8);
    expect(checks.every(file => readFileSync(join(month, file)).length === 0)).toBe(true);
  });
});

/** A record, or the line of the permission check, which is neither a record nor malformed. */
function isRecord(line: string): boolean {
  if (line === 'Permissions are correctly set for Amazon Bedrock logs.') return true;
  try {
    return 'requestId' in (JSON.parse(line) as object);
  } catch {
    return false;
  }
}

describe('the bill', () => {
  test('has the columns of an export without resources, split cost and capacity reservations', async () => {
    const columns = await bill('DESCRIBE SELECT * FROM bill');
    expect(columns).toHaveLength(116 + 1); // the partition stands in the path
    expect(columns).toEqual(expect.arrayContaining([
      expect.objectContaining({ column_name: 'tags', column_type: 'MAP(VARCHAR, VARCHAR)' }),
      expect.objectContaining({ column_name: 'discount', column_type: 'MAP(VARCHAR, DOUBLE)' }),
      expect.objectContaining({ column_name: 'line_item_iam_principal', column_type: 'VARCHAR' }),
      expect.objectContaining({ column_name: 'line_item_usage_start_date', column_type: 'TIMESTAMP' }),
    ]));
  });

  test('adds up to what the truth calls billed and adjustments', async () => {
    const [row] = await bill(`SELECT
        sum(line_item_unblended_cost) FILTER (line_item_line_item_type NOT IN ('Tax', 'Credit', 'Refund')) AS billed,
        sum(line_item_unblended_cost) FILTER (line_item_line_item_type IN ('Tax', 'Credit', 'Refund')) AS adjustments
      FROM bill WHERE line_item_product_code NOT IN ('AmazonEC2', 'AmazonS3') AND product['product_name'] <> 'Observability Pro'`);
    expect(row.billed).toBeCloseTo(truth.totals.billed_usd, 6);
    expect(row.adjustments).toBeCloseTo(truth.totals.adjustments_usd, 6);
  });
});

describe('the truth', () => {
  test('is what lies in the folder', () => {
    expect(JSON.parse(readFileSync(join(month, 'truth.json'), 'utf8'))).toEqual(truth);
  });

  test('divides every billed dollar once', () => {
    const { totals, groups, unattributed, coverage } = truth;
    const isKnown = (group: Truth['groups'][number]): boolean => Object.values(group.keys).every(value => value !== null);
    expect(sum(groups.map(group => group.billed_usd))).toBeCloseTo(totals.billed_usd, 6);
    expect(sum(groups.filter(isKnown).map(group => group.billed_usd))).toBeCloseTo(totals.attributed_usd, 6);
    expect(sum(unattributed.map(({ usd }) => usd))).toBeCloseTo(totals.unattributed_usd, 6);
    expect(totals.attributed_usd + totals.unattributed_usd).toBeCloseTo(totals.billed_usd, 6);
    expect(sum(coverage.map(place => place.billed_usd))).toBeCloseTo(totals.billed_usd, 6);
  });

  test('takes each known group apart into enforced and declared', () => {
    for (const { keys, billed_usd: billed, enforced_usd: enforced, declared_usd: declared } of truth.groups) {
      expect(enforced + declared).toBeCloseTo(Object.values(keys).includes(null) ? 0 : billed, 6);
    }
  });

  test('counts every request in one group and in one place', () => {
    expect(sum(truth.groups.map(({ requests }) => requests))).toBe(truth.totals.requests);
    expect(sum(truth.coverage.map(place => place.logged_requests))).toBe(truth.totals.requests);
    expect(sum(truth.groups.map(group => group.input_tokens))).toBe(truth.totals.input_tokens);
  });

  test('has every reason, every kind of request and every kind of trouble', () => {
    expect(truth.unattributed.map(({ reason }) => reason)).toEqual([
      'not_token_based', 'unsettled', 'endpoint_not_logged', 'region_not_logged', 'caller_not_logged', 'under_logged', 'no_metadata', 'key_absent',
    ]);
    const { failed_requests, blocked_requests, partial_requests, duplicate_records, unpriced_requests } = truth.totals;
    expect(Math.min(failed_requests, blocked_requests, partial_requests, duplicate_records, unpriced_requests)).toBeGreaterThan(0);
    const { no_metadata, schema_violations, forged_claims, tag_conflicts } = truth.quality;
    expect(Math.min(no_metadata, schema_violations, forged_claims, tag_conflicts)).toBeGreaterThan(0);
    expect(truth.quality.tag_spelling_variants).toEqual(['iamPrincipal/Team']);
    expect(new Set(truth.coverage.map(({ status }) => status))).toEqual(new Set(['logged', 'partly_silent', 'silent']));
  });

  test('names the caller that claims to be production', () => {
    expect(truth.forgers).toEqual([expect.objectContaining({ caller: 'role/ReportWriter/cron', key: 'env', declared: 'prod', enforced: 'dev' })]);
    expect(truth.forgers[0].requests).toBe(truth.quality.forged_claims);
  });
});

describe('the generator', () => {
  const folder = join(__dirname, '..', 'src', 'demo');

  test.each(readdirSync(folder))('shares no code with what it checks: %s', (file) => {
    const imports = [...readFileSync(join(folder, file), 'utf8').matchAll(/from '([^']+)'/g)].map(([, name]) => name);
    expect(imports.filter(name => !/^(node:|\.\/[a-z-]+$|@duckdb\/node-api$)/.test(name))).toEqual([]);
  });
});

test('fails with one sentence when the folder of the demo cannot be one', async () => {
  const file = join(scratch, 'no-folder');
  writeFileSync(file, 'kept');
  const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    expect(await run(['demo', '--out', file])).toBe(2);
    expect(said.mock.calls.join('')).toMatch(/^bca: ".*no-folder" cannot be used as a folder: EEXIST/);
  } finally {
    said.mockRestore();
  }
  expect(readFileSync(file, 'utf8')).toBe('kept');
});

describe('the hand-computed month', () => {
  test('has a bill whose lines add up to the expected dollars', async () => {
    const hand = await prepareHandMonth(join(scratch, 'hand'));
    const expected = hand.expected as Truth;
    const file = join(hand.bill, 'hand-cur2', 'data', 'BILLING_PERIOD=2026-10', 'hand-cur2-00001.snappy.parquet');
    const rows = await parquet(file, 'SELECT identity_line_item_id AS id, line_item_line_item_type AS type, line_item_unblended_cost AS usd FROM bill');
    const adjustments = rows.filter(({ type }) => type === 'Tax' || type === 'Credit');
    const spend = rows.filter(row => !adjustments.includes(row) && row.id !== 'B25');
    expect(sum(spend.map(({ usd }) => Number(usd)))).toBeCloseTo(expected.totals.billed_usd, 9);
    expect(sum(adjustments.map(({ usd }) => Number(usd)))).toBeCloseTo(expected.totals.adjustments_usd, 9);
    expect(sum(expected.groups.map(group => group.billed_usd))).toBeCloseTo(expected.totals.billed_usd, 9);
    expect(sum(expected.unattributed.map(({ usd }) => usd))).toBeCloseTo(expected.totals.unattributed_usd, 9);
  });

  test('is reported to the cent and beyond', async () => {
    const hand = await prepareHandMonth(join(scratch, 'hand-reported'));
    const out = join(scratch, 'hand-report.json');
    const code = await run([
      'report', '--logs', hand.logs, '--bill', hand.bill, '--schema', hand.schema, '--profiles', hand.profiles, '--principals', hand.principals,
      '--by', 'team,service', '--as-of', '2026-11-01T00:00:00Z', '--format', 'json', '--out', out,
    ]);
    expect(code).toBe(0);
    const report = JSON.parse(readFileSync(out, 'utf8')) as Report;
    const malformed = report.quality.malformed.map(({ file, line }) => ({ file: `logs/${basename(file)}`, line }));
    const said = { ...report, groups: byKeys(report.groups), quality: { ...report.quality, malformed } };
    const expected = hand.expected as Report;
    expect(rounded(said)).toEqual(rounded({ ...expected, groups: byKeys(expected.groups) }));
  });
});

function byKeys(groups: Report['groups']): Report['groups'] {
  const name = ({ keys }: Report['groups'][number]): string => JSON.stringify([keys.team, keys.service]);
  return [...groups].sort((a, b) => name(a) < name(b) ? -1 : 1);
}

/** Dollars that differ by less than a millionth are equal; 0 has one sign. */
function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, part: unknown) => typeof part === 'number' ? Math.round(part * 1e6) / 1e6 + 0 : part));
}
