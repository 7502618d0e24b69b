import { passesByItself } from '../../private/handlers/passing-errors.lambda-shared';
import { retry, type Timing } from '../../private/handlers/retry.lambda-shared';

/** How a function waits for the services that it calls. */
export interface Patience {
  readonly timing: Timing;
  /** When no failed call is repeated any more, in milliseconds. */
  readonly deadline: number;
  /** Whether a missing right may be on its way, as it is while a stack is created. */
  readonly awaitsRights: boolean;
}

/** A call was repeated for as long as it is worth it. */
export class GaveUpError extends Error {
  /** What the call failed with in the end is the cause. */
  public constructor(cause: Error, attempts: number, elapsedMs: number) {
    super(`${cause.message} (given up after ${attempts} attempts in ${Math.round(elapsedMs / 1000)} s)`, { cause });
  }
}

/** Repeats a call while it fails with what passes by itself. */
export async function patiently<T>({ timing, deadline, awaitsRights }: Patience, operation: () => Promise<T>): Promise<T> {
  return retry(operation, {
    timing,
    budgetMs: Math.max(0, deadline - timing.now()),
    isRetryable: (error): error is Error => passesByItself(error) || (awaitsRights && lacksRight(error)),
    onGiveUp: (error, attempts, elapsedMs) => Promise.resolve(attempts === 1 ? error : new GaveUpError(error, attempts, elapsedMs)),
  });
}

/** Whether the account may have no hand in cost allocation tags, whatever its rights. */
export function isLinkedAccount(error: unknown): boolean {
  return error instanceof Error && /linked account/i.test(error.message);
}

/** Whether IAM said no. */
export function lacksRight(error: unknown): boolean {
  const original = error instanceof GaveUpError ? error.cause : error;
  return original instanceof Error && original.name === 'AccessDeniedException' && !isLinkedAccount(original);
}
