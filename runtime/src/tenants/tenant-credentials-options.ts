import type { AssumeRoleCommand, AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import type { PersonalHashKey } from '../personal-values';
import type { AttributionValues, KeyName, SchemaDefinition } from '../schema-definition';
import type { TenantEventListener } from './tenant-event';

/** What of an STS client is used: an `STSClient` is one. */
export interface AssumeRoleClient {
  /** Sends a command. */
  send(command: AssumeRoleCommand): Promise<AssumeRoleCommandOutput>;
}

/** How a value is found in the claims of a validated token: the name of a claim whose value is a text, or a function. */
export type ClaimMapping = string | ((claims: Readonly<Record<string, unknown>>) => string | undefined);

/**
 * How sessions of tenants are started. The properties that `TenantSessionRole` has as well are to be the same as there.
 */
export interface TenantCredentialsOptions<D extends SchemaDefinition = SchemaDefinition> {
  /**
   * Client of STS, with the credentials of the gateway. Its retry strategy decides about retries within one attempt to start a session:
   * `retryMode: 'adaptive'` slows all of them down when STS throttles. Give it a `requestTimeout`, the SDK has none.
   */
  readonly client: AssumeRoleClient;

  /** ARN of the role that is assumed for tenants. */
  readonly roleArn: string;

  /**
   * Values that all tenants have in common, which are tags of the role. Their keys are none of the sessions.
   *
   * @default - none
   */
  readonly attribution?: AttributionValues<D>;

  /**
   * Names of the keys that each session is tagged with. A session has all of them, and no others.
   *
   * @default - the required keys that ride on session tags and that `attribution` does not have
   */
  readonly sessionKeys?: readonly KeyName<D>[];

  /**
   * Names of further keys whose values come with each request and go into its metadata alone, where call sites cannot override them: such
   * as the user within a tenant, for whom a session of its own would be too much.
   *
   * @default - none
   */
  readonly pinnedKeys?: readonly KeyName<D>[];

  /**
   * Name of the session key whose value is the name of the session, 2 to 64 ASCII letters, digits and `_+=,.@-`.
   *
   * @default - the first session key
   */
  readonly sessionNameKey?: KeyName<D>;

  /**
   * Name of the session key whose value is the source identity of the session, under the same rules as the name of the session.
   *
   * @default - sessions have no source identity of their own
   */
  readonly sourceIdentityKey?: KeyName<D>;

  /**
   * Names of session keys whose tags stay when a session starts another one.
   *
   * @default - none
   */
  readonly transitiveKeys?: readonly KeyName<D>[];

  /**
   * External id that the role asks for: 2 to 1224 ASCII letters, digits and `_+=,.@:/-`.
   *
   * @default - none is sent
   */
  readonly externalId?: string;

  /**
   * How long sessions last, 900 to 43200 seconds. A gateway that runs with a role itself can have 3600 at most, and STS refuses more.
   *
   * @default 3600
   * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
   */
  readonly durationSeconds?: number;

  /**
   * Secret of the keyed hash (HMAC-SHA-256) that is sent instead of personal values, 32 bytes or more: the same as that of `attribution()`.
   *
   * @default - none, so that none of these keys can be personal
   */
  readonly personalHashKey?: PersonalHashKey;

  /**
   * Where `forRequest` finds the values of session keys and pinned keys, by their names.
   *
   * @default - in the claims with the names of the keys
   */
  readonly claims?: Readonly<Partial<Record<KeyName<D>, ClaimMapping>>>;

  /**
   * How many tenants are kept, 1 to 1000000. The one that was not asked for longest makes room.
   *
   * @default 10_000
   */
  readonly maxSessions?: number;

  /**
   * How long before its end a session is replaced, 120 seconds to half of `durationSeconds`. Each session is replaced at a random moment
   * between this and half of it, so that sessions that started together do not end together.
   *
   * @default - a quarter of `durationSeconds`
   */
  readonly refreshAheadSeconds?: number;

  /**
   * How long a refusal is kept that would not pass by itself, such as AccessDenied: 0 to 3600 seconds.
   *
   * @default 60
   */
  readonly negativeSeconds?: number;

  /**
   * Hears of everything that happens to sessions.
   *
   * @default - nobody does
   */
  readonly onEvent?: TenantEventListener;

  /**
   * Whether events say whose session they are about. A metric by tenant has as many series as there are tenants, and a log of events is
   * then one of who has used the gateway when.
   *
   * @default false
   */
  readonly tenantsInEvents?: boolean;

  /**
   * Milliseconds since 1970.
   *
   * @default Date.now
   */
  readonly clock?: () => number;

  /**
   * Random numbers from 0 to below 1.
   *
   * @default Math.random
   */
  readonly random?: () => number;
}

/** Defaults of what has one. */
export interface ResolvedLimits {
  readonly durationSeconds: number;
  readonly maxSessions: number;
  readonly refreshAheadSeconds: number;
  readonly negativeSeconds: number;
}

/** The numbers of the options. */
export function resolvedLimits(options: Partial<ResolvedLimits>): ResolvedLimits {
  const durationSeconds = options.durationSeconds ?? 3600;
  return {
    durationSeconds,
    maxSessions: options.maxSessions ?? 10_000,
    refreshAheadSeconds: options.refreshAheadSeconds ?? Math.floor(durationSeconds / 4),
    negativeSeconds: options.negativeSeconds ?? 60,
  };
}
