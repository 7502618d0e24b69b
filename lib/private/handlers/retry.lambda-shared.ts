/** Time and chance, so that tests need neither. */
export interface Timing {
  /** Now, in milliseconds. */
  now(): number;
  /** Resolves after so many milliseconds. */
  sleep(milliseconds: number): Promise<void>;
  /** A number from 0 up to, not including, 1. */
  random(): number;
}

/** What is retried, and for how long. */
export interface RetryOptions {
  readonly timing: Timing;
  /** No attempt starts later than so many milliseconds after the first. */
  readonly budgetMs: number;
  readonly isRetryable: (error: unknown) => error is Error;
  /** Turns the last retryable error into the one that is thrown. */
  readonly onGiveUp: (error: Error, attempts: number, elapsedMs: number) => Promise<Error>;
}

const FIRST_DELAY_MS = 2_000;
const LONGEST_DELAY_MS = 20_000;

/** Repeats an operation with growing, jittered pauses until it works, fails for good, or the budget is spent. */
export async function retry<T>(operation: () => Promise<T>, options: RetryOptions): Promise<T> {
  const started = options.timing.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (!options.isRetryable(error)) throw error;
      const elapsed = options.timing.now() - started;
      const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
      // half fixed, half random: never a burst of attempts, never in step with another stack
      const delay = longest / 2 + options.timing.random() * longest / 2;
      if (elapsed + delay > options.budgetMs) throw await options.onGiveUp(error, attempt, elapsed);
      await options.timing.sleep(delay);
    }
  }
}
