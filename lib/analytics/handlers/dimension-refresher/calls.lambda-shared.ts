import { isRefusal, messageOf, passesByItself } from '../../../private/handlers/passing-errors.lambda-shared';
import { retry, type Timing } from '../../../private/handlers/retry.lambda-shared';

/** How long to keep trying. */
export interface Patience {
  readonly timing: Timing;
  /** Milliseconds at which no further attempt starts. */
  readonly deadline: number;
}

/** Why a part of a refresh came to nothing. */
export class RefreshError extends Error {
  public constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'RefreshError';
  }
}

/**
 * Makes a call, and makes it again while it fails for a reason that passes. A refusal says which permission the call takes.
 *
 * @param action the IAM action
 */
export async function call<T>(action: string, { timing, deadline }: Patience, operation: () => Promise<T>): Promise<T> {
  try {
    return await retry(operation, {
      timing,
      budgetMs: deadline - timing.now(),
      isRetryable: passesByItself,
      onGiveUp: (error, attempts, elapsedMs) => Promise.resolve(new RefreshError(
        `${action}: gave up after ${attempts} attempts in ${Math.round(elapsedMs / 1000)} seconds: ${error.name}: ${error.message}`, error,
      )),
    });
  } catch (error) {
    if (!isRefusal(error) || passesByItself(error)) throw error;
    throw new RefreshError(`${action} was refused with ${(error as Error).name}: ${messageOf(error)}`, error);
  }
}

/** Whether a call was refused with an error of one of these names. */
export function isRefusedWith(error: unknown, ...names: string[]): boolean {
  return error instanceof RefreshError && error.cause instanceof Error && names.includes(error.cause.name);
}

/** A page of a list, and where the next one starts. */
export interface Page<T> {
  readonly entries: readonly T[];
  readonly next?: string;
}

/** What there is on all pages of a list, in its order. */
export async function allPages<T>(readPage: (token: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const entries: T[] = [];
  let token: string | undefined;
  do {
    const page = await readPage(token);
    entries.push(...page.entries);
    token = page.next;
  } while (token !== undefined);
  return entries;
}

/** At most so many calls at a time: more only meets throttling sooner. */
const CALLS_AT_A_TIME = 4;

/** Asks about each of many things, a few at a time; the answers are in the order of the things. Nothing further is asked once one fails. */
export async function askAboutEach<T, R>(things: readonly T[], ask: (thing: T) => Promise<R>): Promise<R[]> {
  const answers = new Array<R>(things.length);
  const queue = things.entries();
  let hasFailed = false;
  const work = async (): Promise<void> => {
    for (const [index, thing] of queue) {
      if (hasFailed) return;
      try {
        answers[index] = await ask(thing);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  // eslint-disable-next-line @cdklabs/promiseall-no-unbounded-parallelism -- a fixed number of workers, which is what limits the calls
  await Promise.all(Array.from({ length: CALLS_AT_A_TIME }, work));
  return answers;
}
