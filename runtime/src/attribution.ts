import type { MiddlewareStack } from '@smithy/types';
import type { AttributionSchema, Problem } from '../../lib/schema';
import { newProblem } from '../../lib/schema/new-problem';
import { AttributionError } from './attribution-error';
import { attributionMiddleware } from './attribution-middleware';
import { baseMetadata, callMetadata, type CallMetadata, type InvalidCallPolicy, type Rules, type Values } from './call-metadata';
import { type AttributionContext, currentContext, given, type GivenValues, withAttribution } from './context';
import type { BareModelPolicy, InferenceProfiles } from './inference-profiles';
import { hashKeyProblems, type PersonalHashKey } from './personal-values';
import type { BaseValues, CallValues, OnlyKeysOf, RequiredKeyName, SchemaDefinition } from './schema-definition';
import type { SchemaSource } from './schema-source';
import { printedOnce, type WarningListener } from './warnings';

/**
 * How a client stamps its calls.
 */
export interface AttributionOptions<PerCall extends string = string> {
  /**
   * Names of required keys whose values come with each call. All the other required keys belong to the client.
   *
   * @default - none
   */
  readonly perCall?: readonly PerCall[];

  /**
   * What happens to a call whose own values are wrong.
   *
   * @default 'drop-and-warn'
   */
  readonly onInvalid?: InvalidCallPolicy;

  /**
   * What happens when a call site sends `requestMetadata` itself: its pairs are taken like any other values of the call, or the call
   * is refused.
   *
   * @default 'merge'
   */
  readonly callerMetadata?: 'merge' | 'refuse';

  /**
   * Secret of the keyed hash (HMAC-SHA-256) that is sent instead of personal values, 32 bytes or more.
   *
   * @default - personal values are not sent at all
   */
  readonly personalHashKey?: PersonalHashKey;

  /**
   * The application inference profiles of the service, by which models are called.
   *
   * @default - models are called as the call site says
   */
  readonly profiles?: InferenceProfiles;

  /**
   * What happens to a call of a model that has none of `profiles`. No meaning without `profiles`.
   *
   * @default 'refuse'
   */
  readonly bareModels?: BareModelPolicy;

  /**
   * Hears of everything that was wrong with a call that went on.
   *
   * @default - each kind of problem is printed once, as a warning of the process
   */
  readonly onWarning?: WarningListener;

  /**
   * Milliseconds since 1970, by which `requiredFrom` is judged.
   *
   * @default Date.now
   */
  readonly clock?: () => number;
}

/** What a call is stamped with. */
export interface Stamp {
  /** Pairs as they are sent; undefined when there is nothing to send, because an empty map is refused by the service. */
  readonly metadata?: Values;
  /** The same as the text of the `X-Amzn-Bedrock-Request-Metadata` header. */
  readonly header?: string;
}

/** A command of an AWS SDK client. */
export interface CommandLike {
  /** What the command was made with. */
  readonly input: object;
}

const DAY_MS = 86_400_000;

type Defaulted = 'onInvalid' | 'callerMetadata' | 'bareModels' | 'onWarning' | 'clock';
type ResolvedOptions = AttributionOptions & Required<Pick<AttributionOptions, Defaulted>>;

interface Judged {
  readonly stamp: Stamp;
  readonly problems: readonly Problem[];
}

interface Edition {
  readonly rules: Rules;
  readonly base: Values;
  /** By context, which most calls have as it is. */
  readonly judged: WeakMap<AttributionContext, Judged>;
}

/**
 * What a client stamps on its calls, as a plug-in of AWS SDK clients.
 */
export class Attribution<D extends SchemaDefinition = SchemaDefinition, BaseName extends PropertyKey = PropertyKey> {
  /** Where the keys come from. */
  public readonly schema: SchemaSource<D>;

  /** The values that the client was made with, as they were given. */
  public readonly base: Values;

  /**
   * Runs a function whose calls carry these values beside those of the client, over those of the functions around it. Calls of other
   * clients of the process carry them as well.
   *
   * @param values by the names of the keys, such as `{ feature: 'summary' }`
   * @param fn may be asynchronous; whatever it awaits is within
   * @returns what the function returns
   */
  public readonly withAttribution: <R>(values: CallValues<D, BaseName>, fn: () => R) => R =
    (values, fn) => withAttribution(values as GivenValues, fn);

  private readonly options: ResolvedOptions;
  private readonly byCommand = new WeakMap<object, Values>();
  private edition: Edition;
  private refused?: AttributionSchema;

