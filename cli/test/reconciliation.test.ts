import fc from 'fast-check';
import type { Row } from '../src/engine/query-engine';
import { prepareHandMonth } from './fixtures/hand-month/hand-month';
import { type Call, loggedCall } from './helpers/logged-call';
import { type PriceFields, setPrices } from './helpers/price-rows';
import { ACCOUNT, type BillLine, MODEL, temporaryFolder, withSources, writeBill, writeLogs } from './helpers/world';

jest.setTimeout(120_000);

const scratch = temporaryFolder();

afterAll(() => { scratch.remove(); });

const TYPES = ['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h'] as const;
type TokenType = (typeof TYPES)[number];

/** Dollars per million tokens of the tests, by the route that the bill knows. */
const LIST: Readonly<Record<'other' | 'global', Readonly<Record<TokenType, number>>>> = {
  other: { input: 4, output: 20, cache_read: 0.4, cache_write_5m: 5, cache_write_1h: 8 },
  global: { input: 3, output: 15, cache_read: 0.3, cache_write_5m: 3.75, cache_write_1h: 6 },
};
const BATCH = 0.5;
const PRICES: PriceFields[] = (['other', 'global'] as const).flatMap(route => TYPES.flatMap(token_type => [
  { route: route === 'other' ? 'regional' : 'global', token_type, usd: LIST[route][token_type] },
  { route: route === 'other' ? 'regional' : 'global', token_type, usd: LIST[route][token_type] * BATCH, tier: 'batch' },
]));

const USAGE: Readonly<Record<TokenType, string>> = {
  input: 'input-tokens', output: 'output-tokens', cache_read: 'cache-read-input-token-count',
  cache_write_5m: 'cache-write-input-token-count', cache_write_1h: 'cache-write-input-token-count-1-hour',
};

interface Line {
  readonly type?: TokenType;
  readonly route?: 'other' | 'global';
  readonly tier?: 'standard' | 'batch' | 'priority';
  /** Thousands of tokens; 0 makes the line a discount. */
  readonly k?: number;
  readonly usd: number;
  readonly day?: string;
  readonly usageType?: string;
}

function billLine({ type = 'input', route = 'other', tier = 'standard', k = 1000, usd, day, usageType }: Line): BillLine {
  const suffix = `${route === 'global' ? '-cross-region-global' : ''}${tier === 'standard' ? '' : `-${tier}`}`;
  return {
    usageType: usageType ?? `USE1-Claude4.6Sonnet-${USAGE[type]}${suffix}`, amount: k === 0 ? 1 : k, usd, day, type: k === 0 ? 'PrivateRateDiscount' : 'Usage',
  };
}

let worlds = 0;

/** The rows of a world in the prices of these tests, or in others. */
async function reconcile(
  calls: readonly Call[], lines: readonly Line[], { prices = PRICES, asOf = '2026-11-21T00:00:00Z' } = {},
): Promise<Row[]> {
  const folder = `${scratch.path}/${worlds++}`;
  const logs = writeLogs(folder, calls.map(loggedCall));
  const bill = await writeBill(folder, lines.map(billLine));
  return withSources({ logs: [logs], bill: [bill], asOf: new Date(asOf) }, async ({ engine }) => {
    await setPrices(engine, prices);
    return engine.rows('SELECT * FROM reconciliation ORDER BY usage_date, model, token_class, route_class, endpoint');
  });
}

const COMPONENTS = ['tokens_usd', 'global_route_usd', 'cache_write_split_usd', 'tier_usd', 'discount_usd'] as const;

/** Dollars to nine decimals: engines leave crumbs behind them. */
function rounded(row: Row): Row {
  const crumbless = (value: unknown): unknown => typeof value === 'number' ? Number(value.toFixed(9)) + 0 : value;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, crumbless(value)]));
}

async function only(calls: readonly Call[], lines: readonly Line[], options: Parameters<typeof reconcile>[2] = {}): Promise<Row> {
  const rows = await reconcile(calls, lines, options);
  expect(rows).toHaveLength(1);
  return rounded(rows[0]);
}

const M = 1_000_000;
const NOTHING = { tokens_usd: 0, global_route_usd: 0, cache_write_split_usd: 0, tier_usd: 0, discount_usd: 0 };
const WITHOUT = (type: string, tier: string): PriceFields[] => PRICES.filter(row => row.token_type !== type || (row.tier ?? 'standard') !== tier);

