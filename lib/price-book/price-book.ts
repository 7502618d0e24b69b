import { parsePriceFile } from './parse-price-file';
import { PriceBookError } from './price-book-error';
import type { PriceDiscount, PriceEntry, PriceLookup } from './price-entry';
import { priceRow } from './price-row';

/** An entry and the layer it came with: a higher layer wins whatever it says. */
interface Layered {
  readonly entry: PriceEntry;
  readonly precedence: number;
}

/**
 * Dated prices of Bedrock models, with user overrides and discounts on top.
 *
 * A price book never changes: `withOverrides` and `withDiscount` answer with a new one. A price that it does not have is `undefined`,
 * never zero.
 */
export class PriceBook {
  /**
   * Reads a price file: the shipped snapshot, or a user's file of the same format.
   *
   * In a user's file only `model`, `token_type` and `usd` are required of an entry; the region is then every one (`*`), the route
   * `regional`, which geographic calls pay too, and the tier `standard`. A list named `discounts` (`fraction`, `model`, `region`, `route`)
   * takes effect when the book is laid over another one.
   *
   * @param text the file's JSON
   */
  public static fromJson(text: string): PriceBook {
    const file = parsePriceFile(text);
    const days = file.entries.flatMap(entry => entry.retrieved ?? []).sort();
    return new PriceBook(file.entries.map(entry => ({ entry, precedence: 0 })), file.discounts, file.retrieved ?? days.at(-1));
  }

  /** All prices, in the order they were read, overrides last. */
  public readonly entries: PriceEntry[];

  /** Discounts that this book takes off the book it is laid over. */
  public readonly discounts: PriceDiscount[];

  /** Day on which the newest price was read, `YYYY-MM-DD`; undefined when the file does not say. */
  public readonly retrieved?: string;

  private readonly byModel: Map<string, Layered[]>;

  private constructor(private readonly layered: Layered[], discounts: PriceDiscount[], retrieved: string | undefined) {
    this.entries = layered.map(({ entry }) => entry);
    this.discounts = discounts;
    this.retrieved = retrieved;
    this.byModel = new Map();
    for (const item of layered) {
      const sameModel = this.byModel.get(item.entry.model);
      if (sameModel === undefined) this.byModel.set(item.entry.model, [item]);
      else sameModel.push(item);
    }
  }

  /**
   * This book with another one on top: first the other book's discounts are taken off the prices of this one, then its entries win over
   * them, however specific these are.
   *
   * @param overrides the book to lay on top
   */
  public withOverrides(overrides: PriceBook): PriceBook {
    const discounted = this.discountedBy(overrides.discounts);
    const above = 1 + Math.max(0, ...discounted.map(({ precedence }) => precedence));
    const onTop = overrides.layered.map(({ entry, precedence }) => ({ entry, precedence: above + precedence }));
    return new PriceBook([...discounted, ...onTop], this.discounts, this.retrieved);
  }

  /**
   * This book with a part of its prices taken off. Overrides that are laid on top afterwards are not reduced.
   *
   * @param discount what to take off, and of which prices
   */
  public withDiscount(discount: PriceDiscount): PriceBook {
    return new PriceBook(this.discountedBy([discount]), this.discounts, this.retrieved);
  }

  /**
   * The price of a call at the time it was made, or undefined when the book has none.
   *
   * Among the entries that apply, the first of these decides: the higher override; a long-context price that the prompt is long enough
   * for; the call's own Region, then its geography, then `*`; the call's own route; the later start. A geographic call falls back to
   * regional prices, because AWS bills it at those; a global call never does.
   *
   * @param lookup the call
   */
  public price(lookup: PriceLookup): PriceEntry | undefined {
    const day = dayOf(lookup.at);
    let best: Layered | undefined;
    for (const item of this.byModel.get(lookup.model) ?? []) {
      if (applies(item.entry, lookup, day) && (best === undefined || isBetter(item, best, lookup))) best = item;
    }
    return best?.entry;
  }

  /**
   * The rows of the SQL table `price_book`, one JSON object a line: `model, region, route, tier, token_type, unit, usd,
   * context_threshold_tokens, effective_from, effective_to, source, retrieved, confidence, precedence` (a higher precedence wins).
   */
  public toNdjson(): string {
    return this.layered.map(({ entry, precedence }) => `${JSON.stringify({ ...priceRow(entry), precedence })}\n`).join('');
  }

  private discountedBy(discounts: PriceDiscount[]): Layered[] {
    const problems = discounts.flatMap(discount => problemsOf(discount, this.entries));
    if (problems.length > 0) throw new PriceBookError('the discount', problems);
    return discounts.reduce((layered, discount) => layered.map(({ entry, precedence }) => ({
      entry: covers(discount, entry) ? { ...entry, usd: reduced(entry.usd, discount.fraction) } : entry,
      precedence,
    })), this.layered);
  }
}

/** The UTC day of a date-time, on every machine the same: without an offset, JavaScript takes it for local time. */
function dayOf(at: string): string {
  const time = Date.parse(/T[\d:.]+$/.test(at) ? `${at}Z` : at);
  if (Number.isNaN(time)) throw new PriceBookError('the lookup', [`at is ${JSON.stringify(at)}, allowed is an ISO 8601 date-time such as 2026-10-01T12:00:00Z`]);
  return new Date(time).toISOString().slice(0, 10);
}

function applies(entry: PriceEntry, call: PriceLookup, day: string): boolean {
  return entry.tokenType === call.tokenType
    && entry.tier === (call.tier ?? 'standard')
    && (entry.route === call.route || (call.route === 'geo' && entry.route === 'regional'))
    && (entry.region === '*' || entry.region === call.region || (entry.route === 'geo' && entry.region === call.geography))
    && (entry.effectiveFrom === undefined || entry.effectiveFrom <= day)
    && (entry.effectiveTo === undefined || day < entry.effectiveTo)
    && (entry.contextThresholdTokens === undefined || (call.promptTokens ?? 0) > entry.contextThresholdTokens);
}

/** Higher is more specific, the first number that differs decides. */
function specificity({ entry, precedence }: Layered, call: PriceLookup): number[] {
  const place = entry.region === call.region ? 2 : entry.region === '*' ? 0 : 1;
  return [precedence, entry.contextThresholdTokens ?? 0, place, entry.route === call.route ? 1 : 0, Date.parse(entry.effectiveFrom ?? '0001-01-01')];
}

function isBetter(challenger: Layered, holder: Layered, call: PriceLookup): boolean {
  const [left, right] = [specificity(challenger, call), specificity(holder, call)];
  const decisive = left.findIndex((value, index) => value !== right[index]);
  return decisive >= 0 && left[decisive] > right[decisive];
}

function covers(discount: PriceDiscount, entry: PriceEntry): boolean {
  return (discount.model ?? entry.model) === entry.model
    && (discount.region ?? entry.region) === entry.region
    && (discount.route ?? entry.route) === entry.route;
}

function problemsOf(discount: PriceDiscount, entries: PriceEntry[]): string[] {
  if (!(discount.fraction >= 0 && discount.fraction <= 1)) return [`fraction is ${JSON.stringify(discount.fraction)}, allowed is a number from 0 to 1`];
  if (entries.some(entry => covers(discount, entry))) return [];
  return [`it matches no price: ${JSON.stringify(discount)}; check the spelling of model, region and route`];
}

/** Twelve digits: the tenth part of 3.3 shall read 0.33, not 0.33000000000000007. */
function reduced(usd: number, fraction: number): number {
  return Number((usd * (1 - fraction)).toPrecision(12));
}
