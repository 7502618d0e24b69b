import type { Problem } from './problem';

/**
 * Thrown when a schema or its lock cannot be used; carries all the problems that were found, not only the first.
 *
 * Internal to jsii only because no exported class may extend a built-in one there; other languages see its message.
 *
 * @internal
 */
export class SchemaError extends Error {
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
