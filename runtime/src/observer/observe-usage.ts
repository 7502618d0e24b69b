import type { CallUsage } from './call-usage';
import { newObserver, type UsageObserver } from './observer-middleware';

/**
 * Hears of each call once it has ended, before the caller goes on: what takes long belongs elsewhere. What it throws or rejects is
 * printed once as a warning of the process, and never reaches the caller.
 */
export type UsageListener = (usage: CallUsage) => void;

/** How calls are observed. */
export interface UsageObserverOptions {
  /**
   * Milliseconds since any moment, by which durations are measured.
   *
   * @default performance.now
   */
  readonly clock?: () => number;
}

/**
 * Reports who used what: each call of Converse, ConverseStream, InvokeModel and InvokeModelWithResponseStream, with the tokens that the
 * service counted and the request metadata that was sent.
 *
 * The calls themselves stay as they are: answers, errors and streams, their pace too. A stream is reported when it ends or when its
 * consumer leaves it, by the first loop over it; a stream that nobody consumes is never reported.
 *
 * @param listener hears of each call
 */
export function observeUsage(listener: UsageListener, options: UsageObserverOptions = {}): UsageObserver {
  return newObserver({ begin: () => ({ ended: listener }), clock: options.clock ?? (() => performance.now()) });
}
