import { passesByItself } from '../../private/handlers/passing-errors.lambda-shared';
import { retry, type Timing } from '../../private/handlers/retry.lambda-shared';
import type { LoggingApi } from './logging-api.lambda-shared';
import { isLogGroupCheck, isPermissionCheck, logGroupSentence, possibleCauses } from './messages.lambda-shared';

/** How the handlers wait for the service. */
export interface Patience {
  readonly timing: Timing;
  readonly budgetMs: number;
  readonly api: Pick<LoggingApi, 'hasLogGroup'>;
}

/** The service kept refusing for longer than it is worth waiting. */
class GaveUpError extends Error {}

/**
 * Repeats an operation while it fails with what passes by itself, and says what else the failure may mean when it does not pass.
 *
 * @param logGroup name of the log group that the operation hands to the service, if it does
 */
export async function patiently<T>(patience: Patience, operation: () => Promise<T>, logGroup?: string): Promise<T> {
  return retry(operation, {
    timing: patience.timing,
    budgetMs: patience.budgetMs,
    isRetryable,
    onGiveUp: async (error, attempts, elapsedMs) => new GaveUpError(
      `gave up after ${attempts} attempts in ${Math.round(elapsedMs / 1000)} s: ${error.message}${await explain(patience.api, error, logGroup)}`,
    ),
  });
}

/** Errors that pass by themselves; so do policies that have not yet reached every host. */
function isRetryable(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error.name === 'ValidationException') return isPermissionCheck(error);
  return ['TooManyUpdates', 'AccessDeniedException'].includes(error.name) || passesByItself(error);
}

/** The service words several mistakes alike; the reader has to be told which. */
async function explain(api: Patience['api'], error: Error, logGroup?: string): Promise<string> {
  if (logGroup === undefined || !isLogGroupCheck(error)) return possibleCauses(error);
  return ` ${logGroupSentence(logGroup, await lookFor(api, logGroup))}${possibleCauses(error)}`;
}

/** @returns undefined when it cannot be found out */
async function lookFor(api: Patience['api'], logGroup: string): Promise<boolean | undefined> {
  try {
    return await api.hasLogGroup(logGroup);
  } catch {
    return undefined;
  }
}