  /** Use `attribution()`, which knows the types. */
  public constructor(schema: SchemaSource<D>, base: GivenValues, options: AttributionOptions) {
    this.schema = schema;
    this.base = given(base);
    this.options = {
      ...options,
      onInvalid: options.onInvalid ?? 'drop-and-warn',
      callerMetadata: options.callerMetadata ?? 'merge',
      bareModels: options.bareModels ?? 'refuse',
      onWarning: options.onWarning ?? printedOnce(),
      clock: options.clock ?? Date.now,
    };
    const { edition, problems } = this.judge(schema.current);
    const all = [
      ...hashKeyProblems(options.personalHashKey),
      ...perCallProblems(schema.current, options.perCall ?? [], this.base),
      ...problems,
    ];
    if (all.length > 0) throw new AttributionError('InvalidConfiguration', 'the attribution of the client', all);
    this.edition = edition;
  }

  /** Called by `client.middlewareStack.use(…)`. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a stack is of the inputs and outputs of one client, this fits all
  public applyToStack(stack: MiddlewareStack<any, any>): void {
    attributionMiddleware(this, stack);
  }

  /**
   * Has one command carry these values, over those of the functions around it.
   *
   * @returns the command, so that it can be sent at once
   */
  public attribute<C extends CommandLike>(command: C, values: CallValues<D, BaseName>): C {
    this.byCommand.set(command.input, { ...this.byCommand.get(command.input), ...given(values as GivenValues) });
    return command;
  }

  /**
   * What a call is stamped with that is made now. For clients that are none of the AWS SDK.
   *
   * @param input what the command was made with
   * @param callerMetadata pairs that the call site sends itself: the map of Converse, or the JSON text of InvokeModel
   * @throws AttributionError `InvalidCallAttribution` or `CallerMetadataRefused`, where the options ask for it
   */
  public stamp(operation?: string, input?: object, callerMetadata?: unknown): Stamp {
    const context = currentContext();
    const own = input === undefined ? undefined : this.byCommand.get(input);
    if (callerMetadata !== undefined && this.options.callerMetadata === 'refuse') throw refusedMetadata(operation);
    const { stamp, problems } = own === undefined && callerMetadata === undefined
      ? this.stampOf(context)
      : this.judgeCall(context, own, callerMetadata);
    if (problems.length > 0) this.report(operation, problems);
    return stamp;
  }

  /**
   * What to call a model by, as `profiles` say.
   *
   * @throws AttributionError `BareModelRefused`, where the options ask for it
   */
  public route(modelId: string, region?: string, operation?: string): string {
    const { profiles, bareModels } = this.options;
    if (profiles === undefined) return modelId;
    const { modelId: routed, problem } = profiles.route(modelId, region);
    if (problem !== undefined && bareModels === 'refuse') throw new AttributionError('BareModelRefused', 'the model of the call', [problem]);
    if (problem !== undefined && bareModels === 'warn') this.options.onWarning(problem, { operation });
    return routed;
  }

  /** Whether models are called by profiles. */
  public get routes(): boolean {
    return this.options.profiles !== undefined;
  }

  private stampOf(context: AttributionContext): Judged {
    const edition = this.now();
    let judged = edition.judged.get(context);
    if (judged === undefined) {
      judged = this.judgeLayers(edition, context.pinned, context.values);
      edition.judged.set(context, judged);
    }
    return judged;
  }

  private judgeCall(context: AttributionContext, own: Values | undefined, callerMetadata: unknown): Judged {
    const { values, problems } = readMetadata(callerMetadata);
    const judged = this.judgeLayers(this.now(), context.pinned, { ...context.values, ...values, ...own });
    return { stamp: judged.stamp, problems: [...problems, ...judged.problems] };
  }

  private judgeLayers({ rules, base }: Edition, pinned: Values, values: Values): Judged {
    const { metadata, problems }: CallMetadata = callMetadata(rules, base, { pinned, values }, this.options.onInvalid);
    const stamp = Object.keys(metadata).length === 0 ? {} : { metadata: Object.freeze(metadata), header: JSON.stringify(metadata) };
    return { stamp, problems };
  }

  private report(operation: string | undefined, problems: readonly Problem[]): void {
    if (this.options.onInvalid === 'throw') throw new AttributionError('InvalidCallAttribution', 'the attribution of the call', problems);
    for (const problem of problems) this.options.onWarning(problem, { operation });
  }

