import * as fc from 'fast-check';
import { PriceBook, type PriceLookup } from '../../lib/price-book';

const REGIONS = ['us-east-1', 'eu-west-1'];
const DAYS = ['2026-01-01', '2026-04-01', '2026-07-01', '2026-10-01'];

interface Row {
  readonly region: string;
  readonly route: string;
  readonly usd: number;
  readonly context_threshold_tokens: number | null;
  readonly effective_from: string | null;
  readonly effective_to: string | null;
}

const row: fc.Arbitrary<Row> = fc.record({
  place: fc.constantFrom(
    ...['*', ...REGIONS].flatMap(region => ['regional', 'geo', 'global'].map(route => ({ region, route }))),
    ...['us', 'eu'].map(region => ({ region, route: 'geo' })),
  ),
  usd: fc.double({ min: 0, max: 100, noNaN: true }),
  context_threshold_tokens: fc.constantFrom(null, 1000, 2000),
  days: fc.subarray(DAYS, { maxLength: 2 }),
  openEnd: fc.boolean(),
}).map(({ place, usd, context_threshold_tokens, days, openEnd }) => ({
  ...place,
  usd,
  context_threshold_tokens,
  effective_from: days.length === 2 || openEnd ? days[0] ?? null : null,
  effective_to: days.length === 2 ? days[1] : openEnd ? null : days[0] ?? null,
}));

const rows = fc.uniqueArray(row, {
  selector: entry => JSON.stringify([entry.region, entry.route, entry.context_threshold_tokens, entry.effective_from]),
  maxLength: 25,
});

const call: fc.Arbitrary<PriceLookup> = fc.record({
  model: fc.constant('m.one'),
  region: fc.constantFrom(...REGIONS),
  route: fc.constantFrom('regional', 'geo', 'global'),
  geography: fc.constantFrom('us', 'eu', undefined),
  tokenType: fc.constant('input'),
  at: fc.date({ min: new Date('2025-10-01'), max: new Date('2026-12-31'), noInvalidDate: true }).map(date => date.toISOString()),
  promptTokens: fc.constantFrom(0, 1000, 1001, 2001),
});

function bookOf(entries: Row[]): PriceBook {
  return PriceBook.fromJson(JSON.stringify({ entries: entries.map(entry => ({ model: 'm.one', token_type: 'input', ...entry })) }));
}

test('the order of the entries does not matter', () => {
  const inTwoOrders = rows.chain(list => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
  fc.assert(fc.property(inTwoOrders, call, ([list, shuffled], lookup) => {
    expect(bookOf(shuffled).price(lookup)).toEqual(bookOf(list).price(lookup));
  }));
});

test('the answer holds on that day, in that place, on a route that may pay it and for that length of prompt', () => {
  fc.assert(fc.property(rows, call, (list, lookup) => {
    const found = bookOf(list).price(lookup);
    if (found === undefined) return;
    const day = lookup.at.slice(0, 10);
    expect((found.effectiveFrom ?? day) <= day && (found.effectiveTo === undefined || day < found.effectiveTo)).toBe(true);
    expect(['*', lookup.region, lookup.geography]).toContain(found.region);
    expect(lookup.route === 'geo' ? ['geo', 'regional'] : [lookup.route]).toContain(found.route);
    expect(lookup.promptTokens ?? 0).toBeGreaterThan(found.contextThresholdTokens ?? -1);
  }));
});

test('an entry that applies and names the Region is never passed over for one of every Region', () => {
  fc.assert(fc.property(rows, call, (list, lookup) => {
    const book = bookOf(list);
    const exact = bookOf(list.filter(entry => entry.region === lookup.region)).price(lookup);
    const found = book.price(lookup);
    if (exact !== undefined && found?.contextThresholdTokens === exact.contextThresholdTokens) expect(found).toEqual(exact);
  }));
});

test('there is an answer exactly when some entry alone gives one', () => {
  fc.assert(fc.property(rows, call, (list, lookup) => {
    expect(bookOf(list).price(lookup) !== undefined).toBe(list.some(entry => bookOf([entry]).price(lookup) !== undefined));
  }));
});

test('an override that applies always decides', () => {
  fc.assert(fc.property(rows, rows, call, (list, overrides, lookup) => {
    const top = bookOf(overrides);
    const book = bookOf(list);
    expect(book.withOverrides(top).price(lookup)).toEqual(top.price(lookup) ?? book.price(lookup));
  }));
});

test('a discount keeps zero zero, never raises a price and never makes one negative', () => {
  fc.assert(fc.property(fc.array(row, { minLength: 1, maxLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (list, fraction) => {
    const [before] = bookOf(list).entries;
    const [after] = bookOf(list).withDiscount({ fraction }).entries;
    expect(after.usd).toBeGreaterThanOrEqual(0);
    expect(after.usd).toBeLessThanOrEqual(before.usd * (1 + 1e-11));
    if (before.usd === 0) expect(after.usd).toBe(0);
  }));
});

test('no price below zero is accepted', () => {
  fc.assert(fc.property(row, fc.double({ max: -Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true }), (entry, usd) => {
    expect(() => bookOf([{ ...entry, usd }])).toThrow(/usd is .*, allowed is a number of US dollars, 0 or more/);
  }));
});

test('the rows of the table are a price file again, with the same answers', () => {
  fc.assert(fc.property(rows, call, (list, lookup) => {
    const lines = bookOf(list).toNdjson().split('\n').filter(line => line !== '');
    const entries = lines.map(line => ({ ...(JSON.parse(line) as Row), precedence: undefined }));
    expect(PriceBook.fromJson(JSON.stringify({ entries })).price(lookup)).toEqual(bookOf(list).price(lookup));
  }));
});