describe('the variance of a bucket', () => {
  test.each<[string, Call[], Line[], Row]>([
    ['agrees', [{ input: M }], [{ usd: 4 }], { estimated_usd: 4, list_usd: 4, billed_usd: 4, variance_usd: 0, ...NOTHING, status: 'settled', cause: 'none' }],
    ['agrees to a millionth of a dollar', [{ input: M }], [{ usd: 4.0000009 }], { variance_usd: -0.0000009, cause: 'none' }],
    ['is above list by more than that', [{ input: M }], [{ usd: 4.0000012 }], { variance_usd: -0.0000012, cause: 'above_list' }],
    ['comes from tokens that were not logged', [{ input: M }], [{ k: 1500, usd: 6 }], { variance_usd: -2, ...NOTHING, tokens_usd: -2, status: 'settled', cause: 'under_logged' }],
    ['comes from tokens that were not billed', [{ input: M }], [{ k: 500, usd: 2 }], { variance_usd: 2, ...NOTHING, tokens_usd: 2, status: 'settled', cause: 'not_billed' }],
    ['comes from cache writes for an hour that no body tells of', [{ input: 0, cacheWrite: M }], [{ type: 'cache_write_5m', k: 250, usd: 1.25 }, { type: 'cache_write_1h', k: 750, usd: 6 }],
      { variance_usd: -2.25, ...NOTHING, cache_write_split_usd: -2.25, cause: 'cache_write_split' }],
    ['does not come from cache writes for an hour that a body tells of', [{ input: 0, cacheWrite: M, cacheWrite1h: 750_000 }], [{ type: 'cache_write_5m', k: 250, usd: 1.25 }, { type: 'cache_write_1h', k: 750, usd: 6 }],
      { variance_usd: 0, ...NOTHING, cause: 'none' }],
    ['comes from bodies that tell of an hour where five minutes were billed', [{ input: 0, cacheWrite: M, cacheWrite1h: M }], [{ type: 'cache_write_5m', usd: 5 }],
      { variance_usd: 3, ...NOTHING, cache_write_split_usd: 3, cause: 'cache_write_split' }],
    ['comes from another tier', [{ input: M }], [{ tier: 'batch', usd: 2 }], { variance_usd: 2, ...NOTHING, tier_usd: 2, list_usd: 2, cause: 'tier' }],
    ['comes from a discount on the price', [{ input: M }], [{ usd: 3.6 }], { variance_usd: 0.4, ...NOTHING, discount_usd: 0.4, cause: 'discount' }],
    ['comes from a discount in a line of its own', [{ input: M }], [{ usd: 4 }, { k: 0, usd: -0.4 }], { billed_tokens: M, variance_usd: 0.4, ...NOTHING, discount_usd: 0.4, cause: 'discount' }],
    ['comes from a price above list', [{ input: M }], [{ usd: 5 }], { variance_usd: -1, ...NOTHING, discount_usd: -1, cause: 'above_list' }],
    ['has the cause of its largest part', [{ input: M }], [{ k: 750, usd: 3 }, { tier: 'batch', k: 500, usd: 0.9 }],
      { variance_usd: 0.1, ...NOTHING, tokens_usd: -1, tier_usd: 1, discount_usd: 0.1, cause: 'under_logged' }],
    ['of parts that cancel out is not without cause', [{ input: M }], [{ k: 1250, usd: 4 }], { variance_usd: 0, ...NOTHING, tokens_usd: -1, discount_usd: 1, cause: 'under_logged' }],
    ['counts tokens at the price that the calls had: the long prompts here', [{ input: 250_000 }, { input: 250_000 }], [{ k: 500, usd: 4 }], { variance_usd: 0, ...NOTHING, cause: 'none' }],
  ])('%s', async (name, calls, lines, expected) => {
    const prices = name.includes('long prompts') ? [...PRICES, { token_type: 'input', usd: 8, context_threshold_tokens: 200_000 }] : PRICES;
    expect(await only(calls, lines, { prices })).toMatchObject(expected);
  });

  test.each<[string, Call[], Line[], PriceFields[], Row]>([
    ['of tokens without a price is unknown', [{ input: M }], [{ usd: 4 }], WITHOUT('input', 'standard'),
      { estimated_usd: null, variance_usd: null, tokens_usd: null, discount_usd: null, billed_usd: 4, cause: 'price_missing' }],
    ['is known without the price of a tier, and its parts are not', [{ input: M }], [{ tier: 'batch', usd: 2 }], WITHOUT('input', 'batch'),
      { variance_usd: 2, tokens_usd: 0, cache_write_split_usd: 0, tier_usd: null, discount_usd: null, list_usd: null, cause: 'price_missing' }],
    ['needs no price of a tier that billed nothing', [{ input: M }], [{ usd: 4 }, { tier: 'batch', k: 0, usd: -1 }], WITHOUT('input', 'batch'),
      { variance_usd: 1, discount_usd: 1, cause: 'discount' }],
    ['is known without the price of an hour, and its parts are not', [{ input: 0, cacheWrite: M }], [{ type: 'cache_write_1h', usd: 8 }], WITHOUT('cache_write_1h', 'standard'),
      { variance_usd: -3, tokens_usd: 0, cache_write_split_usd: null, discount_usd: null, cause: 'price_missing' }],
    ['needs no price of an hour that nobody wrote for', [{ input: 0, cacheWrite: M }], [{ type: 'cache_write_5m', usd: 5 }], WITHOUT('cache_write_1h', 'standard'), { variance_usd: 0, cause: 'none' }],
    ['needs no price of five minutes that nobody wrote for', [{ input: 0, cacheWrite: M, cacheWrite1h: M }], [{ type: 'cache_write_1h', usd: 8 }], WITHOUT('cache_write_5m', 'standard'), { variance_usd: 0, cause: 'none' }],
    ['of what is billed and not logged is known without a price', [], [{ usd: 4 }], [], { variance_usd: -4, tokens_usd: null, discount_usd: null, cause: 'not_logged' }],
    ['of what is logged and not billed is not', [{ input: M }], [], [], { variance_usd: null, tokens_usd: null, cause: 'price_missing' }],
  ])('%s', async (_, calls, lines, prices, expected) => {
    expect(await only(calls, lines, { prices })).toMatchObject(expected);
  });
});

