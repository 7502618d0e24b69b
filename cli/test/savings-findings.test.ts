import type { Row } from '../src/engine/query-engine';
import { type Call, loggedCall } from './helpers/logged-call';
import { type PriceFields, setPrices } from './helpers/price-rows';
import { ACCOUNT, type BillLine, MODEL, temporaryFolder, withSources, writeBill, writeLogs } from './helpers/world';

jest.setTimeout(120_000);

const scratch = temporaryFolder();
let worlds = 0;

afterAll(() => { scratch.remove(); });

const M = 1_000_000;
const NOVA = 'amazon.nova-micro-v1:0';

/** Dollars per million tokens of the tests. */
const PRICES: PriceFields[] = [
  { token_type: 'input', usd: 4 }, { token_type: 'output', usd: 20 }, { token_type: 'cache_read', usd: 0.4 },
  { token_type: 'cache_write_5m', usd: 5 }, { token_type: 'cache_write_1h', usd: 8 },
];
const GLOBAL: PriceFields[] = PRICES.map(price => ({ ...price, route: 'global', usd: price.usd * 0.75 }));

interface Profile {
  readonly arn: string;
  readonly kind?: string;
  readonly modelSource?: string;
  readonly firstSeen?: string;
  readonly deletedOn?: string;
}

interface Given {
  readonly calls?: readonly Call[];
  readonly lines?: readonly BillLine[];
  readonly prices?: readonly PriceFields[];
  readonly profiles?: readonly Profile[];
  readonly resources?: readonly { readonly arn: string; readonly day: string }[];
}

/** The findings of a world, as of the end of 2026-11-20. */
async function findings({ calls = [], lines = [], prices = PRICES, profiles = [], resources = [] }: Given): Promise<Row[]> {
  const folder = `${scratch.path}/${worlds++}`;
  const logs = writeLogs(folder, calls.map(loggedCall));
  const bill = await writeBill(folder, lines);
  const listed = writeLogs(folder, profiles.map(profile => JSON.stringify({
    inference_profile_arn: profile.arn, name: profile.arn.split('/').at(-1), kind: profile.kind ?? 'profile', model_source: profile.modelSource ?? MODEL,
    account_id: ACCOUNT, region: 'us-east-1', first_seen: profile.firstSeen ?? null, deleted_on: profile.deletedOn ?? null,
  })), 'profiles.jsonl');
  const options = { logs: [logs], bill: [bill], asOf: new Date('2026-11-21T00:00:00Z'), ...profiles.length > 0 && { profiles: listed } };
  return withSources(options, async ({ engine }) => {
    await setPrices(engine, prices);
    for (const { arn, day } of resources) {
      await engine.run(`UPDATE billed_usage SET resource_id = '${arn}' WHERE usage_date = DATE '${day}'`);
    }
    return (await engine.rows('SELECT * FROM savings_findings ORDER BY finding, billing_period, model, caller_role, resource')).map(crumbless);
  });
}

/** Dollars to nine decimals: engines leave crumbs behind them. */
function crumbless(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'number' ? Number(value.toFixed(9)) : value]));
}

/** The one finding of a world, which shows how it was computed. */
async function finding(given: Given): Promise<Row> {
  const rows = await findings(given);
  expect(rows).toHaveLength(1);
  expect(rows[0].arithmetic).toMatch(/\w+/);
  return rows[0];
}

const times = (count: number, call: Call): Call[] => Array.from({ length: count }, () => call);

