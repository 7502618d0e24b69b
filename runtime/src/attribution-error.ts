import type { Problem } from '../../lib/schema';

/** What an attribution error is about. */
export type AttributionErrorCode =
  /** The schema itself cannot be used. */
  | 'InvalidSchema'
  /** What a client, a router or a credential source was made with is wrong: thrown at start. */
  | 'InvalidConfiguration'
  /** The values of one call are wrong, and the policy is to throw. */
  | 'InvalidCallAttribution'
  /** A call site sent request metadata of its own, which was to be refused. */
  | 'CallerMetadataRefused'
  /** A model was called without the application inference profile that it needs. */
  | 'BareModelRefused'
  /** A tenant cannot be told, or has values that must not be sent. */
  | 'InvalidTenant'
  /** The project is not there, is archived, or belongs to somebody else. */
  | 'InvalidProject';

/**
 * Thrown when something about attribution is wrong; carries all the problems that were found, not only the first.
 */
export class AttributionError extends Error {
  /**
   * Whether a value is such an error, whichever copy of this package has made it: CommonJS and ES modules have one each.
   */
  public static is(value: unknown): value is AttributionError {
    return value instanceof Error && value.name === 'AttributionError' && 'problems' in value;
  }

  /** What the error is about. */
  public readonly code: AttributionErrorCode;

  /** Everything that is wrong: what was given, what is allowed, and what to change. */
  public readonly problems: readonly Problem[];

  /**
   * @param code what the error is about
   * @param subject what was looked at, such as `the attribution of the client`
   * @param problems everything that is wrong with it, at least one
   * @param options such as the `cause`
   */
  public constructor(code: AttributionErrorCode, subject: string, problems: readonly Problem[], options?: ErrorOptions) {
    super(`${subject} has ${problems.length} problem${problems.length === 1 ? '' : 's'}:${problems.map(({ message }) => `\n  - ${message}`).join('')}`, options);
    this.name = 'AttributionError';
    this.code = code;
    this.problems = [...problems];
  }
}