describe('a bucket that only one side knows', () => {
  test.each<[string, Line, Row]>([
    ['was not logged', { usd: 4 }, { ...NOTHING, tokens_usd: -4, cause: 'not_logged' }],
    ['was not logged, whatever its discount', { usd: 3 }, { ...NOTHING, tokens_usd: -4, discount_usd: 1, cause: 'not_logged' }],
    ['was not logged, whatever its tier', { tier: 'batch', usd: 2 }, { ...NOTHING, tokens_usd: -4, tier_usd: 2, cause: 'not_logged' }],
    ['cannot be logged', { usageType: 'USE1-anthropic.claude-sonnet-4-6-mantle-input-tokens-standard', usd: 4 }, { ...NOTHING, tokens_usd: -4, endpoint: 'mantle', cause: 'endpoint_not_logged' }],
    ['is of a model that nothing names', { usageType: 'USE1-Claude9.9Epic-input-tokens', usd: 4 }, { tokens_usd: null, cause: 'model_unknown' }],
  ])('on the bill: %s', async (_, line, expected) => {
    const row = await only([], [line]);
    expect(row).toMatchObject({ logged_tokens: null, estimated_usd: null, billed_tokens: M, billed_usd: line.usd, variance_usd: -line.usd, status: 'bill_only', ...expected });
  });

  test('in the logs is billed later, as long as the bill is young', async () => {
    const fields = { logged_tokens: M, estimated_usd: 4, billed_tokens: null, list_usd: null, billed_usd: null, variance_usd: 4, ...NOTHING, tokens_usd: 4, status: 'estimate_only' };
    const call = { input: M, day: '2026-10-05' };
    expect(await only([call], [], { asOf: '2026-10-08T23:59:59Z' })).toMatchObject({ ...fields, is_settled: false, cause: 'not_billed_yet' });
    expect(await only([call], [], { asOf: '2026-10-09T00:00:00Z' })).toMatchObject({ ...fields, is_settled: true, cause: 'not_billed' });
  });

  test('in the logs, and of no model that can be told, is of an unknown model', async () => {
    const modelId = `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/unlisted0000`;
    expect(await only([{ input: M, modelId }], [])).toMatchObject({ model: null, variance_usd: null, status: 'estimate_only', cause: 'model_unknown' });
  });
});

