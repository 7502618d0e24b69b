import { readFileSync } from 'fs';
import { join } from 'path';
import { PriceBook, type PriceEntry } from '../../lib/price-book';
import { appendPrices, bookOf, historyText, readHistory } from '../../lib/price-book/price-list-history';

const DAY = '2026-11-21';

function price(usd: number, more: Partial<PriceEntry> = {}): PriceEntry {
  return { model: 'm.one', region: 'us-east-1', route: 'regional', tier: 'standard', tokenType: 'input', unit: '1M tokens', usd, source: 'test', ...more };
}

const starts = (entries: PriceEntry[]): unknown[] => entries.map(({ usd, effectiveFrom }) => [usd, effectiveFrom]);

describe('a price', () => {
  test('that is known is not appended, wherever it was read before', () => {
    expect(appendPrices([price(3)], [price(3, { effectiveFrom: '2026-11-01', source: 'elsewhere' })], DAY)).toEqual([]);
  });

  test('that differs by no more than floating point is known', () => {
    expect(appendPrices([price(0.3)], [price(0.1 + 0.2)], DAY)).toEqual([]);
  });

  test('that has changed holds from the day on which it was seen, whatever the list says of the past', () => {
    expect(appendPrices([price(3)], [price(4, { effectiveFrom: '2026-11-01' })], DAY)).toEqual([price(4, { effectiveFrom: DAY, retrieved: DAY })]);
  });

  test('that will change holds from the day that the list says', () => {
    expect(starts(appendPrices([price(3)], [price(3, { effectiveFrom: '2026-11-01' }), price(4, { effectiveFrom: '2026-12-01' })], DAY))).toEqual([[4, '2026-12-01']]);
  });

  test('of something new holds from the day that the list says', () => {
    expect(starts(appendPrices([price(3)], [price(4, { model: 'm.two', effectiveFrom: '2026-11-01' })], DAY))).toEqual([[4, '2026-11-01']]);
  });

  test('keeps the day on which it was retrieved, if it says it', () => {
    expect(appendPrices([], [price(3, { retrieved: '2026-10-08' })], DAY)).toEqual([price(3, { retrieved: '2026-10-08' })]);
  });

  test('that has changed back is appended again', () => {
    const known = [price(3), price(4, { effectiveFrom: '2026-11-01' })];
    expect(starts(appendPrices(known, [price(3, { effectiveFrom: '2026-11-01' })], DAY))).toEqual([[3, DAY]]);
  });

  test('that changes twice on one day holds from the next day, for two of a day would leave no way to say which holds', () => {
    const known = [price(3), price(4, { effectiveFrom: DAY })];
    expect(starts(appendPrices(known, [price(5)], DAY))).toEqual([[5, '2026-11-22']]);
  });

  test('that has ended, and is read again, is appended', () => {
    expect(starts(appendPrices([price(3, { effectiveTo: '2026-11-01' })], [price(3)], DAY))).toEqual([[3, DAY]]);
  });

  test('that the list no longer has goes on holding', () => {
    expect(appendPrices([price(3)], [], DAY)).toEqual([]);
  });

  test.each([
    ['a longer prompt', { contextThresholdTokens: 200_000 }],
    ['a geographic call, which took the regional price', { route: 'geo' }],
  ])('of %s does not reach into the past, where another price answered', (_case, more) => {
    expect(starts(appendPrices([price(3)], [price(4, { ...more, effectiveFrom: '2026-11-01' })], DAY))).toEqual([[4, DAY]]);
  });

  test.each([
    ['every Region', price(3, { region: '*' })],
    ['the geography', price(3, { region: 'us', route: 'geo' })],
  ])('of one Region does not reach into the past, where that of %s answered', (_case, known) => {
    expect(starts(appendPrices([known], [price(4, { effectiveFrom: '2026-11-01' })], DAY))).toEqual([[4, DAY]]);
  });

  test.each([
    ['another Region', { region: 'eu-west-1' }],
    ['global calls', { route: 'global' }],
    ['another tier', { tier: 'batch' }],
    ['another kind of token', { tokenType: 'output' }],
  ])('of %s is something new', (_case, more) => {
    expect(starts(appendPrices([price(3)], [price(4, { ...more, effectiveFrom: '2026-11-01' })], DAY))).toEqual([[4, '2026-11-01']]);
  });
});

describe('the history', () => {
  const SHIPPED = readFileSync(join(__dirname, '../../lib/price-book/data/price-snapshot.json'), 'utf8');

  test('keeps every price of the shipped snapshot', () => {
    const { entries } = PriceBook.fromJson(SHIPPED);
    expect(readHistory([historyText(appendPrices([], entries, DAY))])).toEqual(entries);
  });

  test('has the first row where two runs at the same time have written one each', () => {
    const [one, other] = [price(4, { effectiveFrom: DAY }), price(5, { effectiveFrom: DAY })];
    expect(readHistory([historyText([price(3), one]), historyText([other])]).map(({ usd }) => usd)).toEqual([3, 4]);
  });

  test('of no file has no price', () => {
    expect(readHistory([])).toEqual([]);
    expect(bookOf([]).entries).toEqual([]);
  });

  test.each([
    ['{"model":"m.one"', 'a row of the price history has 1 problem:\n  - it is not JSON'],
    ['7', 'a row of the price history has 1 problem:\n  - it is 7, allowed is an object with the fields of a price'],
  ])('fails when a row of it is no object: %s', (row, problem) => {
    expect(() => readHistory([historyText([price(3)]) + row])).toThrow(problem);
  });

  test('fails when a row of it is no price, naming it', () => {
    expect(() => readHistory(['{"model":"m.one","token_type":"input","usd":-1}\n'])).toThrow('entries[0]: usd is -1');
  });
});
