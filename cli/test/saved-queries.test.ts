import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SAVED_QUERY_NAMES, type SavedQueryName, type RenderedQuery, renderSavedQuery } from '../../lib/analytics/sql/saved-query-files';
import { AttributionSchema } from '../../lib/schema';
import { savedQueries, savedQuery } from '../src/commands/saved-queries';
import { dataFile } from '../src/data-files';
import { generateMonth } from '../src/demo/generate-month';
import type { Truth } from '../src/demo/truth';
import type { Row } from '../src/engine/query-engine';
import { openSources, readSchema, SOURCE_DEFAULTS, type Sources } from '../src/sources/sources';
import { ACCOUNT, bca, MODEL, record, temporaryFolder, withSources, writeBill, writeLogs } from './helpers/world';

jest.setTimeout(240_000);

const scratch = temporaryFolder();
afterAll(() => { scratch.remove(); });

const number = (value: unknown): number => Number(value ?? 0);
const total = (rows: readonly Row[], column: string): number => rows.reduce((sum, row) => sum + number(row[column]), 0);
const closeTo = (usd: unknown): number => expect.closeTo(number(usd), 6) as number;
const isHere = ({ engines }: RenderedQuery): boolean => engines.includes('DuckDB');

describe('the files', () => {
  const queries = savedQueries({ schema: AttributionSchema.starter(), asOf: new Date('2026-11-02T06:00:00Z') });

  test('are those of the list', () => {
    expect(readdirSync(dataFile('sql', 'queries')).sort()).toEqual(SAVED_QUERY_NAMES.map(name => `${name}.sql`).sort());
  });

  test.each(queries.map(query => [query.name, query] as const))('%s has a whole header and names its period where people find it', (_, query) => {
    expect(query.question).toMatch(/^[a-z].*\?$/);
    expect(query.output.length).toBeGreaterThan(5);
    expect(query.columns.length).toBeGreaterThan(2);
    const inputs = [...query.sql.replace(/--.*$/gm, '').matchAll(/\b(?:FROM|JOIN) ([a-z_]+)/g)].map(([, name]) => name);
    const own = [...query.sql.matchAll(/([a-z_]+) AS \(/g)].map(([, name]) => name);
    expect([...query.inputs].sort()).toEqual([...new Set(inputs)].filter(name => !own.includes(name)).sort());
    expect(query.sql).toMatch(/^WITH period AS \(\n {2}SELECT\n {4}\S.* AS first_day,\n {4}\S.* AS last_day\n\)/m);
  });

  test('of which one is not for the embedded engine', () => {
    expect(queries.filter(query => !isHere(query)).map(({ name, engines }) => ({ name, engines }))).toEqual([{ name: 'malformed-log-lines', engines: ['Athena', 'Trino'] }]);
  });

  test('fail without a line of the header, and for a set of keys that there is not', () => {
    const given = { keys: [], spendKeys: [], breakdownKeys: [], asOf: 'now' };
    expect(() => renderSavedQuery('odd', '-- Question: why?\nSELECT 1', given)).toThrow('the header of the saved query odd has no line -- Inputs:');
    expect(() => renderSavedQuery('odd', '-- for each odd key\n{key}\n-- end\n', given)).toThrow('a saved query repeats a block for each "odd key", which is no set of keys');
  });
});

describe('on a generated month', () => {
  const folder = join(scratch.path, 'month');
  const month = { from: '2026-10-01', to: '2026-10-31' };
  let truth: Truth;
  let ofTeam: Truth;
  let sources: Sources;
  let schema: AttributionSchema;

  beforeAll(async () => {
    ofTeam = await generateMonth({ folder, calls: 4000, by: ['team'] });
    truth = await generateMonth({ folder, calls: 4000 });
    schema = readSchema(join(folder, 'attribution-schema.json'));
    sources = await openSources({
      ...SOURCE_DEFAULTS,
      logs: [join(folder, 'logs')],
      bill: [join(folder, 'bill')],
      schema: join(folder, 'attribution-schema.json'),
      profiles: join(folder, 'profiles.json'),
      principals: join(folder, 'principals.json'),
      asOf: new Date(truth.as_of),
      by: [],
    });
  });

  afterAll(() => { sources.engine.close(); });

  const ask = async (name: SavedQueryName, by?: string[]): Promise<Row[]> =>
    sources.engine.rows(savedQuery(name, { schema, asOf: new Date(truth.as_of), by, ...month }).sql);

  const reasonsOfTeam = (): Record<string, number> =>
    Object.fromEntries(ofTeam.unattributed.map(({ reason, usd }) => [reason, closeTo(usd)]));

  test.each(SAVED_QUERY_NAMES.filter(name => name !== 'malformed-log-lines'))('%s answers with the columns of its header, by any keys and period', async (name) => {
    for (const more of [month, {}, { by: ['feature'] }, { by: ['env', 'team', 'service', 'feature'] }]) {
      const query = savedQuery(name, { schema, asOf: new Date(truth.as_of), ...more });
      const { columns, rows } = await sources.engine.result(query.sql);
      expect(columns).toEqual(query.columns.map(column => column.name));
      if (more === month) expect(rows.length > 0).toBe(name !== 'money-identity');
    }
  });

  test('weekly-tokens counts the requests and tokens of each group; those without a readable time are in no week', async () => {
    const rows = await ask('weekly-tokens');
    const undated = await sources.engine.rows(`SELECT team, service, 1 AS requests, input_tokens, output_tokens FROM invocations WHERE usage_date IS NULL`);
    for (const { keys, ...group } of truth.groups) {
      const ofGroup = [...rows, ...undated].filter(row => row.team === keys.team && row.service === keys.service);
      for (const column of ['requests', 'input_tokens', 'output_tokens'] as const) {
        expect({ keys, [column]: total(ofGroup, column) }).toEqual({ keys, [column]: group[column] });
      }
    }
    expect([...new Set(rows.map(row => row.week_start))].sort()).toEqual(['2026-09-28', '2026-10-05', '2026-10-12', '2026-10-19', '2026-10-26']);
    expect(total(rows, 'cache_read_tokens')).toBeGreaterThan(0);
  });

  test('daily-spend gives each group its dollars, by how well they are known', async () => {
    const rows = await ask('daily-spend');
    for (const { keys, ...group } of truth.groups) {
      const ofGroup = rows.filter(row => row.team === keys.team && row.service === keys.service);
      for (const column of ['billed_usd', 'enforced_usd', 'declared_usd'] as const) expect(total(ofGroup, column)).toBeCloseTo(group[column], 6);
    }
    expect(total(rows, 'billed_usd')).toBeCloseTo(truth.totals.billed_usd, 6);
    expect(total(rows, 'unattributed_usd')).toBeCloseTo(truth.totals.unattributed_usd, 6);
  });

  test('untagged-spend gives each reason its dollars', async () => {
    const rows = (await ask('untagged-spend')).filter(row => row.attribution_key === 'team');
    expect(Object.fromEntries(rows.map(row => [row.reason, row.unattributed_usd]))).toEqual(reasonsOfTeam());
    expect(total(rows, 'share_of_bill')).toBeCloseTo(ofTeam.totals.unattributed_usd / ofTeam.totals.billed_usd, 6);
  });

  test('attribution-assurance divides the bill by how well a key is known', async () => {
    const [team] = (await ask('attribution-assurance')).filter(row => row.attribution_key === 'team');
    const sum = (column: 'enforced_usd' | 'declared_usd'): number => ofTeam.groups.reduce((all, group) => all + group[column], 0);
    expect(team.enforced_usd).toBeCloseTo(sum('enforced_usd'), 6);
    expect(team.declared_usd).toBeCloseTo(sum('declared_usd'), 6);
    expect(team.unattributed_usd).toBeCloseTo(ofTeam.totals.unattributed_usd, 6);
    expect(team.enforced_ratio).toBeCloseTo(sum('enforced_usd') / ofTeam.totals.billed_usd, 6);
  });

  test('silent-regions finds the days that were switched off', async () => {
    const told = truth.silent_days.map(({ account_id, region, days }) => ({
      account_id,
      region,
      silent_days: days.length,
      first_silent_day: days[0],
      last_silent_day: days.at(-1),
      silent_usd: closeTo(truth.coverage.find(row => row.account_id === account_id && row.region === region)?.silent_usd),
    }));
    const rows = await ask('silent-regions');
    expect(rows).toEqual(expect.arrayContaining(told));
    expect(rows).toHaveLength(told.length);
  });

  test('forged-claims finds who declares what the bill disproves', async () => {
    const rows = await ask('forged-claims');
    expect(rows).toEqual(truth.forgers.map(({ key, declared, enforced, ...rest }) =>
      expect.objectContaining({ ...rest, attribution_key: key, declared_value: declared, enforced_value: enforced }) as Row));
  });

  test('unpriced-requests finds the calls without a price', async () => {
    const [{ undated }] = await sources.engine.rows(`SELECT count(*) AS undated FROM invocation_costs WHERE usage_date IS NULL AND price_status = 'unpriced'`);
    expect(total(await ask('unpriced-requests'), 'requests') + number(undated)).toBe(truth.totals.unpriced_requests);
  });

  test('spend-by-model adds up to the bill', async () => {
    const rows = await ask('spend-by-model');
    expect(total(rows, 'billed_usd')).toBeCloseTo(truth.totals.billed_usd, 6);
    expect(total(rows, 'share_of_bill')).toBeCloseTo(1, 9);
  });

  test('the money identity holds, and its summary has the totals', async () => {
    expect(await ask('money-identity')).toEqual([]);
    const [summary] = await ask('money-identity-summary');
    expect(summary.broken_buckets).toBe(0);
    expect(summary.billed_usd).toBeCloseTo(truth.totals.billed_usd, 6);
    expect(summary.attributed_usd).toBeCloseTo(truth.totals.attributed_usd, 6);
    expect(summary.unattributed_usd).toBeCloseTo(truth.totals.unattributed_usd, 6);
  });

  test('the money identity is broken where dollars go missing', async () => {
    await sources.engine.run(`CREATE SCHEMA broken; CREATE TABLE broken.attributed_spend AS SELECT * REPLACE (
      CASE WHEN region = 'us-west-2' THEN billed_usd / 2 ELSE billed_usd END AS billed_usd) FROM attributed_spend; SET search_path = 'broken,main'`);
    try {
      const rows = await ask('money-identity');
      const [summary] = await ask('money-identity-summary');
      expect(new Set(rows.map(row => row.region))).toEqual(new Set(['us-west-2']));
      expect(summary.broken_buckets).toBe(rows.length);
      expect(total(rows, 'difference_usd')).toBeCloseTo(number(summary.difference_usd), 6);
      expect(total(rows, 'difference_usd')).toBeCloseTo(-total(rows, 'billed_usd') / 2, 6);
    } finally {
      await sources.engine.run('RESET search_path');
    }
  });

  test('month-closing adds up to the month, and divides it by each key', async () => {
    const rows = await ask('month-closing');
    const of = (section: string, key: string | null = null): Row[] =>
      rows.filter(row => row.section === section && row.attribution_key === key);
    expect(total(of('billed'), 'usd')).toBeCloseTo(truth.totals.billed_usd, 6);
    expect(total(of('adjustment'), 'usd')).toBeCloseTo(truth.totals.adjustments_usd, 6);
    for (const key of ['team', 'service', 'env', 'feature']) {
      expect(total([...of('attributed', key), ...of('unattributed', key)], 'usd')).toBeCloseTo(truth.totals.billed_usd, 6);
    }
    expect(Object.fromEntries(of('attributed', 'team').map(row => [row.item, row.usd])))
      .toEqual(Object.fromEntries(ofTeam.groups.filter(({ keys, billed_usd: usd }) => keys.team !== null && usd !== 0)
        .map(({ keys, billed_usd: usd }) => [keys.team, closeTo(usd)])));
    expect(Object.fromEntries(of('unattributed', 'team').map(row => [row.item, row.usd]))).toEqual(reasonsOfTeam());
  });

  test('bca query --saved answers the same', async () => {
    const { code, out } = await bca('query', '--saved', 'month-closing', '--bill', join(folder, 'bill'), '--as-of', truth.as_of, '--format', 'json');
    expect(code).toBe(0);
    const billed = (JSON.parse(out) as Row[]).filter(row => row.section === 'billed');
    expect(total(billed, 'usd')).toBeCloseTo(truth.totals.billed_usd, 6);
  });
});

describe('on a small month', () => {
  const M = 1_000_000;
  const ASKED = new Date('2026-11-21T00:00:00Z');
  const METADATA = { team: 'search', service: 's', feature: 'f' };
  let logs: string;
  let bill: string;
  let prices: string;

  beforeAll(async () => {
    logs = writeLogs(scratch.path, [
      record({ requestId: 'cached', timestamp: '2026-11-10T10:00:00Z', metadata: METADATA, input: M, output: M / 10, cacheRead: 3 * M }),
      record({ requestId: 'plain', timestamp: '2026-11-10T11:00:00Z', metadata: { ...METADATA, Team: 'x' }, input: M, output: 0 }),
      record({ requestId: 'failed', timestamp: '2026-11-10T12:00:00Z', metadata: METADATA, errorCode: 'ThrottlingException' }),
      record({ requestId: 'unpriced', timestamp: '2026-11-10T13:00:00Z', metadata: METADATA, modelId: 'xai.unknown', input: 10, output: 10 }),
    ]);
    const tags = { 'iamPrincipal/team': 'search', 'iamPrincipal/service': 's' };
    bill = await writeBill(scratch.path, [
      { day: '2026-11-03', usd: 10, amount: 1000, tags },
      { day: '2026-11-10', usd: 30, amount: 2000, tags },
      { day: '2026-11-10', usd: 4, amount: 0, tags: { ...tags, 'resourceTags/team': 'ads' } },
      { day: '2026-11-10', usd: 5, usageType: 'USE1-Guardrail-ContentPolicyUnitsConsumed', unit: 'text units', tags: { 'resourceTags/team': 'ads' } },
    ]);
    prices = join(scratch.path, 'prices.json');
    const entries = Object.entries({ input: 2, output: 10, cache_read: 0.2, cache_write_5m: 2.5 })
      .map(([token_type, usd]) => ({ model: MODEL, token_type, usd }));
    writeFileSync(prices, JSON.stringify({ source: 'agreement', retrieved: '2026-11-01', entries }));
  });

  const ask = async (name: SavedQueryName, more: { from?: string; to?: string } = {}): Promise<Row[]> =>
    withSources({ logs: [logs], bill: [bill], prices, asOf: ASKED, by: ['team'] }, async ({ engine }) =>
      engine.rows(savedQuery(name, { schema: AttributionSchema.starter(), asOf: ASKED, by: ['team'], ...more }).sql));

  test('top-growth compares the last two weeks that are settled', async () => {
    expect(await ask('top-growth')).toEqual([
      { team: 'search', previous_usd: 10, current_usd: closeTo(34), growth_usd: closeTo(24), growth_ratio: closeTo(2.4) },
      { team: 'ads', previous_usd: 0, current_usd: 5, growth_usd: 5, growth_ratio: null },
    ]);
  });

  test('top-growth compares the halves of any other period', async () => {
    expect((await ask('top-growth', { from: '2026-11-03', to: '2026-11-16' })).map(({ team, previous_usd: previous }) => [team, previous]))
      .toEqual([['search', 10], ['ads', 0]]);
    expect((await ask('top-growth', { from: '2026-11-02', to: '2026-11-21' })).map(({ team, previous_usd: previous }) => [team, previous]))
      .toEqual([['search', closeTo(44)], ['ads', 5]].reverse());
  });

  test('month-to-date draws a straight line through the days that are settled', async () => {
    expect(await ask('month-to-date')).toEqual([
      { team: 'search', billed_usd: closeTo(44), counted_days: 17, usd_per_day: closeTo(44 / 17), run_rate_usd: closeTo(44 / 17 * 30) },
      { team: 'ads', billed_usd: 5, counted_days: 17, usd_per_day: closeTo(5 / 17), run_rate_usd: closeTo(5 / 17 * 30) },
    ]);
  });

  test('cost-per-million-tokens divides billed dollars by billed tokens', async () => {
    expect(await ask('cost-per-million-tokens')).toEqual([
      { model: MODEL, route: 'other', tier: 'standard', token_type: 'input', tokens: 3 * M, billed_usd: 44, usd_per_million_tokens: closeTo(44 / 3) },
    ]);
  });

  test('unit-economics counts neither free nor unpriced requests in an average', async () => {
    expect(await ask('unit-economics')).toEqual([
      {
        team: 'search', feature: 'f', requests: 4, free_requests: 1, unpriced_requests: 1, tokens: 5_100_020,
        estimated_usd: closeTo(5.6), estimated_usd_per_request: closeTo(2.8), billed_usd: closeTo(34),
        billed_usd_per_1000_requests: closeTo(34_000 / 3),
      },
      {
        team: 'search', feature: null, requests: 0, free_requests: 0, unpriced_requests: 0, tokens: 0,
        estimated_usd: null, estimated_usd_per_request: null, billed_usd: closeTo(10), billed_usd_per_1000_requests: null,
      },
    ]);
  });

  test('cache-ratio shows a missing price as none, never as 0', async () => {
    expect(await ask('cache-ratio')).toEqual([
      {
        team: 'search', model: MODEL, requests: 3, input_tokens: 2 * M, cache_read_tokens: 3 * M, cache_write_tokens: 0, cache_read_ratio: closeTo(0.6),
        unpriced_requests: 0, input_usd: closeTo(4), cache_read_usd: closeTo(0.6), cache_write_usd: 0,
      },
      {
        team: 'search', model: 'xai.unknown', requests: 1, input_tokens: 10, cache_read_tokens: 0, cache_write_tokens: 0, cache_read_ratio: 0,
        unpriced_requests: 1, input_usd: null, cache_read_usd: null, cache_write_usd: null,
      },
    ]);
  });

  test('top-callers adds up the sessions of a role', async () => {
    expect(await ask('top-callers')).toEqual([{
      account_id: ACCOUNT, caller_role: 'role/checkout', sessions: 1, requests: 4, unpriced_requests: 1, tokens: 5_100_020, estimated_usd: closeTo(5.6),
      last_called_at: '2026-11-10T13:00:00.000Z',
    }]);
  });

  test('prompt-details tells each request, the newest first', async () => {
    expect(await ask('prompt-details')).toEqual([]);
    const rows = await ask('prompt-details', { from: '2026-11-10', to: '2026-11-10' });
    expect(rows.map(row => row.bedrock_request_id)).toEqual(['unpriced', 'failed', 'plain', 'cached']);
    expect(rows[3]).toMatchObject({
      caller: 'role/checkout/worker-1', caller_session: 'worker-1', team: 'search', feature: 'f', env: null, input_tokens: M, cache_read_tokens: 3 * M,
      estimated_usd: closeTo(3.6), price_status: 'priced',
    });
  });

  test('tag-conflicts names both values and the dollars behind them', async () => {
    expect(await ask('tag-conflicts')).toEqual([{
      account_id: ACCOUNT, caller: 'role/checkout/worker-1', attribution_key: 'team', principal_tag_value: 'search', resource_tag_value: 'ads', billed_usd: 4,
    }]);
  });

  test('schema-violations counts the requests of each caller by broken rule', async () => {
    const of = { account_id: ACCOUNT, caller: 'role/checkout/worker-1' };
    expect(await ask('schema-violations')).toEqual([
      { ...of, violation: 'required_missing', metadata_key: 'env', requests: 4, distinct_values: 0, example_value: null, last_called_at: '2026-11-10T13:00:00.000Z' },
      { ...of, violation: 'unknown_key', metadata_key: 'Team', requests: 1, distinct_values: 1, example_value: 'x', last_called_at: '2026-11-10T11:00:00.000Z' },
    ]);
  });

  test('estimate-against-bill tells the variance, and where there is none', async () => {
    const rows = await ask('estimate-against-bill');
    const input = { token_class: 'input', buckets: 1 };
    expect(rows.filter(row => row.token_class === 'input')).toEqual(expect.arrayContaining([
      expect.objectContaining({ ...input, status: 'settled', model: MODEL, unpriced_buckets: 0, estimated_usd: closeTo(4), billed_usd: closeTo(34), variance_usd: closeTo(-30) }),
      expect.objectContaining({ ...input, status: 'bill_only', model: MODEL, unpriced_buckets: 0, estimated_usd: null, billed_usd: 10, variance_usd: -10 }),
      expect.objectContaining({ ...input, status: 'estimate_only', model: 'xai.unknown', unpriced_buckets: 1, estimated_usd: null, billed_usd: null, variance_usd: null }),
    ]));
  });

  test('keys and period can be given on the command line', async () => {
    const { code, out, err } = await bca('query', '--logs', logs, '--bill', bill, '--prices', prices, '--saved', 'daily-spend', '--by', 'service', '--from', '2026-11-01',
      '--to', '2026-11-09', '--format', 'csv');
    expect({ code, err, out }).toEqual({ code: 0, err: '', out: 'usage_date,service,billed_usd,enforced_usd,declared_usd,unattributed_usd\n2026-11-03,s,10,10,0,0\n' });
  });

  test.each<[string, string[], RegExp]>([
    ['a saved query that there is not', ['--saved', 'weekly'], /there is no saved query "weekly": there are weekly-tokens, daily-spend, /],
    ['a saved query beside a statement', ['--saved', 'daily-spend', 'SELECT 1'], /--saved daily-spend stands beside the statement "SELECT 1": give one of them/],
    ['a saved query for another engine', ['--saved', 'malformed-log-lines'], /runs on Athena and Trino only/],
    ['one end of a period', ['--saved', 'daily-spend', '--from', '2026-11-01'], /both ends of a period or none: give --from and --to/],
    ['a day that is none', ['--saved', 'daily-spend', '--from', '2026-11-01', '--to', '2026-11-31'], /"2026-11-31" is no day/],
    ['a period that ends before it begins', ['--saved', 'daily-spend', '--from', '2026-11-02', '--to', '2026-11-01'], /ends before it begins/],
    ['a key that the schema lacks', ['--saved', 'daily-spend', '--by', 'squad'], /the schema has no key "squad"/],
    ['keys for a statement', ['--by', 'team', '--format', 'csv', 'SELECT 1'], /--by is for a saved query: name one with --saved/],
    ['a period for a statement', ['--from', '2026-11-01', '--format', 'csv', 'SELECT 1'], /--from is for a saved query/],
  ])('fails for %s', async (_, argv, sentence) => {
    expect(await bca('query', '--logs', logs, ...argv)).toEqual({ code: 2, out: '', err: expect.stringMatching(sentence) as string });
  });

  test('fails for a schema with a key that is called like a column of the query', async () => {
    const schema = join(scratch.path, 'clash.json');
    writeFileSync(schema, JSON.stringify({ version: 1, keys: [{ name: 'growth_usd', description: 'A key.' }] }));
    expect(await bca('query', '--logs', logs, '--schema', schema, '--saved', 'top-growth')).toEqual({
      code: 2, out: '', err: expect.stringMatching(/top-growth cannot be made for this schema: it calls a column of its own "growth_usd"/) as string,
    });
  });
});

test('bca query --list names every query, its question and its period', async () => {
  const { code, out } = await bca('query', '--list', '--format', 'json');
  expect(code).toBe(0);
  const listed = JSON.parse(out) as Row[];
  expect(listed.map(({ name }) => name)).toEqual([...SAVED_QUERY_NAMES]);
  expect(listed[1]).toEqual({ name: 'daily-spend', question: 'what is billed for each breakdown key, day by day?', period: 'the last 30 complete days' });
});

test('bca query --list fits into a terminal', async () => {
  const { out } = await bca('query', '--list');
  expect(Math.max(...out.split('\n').map(line => line.length))).toBeLessThanOrEqual(100);
  for (const name of SAVED_QUERY_NAMES) expect(out).toContain(name);
});

test('the page lists every query as its header says', () => {
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'saved-queries.md'), 'utf8');
  const rows = page.split('\n').filter(line => line.startsWith('| `') && line.includes('?')).map(line => line.trim());
  const text = (cell: string): string => cell.replaceAll('|', '\\|');
  const queries = savedQueries({ schema: AttributionSchema.starter(), asOf: new Date() });
  expect(rows).toEqual(queries.map(({ name, question, period, inputs, columns }) =>
    `| \`${name}\` | ${text(question)} | ${text(period)} | ${inputs.map(view => `\`${view}\``).join(', ')} | ${columns.map(column => `\`${column.name}\``).join(', ')} |`));
});