describe('streams that broke off', () => {
  test('are paid for at the list price of what had been read, by service', async () => {
    const web = { isAborted: true, metadata: { team: 'web' } };
    const calls = [{ ...web, input: M }, { ...web, input: M, cacheRead: M, day: '2026-10-09' }, { input: M, output: M }];
    expect(await finding({ calls })).toMatchObject({
      finding: 'aborted_streams_paid', billing_period: '2026-10', first_day: '2026-10-05', last_day: '2026-10-09', account_id: ACCOUNT, region: 'us-east-1',
      model: MODEL, caller_role: 'role/checkout', team: 'web', requests: 2, tokens: 3 * M, usd_now: 8.4, usd_then: 0, saving_usd: 8.4,
    });
  });

  test('are told month by month', async () => {
    const rows = await findings({ calls: [{ isAborted: true, input: M, day: '2026-10-31' }, { isAborted: true, input: 2 * M, day: '2026-11-01' }] });
    expect(rows).toMatchObject([{ billing_period: '2026-10', saving_usd: 4 }, { billing_period: '2026-11', saving_usd: 8 }]);
  });

  test('have unknown dollars without a price', async () => {
    expect(await finding({ calls: [{ isAborted: true, input: M }], prices: [] })).toMatchObject({
      finding: 'aborted_streams_paid', usd_now: null, saving_usd: null,
    });
  });

  test.each<[string, Call]>([
    ['none did', { operation: 'ConverseStream', input: M, output: M }],
    ['nothing had been read', { isAborted: true, input: 0 }],
    ['the model was paid by the hour', { isAborted: true, input: M, modelId: `arn:aws:bedrock:us-east-1:${ACCOUNT}:provisioned-model/abc` }],
  ])('are no finding where %s', async (_, call) => {
    expect(await findings({ calls: [call] })).toEqual([]);
  });
});

describe('cache reads that a service does not have', () => {
  const LARGE = { input: 10_000 };

  test('show what a tenth of the input would save, and the share of reads from which caching does', async () => {
    const row = await finding({ calls: times(100, LARGE) });
    expect(row).toMatchObject({
      finding: 'cache_reads_absent', caller_role: 'role/checkout', requests: 100, tokens: M, usd_now: 4, usd_then: null, saving_usd: null,
      // (4 - 0.4) x 0.1 M tokens; (5 - 4) / (5 - 0.4)
      saving_per_tenth_usd: 0.36, break_even_share: 0.217391304,
    });
    // at that share, writing the rest and reading it costs what sending it costs
    const share = Number(row.break_even_share);
    expect(share * 0.4 + (1 - share) * 5).toBeCloseTo(4, 6);
  });

  test('need no reads at all to pay where writing is free', async () => {
    const prices = PRICES.map(price => price.token_type === 'cache_write_5m' ? { ...price, usd: 0 } : price);
    expect(await finding({ calls: times(100, LARGE), prices })).toMatchObject({ break_even_share: 0, saving_per_tenth_usd: 0.36 });
  });

  test.each<[string, Call[], number]>([
    ['at 100 requests', times(100, LARGE), 1],
    ['not at 99', times(99, LARGE), 0],
    ['at 1,024 tokens a request', times(100, { input: 1024 }), 1],
    ['not at 1,023', times(100, { input: 1023 }), 0],
    ['not with a single read', [...times(100, LARGE), { ...LARGE, cacheRead: 1 }], 0],
    ['not with a read in a small request', [...times(100, LARGE), { input: 1, cacheRead: 1 }], 0],
    ['whatever another service reads', [...times(100, LARGE), { ...LARGE, cacheRead: 1, metadata: { team: 'web' } }], 1],
    ['whatever was read the month before', [...times(100, LARGE), { ...LARGE, cacheRead: 1, day: '2026-09-30' }], 1],
    ['not with 50 in each of two months', [...times(50, LARGE), ...times(50, { ...LARGE, day: '2026-11-01' })], 0],
  ])('are a finding %s', async (_, calls, count) => {
    expect(await findings({ calls })).toHaveLength(count);
  });

  test.each<[string, PriceFields[]]>([
    ['cache prices', PRICES.filter(price => price.token_type === 'input')],
    ['a price to write', PRICES.filter(price => price.token_type !== 'cache_write_5m')],
    ['a lower price to read', PRICES.map(price => price.token_type === 'cache_read' ? { ...price, usd: 4 } : price)],
  ])('are no finding of a model without %s', async (_, prices) => {
    expect(await findings({ calls: times(100, LARGE), prices })).toEqual([]);
  });
});

