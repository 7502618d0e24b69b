/**
 * What becomes of a change of a locked schema.
 */
export enum LockVerdict {
  /** The change is taken; `bca schema lock` writes it into the lock. */
  FINE = 'fine',

  /** The change would break reports or callers: synthesis and `bca schema check` fail. */
  REFUSED = 'refused',
}

/**
 * One kind of change and what becomes of it.
 */
export interface LockRule {
  /** Stable camelCase name of the kind of change. */
  readonly change: string;

  /** The change in words. */
  readonly description: string;

  /** What becomes of it. */
  readonly verdict: LockVerdict;

  /** Why it is fine, or what to do instead. */
  readonly advice: string;
}