describe('the bill of a bucket', () => {
  test.each([
    ['is pending a second before the settlement window is over', '2026-10-08T23:59:58Z', false, 'pending', 'not_billed_yet'],
    ['is settled when the settlement window is over', '2026-10-08T23:59:59Z', true, 'settled', 'not_billed'],
  ])('%s', async (_, asOf, is_settled, status, cause) => {
    expect(await only([{ input: M }], [{ k: 500, usd: 2 }], { asOf })).toMatchObject({ is_settled, status, cause, variance_usd: 2 });
  });

  test('is compared day by day, at the prices of the day', async () => {
    const prices: PriceFields[] = [{ token_type: 'input', usd: 4 }, { token_type: 'input', usd: 3, effective_from: '2026-10-06' }];
    const days = ['2026-10-05', '2026-10-06'];
    const rows = await reconcile(days.map(day => ({ input: M, day })), [{ day: days[0], usd: 4 }, { day: days[1], usd: 4 }], { prices });
    expect(rows.map(({ usage_date, estimated_usd, discount_usd, cause }) => ({ usage_date, estimated_usd, discount_usd, cause }))).toEqual([
      { usage_date: days[0], estimated_usd: 4, discount_usd: 0, cause: 'none' },
      { usage_date: days[1], estimated_usd: 3, discount_usd: -1, cause: 'above_list' },
    ]);
  });
});

describe('tokens that stand under the global route on one side', () => {
  const rerouted = async (calls: Call[], lines: Line[], prices = PRICES): Promise<Row[]> =>
    (await reconcile(calls, lines, { prices })).map(row => rounded(row));
  const GLOBAL = { modelId: `global.${MODEL}` };

  test('and under the other one on the other side have the route as their cause, on both', async () => {
    expect(await rerouted([{ ...GLOBAL, input: M }], [{ usd: 4 }])).toMatchObject([
      { route_class: 'global', status: 'estimate_only', variance_usd: 3, ...NOTHING, global_route_usd: 3, cause: 'global_route' },
      { route_class: 'other', status: 'bill_only', variance_usd: -4, ...NOTHING, global_route_usd: -4, cause: 'global_route' },
    ]);
    expect(await rerouted([{ input: M }], [{ route: 'global', usd: 3 }])).toMatchObject([
      { route_class: 'global', status: 'bill_only', ...NOTHING, global_route_usd: -3, cause: 'global_route' },
      { route_class: 'other', status: 'estimate_only', ...NOTHING, global_route_usd: 4, cause: 'global_route' },
    ]);
  });

  test('are told apart from tokens that are missing altogether', async () => {
    expect(await rerouted([{ ...GLOBAL, input: M }, { input: M }], [{ k: 4000, usd: 16 }])).toMatchObject([
      { route_class: 'global', variance_usd: 3, ...NOTHING, global_route_usd: 3, cause: 'global_route' },
      { route_class: 'other', status: 'settled', variance_usd: -12, ...NOTHING, global_route_usd: -4, tokens_usd: -8, cause: 'under_logged' },
    ]);
  });

  test('have the route as their cause without a price too', async () => {
    expect(await rerouted([{ ...GLOBAL, input: M }], [{ usd: 4 }], PRICES.filter(({ route }) => route !== 'global'))).toMatchObject([
      { route_class: 'global', variance_usd: null, cause: 'global_route' },
      { route_class: 'other', variance_usd: -4, cause: 'global_route' },
    ]);
  });

  test.each<[string, Call[], Line[]]>([
    ['both sides know both routes', [{ ...GLOBAL, input: M }, { input: M }], [{ route: 'global', k: 500, usd: 1.5 }, { k: 1500, usd: 6 }]],
    ['both buckets lack tokens on the same side', [{ input: M }], [{ route: 'global', usd: 3 }, { k: 2000, usd: 8 }]],
    ['the other bucket agrees', [{ input: M }], [{ route: 'global', usd: 3 }, { usd: 4 }]],
    ['it was another day', [{ ...GLOBAL, input: M, day: '2026-10-06' }], [{ usd: 4 }]],
  ])('do not where %s', async (_, calls, lines) => {
    const rows = await rerouted(calls, lines);
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatchObject({ global_route_usd: 0, cause: expect.not.stringMatching('global_route') as string });
  });
});