describe('a geographic profile', () => {
  const GEO = { modelId: `us.${MODEL}`, input: M, output: M, cacheRead: M, cacheWrite: 2 * M, cacheWrite1h: M };

  test('costs the tokens times the difference of the two prices', async () => {
    expect(await finding({ calls: [GEO], prices: [...PRICES, ...GLOBAL] })).toMatchObject({
      finding: 'global_route_cheaper', model: MODEL, requests: 1, tokens: 5 * M, usd_now: 37.4, usd_then: 28.05, saving_usd: 9.35,
    });
  });

  test('saves nothing that is known when one of the global prices is missing', async () => {
    const prices = [...PRICES, ...GLOBAL.filter(price => price.token_type !== 'cache_read')];
    expect(await finding({ calls: [GEO], prices })).toMatchObject({ finding: 'global_route_cheaper', usd_now: 37.4, usd_then: null, saving_usd: null });
    const uncached = { modelId: GEO.modelId, input: M, output: M };
    expect(await finding({ calls: [uncached], prices })).toMatchObject({ usd_now: 24, usd_then: 18, saving_usd: 6 });
  });

  test('compares a long prompt with the global price of long prompts', async () => {
    const prices = [...PRICES, ...GLOBAL, { token_type: 'input', route: 'global', usd: 3.5, context_threshold_tokens: 200_000 }];
    const call = { modelId: `us.${MODEL}` };
    expect(await finding({ calls: [{ ...call, input: 200_000 }], prices })).toMatchObject({ saving_usd: 0.2 });
    expect(await finding({ calls: [{ ...call, input: 200_001 }], prices })).toMatchObject({ saving_usd: 0.1000005 });
  });

  test.each<[string, Call, PriceFields[]]>([
    ['the call is global already', { ...GEO, modelId: `global.${MODEL}` }, [...PRICES, ...GLOBAL]],
    ['the call names no profile', { ...GEO, modelId: MODEL }, [...PRICES, ...GLOBAL]],
    ['there is no global price', GEO, PRICES],
    ['the global price is the same', GEO, [...PRICES, ...PRICES.map(price => ({ ...price, route: 'global' }))]],
    ['the global price is higher', GEO, [...PRICES, ...PRICES.map(price => ({ ...price, route: 'global', usd: price.usd + 1 }))]],
    ['the global price comes later', GEO, [...PRICES, ...GLOBAL.map(price => ({ ...price, effective_from: '2026-10-06' }))]],
  ])('is no finding where %s', async (_, call, prices) => {
    expect(await findings({ calls: [call], prices })).toEqual([]);
  });
});

describe('a provisioned model unit', () => {
  const UNIT: PriceFields = { token_type: 'model_unit', tier: 'reserved', unit: 'hour', usd: 10 };
  const at = (hour: string, input: number, arn?: string): Call => ({ timestamp: `2026-10-05T${hour}Z`, input, arn });

  test('is compared hour by hour with all that the account spends on demand', async () => {
    const other = `arn:aws:sts::${ACCOUNT}:assumed-role/search/worker-1`;
    const calls = [at('10:00:00', 2 * M), at('10:59:59', M, other), at('11:00:00', 4 * M), at('12:00:00', M)];
    expect(await finding({ calls, prices: [...PRICES, UNIT] })).toMatchObject({
      finding: 'provisioned_throughput_cheaper', model: MODEL, caller_role: null, team: null, requests: 3, tokens: 7 * M, hours: 2, busiest_hour_tokens: 4 * M,
      usd_now: 28, usd_then: 20, saving_usd: 8, break_even_tokens: 5 * M,
    });
  });

  test.each<[string, Call[], PriceFields[]]>([
    ['an hour costs the same on demand', [at('10:00:00', 2.5 * M)], [...PRICES, UNIT]],
    ['two hours together cost more, and neither does', [at('10:59:59', 2 * M), at('11:00:00', 2 * M)], [...PRICES, UNIT]],
    ['the price book has no price by the hour', [at('10:00:00', 9 * M)], PRICES],
    ['the price is of another Region', [at('10:00:00', 9 * M)], [...PRICES, { ...UNIT, region: 'eu-west-1' }]],
    ['the call has no price on demand', [at('10:00:00', 9 * M)], [UNIT]],
  ])('is no finding where %s', async (_, calls, prices) => {
    expect(await findings({ calls, prices })).toEqual([]);
  });
});

