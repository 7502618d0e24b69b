import type { AsyncLocalStorage } from 'node:async_hooks';
import type { AwsCredentialIdentity } from '@smithy/types';
import { currentContext, withPinnedAttribution } from '../context';
import type { AttributionValues, SchemaDefinition } from '../schema-definition';
import type { Sooner } from './session-cache';

/** Values of the session keys and the pinned keys, by their names. */
export type SessionValues<D extends SchemaDefinition> = AttributionValues<D>;

/** A source of credentials that AWS SDK clients ask for each call, without keeping what it gave. */
export interface TenantCredentialsProvider {
  /** Gives credentials that are valid. */
  (): Promise<AwsCredentialIdentity>;
  /** Without this, clients of the AWS SDK would go on with the credentials of the first call. */
  readonly memoized: true;
}

/**
 * One tenant, in whose name calls are made. Cheap to make: nothing is asked of STS until a call is signed.
 */
export interface TenantSession {
  /** Values of the session keys and the pinned keys as they were given. */
  readonly values: Readonly<Record<string, string>>;

  /** The name of the session, which ends the ARN of the caller on the bill and in the logs. */
  readonly sessionName: string;

  /** Credentials of the tenant, for a client of its own. */
  readonly credentials: TenantCredentialsProvider;

  /**
   * Runs a function whose calls are signed with the session of the tenant, by clients that have `TenantCredentials.credentials`, and carry
   * its values in their request metadata whatever call sites say.
   *
   * @param fn may be asynchronous; whatever it awaits is within
   * @returns what the function returns
   */
  run<R>(fn: () => R): R;
}

/** Marks a function as one that is asked for each call. */
export function askedForEachCall(provider: () => Promise<AwsCredentialIdentity>): TenantCredentialsProvider {
  return Object.assign(provider, { memoized: true as const });
}

/** A session as this library makes it. */
export class StartableSession implements TenantSession {
  public readonly credentials = askedForEachCall(async () => {
    const credentials = await this.source();
    if (credentials !== this.given[0]) this.given = [credentials, this.given[0]];
    return credentials;
  });

  /** The latest credentials, and those before: a call may be signed with them while newer ones come in. */
  private given: readonly [latest?: AwsCredentialIdentity, former?: AwsCredentialIdentity] = [];

  public constructor(
    readonly values: Readonly<Record<string, string>>,
    readonly sessionName: string,
    private readonly running: AsyncLocalStorage<StartableSession>,
    private readonly source: () => Sooner<AwsCredentialIdentity>,
  ) {}

  public run<R>(fn: () => R): R {
    return this.running.run(this, () => withPinnedAttribution(this.values, fn));
  }

  /** Whether calls that are made now say what this session does: one of other tenant credentials, within it, may say otherwise. */
  public isPinned(): boolean {
    const { pinned } = currentContext();
    return Object.entries(this.values).every(([name, value]) => pinned[name] === value);
  }

  /** Whether this session has given credentials with this token. */
  public hasGiven(sessionToken: string | undefined): boolean {
    return sessionToken !== undefined && this.given.some(credentials => credentials?.sessionToken === sessionToken);
  }
}
