import type { Problem } from '../../../lib/schema';

/** Values of a tenant by the names of the session keys, as STS gets them: a personal value is its keyed hash. */
export type TenantValues = Readonly<Record<string, string>>;

interface AboutTenant {
  /** Whose session it is. Only there with `tenantsInEvents`. */
  readonly tenant?: TenantValues;
}

/** What is told of a session that STS has given. */
interface Started extends AboutTenant {
  /** Milliseconds that STS took, with the attempts of the SDK. */
  readonly durationMs: number;
  /** Attempts that the SDK made, one unless STS throttled or failed. */
  readonly attempts?: number;
}

interface Failed extends AboutTenant {
  /** Code of the error, such as `ThrottlingException`. */
  readonly code: string;
}

/** What happens to the session of one tenant. */
export type SessionEvent =
  /** Credentials were asked for and there: in nearly all cases without any waiting. */
  | AboutTenant & { readonly type: 'hit' }
  /** Credentials were asked for and not there: the caller waits for STS, together with all others of the tenant. */
  | AboutTenant & { readonly type: 'miss' }
  /** STS has given a session to a tenant without one. */
  | Started & { readonly type: 'assumed' }
  /** STS has given a session in place of one that is still valid. */
  | Started & { readonly type: 'refreshed' }
  /** STS has given no session in place of one that is still valid, and is asked again later: no call fails yet. */
  | Failed & { readonly type: 'refresh-failed'; readonly retryInMs: number }
  /** STS has given no session to a tenant without one: the calls that wait fail. The next one asks again. */
  | Failed & { readonly type: 'failed' }
  /** STS refuses the session, and would again; `cached` when it was not asked anew. */
  | Failed & { readonly type: 'refused'; readonly cached: boolean }
  /** STS has throttled beyond the attempts of the SDK. One of the three events above says what that leads to. */
  | Failed & { readonly type: 'throttled' }
  /** There were more tenants than `maxSessions`: the one that was not asked for longest is forgotten. */
  | AboutTenant & { readonly type: 'evicted' };

/**
 * What happens to the sessions of tenants, for metrics.
 */
export type TenantEvent = SessionEvent
  /** The schema has changed so that it does not fit the options: the former one is kept. */
  | { readonly type: 'schema-refused'; readonly problems: readonly Problem[] };

/** Hears of sessions. Called while calls are made: it should only count. What it throws breaks no call: the first failure is printed. */
export type TenantEventListener = (event: TenantEvent) => void;
