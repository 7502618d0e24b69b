import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { PriceBook, type PriceLookup } from '../../lib/price-book';
import { dataFile } from '../src/data-files';
import type { Row } from '../src/engine/engine';
import { ACCOUNT, temporaryFolder, withSources, writeLogs } from './helpers/world';

const SNAPSHOT = PriceBook.fromJson(readFileSync(dataFile('price-book', 'price-snapshot.json'), 'utf8'));
const MODELS = [...new Set(SNAPSHOT.entries.map(({ model }) => model))];
const LONG = MODELS.filter(name =>
  SNAPSHOT.entries.some(({ model, contextThresholdTokens }) => model === name && contextThresholdTokens !== undefined));
const REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-northeast-1'];
const PROFILES = [
  { prefix: '', route: 'regional' },
  { prefix: 'us.', route: 'geo' },
  { prefix: 'eu.', route: 'geo' },
  { prefix: 'apac.', route: 'geo' },
  { prefix: 'global.', route: 'global' },
];
const DAYS = ['2025-01-15', '2026-06-30', '2026-07-01', '2026-07-02', '2026-10-05'];
const DATED = SNAPSHOT.entries.filter(({ effectiveFrom }) => effectiveFrom !== undefined);
const COLUMNS = ['input', 'output', 'cache_read', 'cache_write'];

interface Call {
  readonly model: string;
  readonly region: string;
  readonly profile: { readonly prefix: string; readonly route: string };
  readonly day: string;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly ttl: 'cache_write_5m' | 'cache_write_1h';
}

const OUTPUT_TOKENS = 700;
const CACHE_WRITE_TOKENS = 300;
const scratch = temporaryFolder();

afterAll(() => { scratch.remove(); });

function recordOf(call: Call, requestId: string): string {
  return JSON.stringify({
    schemaType: 'ModelInvocationLog', timestamp: `${call.day}T12:00:00Z`, accountId: ACCOUNT, region: call.region, requestId,
    operation: 'InvokeModel', modelId: call.profile.prefix + call.model, identity: { arn: `arn:aws:iam::${ACCOUNT}:user/jo` },
    input: {
      inputTokenCount: call.inputTokens, cacheReadInputTokenCount: call.cacheReadTokens, cacheWriteInputTokenCount: CACHE_WRITE_TOKENS,
    },
    output: {
      outputTokenCount: OUTPUT_TOKENS,
      outputBodyJson: { usage: { cache_creation: { ephemeral_1h_input_tokens: call.ttl === 'cache_write_1h' ? CACHE_WRITE_TOKENS : 0 } } },
    },
  });
}

/** Dollars of each kind of token, by the price book; null where it has no price. */
function expected(book: PriceBook, call: Call): Record<string, number | null> {
  const promptTokens = call.inputTokens + call.cacheReadTokens + CACHE_WRITE_TOKENS;
  const usd = (tokenType: PriceLookup['tokenType'], tokens: number): number | null => {
    if (tokens === 0) return 0;
    const price = book.price({
      model: call.model, region: call.region, route: call.profile.route, geography: call.profile.prefix.slice(0, -1) || undefined,
      tokenType, at: `${call.day}T12:00:00Z`, promptTokens,
    });
    return price === undefined ? null : tokens * price.usd / 1e6;
  };
  return {
    input: usd('input', call.inputTokens), output: usd('output', OUTPUT_TOKENS),
    cache_read: usd('cache_read', call.cacheReadTokens), cache_write: usd(call.ttl, CACHE_WRITE_TOKENS),
  };
}

const rounded = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, usd]) => [name, usd === null ? null : Number(usd).toFixed(12)]));

/** Calls whose dollars in the view are not those of the price book, and how many have a price at all. */
async function compare(
  name: string, book: PriceBook, calls: readonly Call[], prices?: string,
): Promise<{ differing: unknown[]; priced: number }> {
  const logs = writeLogs(scratch.path, calls.map((call, index) => recordOf(call, String(index))), `${name}.jsonl`);
  const rows: Row[] = await withSources({ logs: [logs], prices }, async ({ engine }) => engine.rows('SELECT * FROM invocation_costs'));
  expect(rows).toHaveLength(calls.length);
  let priced = 0;
  const differing = rows.flatMap((row) => {
    const call = calls[Number(row.bedrock_request_id)];
    // a name of another model is priced as that model
    const theirs = rounded(expected(book, { ...call, model: String(row.model) }));
    const ours = rounded(Object.fromEntries(COLUMNS.map(column => [column, row[`${column}_usd`]])));
    if (row.price_status === 'priced') priced++;
    return JSON.stringify(Object.entries(ours)) === JSON.stringify(Object.entries(theirs)) ? [] : [{ call, view: ours, book: theirs }];
  });
  return { differing: differing.slice(0, 5), priced };
}

