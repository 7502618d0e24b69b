import { type Duration, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ModelAliases, PriceBook } from '../price-book';
import { throwProblems } from '../private/errors';
import { deployedWith } from '../private/outermost-stack';
import type { ILedgerStore } from './ledger-store';

/** What is checked about a price refresher. */
export interface PriceRefresherToValidate {
  readonly store: ILedgerStore;
  readonly regions: string[];
  readonly schedule: Duration;
  readonly overrides?: string;
  readonly modelAliases?: string;
  readonly priceListUrl: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Bytes of both texts together, as strings in JSON. CloudFormation hands them to the function in one asynchronous event, and at an update
 * the former ones beside them: two times as much stays below 256 KB, the smallest limit that such events have had.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (read 2026-11-21)
 */
const LARGEST_TEXTS = 100_000;

/** Throws when the refresher could not work, or could not mean anything. */
export function validatePriceRefresher(
  given: PriceRefresherToValidate, scope: IConstruct, isRefresher: (construct: IConstruct) => boolean,
): void {
  throwProblems('InvalidPriceRefresher', 'the price refresher', [
    ...placeProblems(given.store, scope),
    ...regionProblems(given.regions),
    ...scheduleProblems(given.schedule),
    ...fileProblems('overrides', given.overrides, text => PriceBook.fromJson(text)),
    ...fileProblems('modelAliases', given.modelAliases, text => ModelAliases.fromJson(text)),
    ...sizeProblems(given),
    ...urlProblems(given.priceListUrl),
    ...deployedWith(scope, isRefresher).map(other =>
      `${other.node.path} refreshes prices from the same stack, and both measure under its name; keep one of the two, with the Regions of both`),
  ], scope);
}

function placeProblems(store: ILedgerStore, scope: IConstruct): string[] {
  const { account } = Stack.of(scope);
  if (Token.compareStrings(store.env.account, account) !== TokenComparison.DIFFERENT) return [];
  return [`the store is in account ${JSON.stringify(store.env.account)} and the refresher in ${JSON.stringify(account)}; `
    + 'prices are the same for all accounts, so put it into the account of the store'];
}

function regionProblems(regions: string[]): string[] {
  if (Token.isUnresolved(regions)) return [];
  return [
    ...regions.length === 0 ? ['regions is empty: name the Regions in which models are called'] : [],
    ...regions.flatMap((region, index) => [
      ...Token.isUnresolved(region) || /^[a-z]{2,4}(-[a-z]+)+-\d+$/.test(region) ? [] : [
        `regions[${index}] is ${JSON.stringify(region)}: use the code of a Region, such as us-east-1`,
      ],
      ...regions.indexOf(region) === index ? [] : [`regions has ${JSON.stringify(region)} twice: keep one`],
    ]),
  ];
}

function scheduleProblems(schedule: Duration): string[] {
  if (schedule.isUnresolved()) return [];
  const milliseconds = schedule.toMilliseconds();
  return milliseconds >= HOUR_MS && milliseconds <= DAY_MS && milliseconds % 60_000 === 0
    ? [] : [`schedule is ${schedule.toHumanString()}: use whole minutes, from an hour to a day`];
}

function fileProblems(what: string, text: string | undefined, read: (text: string) => unknown): string[] {
  if (text === undefined || Token.isUnresolved(text)) return [];
  try {
    read(text);
    return [];
  } catch (error) {
    return [`${what} cannot be used: ${(error as Error).message}`];
  }
}

function sizeProblems({ overrides = '', modelAliases = '' }: PriceRefresherToValidate): string[] {
  const [prices, aliases] = [overrides, modelAliases].map(text => Token.isUnresolved(text) ? 0 : Buffer.byteLength(JSON.stringify(text)));
  return prices + aliases <= LARGEST_TEXTS ? [] : [
    `overrides and modelAliases take ${prices + aliases} bytes as strings in JSON: use at most ${LARGEST_TEXTS}; leave out indentation, `
    + 'and give discounts in place of many prices',
  ];
}

function urlProblems(url: string): string[] {
  if (Token.isUnresolved(url) || /^https?:\/\/[^/?#]+(\/[^/?#]+)*$/.test(url)) return [];
  return [`priceListUrl is ${JSON.stringify(url)}: use the address of the folder with the service codes, without a slash at the end`];
}
