import type { Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import type { RefreshOptions } from './refreshed-value';

/** Longest that AbortSignal.timeout can wait. */
const LONGEST_SECONDS = 2 ** 31 / 1000 - 1;

const PATH = /^(\/[a-zA-Z0-9_.-]+)+$/;
const PARAMETER_ARN = /^arn:[a-z0-9-]+:ssm:[a-z0-9-]+:\d{12}:parameter(\/[a-zA-Z0-9_.-]+)+$/;

/** What is wrong with the times of refreshing. */
export function refreshProblems({ ttlSeconds, timeoutSeconds }: RefreshOptions): Problem[] {
  return Object.entries({ ttlSeconds, timeoutSeconds }).flatMap(([path, seconds]) => {
    if (seconds === undefined || (seconds > 0 && seconds <= LONGEST_SECONDS)) return [];
    const allowed = `seconds, more than 0 and up to ${Math.floor(LONGEST_SECONDS)}`;
    return [newProblem({ code: 'seconds', path, got: Number.isFinite(seconds) ? seconds : String(seconds), allowed, remedy: 'choose such a number, or leave it out' })];
  });
}

/** What is wrong with the name of a parameter, which an option gives: those that others share are named by their ARNs. */
export function parameterNameProblems(name: string, option = 'parameterName'): Problem[] {
  if (PATH.test(name) || PARAMETER_ARN.test(name)) return [];
  const allowed = 'a path like /company/name of ASCII letters, digits, _ . - and /, or the ARN of a parameter';
  return [newProblem({ code: 'parameterName', path: option, got: name, allowed, remedy: 'give the parameterName of the construct' })];
}

/** What is wrong with the path that parameters are read from. */
export function parameterPathProblems(path: string): Problem[] {
  if (PATH.test(path)) return [];
  const allowed = 'a path like /company/profiles of ASCII letters, digits, _ . - and /, without a slash at its end';
  return [newProblem({ code: 'parameterPath', path: 'parameterPath', got: path, allowed, remedy: 'give the names of the parameters without their last level' })];
}
