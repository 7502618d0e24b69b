import { AsyncLocalStorage } from 'node:async_hooks';
import type { MiddlewareStack } from '@smithy/types';
import type { AttributionSchema } from '../../../lib/schema';
import { AttributionError } from '../attribution-error';
import { newGuard } from '../guard';
import type { SchemaDefinition } from '../schema-definition';
import type { SchemaSource } from '../schema-source';
import { optionProblems } from './option-problems';
import { SessionCache } from './session-cache';
import { type GivenTenant, sessionRequest } from './session-request';
import { type SessionRules, sessionRules } from './session-rules';
import { noTenant, signedBy } from './signature-guard';
import { type ClaimMapping, resolvedLimits, type TenantCredentialsOptions } from './tenant-credentials-options';
import type { TenantEvent } from './tenant-event';
import { askedForEachCall, StartableSession, type SessionValues, type TenantCredentialsProvider, type TenantSession } from './tenant-session';

/**
 * Credentials of the tenants of a gateway: a session of one role for each, tagged and named with the tenant, so that every call has the
 * tenant on the bill.
 *
 * One client serves all tenants. Sessions are started by the first call of a tenant, shared by all its calls, replaced ahead of their end
 * while they are used, and forgotten in favour of tenants that are.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
export class TenantCredentials<D extends SchemaDefinition = SchemaDefinition> {
  /** Where the keys come from. */
  public readonly schema: SchemaSource<D>;

  /** For AWS SDK clients: the credentials of the tenant in whose `run` a call is made. A call outside of any is not made. */
  public readonly credentials: TenantCredentialsProvider = askedForEachCall(
    () => this.running.getStore()?.credentials() ?? Promise.reject(noTenant()),
  );

  /** Of this object alone: gateways with several roles have several. */
  private readonly running = new AsyncLocalStorage<StartableSession>();
  private readonly guard = newGuard('the listener of tenant events', 'onEvent');
  private readonly options: TenantCredentialsOptions;
  private readonly cache: SessionCache;
  private readonly mappings: ReadonlyMap<string, ClaimMapping | undefined>;
  private rules: SessionRules;
  private refused?: AttributionSchema;

  /**
   * @param schema the attribution keys
   * @param options how sessions are started and kept
   * @throws AttributionError `InvalidConfiguration`, with everything that is wrong: a gateway fails at start and not in traffic
   */
  public constructor(schema: SchemaSource<D>, options: TenantCredentialsOptions<D>) {
    const limits = resolvedLimits(options);
    const { rules, problems } = sessionRules(schema.current, options);
    const all = [...optionProblems(options, limits), ...problems];
    if (all.length > 0) throw new AttributionError('InvalidConfiguration', 'the tenant credentials', all);
    this.schema = schema;
    // the role was made for these keys: a schema that changes makes no others of them
    this.options = { ...options, sessionKeys: rules.keys.map(({ name }) => name) };
    this.rules = rules;
    this.mappings = new Map(Object.entries(this.options.claims ?? {}));
    this.cache = new SessionCache({ ...limits, client: options.client, roleArn: options.roleArn, externalId: options.externalId }, {
      ...limits,
      clock: options.clock ?? Date.now,
      random: options.random ?? Math.random,
      tell: (event, tenant) => {
        this.tell(options.tenantsInEvents === true ? { ...event, tenant } : event);
      },
    });
  }

  /**
   * Called by `client.middlewareStack.use(…)`: has a client make no call that is not signed with the session of the tenant in whose `run`
   * it is made. Otherwise a client with a bearer token in its environment would not ask for credentials at all, and an SDK from before
   * March 2025 would sign the calls of all tenants with the first session.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a stack is of the inputs and outputs of one client, this fits all
  public applyToStack(stack: MiddlewareStack<any, any>): void {
    stack.add(signedBy(() => this.running.getStore()), { name: 'bedrockCostAttributionTenant', step: 'deserialize', priority: 'low' });
  }

  /** How many tenants are known, at most `maxSessions`. */
  public get size(): number {
    return this.cache.size;
  }

  /**
   * The session of the tenant that a validated token names.
   *
   * @param claims of a token whose signature, issuer, audience and expiry have been checked; never of a header
   * @returns a session to `run` the calls of the request in
   * @throws AttributionError `InvalidTenant`, with everything that is wrong: then the request is to be refused
   */
  public forRequest(claims: object): TenantSession {
    const rules = this.currentRules();
    const given = [...rules.keys, ...rules.pinnedKeys].map(({ name }) => (
      [name, claimOf(claims as GivenTenant, this.mappings.get(name) ?? name)] as const
    ));
    return this.sessionBy(rules, Object.fromEntries(given));
  }

  /**
   * The session of a tenant that is known otherwise than by a token, such as the owner of a batch job.
   *
   * @param values of all session keys and pinned keys, and of no others
   * @returns a session to `run` the calls of the tenant in
   * @throws AttributionError `InvalidTenant`, with everything that is wrong
   */
  public session(values: SessionValues<D>): TenantSession {
    return this.sessionBy(this.currentRules(), values);
  }

  private sessionBy(rules: SessionRules, given: GivenTenant): TenantSession {
    const { request, values } = sessionRequest(rules, given);
    return new StartableSession(values, request.sessionName, this.running, () => this.cache.credentials(request));
  }

  /** The rules by the schema of now; a schema that does not fit the options is told once, and the last good one is kept. */
  private currentRules(): SessionRules {
    const { current } = this.schema;
    if (current === this.rules.schema || current === this.refused) return this.rules;
    const { rules, problems } = sessionRules(current, this.options);
    if (problems.length === 0) {
      this.rules = rules;
    } else {
      this.refused = current;
      this.tell({ type: 'schema-refused', problems });
    }
    return this.rules;
  }

  private tell(event: TenantEvent): void {
    // a metric that cannot be counted breaks no call
    this.guard(() => this.options.onEvent?.(event));
  }
}

/** A claim that an object inherits is none. */
function claimOf(claims: GivenTenant, mapping: ClaimMapping): unknown {
  if (typeof mapping === 'function') return mapping(claims);
  return Object.hasOwn(claims, mapping) ? claims[mapping] : undefined;
}
