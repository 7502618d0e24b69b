import { ModelAliases, PriceBook, type PriceEntry } from '../../../price-book';
import shippedAliases from '../../../price-book/data/model-aliases.json';
import shippedPrices from '../../../price-book/data/price-snapshot.json';
import { pricedThing } from '../../../price-book/price-list';
import { appendPrices, bookOf, historyText, readHistory } from '../../../price-book/price-list-history';
import type { Timing } from '../../../private/handlers/retry.lambda-shared';
import { NOTHING_GIVEN, PRICE_KEYS, PRICE_LIST_FOLDER } from './constants';
import type { PriceStore } from './price-store.lambda-shared';
import { type PriceListReading, type PriceLists, readPriceLists } from './read-price-lists.lambda-shared';

/** What came of a refresh. */
export interface RefreshReport {
  /** Prices in the table. */
  readonly prices: number;
  /** Prices that the shipped snapshot has given. */
  readonly seeded: number;
  /** Prices that the price list has given. */
  readonly appended: number;
  /** Products that count tokens and could not be understood. */
  readonly unknown: number;
  /** Files that could not be read, and why. */
  readonly failures: string[];
  /** Regions for which there is no price list. */
  readonly regionsWithoutPrices: string[];
  /** Discounts of the user that are of no price. */
  readonly unusedDiscounts: string[];
}

/** The rows that bring the known ones up to date, on a day. */
type RowsToAdd = (known: readonly PriceEntry[], day: string) => PriceEntry[];

/** What an update of the price book came to. */
interface Update {
  readonly added: number;
  readonly prices: number;
  readonly unusedDiscounts: string[];
}

/** Prices that came from the price list are kept up to date by it, not by a newer snapshot. */
const FROM_PRICE_LIST = /^AWS Price List [A-Za-z]+ \d/;

/**
 * Brings the tables `price_book` and `model_aliases` up to date.
 *
 * First comes what the release has shipped, so that there are prices even where no price list can be read; a newer release adds what its
 * snapshot has changed, from the day on. The history is only ever added to, and the table is made from all of it.
 */
export async function refreshPrices(store: PriceStore, reading: Omit<PriceListReading, 'aliases'>): Promise<RefreshReport> {
  const { timing } = reading;
  const given = ModelAliases.fromJson(await store.read(PRICE_KEYS.modelAliases) ?? NOTHING_GIVEN);
  const aliases = ModelAliases.fromJson(JSON.stringify(shippedAliases)).withOverrides(given);
  await store.write(PRICE_KEYS.aliasTable, aliases.toNdjson());

  const seeded = await update(store, timing, seedOf);
  const lists = await readPriceLists({ ...reading, aliases });
  const { added, prices, unusedDiscounts } = await update(store, timing, (known, day) => appendPrices(known, lists.entries, day));
  await report(store, lists, today(timing));
  return {
    prices,
    seeded: seeded.added,
    appended: added,
    unknown: lists.unknown.length,
    failures: lists.failures,
    regionsWithoutPrices: lists.regionsWithoutPrices,
    unusedDiscounts,
  };
}

/** What the release has shipped and nobody knows better. */
function seedOf(known: readonly PriceEntry[], day: string): PriceEntry[] {
  const kept = new Set(known.filter(({ source }) => FROM_PRICE_LIST.test(source)).map(pricedThing));
  const shipped = PriceBook.fromJson(JSON.stringify(shippedPrices)).entries;
  return appendPrices(known, shipped.filter(entry => !kept.has(pricedThing(entry))), day);
}

/**
 * Adds to the history, and makes the table from it: the history, less the discounts of the user, under the prices of the user.
 *
 * All of it is read here, and not once for both updates: between them the price list is read, which takes minutes. Meanwhile a deployment
 * may have written something else, or the day may have ended, whose prices are not to change any more.
 */
async function update(store: PriceStore, timing: Timing, rowsToAdd: RowsToAdd): Promise<Update> {
  const known = readHistory(await store.history());
  const day = today(timing);
  const added = rowsToAdd(known, day);
  if (added.length > 0) await store.append(day, historyText(added));

  const given = PriceBook.fromJson(await store.read(PRICE_KEYS.overrides) ?? NOTHING_GIVEN);
  const unusedDiscounts: string[] = [];
  let book = bookOf([...known, ...added]);
  for (const discount of given.discounts) {
    try {
      book = book.withDiscount(discount);
    } catch {
      // a price that the list does not have yet may come tomorrow: no reason to have none of the others
      unusedDiscounts.push(JSON.stringify(discount));
    }
  }
  const table = book.withOverrides(bookOf(given.entries));
  await store.write(PRICE_KEYS.priceBook, table.toNdjson());
  return { added: added.length, prices: table.entries.length, unusedDiscounts };
}

/** Leaves what could not be understood for people to read, and what is nothing for a price book beside it. */
async function report(store: PriceStore, { unknown, others }: PriceLists, day: string): Promise<void> {
  const lines = (rows: readonly object[]): string => rows.map(row => `${JSON.stringify(row)}\n`).join('');
  if (unknown.length > 0) await store.write(`${PRICE_LIST_FOLDER}unknown/${day}.ndjson`, lines(unknown));
  if (others.length > 0) await store.write(PRICE_KEYS.others, lines(others));
}

/** The UTC day. */
function today(timing: Timing): string {
  return new Date(timing.now()).toISOString().slice(0, 10);
}