/** A short and a long prompt to every model, wherever and however it may be called. */
function callsOf(models: readonly string[]): Call[] {
  return models.flatMap((model, at) => REGIONS.flatMap(region => PROFILES.flatMap((profile, index): Call[] => [
    { model, region, profile, day: DAYS[(at + index) % DAYS.length], inputTokens: 1000, cacheReadTokens: 400, ttl: 'cache_write_5m' },
    { model, region, profile, day: '2026-10-05', inputTokens: index % 2 === 0 ? 500_000 : 150_000, cacheReadTokens: 0, ttl: 'cache_write_1h' },
  ])));
}

test('the view takes the price of the book for every model, on every route and for prompts of any length', async () => {
  const { differing, priced } = await compare('snapshot', SNAPSHOT, callsOf(MODELS));
  expect(differing).toEqual([]);
  expect(priced).toBeGreaterThan(200);
});

test('the view takes the price for long prompts from the first token above the threshold, cached tokens included', async () => {
  expect(LONG.length).toBeGreaterThan(0);
  const calls = LONG.flatMap(model => [-1, 0, 1].flatMap(above => [0, 100_000].map((cacheReadTokens): Call => ({
    model, region: 'us-east-1', profile: PROFILES[0], day: '2026-10-05', cacheReadTokens, ttl: 'cache_write_5m',
    inputTokens: 200_000 - CACHE_WRITE_TOKENS - cacheReadTokens + above,
  }))));
  expect((await compare('threshold', SNAPSHOT, calls)).differing).toEqual([]);
});

test('the view takes a dated price from its first day on, and not the day before', async () => {
  expect(DATED.length).toBeGreaterThan(0);
  const calls = DATED.flatMap(({ model, effectiveFrom }) => [0, 1].flatMap(daysBefore => PROFILES.map((profile): Call => ({
    model, region: 'us-east-1', profile, day: new Date(Date.parse(effectiveFrom!) - daysBefore * 86_400_000).toISOString().slice(0, 10),
    inputTokens: 1000, cacheReadTokens: 10, ttl: 'cache_write_5m',
  }))));
  expect((await compare('dated', SNAPSHOT, calls)).differing).toEqual([]);
});

describe('with a price file on top', () => {
  const MINE = ['anthropic.claude-sonnet-4-6', 'anthropic.claude-sonnet-4-5-20250929-v1:0', 'amazon.nova-micro-v1:0', ...LONG.slice(0, 2), 'acme.own-v1:0'];
  const entry = fc.record({
    model: fc.constantFrom(...MINE),
    place: fc.constantFrom(
      { region: '*', route: 'regional' }, { region: 'us-east-1', route: 'regional' }, { region: '*', route: 'geo' }, { region: 'us', route: 'geo' },
      { region: 'eu-west-1', route: 'geo' }, { region: '*', route: 'global' },
    ),
    token_type: fc.constantFrom('input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h'),
    usd: fc.integer({ min: 0, max: 9000 }).map(mills => mills / 1000),
    context_threshold_tokens: fc.option(fc.constantFrom(100_000, 200_000), { nil: undefined }),
    effective_from: fc.option(fc.constant('2026-07-01'), { nil: undefined }),
    effective_to: fc.option(fc.constant('2026-07-02'), { nil: undefined }),
  }).map(({ place, ...fields }) => ({ ...fields, ...place }));
  const identity = (row: Record<string, unknown>): string =>
    JSON.stringify(['model', 'region', 'route', 'token_type', 'context_threshold_tokens', 'effective_from'].map(name => row[name] ?? null));
  const discount = fc.record({
    fraction: fc.constantFrom(0, 0.12, 0.5, 1),
    model: fc.option(fc.constantFrom('anthropic.claude-sonnet-4-6', 'amazon.nova-micro-v1:0'), { nil: undefined }),
  });

  const entries = fc.uniqueArray(entry, { selector: identity, minLength: 5, maxLength: 40 });

  test('the view takes the price of the book', async () => {
    await fc.assert(fc.asyncProperty(entries, fc.array(discount, { maxLength: 2 }), async (overrides, discounts) => {
      const file = JSON.stringify({ entries: overrides, discounts });
      const prices = join(scratch.path, 'prices.json');
      writeFileSync(prices, file);
      const calls = callsOf(MINE).flatMap(call => [call, { ...call, day: '2026-07-01' }]);
      const { differing } = await compare('overridden', SNAPSHOT.withOverrides(PriceBook.fromJson(file)), calls, prices);
      expect(differing).toEqual([]);
    }), { numRuns: 8, endOnFailure: true });
  });
});