  /** The schema and the day of now; a schema that this client cannot go on with is told once, and the last good one is kept. */
  private now(): Edition {
    const { current } = this.schema;
    const { rules } = this.edition;
    if ((current === rules.schema || current === this.refused) && this.day() === rules.day) return this.edition;
    const { edition, problems } = this.judge(current === this.refused ? rules.schema : current);
    if (problems.length === 0 || current === rules.schema) {
      this.edition = edition;
    } else {
      this.refused = current;
      for (const problem of problems) this.options.onWarning(problem, {});
    }
    return this.edition;
  }

  private judge(schema: AttributionSchema): { edition: Edition; problems: readonly Problem[] } {
    const rules: Rules = { schema, hashKey: this.options.personalHashKey, day: this.day() };
    const { metadata, problems } = baseMetadata(rules, this.base, this.options.perCall ?? []);
    return { edition: { rules, base: metadata, judged: new WeakMap() }, problems };
  }

  private lastDay: { readonly number: number; readonly day: string } = { number: NaN, day: '' };

  private day(): string {
    const time = this.options.clock();
    const number = Math.floor(time / DAY_MS);
    if (number !== this.lastDay.number) this.lastDay = { number, day: new Date(time).toISOString().slice(0, 10) };
    return this.lastDay.day;
  }
}

/**
 * What a client stamps on its calls: made once at start, used by any number of AWS SDK clients with `client.middlewareStack.use(…)`.
 *
 * Stamps request metadata on Converse, ConverseStream, InvokeModel and InvokeModelWithResponseStream. No other operation can carry it.
 *
 * @param schema the attribution keys
 * @param base values of this client, which call sites cannot override: all required keys but those of `perCall`
 * @throws AttributionError `InvalidConfiguration`, with everything that is wrong: a service fails at start and not in traffic
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-request-metadata.html
 */
export function attribution<
  D extends SchemaDefinition,
  const PerCall extends RequiredKeyName<D> = never,
  const B extends BaseValues<D, PerCall> = BaseValues<D, PerCall>,
>(schema: SchemaSource<D>, base: B & OnlyKeysOf<D, B>, options: AttributionOptions<PerCall> = {}): Attribution<D, keyof B> {
  return new Attribution(schema, base, options);
}

function perCallProblems(schema: AttributionSchema, perCall: readonly string[], base: Values): Problem[] {
  return perCall.flatMap(name => {
    const path = 'perCall';
    if (schema.key(name) === undefined) {
      const allowed = `one of ${schema.activeKeys.map(key => key.name).join(', ')}`;
      return [newProblem({ code: 'unknownKey', path, got: name, allowed, remedy: 'leave it out, or add it to the schema' })];
    }
    if (!Object.hasOwn(base, name)) return [];
    const allowed = 'keys that the client has no value for';
    return [newProblem({ code: 'perCall', path, got: name, allowed, remedy: 'leave it out here, or among the values of the client' })];
  });
}

/** The pairs that a call site sends itself. */
function readMetadata(metadata: unknown): { values: Values; problems: Problem[] } {
  const allowed = 'a map of strings, as JSON text for InvokeModel';
  const unreadable = (remedy: string): { values: Values; problems: Problem[] } => (
    { values: {}, problems: [newProblem({ code: 'callerMetadata', path: 'requestMetadata', got: `a ${typeof metadata}`, allowed, remedy })] }
  );
  if (metadata === undefined) return { values: {}, problems: [] };
  try {
    const pairs: unknown = typeof metadata === 'string' ? JSON.parse(metadata) : metadata;
    if (typeof pairs !== 'object' || pairs === null || Array.isArray(pairs)) return unreadable('send such a map, or none');
    if (!Object.values(pairs).every(value => typeof value === 'string' || value === undefined)) return unreadable('make every value a string');
    return { values: given(pairs as GivenValues), problems: [] };
  } catch (error) {
    return unreadable(`correct the text (${(error as Error).message})`);
  }
}

function refusedMetadata(operation: string | undefined): AttributionError {
  return new AttributionError('CallerMetadataRefused', `the call${operation === undefined ? '' : ` of ${operation}`}`, [newProblem({
    code: 'callerMetadata',
    path: 'requestMetadata',
    got: 'metadata of the call site',
    allowed: 'none beside what the client stamps',
    remedy: 'use withAttribution or attribute instead, or set callerMetadata to merge',
  })]);
}
