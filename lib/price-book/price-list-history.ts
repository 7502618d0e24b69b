import { parseObject } from './parse-price-file';
import { PriceBook } from './price-book';
import type { PriceEntry } from './price-entry';
import { pricedThing } from './price-list';
import { priceRow } from './price-row';

const DAY_MS = 86_400_000;

/** A price that starts on some day. */
type Dated = PriceEntry & { readonly effectiveFrom: string };

/**
 * The rows that bring known prices up to what was read: one for each price that is another one than holds.
 *
 * No price of an earlier day changes: a new price holds from the day on which it was seen, or from the later day that the list says. Only
 * where no known price could have answered, it holds from the day that the list says, which may be past. What is no longer in the list goes
 * on holding.
 *
 * @param known all rows so far
 * @param read what was read, in any order, one row for each thing and day
 * @param day the day on which it was read, in UTC, `YYYY-MM-DD`
 */
export function appendPrices(known: readonly PriceEntry[], read: readonly PriceEntry[], day: string): PriceEntry[] {
  const timelines = groupBy(known, pricedThing);
  const relatives = groupBy(known, relation);
  const appended: PriceEntry[] = [];
  for (const [thing, offers] of groupBy(read, pricedThing)) {
    const rivals = (relatives.get(relation(offers[0])) ?? []).filter(entry => overlap(entry, offers[0]));
    const timeline = [...timelines.get(thing) ?? []];
    for (const offer of currentAndFuture(offers, day)) {
      const wanted = rivals.length === 0 ? offer.effectiveFrom : later(offer.effectiveFrom, day);
      const taken = wanted === undefined ? [] : rowsInARow(timeline, wanted);
      if ([holding(timeline, wanted ?? day), ...taken].some(entry => isSame(entry?.usd, offer.usd))) continue;
      const start = taken.length === 0 ? wanted : nextDay(taken[taken.length - 1].effectiveFrom);
      const entry = { ...offer, ...start === undefined ? {} : { effectiveFrom: start }, retrieved: offer.retrieved ?? day };
      timeline.push(entry);
      appended.push(entry);
    }
  }
  return appended;
}

/** Rows as the files of the history have them: one JSON object a line, in the spelling of price files. */
export function historyText(entries: readonly PriceEntry[]): string {
  return entries.map(entry => `${JSON.stringify(priceRow(entry))}\n`).join('');
}

/**
 * The prices of files of the history. Of two rows for the same thing and day, as two runs at the same time may write, the first one holds.
 *
 * @param texts the files, the oldest first
 * @throws PriceBookError when a row is no price: history that is not understood is not passed over
 */
export function readHistory(texts: readonly string[]): PriceEntry[] {
  const lines = texts.flatMap(text => text.split('\n')).filter(line => line !== '');
  const rows = lines.map(line => parseObject(line, 'a row of the price history', 'the fields of a price'));
  const first = new Map<string, object>();
  for (const row of rows) {
    const key = JSON.stringify([
      row.model, row.region, row.route, row.tier, row.token_type, row.context_threshold_tokens ?? null, row.effective_from ?? null,
    ]);
    if (!first.has(key)) first.set(key, row);
  }
  return PriceBook.fromJson(JSON.stringify({ entries: [...first.values()] })).entries;
}

/** A price book with exactly these prices. */
export function bookOf(entries: readonly PriceEntry[]): PriceBook {
  return PriceBook.fromJson(JSON.stringify({ entries: entries.map(priceRow) }));
}

/** The price that holds today, and those that are announced, in their order. */
function currentAndFuture(offers: readonly PriceEntry[], day: string): PriceEntry[] {
  const inOrder = [...offers].sort((left, right) => compare(left.effectiveFrom ?? '', right.effectiveFrom ?? ''));
  const past = inOrder.filter(({ effectiveFrom = '' }) => effectiveFrom <= day).length;
  return inOrder.slice(Math.max(past - 1, 0));
}

/** The row of a timeline that holds on a day. */
function holding(timeline: readonly PriceEntry[], day: string): PriceEntry | undefined {
  return timeline
    .filter(({ effectiveFrom = '', effectiveTo }) => effectiveFrom <= day && (effectiveTo === undefined || day < effectiveTo))
    .sort((left, right) => compare(left.effectiveFrom ?? '', right.effectiveFrom ?? ''))
    .at(-1);
}

/** The rows that start on a day and on the days right after it: two of the same day would leave no way to say which holds. */
function rowsInARow(timeline: readonly PriceEntry[], day: string): Dated[] {
  const row = timeline.find((entry): entry is Dated => entry.effectiveFrom === day);
  return row === undefined ? [] : [row, ...rowsInARow(timeline, nextDay(day))];
}

function nextDay(day: string): string {
  return new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);
}

function later(effectiveFrom: string | undefined, day: string): string {
  return effectiveFrom !== undefined && effectiveFrom > day ? effectiveFrom : day;
}

/** Prices of the same relation may answer for the same call. */
function relation({ model, tier, tokenType }: PriceEntry): string {
  return JSON.stringify([model, tier, tokenType]);
}

/** Whether there may be a call that both prices are for. A geographic call takes regional prices too, and prices of its geography. */
function overlap(one: PriceEntry, other: PriceEntry): boolean {
  const isGlobal = one.route === 'global';
  return isGlobal === (other.route === 'global')
    && (one.region === other.region || [one, other].some(({ region }) => !/\d$/.test(region)));
}

function isSame(one: number | undefined, other: number): boolean {
  return one !== undefined && Math.abs(one - other) <= 1e-9 * Math.max(Math.abs(one), Math.abs(other));
}

function groupBy(entries: readonly PriceEntry[], keyOf: (entry: PriceEntry) => string): Map<string, PriceEntry[]> {
  const groups = new Map<string, PriceEntry[]>();
  for (const entry of entries) {
    const group = groups.get(keyOf(entry));
    if (group === undefined) groups.set(keyOf(entry), [entry]);
    else group.push(entry);
  }
  return groups;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