describe('the variance of a random day', () => {
  interface RandomCall {
    readonly route: 'other' | 'global';
    readonly input: number;
    readonly output: number;
    readonly read: number;
    readonly write: number;
    readonly hourShare: number;
  }
  interface RandomLine {
    readonly type: TokenType;
    readonly route: 'other' | 'global';
    readonly tier: 'standard' | 'batch';
    readonly k: number;
    readonly cents: number;
  }
  const route = fc.constantFrom<'other' | 'global'>('other', 'other', 'global');
  const call: fc.Arbitrary<RandomCall> = fc.record({
    route, input: fc.integer({ min: 0, max: 9_000 }), output: fc.integer({ min: 0, max: 3_000 }), read: fc.integer({ min: 0, max: 9_000 }),
    write: fc.integer({ min: 0, max: 4 }).map(n => n * 1000), hourShare: fc.constantFrom(0, 0, 0.5, 1),
  });
  const line: fc.Arbitrary<RandomLine> = fc.record({
    type: fc.constantFrom(...TYPES), route, tier: fc.constantFrom<'standard' | 'batch'>('standard', 'standard', 'batch'),
    k: fc.integer({ min: 0, max: 20 }), cents: fc.integer({ min: 0, max: 40 }),
  });

  const callOf = ({ route: by, input, output, read, write, hourShare }: RandomCall): Call => ({
    modelId: by === 'global' ? `global.${MODEL}` : MODEL, input, output, cacheRead: read, cacheWrite: write, cacheWrite1h: write * hourShare,
  });
  const lineOf = ({ cents, ...fields }: RandomLine): Line => ({ ...fields, usd: (fields.k === 0 ? -1 : 1) * cents / 100 });
  const classOf = (type: TokenType): string => type.startsWith('cache_write') ? 'cache_write' : type;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const tokensOf = (from: RandomCall, type: TokenType): number => ({
    input: from.input, output: from.output, cache_read: from.read,
    cache_write_5m: from.write * (1 - from.hourShare), cache_write_1h: from.write * from.hourShare,
  })[type];

  const FIELDS = { input: 'input', output: 'output', cache_read: 'cacheRead', cache_write_5m: 'cacheWrite', cache_write_1h: 'cacheWrite' } as const;

  /** Each step of a bucket, in plain loops. */
  function expected(calls: readonly RandomCall[], lines: readonly RandomLine[], bucketRoute: 'other' | 'global', tokenClass: string): Record<string, number> {
    const list = LIST[bucketRoute];
    const types = TYPES.filter(type => classOf(type) === tokenClass);
    const mine = calls.filter(from => from.route === bucketRoute);
    const billed = lines.filter(from => from.route === bucketRoute && classOf(from.type) === tokenClass);
    const estimate = sum(types.map(type => list[type] * sum(mine.map(from => tokensOf(from, type))))) / 1e6;
    const logged = sum(types.map(type => sum(mine.map(from => tokensOf(from, type)))));
    const tokens = sum(billed.map(({ k }) => k * 1000));
    const standard = sum(billed.map(({ type, k }) => list[type] * k * 1000)) / 1e6;
    const listed = sum(billed.map(({ type, k, tier }) => list[type] * k * 1000 * (tier === 'batch' ? BATCH : 1))) / 1e6;
    const usd = sum(billed.map(from => lineOf(from).usd));
    const atEstimate = logged > 0 ? tokens * estimate / logged : standard;
    return {
      variance_usd: estimate - usd, all_tokens_usd: estimate - atEstimate, cache_write_split_usd: atEstimate - standard,
      tier_usd: standard - listed, discount_usd: listed - usd,
    };
  }

  test('is the sum of its parts, and each part is what a plain loop over the same day says', async () => {
    await fc.assert(fc.asyncProperty(fc.array(call, { maxLength: 6 }), fc.array(line, { maxLength: 12 }), async (calls, lines) => {
      const rows = await reconcile(calls.map(callOf), lines.map(lineOf));
      for (const row of rows) {
        const parts = COMPONENTS.map(name => Number(row[name]));
        expect(Math.abs(sum(parts) - Number(row.variance_usd))).toBeLessThan(1e-9);
        const plain = expected(calls, lines, row.route_class as 'other' | 'global', String(row.token_class));
        const said: Row = { ...row, all_tokens_usd: Number(row.tokens_usd) + Number(row.global_route_usd) };
        expect(rounded(said)).toMatchObject(rounded(plain));
        expect(row.cause === 'none').toBe(parts.every(usd => Math.abs(usd) <= 1e-6));
      }
      // no bucket is missing: all dollars of the bill are in one
      expect(sum(rows.map(row => Number(row.billed_usd)))).toBeCloseTo(sum(lines.map(from => lineOf(from).usd)), 9);
      const logged = sum(calls.map(from => from.input + from.output + from.read + from.write));
      expect(sum(rows.map(row => Number(row.logged_tokens)))).toBe(logged);
    }), { numRuns: 25, endOnFailure: true });
  });

  test('is a discount, and nothing else, when only the prices differ', async () => {
    const billedAsLogged = fc.array(line.map(from => ({ ...from, k: from.k + 1, tier: 'standard' as const })), { minLength: 1, maxLength: 8 });
    await fc.assert(fc.asyncProperty(billedAsLogged, fc.constantFrom(0.05, 0.2, 0.5), async (lines, fraction) => {
      const calls = lines.map(({ type, route: by, k }): Call => ({
        modelId: by === 'global' ? `global.${MODEL}` : MODEL, input: 0, [FIELDS[type]]: k * 1000,
        cacheWrite1h: type === 'cache_write_1h' ? k * 1000 : 0,
      }));
      const listed = lines.map(from => from.k * 1000 * LIST[from.route][from.type] / 1e6);
      const rows = await reconcile(calls, lines.map((from, index) => ({ ...from, usd: listed[index] * (1 - fraction) })));
      for (const row of rows) expect(row).toMatchObject({ status: 'settled', cause: 'discount' });
      expect(sum(rows.map(row => Number(row.discount_usd)))).toBeCloseTo(fraction * sum(listed), 9);
      expect(sum(rows.map(row => Number(row.variance_usd)))).toBeCloseTo(fraction * sum(listed), 9);
    }), { numRuns: 8, endOnFailure: true });
  });
});

