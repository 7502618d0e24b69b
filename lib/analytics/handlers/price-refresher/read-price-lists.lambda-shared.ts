import type { ModelAliases } from '../../../price-book';
import { mergePriceLists, type ParsedPriceList, parsePriceList, PRICE_LIST_CODES } from '../../../price-book/price-list';
import { messageOf } from '../../../private/handlers/passing-errors.lambda-shared';
import { retry, type Timing } from '../../../private/handlers/retry.lambda-shared';

/** What is read, and how long. */
export interface PriceListReading {
  /** Where the service codes are, without a slash at the end. */
  readonly url: string;
  readonly regions: readonly string[];
  readonly aliases: ModelAliases;
  readonly timing: Timing;
  /** When no file is asked for any more, in milliseconds. */
  readonly deadline: number;
}

/** What the files say. */
export interface PriceLists extends ParsedPriceList {
  /** Files that could not be read, and why. */
  readonly failures: string[];
  /** Regions for which no service code has a file. */
  readonly regionsWithoutPrices: string[];
}

/** A file could not be read. */
class PriceListError extends Error {
  public constructor(message: string, readonly passes: boolean) {
    super(message);
  }
}

type RegionIndex = Readonly<Record<string, { readonly currentVersionUrl?: unknown } | undefined>>;

const FILE_BUDGET_MS = 60_000;
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Reads the files of all service codes and Regions, one after the other: each takes several megabytes. A file that cannot be read costs
 * nothing but itself. The index of a service code says which Regions have a file; one that is not in it has no price, which is no failure.
 *
 * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html
 */
export async function readPriceLists(reading: PriceListReading): Promise<PriceLists> {
  const lists: ParsedPriceList[] = [];
  const failures: string[] = [];
  const found = new Set<string>();
  for (const code of PRICE_LIST_CODES) {
    const index = await attempt(failures, `${code} of all Regions`, () => readIndex(reading, code));
    for (const region of reading.regions.filter(name => index === undefined || index[name] !== undefined)) {
      found.add(region);
      if (index === undefined) continue;
      const list = await attempt(failures, `${code} of ${region}`, async () =>
        parsePriceList(await readJson(reading, fileUrl(reading.url, code, region, index)), reading.aliases));
      if (list !== undefined) lists.push(list);
    }
  }
  return { ...mergePriceLists(lists), failures, regionsWithoutPrices: reading.regions.filter(region => !found.has(region)) };
}

async function attempt<T>(failures: string[], what: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    failures.push(`${what}: ${messageOf(error)}`);
    return undefined;
  }
}

async function readIndex(reading: PriceListReading, code: string): Promise<RegionIndex> {
  const url = `${reading.url}/${code}/current/region_index.json`;
  const index = await readJson(reading, url);
  const regions = typeof index === 'object' && index !== null && 'regions' in index ? index.regions : undefined;
  if (typeof regions !== 'object' || regions === null) throw new PriceListError(`${url} has no regions`, false);
  return regions as RegionIndex;
}

/** The index has paths from the root of the host of AWS. A copy may be elsewhere on its host: there they hold from the service code on. */
function fileUrl(url: string, code: string, region: string, index: RegionIndex): string {
  const file = index[region]?.currentVersionUrl;
  const start = typeof file === 'string' ? file.indexOf(`/${code}/`) : -1;
  return typeof file === 'string' && start >= 0 ? url + file.slice(start) : `${url}/${code}/current/${region}/index.json`;
}

function readJson({ timing, deadline }: PriceListReading, url: string): Promise<unknown> {
  const budgetMs = Math.min(FILE_BUDGET_MS, deadline - timing.now());
  if (budgetMs <= 0) return Promise.reject(new PriceListError('there was no time left to read it', false));
  return retry(() => requestJson(url), {
    timing,
    budgetMs,
    isRetryable: (error): error is Error => error instanceof PriceListError && error.passes,
    onGiveUp: (error, attempts) => Promise.resolve(new PriceListError(`${error.message} (${attempts} attempts)`, false)),
  });
}

async function requestJson(url: string): Promise<unknown> {
  let text: string;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    if (!response.ok) throw new PriceListError(`${url} answered with HTTP status ${response.status}`, response.status === 429 || response.status >= 500);
    text = await response.text();
  } catch (error) {
    throw error instanceof PriceListError ? error : new PriceListError(`${url} did not answer: ${causeOf(error)}`, true);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new PriceListError(`${url} is not JSON, or not all of it came`, true);
  }
}

/** What is behind an error of `fetch`, which itself says no more than that it failed. */
function causeOf(error: unknown): string {
  return messageOf(error instanceof Error ? error.cause ?? error : error);
}
