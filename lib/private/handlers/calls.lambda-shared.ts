import { isRefusal, messageOf, passesByItself } from './passing-errors.lambda-shared';
import { retry, type Timing } from './retry.lambda-shared';

/** How long to keep trying, and what for. */
export interface Patience {
  readonly timing: Timing;
  /** Milliseconds at which no further attempt starts. */
  readonly deadline: number;
  /** Whether a refusal is tried again, too; none is unless it is said. */
  readonly isRetryable?: (error: unknown) => boolean;
}

/** A call came to nothing; the cause is what the service said. */
export class CallError extends Error {
  public constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'CallError';
  }
}

/**
 * Makes a call, and makes it again while it fails for a reason that passes. A refusal says which permission the call takes.
 *
 * @param action the IAM action, and on what where that is not clear
 */
export async function call<T>(
  action: string, { timing, deadline, isRetryable = () => false }: Patience, operation: () => Promise<T>,
): Promise<T> {
  try {
    return await retry(operation, {
      timing,
      budgetMs: deadline - timing.now(),
      isRetryable: (error): error is Error => passesByItself(error) || isRetryable(error),
      onGiveUp: (error, attempts, elapsedMs) => Promise.resolve(passesByItself(error) ? new CallError(
        `${action}: gave up after ${attempts} attempts in ${Math.round(elapsedMs / 1000)} seconds: ${error.name}: ${error.message}`, error,
      ) : error),
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new CallError(`${action} was refused with ${(error as Error).name}: ${messageOf(error)}`, error);
  }
}

/** Whether a call was refused with an error of one of these names. */
export function isRefusedWith(error: unknown, ...names: string[]): boolean {
  return error instanceof CallError && error.cause instanceof Error && names.includes(error.cause.name);
}
