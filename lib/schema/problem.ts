/**
 * One thing that is wrong with an input: what was given, what is allowed, and what to change.
 */
export interface Problem {
  /** Stable camelCase code of the rule that was broken. */
  readonly code: string;

  /** Where the problem stands, such as `keys[2].pattern` or `requestMetadata.team`. */
  readonly path: string;

  /** What was given, as JSON text. */
  readonly got: string;

  /** What is allowed there, in words. */
  readonly allowed: string;

  /** What to change. */
  readonly remedy: string;

  /** All of the above as one sentence. */
  readonly message: string;
}
