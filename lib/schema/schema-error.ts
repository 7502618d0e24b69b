import type { Problem } from './problem';

/** jsii takes no built-in class as the base of an exported one, but leaves out a base that is not exported. */
abstract class BaseError extends Error {}

/**
 * Thrown when a schema or its lock cannot be used; carries all the problems that were found, not only the first.
 *
 * Left out of the bindings for other languages, where errors have no classes: there its message says everything.
 *
 * @internal
 */
export class SchemaError extends BaseError {
  /** Everything that is wrong, in the order of the input. */
  public readonly problems: Problem[];

  /**
   * @param subject what was looked at, such as `the attribution schema`
   * @param problems everything that is wrong with it, at least one
   */
  public constructor(subject: string, problems: Problem[]) {
    super(`${subject} has ${problems.length} problem${problems.length === 1 ? '' : 's'}:${problems.map(({ message }) => `\n  - ${message}`).join('')}`);
    this.name = 'SchemaError';
    this.problems = [...problems];
  }
}