describe('hours of provisioned throughput', () => {
  const ARN = `arn:aws:bedrock:us-east-1:${ACCOUNT}:provisioned-model/abc`;
  const UNKNOWN = `arn:aws:bedrock:us-east-1:${ACCOUNT}:provisioned-model/unlisted`;
  const hours = (amount: number, fields: Partial<BillLine> = {}): BillLine => ({
    usageType: 'USE1-NovaMicro-ProvisionedThroughput-ModelUnits', unit: 'hours', amount, usd: amount * 10, ...fields,
  });
  const prices: PriceFields[] = [{ model: NOVA, token_type: 'input', usd: 2 }];
  const profiles = [{ arn: ARN, modelSource: NOVA }];

  test('are compared with what the tokens that went through would cost on demand', async () => {
    const given = { lines: [hours(3), hours(2, { day: '2026-10-06' })], calls: [{ modelId: ARN, input: 4 * M }], prices, profiles };
    expect(await finding(given)).toMatchObject({
      finding: 'on_demand_cheaper', billing_period: '2026-10', model: NOVA, caller_role: null, requests: 1, tokens: 4 * M, hours: 5,
      usd_now: 50, usd_then: 8, saving_usd: 42, break_even_tokens: 25 * M,
    });
  });

  test.each<[string, Call[], PriceFields[]]>([
    ['nothing was logged through them', [{ modelId: MODEL, input: 1 }], prices],
    ['a call went through a model that nobody knows', [{ modelId: ARN, input: M }, { modelId: UNKNOWN, input: M }], prices],
    ['the tokens have no price on demand', [{ modelId: ARN, input: M }], []],
  ])('save nothing that is known where %s', async (_, calls, known) => {
    expect(await finding({ lines: [hours(1)], calls, prices: known, profiles })).toMatchObject({
      finding: 'on_demand_cheaper', model: NOVA, hours: 1, usd_now: 10, usd_then: null, saving_usd: null, break_even_tokens: null,
    });
  });

  test.each([
    ['the tokens would cost the same', 5 * M, 0],
    ['the tokens would cost a little less', 5 * M - 1, 1],
    ['the tokens would cost more', 6 * M, 0],
  ])('where %s: findings', async (_, input, count) => {
    expect(await findings({ lines: [hours(1)], calls: [{ modelId: ARN, input }], prices, profiles })).toHaveLength(count);
  });

  test('are not those of reserved tokens per minute', async () => {
    expect(await findings({ lines: [hours(1, { usageType: 'USE1-MP:USE1_Reserved_1Month_InputTPM_Geo-Units', unit: 'TPM-Hour' })], prices })).toEqual([]);
  });
});

describe('cache entries that are written for an hour', () => {
  const write = (day: string, tokens = M): Call => ({ input: 0, cacheWrite: tokens, cacheWrite1h: tokens, day });
  const read = (day: string, tokens: number, fields: Call = {}): Call => ({ input: 0, cacheRead: tokens, day, ...fields });

  test('and not read on that day or the next cost the hour for nothing', async () => {
    expect(await finding({ calls: [write('2026-10-05'), write('2026-10-20', 2 * M), read('2026-10-07', 9 * M)] })).toMatchObject({
      finding: 'one_hour_cache_writes_never_read', caller_role: 'role/checkout', first_day: '2026-10-05', last_day: '2026-10-20', requests: 2, tokens: 3 * M,
      usd_now: 24, usd_then: 15, saving_usd: 9,
    });
  });

  test.each<[string, Call[], number]>([
    ['read as often as written, on the day', [write('2026-10-05'), read('2026-10-05', M)], 0],
    ['read once less, on the day', [write('2026-10-05'), read('2026-10-05', M - 1)], 1],
    ['read on the next day', [write('2026-10-05'), read('2026-10-06', M)], 0],
    ['read on both days together', [write('2026-10-05'), read('2026-10-05', M / 2), read('2026-10-06', M / 2)], 0],
    ['read on the first day of the next month', [write('2026-10-31'), read('2026-11-01', M)], 0],
    ['read two days later', [write('2026-10-05'), read('2026-10-07', M)], 1],
    ['read the day before', [write('2026-10-05'), read('2026-10-04', M)], 1],
    ['read by another session of the role', [write('2026-10-05'), read('2026-10-05', M, { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/checkout/worker-2` })], 0],
    ['read for another team of the same caller', [write('2026-10-05'), read('2026-10-05', M, { metadata: { team: 'web' } })], 0],
    ['read by another role', [write('2026-10-05'), read('2026-10-05', M, { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/search/worker-1` })], 1],
    ['written for five minutes', [{ input: 0, cacheWrite: M, cacheWrite1h: 0 }], 0],
  ])('and %s: findings', async (_, calls, count) => {
    expect(await findings({ calls })).toHaveLength(count);
  });

  test('save nothing that is known without a price for five minutes', async () => {
    const prices = PRICES.filter(price => price.token_type !== 'cache_write_5m');
    expect(await finding({ calls: [write('2026-10-05')], prices })).toMatchObject({ usd_now: 8, usd_then: null, saving_usd: null });
  });
});

