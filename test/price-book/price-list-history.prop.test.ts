import * as fc from 'fast-check';
import type { PriceEntry, PriceLookup } from '../../lib/price-book';
import { appendPrices, bookOf } from '../../lib/price-book/price-list-history';

const REGIONS = ['us-east-1', 'eu-west-1'];
const FIRST_DAY = Date.parse('2026-03-01');
const dayAt = (offset: number): string => new Date(FIRST_DAY + offset * 86_400_000).toISOString().slice(0, 10);

const base = { model: 'm.one', tier: 'standard', tokenType: 'input', unit: '1M tokens', source: 'test' };
const usd = fc.constantFrom(1, 2, 3, 4.5);
const contextThresholdTokens = fc.constantFrom(undefined, 1000);
const day = fc.integer({ min: 0, max: 90 }).map(dayAt);

const uniquely = (price: fc.Arbitrary<PriceEntry>, maxLength: number): fc.Arbitrary<PriceEntry[]> => fc.uniqueArray(price, {
  maxLength,
  selector: entry => JSON.stringify([entry.region, entry.route, entry.contextThresholdTokens, entry.effectiveFrom]),
});

/** What a shipped snapshot may have. */
const known = uniquely(fc.record({
  place: fc.constantFrom(
    ...['*', ...REGIONS].flatMap(region => ['regional', 'geo', 'global'].map(route => ({ region, route }))),
    { region: 'us', route: 'geo' },
  ),
  usd,
  contextThresholdTokens,
  effectiveFrom: fc.constantFrom(undefined, dayAt(0), dayAt(30)),
  effectiveTo: fc.constantFrom(undefined, dayAt(45)),
}).map(({ place, ...price }) => ({ ...base, ...place, ...price })), 8);

/** What a file of the price list may have. */
const listed = uniquely(fc.record({
  region: fc.constantFrom(...REGIONS),
  route: fc.constantFrom('regional', 'geo', 'global'),
  usd,
  contextThresholdTokens,
  effectiveFrom: day,
}).map(price => ({ ...base, ...price })), 8);

/** Refreshes on the same day and on later ones. */
const refreshes = fc.array(fc.record({ wait: fc.integer({ min: 0, max: 20 }), read: listed }), { maxLength: 5 });

const call: fc.Arbitrary<PriceLookup> = fc.record({
  model: fc.constant('m.one'),
  region: fc.constantFrom(...REGIONS),
  route: fc.constantFrom('regional', 'geo', 'global'),
  geography: fc.constantFrom('us', 'eu', undefined),
  tokenType: fc.constant('input'),
  at: day.map(date => `${date}T12:00:00Z`),
  promptTokens: fc.constantFrom(0, 1001),
});

interface Step {
  readonly before: PriceEntry[];
  readonly after: PriceEntry[];
  readonly read: PriceEntry[];
  readonly today: string;
}

/** The prices before and after each refresh, and the day of it. */
function* history(seed: PriceEntry[], steps: { wait: number; read: PriceEntry[] }[]): Generator<Step> {
  let [before, offset] = [seed, 0];
  for (const { wait, read } of steps) {
    offset += wait;
    const after = [...before, ...appendPrices(before, read, dayAt(offset))];
    yield { before, after, read, today: dayAt(offset) };
    before = after;
  }
}

test('no refresh changes a price of an earlier day', () => {
  fc.assert(fc.property(known, refreshes, fc.array(call, { minLength: 1, maxLength: 20 }), (seed, steps, calls) => {
    for (const { before, after, today } of history(seed, steps)) {
      const [old, renewed] = [bookOf(before), bookOf(after)];
      for (const lookup of calls.filter(({ at }) => at < today)) {
        const held = old.price(lookup);
        if (held !== undefined) expect(renewed.price(lookup)).toEqual(held);
      }
    }
  }), { numRuns: 300 });
});

test('a refresh that reads the same again appends nothing', () => {
  fc.assert(fc.property(known, refreshes, (seed, steps) => {
    for (const { after, read, today } of history(seed, steps)) expect(appendPrices(after, read, today)).toEqual([]);
  }), { numRuns: 300 });
});

test('no two prices of the same thing start on the same day', () => {
  fc.assert(fc.property(known, refreshes, (seed, steps) => {
    for (const { after } of history(seed, steps)) expect(() => bookOf(after)).not.toThrow();
  }), { numRuns: 300 });
});

test('two days after a refresh, what it read holds where the list says that it does', () => {
  // what ends between the refresh and that day is looked at by the next refresh
  const endless = known.map(entries => entries.map(entry => ({ ...entry, effectiveTo: undefined })));
  fc.assert(fc.property(endless, listed, fc.integer({ min: 0, max: 60 }), (seed, read, offset) => {
    const after = [...seed, ...appendPrices(seed, read, dayAt(offset))];
    const then = dayAt(offset + 2);
    for (const { region, route, contextThresholdTokens: threshold } of read) {
      const same = (entry: PriceEntry): boolean =>
        entry.region === region && entry.route === route && entry.contextThresholdTokens === threshold;
      const inForce = (entries: PriceEntry[]): PriceEntry | undefined => entries
        .filter(entry => same(entry) && (entry.effectiveFrom ?? '') <= then && (entry.effectiveTo === undefined || then < entry.effectiveTo))
        .sort((left, right) => (left.effectiveFrom ?? '') < (right.effectiveFrom ?? '') ? -1 : 1).at(-1);
      const expected = inForce(read);
      const announced = seed.some(entry => same(entry) && (entry.effectiveFrom ?? '') > dayAt(offset));
      if (expected !== undefined && !announced) expect(inForce(after)?.usd).toBe(expected.usd);
    }
  }), { numRuns: 300 });
});