describe('the variance of the hand-computed month', () => {
  test('is what pencil and paper say, cause by cause', async () => {
    const hand = await prepareHandMonth(`${scratch.path}/hand`);
    const rows = await withSources({
      logs: [hand.logs], bill: [hand.bill], schema: hand.schema, profiles: hand.profiles, principals: hand.principals, asOf: new Date('2026-11-01T00:00:00Z'),
    }, async ({ engine }) => engine.rows(`SELECT cause, count(*) AS buckets, sum(variance_usd) AS variance_usd, sum(tokens_usd) AS tokens_usd,
      sum(cache_write_split_usd) AS cache_write_split_usd, sum(discount_usd) AS discount_usd FROM reconciliation GROUP BY cause ORDER BY cause`));
    expect(rows.map(rounded)).toEqual([
      { cause: 'cache_write_split', buckets: 1, variance_usd: -0.02475, tokens_usd: 0, cache_write_split_usd: -0.02475, discount_usd: 0 },
      { cause: 'endpoint_not_logged', buckets: 1, variance_usd: -0.15, tokens_usd: -0.15, cache_write_split_usd: 0, discount_usd: 0 },
      { cause: 'none', buckets: 8, variance_usd: 0, tokens_usd: 0, cache_write_split_usd: 0, discount_usd: 0 },
      { cause: 'not_billed', buckets: 2, variance_usd: 0.1375, tokens_usd: 0.1375, cache_write_split_usd: 0, discount_usd: 0 },
      { cause: 'not_logged', buckets: 1, variance_usd: -0.33, tokens_usd: -0.33, cache_write_split_usd: 0, discount_usd: 0 },
      { cause: 'under_logged', buckets: 2, variance_usd: -0.827, tokens_usd: -1.025, cache_write_split_usd: 0, discount_usd: 0.198 },
    ]);
  });
});