describe('a profile or a project without traffic', () => {
  const profile = (id: string): string => `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/${id}`;
  const project = (id: string): string => `arn:aws:bedrock-mantle:us-east-1:${ACCOUNT}:project/${id}`;
  const SEEN = '2026-08-01';
  const busy = { arn: profile('busy'), firstSeen: SEEN };
  const idle = { arn: profile('idle'), firstSeen: SEEN };
  const ofBusy: Call = { modelId: busy.arn, input: 1, day: '2026-11-10' };
  const nothing: PriceFields[] = [];

  test('is named where others have some', async () => {
    expect(await finding({ calls: [ofBusy], profiles: [busy, idle], prices: nothing })).toMatchObject({
      finding: 'profile_without_traffic', billing_period: '2026-11', first_day: '2026-10-22', last_day: '2026-11-21', account_id: ACCOUNT, region: 'us-east-1',
      model: MODEL, resource: idle.arn, resource_name: 'idle', requests: 0, tokens: 0, usd_now: null, saving_usd: null,
    });
  });

  test('of the kind that only the bill names is found in the bill', async () => {
    const profiles = ['busy', 'idle'].map(id => ({ arn: project(id), kind: 'project', firstSeen: SEEN }));
    const lines = [{ day: '2026-11-10', usd: 1, usageType: 'USE1-openai.gpt-oss-120b-mantle-input-tokens-standard' }];
    const resources = [{ arn: project('busy'), day: '2026-11-10' }];
    expect(await finding({ lines, profiles, resources, prices: nothing })).toMatchObject({ finding: 'project_without_traffic', resource: project('idle') });
    expect(await findings({ lines, profiles, prices: nothing })).toEqual([]);
  });

  test.each<[string, Call[], Profile[], number]>([
    ['no profile has any: nothing may be logged', [{ input: 1, output: 1 }], [busy, idle], 0],
    ['others had some 30 days ago', [{ ...ofBusy, day: '2026-10-22' }], [busy, idle], 1],
    ['others had some 31 days ago', [{ ...ofBusy, day: '2026-10-21' }], [busy, idle], 0],
    ['its last was 31 days ago', [ofBusy, { ...ofBusy, modelId: idle.arn, day: '2026-10-21' }], [busy, idle], 1],
    ['its last was 30 days ago', [ofBusy, { ...ofBusy, modelId: idle.arn, day: '2026-10-22' }], [busy, idle], 0],
    ['it is 30 days old', [ofBusy], [busy, { ...idle, firstSeen: '2026-10-22' }], 1],
    ['it is younger', [ofBusy], [busy, { ...idle, firstSeen: '2026-10-23' }], 0],
    ['nobody knows how old it is', [ofBusy], [busy, { ...idle, firstSeen: undefined }], 0],
    ['it was deleted', [ofBusy], [busy, { ...idle, deletedOn: '2026-11-01' }], 0],
    ['only a project has some', [ofBusy], [{ ...busy, kind: 'project' }, idle], 0],
  ])('where %s: findings', async (_, calls, profiles, count) => {
    expect(await findings({ calls, profiles, prices: nothing })).toHaveLength(count);
  });
});
