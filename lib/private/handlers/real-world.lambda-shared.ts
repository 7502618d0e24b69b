import type { Timing } from './retry.lambda-shared';

/**
 * Options of every SDK client: a service that does not answer must not use up the time of the function. Without the last option the SDK
 * only warns of a request that takes too long, and waits on.
 */
export const CLIENT_OPTIONS = { requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000, throwOnRequestTimeout: true } };

/** Time and chance as they are. */
export const REAL_TIME: Timing = {
  now: Date.now,
  sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
  random: Math.random,
};

/** Writes one line of JSON to the log of the function. */
export function logLine(entry: object): void {
  console.log(JSON.stringify(entry));
}
