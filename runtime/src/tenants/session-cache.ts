import type { AwsCredentialIdentity } from '@smithy/types';
import { LRUCache } from 'lru-cache';
import { type AssumedRole, assumeRole, codeOf, isThrottled, refusalOf, type StartedSession } from './assume-role';
import type { SessionRequest } from './session-request';
import type { SessionEvent, TenantValues } from './tenant-event';

/** What is there at once, or later. */
export type Sooner<T> = T | Promise<T>;

/** What the cache goes by. */
export interface CacheSettings {
  readonly maxSessions: number;
  readonly refreshAheadSeconds: number;
  readonly negativeSeconds: number;
  readonly clock: () => number;
  readonly random: () => number;
  readonly tell: (event: SessionEvent, tenant: TenantValues) => void;
}

/** So shortly before its end a session is used only when there is no other: the request has to arrive, and clocks differ. */
const LAST_MS = 60_000;

/** Waits between attempts to replace a session that is still valid. */
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;

/** What is known of the session of one tenant. */
class Entry {
  public session?: StartedSession;
  /** When the session is to be replaced; after a failure, when that is tried again. */
  public renewAt = 0;
  /** Failures to replace the session since it was started. */
  public failures = 0;
  public refusal?: { readonly error: Error; readonly code: string; readonly until: number };
  public pending?: Promise<AwsCredentialIdentity>;

  public constructor(readonly tenant: TenantValues) {}
}

/**
 * The sessions of tenants: bounded, with one request to STS at a time for each, replaced before they end. There are no timers: everything
 * happens when somebody asks.
 */
export class SessionCache {
  private readonly entries: LRUCache<string, Entry>;

  public constructor(private readonly role: AssumedRole, private readonly settings: CacheSettings) {
    this.entries = new LRUCache({
      max: settings.maxSessions,
      dispose: ({ tenant }, _id, reason) => {
        if (reason === 'evict') settings.tell({ type: 'evicted' }, tenant);
      },
    });
  }

  /** How many tenants are known. */
  public get size(): number {
    return this.entries.size;
  }

  /**
   * Credentials that are valid: at once when they are here, which is nearly always, or as soon as STS has given them.
   *
   * @throws Error when STS has refused them of late
   */
  public credentials(request: SessionRequest): Sooner<AwsCredentialIdentity> {
    const now = this.settings.clock();
    const entry = this.entryOf(request);
    const { session, refusal } = entry;
    if (session !== undefined && now < session.expiresAt) return this.valid(entry, session, request, now);
    if (refusal !== undefined && now < refusal.until) {
      this.tell(entry, { type: 'refused', code: refusal.code, cached: true });
      throw refusal.error;
    }
    this.tell(entry, { type: 'miss' });
    return this.renew(entry, request);
  }

  private entryOf({ id, sent }: SessionRequest): Entry {
    const known = this.entries.get(id);
    if (known !== undefined) return known;
    const entry = new Entry(sent);
    this.entries.set(id, entry);
    return entry;
  }

  private valid(entry: Entry, session: StartedSession, request: SessionRequest, now: number): Sooner<AwsCredentialIdentity> {
    this.tell(entry, { type: 'hit' });
    const renewal = now >= entry.renewAt ? this.renew(entry, request) : entry.pending;
    if (renewal === undefined || now < session.expiresAt - LAST_MS) return session.credentials;
    return renewal.catch((error: unknown) => {
      if (this.settings.clock() < session.expiresAt) return session.credentials;
      throw error;
    });
  }

  /** The one attempt to start a session that is under way, or a new one. */
  private renew(entry: Entry, request: SessionRequest): Promise<AwsCredentialIdentity> {
    if (entry.pending !== undefined) return entry.pending;
    const renewal = this.start(entry, request).finally(() => {
      entry.pending = undefined;
    });
    // whoever waits hears of a failure; where nobody does, it is told as an event
    renewal.catch(() => undefined);
    entry.pending = renewal;
    return renewal;
  }

  private async start(entry: Entry, request: SessionRequest): Promise<AwsCredentialIdentity> {
    const { clock, random, refreshAheadSeconds } = this.settings;
    const begun = clock();
    try {
      const session = await assumeRole(this.role, request);
      const now = clock();
      const type = entry.session !== undefined && now < entry.session.expiresAt ? 'refreshed' : 'assumed';
      entry.session = session;
      entry.renewAt = session.expiresAt - refreshAheadSeconds * 1000 * (1 - random() / 2);
      entry.failures = 0;
      this.tell(entry, { type, durationMs: now - begun, attempts: session.attempts });
      return session.credentials;
    } catch (error) {
      throw this.failed(entry, request, error);
    }
  }

  /** Notes a failure, and tells what callers who wait are to be told. */
  private failed(entry: Entry, request: SessionRequest, error: unknown): unknown {
    const { clock, negativeSeconds } = this.settings;
    const now = clock();
    const code = codeOf(error);
    const refusal = refusalOf(error, this.role);
    if (isThrottled(error)) this.tell(entry, { type: 'throttled', code });
    if (refusal !== undefined) entry.refusal = { error: refusal, code, until: now + negativeSeconds * 1000 };

    if (entry.session !== undefined && now < entry.session.expiresAt) {
      const retryInMs = Math.max(this.backoff(entry), refusal === undefined ? 0 : negativeSeconds * 1000);
      entry.renewAt = now + retryInMs;
      this.tell(entry, { type: 'refresh-failed', code, retryInMs });
    } else if (refusal !== undefined) {
      this.tell(entry, { type: 'refused', code, cached: false });
    } else {
      // what may pass by itself is not remembered
      if (this.entries.peek(request.id) === entry) this.entries.delete(request.id);
      this.tell(entry, { type: 'failed', code });
    }
    return refusal ?? error;
  }

  private backoff(entry: Entry): number {
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** entry.failures);
    entry.failures++;
    return Math.round(longest * (1 - this.settings.random() / 2));
  }

  private tell(entry: Entry, event: SessionEvent): void {
    this.settings.tell(event, entry.tenant);
  }
}
