import type { Problem } from '../../../lib/schema';
import { AttributionError } from '../../src';

/** A problem as the tables have it. */
export type ProblemId = Pick<Problem, 'code' | 'path'>;

/** What a case expects that must not go on. */
export interface Refused {
  readonly refused: string;
  readonly error: string;
  readonly problems: readonly ProblemId[];
}

/** Problems by what the tables tell of them, each once, in one order. */
export function byCodeAndPath(problems: readonly ProblemId[]): string[] {
  return [...new Set(problems.map(({ code, path }) => `${code} ${path}`))].sort();
}

/** What a function throws, or the promise that it gives is rejected with; undefined when all goes well. */
export async function thrownBy(fn: () => unknown): Promise<unknown> {
  try {
    await fn();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Holds what was thrown against what a case expects. */
export function expectError(error: unknown, { error: code, problems }: Refused): void {
  if (!AttributionError.is(error)) throw new Error('there was no attribution error', { cause: error });
  expect(error.code).toBe(code);
  expect(byCodeAndPath(error.problems)).toEqual(byCodeAndPath(problems));
}
