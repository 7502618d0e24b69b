import { S3Client } from '@aws-sdk/client-s3';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { ModelAliases, PriceBook } from '../../../price-book';
import { answer, type Outcome, sendByHttp, type SendAnswer } from '../../../private/handlers/answer-cloudformation.lambda-shared';
import { STACK_DIMENSION } from '../../../private/handlers/constants';
import { embeddedMetrics } from '../../../private/handlers/embedded-metrics.lambda-shared';
import { messageOf } from '../../../private/handlers/passing-errors.lambda-shared';
import { CLIENT_OPTIONS, logLine, REAL_TIME } from '../../../private/handlers/real-world.lambda-shared';
import type { Timing } from '../../../private/handlers/retry.lambda-shared';
import {
  NOTHING_GIVEN, PRICE_KEYS, PRICE_METRICS, PRICE_READ_BUDGET_SECONDS, PRICE_REFRESHER_PROPERTIES, PRICE_REFRESHER_VARIABLES,
} from './constants';
import { priceStore, type PriceStore } from './price-store.lambda-shared';
import { type RefreshReport, refreshPrices } from './refresh-prices.lambda-shared';

/** The world around the price refresher. */
export interface PriceRefresherWorld {
  readonly s3: S3Client;
  /** The environment variables of the function. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly timing: Timing;
  readonly send: SendAnswer;
  readonly log: (entry: object) => void;
}

/** What the function is called with: a request of CloudFormation, or whatever the schedule sends. */
export type PriceRefresherEvent = CloudFormationCustomResourceEvent | object;

/** Makes the function that refreshes the price book, for a stack and on a schedule, for the world that it is to act in. */
export function createPriceRefresher(world: PriceRefresherWorld): (event: PriceRefresherEvent) => Promise<void> {
  return async event => {
    if (!('RequestType' in event)) {
      await refresh(world, storeOf(world, false));
      return;
    }
    const { RequestType, StackId, LogicalResourceId, RequestId } = event;
    world.log({ message: 'request', RequestType, StackId, LogicalResourceId, RequestId });
    const outcome = await dispatch(world, event);
    world.log({ message: 'outcome', RequestId, ...outcome });
    await answer(event, outcome, world.send, world.timing);
  };
}

async function dispatch(world: PriceRefresherWorld, event: CloudFormationCustomResourceEvent): Promise<Outcome> {
  // the same for every resource of a stack: a changed id would have CloudFormation delete what the update has just made
  const physicalResourceId = event.RequestType === 'Create' ? `price-book-of-${event.StackId.split('/')[1]}` : event.PhysicalResourceId;
  try {
    return { status: 'SUCCESS', physicalResourceId, reason: await put(world, event) };
  } catch (error) {
    return { status: 'FAILED', physicalResourceId, reason: messageOf(error) };
  }
}

/** Takes what the user gave, and refreshes. A price list that cannot be read fails no deployment: there are the shipped prices. */
async function put(world: PriceRefresherWorld, event: CloudFormationCustomResourceEvent): Promise<string> {
  if (event.RequestType === 'Delete') return 'The prices stay where they are.';
  const given = event.ResourceProperties as Readonly<Record<string, string | undefined>>;
  const overrides = given[PRICE_REFRESHER_PROPERTIES.overrides] ?? NOTHING_GIVEN;
  const modelAliases = given[PRICE_REFRESHER_PROPERTIES.modelAliases] ?? NOTHING_GIVEN;
  // before they are written: synthesis has not seen what is known at deployment only, and no later refresh could use it
  PriceBook.fromJson(overrides);
  ModelAliases.fromJson(modelAliases);
  const store = storeOf(world, true);
  await store.write(PRICE_KEYS.overrides, overrides);
  await store.write(PRICE_KEYS.modelAliases, modelAliases);
  const report = await refresh(world, store);
  return [
    `${report.prices} prices, of which ${report.seeded} were shipped and ${report.appended} are new from the price list.`,
    ...report.failures.map(failure => `Not read: ${failure}.`),
    ...report.regionsWithoutPrices.map(region => `There is no price list for ${region}.`),
    ...report.unusedDiscounts.map(discount => `This discount is of no price: ${discount}.`),
  ].join(' ');
}

/** Refreshes, and says and measures what came of it. */
async function refresh({ variables, timing, log }: PriceRefresherWorld, store: PriceStore): Promise<RefreshReport> {
  const report = await refreshPrices(store, {
    url: variables[PRICE_REFRESHER_VARIABLES.priceListUrl] ?? '',
    regions: (variables[PRICE_REFRESHER_VARIABLES.regions] ?? '').split(','),
    timing,
    deadline: timing.now() + PRICE_READ_BUDGET_SECONDS * 1000,
  });
  log({ message: 'refreshed', ...report });
  log(embeddedMetrics({ [STACK_DIMENSION]: variables[PRICE_REFRESHER_VARIABLES.stackName] ?? '' }, {
    // of files that were not read, it is not known: an alarm that is on stays on
    ...report.failures.length > 0 && report.unknown === 0 ? {} : { [PRICE_METRICS.unknown]: { value: report.unknown, unit: 'Count' } },
    [PRICE_METRICS.failed]: { value: report.failures.length, unit: 'Count' },
    [PRICE_METRICS.appended]: { value: report.appended, unit: 'Count' },
  }, timing.now()));
  return report;
}

function storeOf({ s3, variables, timing }: PriceRefresherWorld, awaitsRights: boolean): PriceStore {
  return priceStore(s3, variables[PRICE_REFRESHER_VARIABLES.bucket] ?? '', { timing, awaitsRights });
}

/** The entry point of the Lambda function. */
export const handler = createPriceRefresher({
  s3: new S3Client(CLIENT_OPTIONS),
  variables: process.env,
  timing: REAL_TIME,
  send: sendByHttp,
  log: logLine,
});
