import { ValidationError } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** The literal-string brand of the CDK's error codes, which the CDK itself does not export. */
type ErrorCode = ConstructorParameters<typeof ValidationError>[0];

/**
 * Makes the CDK's own validation error, with a PascalCase code that users may look for.
 *
 * `ValidationError` is public in the CDK while the tag that makes its codes is not: this is the one place that bridges that.
 *
 * @param code PascalCase code, part of the public contract
 * @param message lower case: what was given, what is allowed, what to change
 * @param scope the construct that was given the bad input
 */
export function validationError(code: string, message: string, scope: IConstruct): ValidationError {
  return new ValidationError(code as ErrorCode, message, scope);
}

/** Throws one error that lists every problem of an object, or returns when there is none. */
export function throwProblems(code: string, subject: string, problems: string[], scope: IConstruct): void {
  if (problems.length === 0) return;
  const list = problems.map(problem => `\n  - ${problem}`).join('');
  throw validationError(code, `${subject} has ${problems.length} problem${problems.length === 1 ? '' : 's'}:${list}`, scope);
}
