import { newProblem } from '../schema/new-problem';
import type { Problem } from '../schema/problem';
import type { ActivePlace, LoggingPlace } from './logging-coverage';

/** Thrown when places cannot be compared; carries all the problems that were found, not only the first. */
export class LoggingCoverageError extends Error {
  /** Everything that is wrong, in the order of the input. */
  public readonly problems: Problem[];

  public constructor(problems: Problem[]) {
    super(`the logging coverage has ${problems.length} problem${problems.length === 1 ? '' : 's'}:${problems.map(({ message }) => `\n  - ${message}`).join('')}`);
    this.name = 'LoggingCoverageError';
    this.problems = problems;
  }
}

/** Throws when one of the places is none, or says something of itself that cannot be. */
export function validatePlaces(active: ActivePlace[], logged: LoggingPlace[]): void {
  const problems = [
    ...active.flatMap((place, index) => [...placeProblems(`active[${index}]`, place), ...activityProblems(`active[${index}]`, place)]),
    ...logged.flatMap((place, index) => placeProblems(`logged[${index}]`, place)),
  ];
  if (problems.length > 0) throw new LoggingCoverageError(problems);
}

function placeProblems(path: string, { accountId, region }: LoggingPlace): Problem[] {
  return [
    ...unless(/^\d{12}$/.test(accountId), 'accountId', `${path}.accountId`, accountId, '12 digits', 'write it with its leading zeros'),
    ...unless(/^[a-z0-9-]+$/.test(region), 'region', `${path}.region`, region, 'the code of a Region', 'write it like eu-central-1'),
  ];
}

function activityProblems(path: string, { billedUsd = 0, invocations = 0 }: ActivePlace): Problem[] {
  return [
    ...unless(Number.isFinite(billedUsd), 'billedUsd', `${path}.billedUsd`, String(billedUsd), 'a number of dollars', 'leave it out when it is not known'),
    ...unless(Number.isInteger(invocations) && invocations >= 0, 'invocations', `${path}.invocations`, String(invocations), 'a whole number from 0',
      'leave it out when it is not known'),
  ];
}

function unless(holds: boolean, code: string, path: string, got: unknown, allowed: string, remedy: string): Problem[] {
  return holds ? [] : [newProblem({ code, path, got, allowed, remedy })];
}
