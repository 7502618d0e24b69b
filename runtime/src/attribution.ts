import type { MiddlewareStack } from '@smithy/types';
import type { AttributionSchema, Problem } from '../../lib/schema';
import { newProblem } from '../../lib/schema/new-problem';
import { AttributionError } from './attribution-error';
import { attributionMiddleware } from './attribution-middleware';
import { type AttributionOptions, type ResolvedOptions, resolveOptions } from './attribution-options';
import { baseMetadata, callMetadata, type Rules, synonyms, type Values } from './call-metadata';
import { callerMetadataRefused, readCallerMetadata } from './caller-metadata';
import { type AttributionContext, currentContext, given, type GivenValues, withAttribution } from './context';
import { hashKeyProblems } from './personal-values';
import { QuickCheck } from './quick-check';
import type { BaseValues, CallValues, KeyName, OnlyKeysOf, SchemaDefinition } from './schema-definition';
import type { SchemaSource } from './schema-source';

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

interface Judged {
  readonly stamp: Stamp;
  readonly problems: readonly Problem[];
}

interface Edition {
  readonly rules: Rules;
  readonly base: Values;
  readonly quickCheck: QuickCheck;
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
  private readonly byInput = new WeakMap<object, Values>();
  private edition: Edition;
  private refused?: AttributionSchema;
  private lastDay = { number: NaN, day: '' };

  /** Use `attribution()`, which knows the types. */
  public constructor(schema: SchemaSource<D>, base: GivenValues, options: AttributionOptions) {
    this.schema = schema;
    this.base = given(base);
    this.options = resolveOptions(options);
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
   * Has one command carry these values, over those of the functions around it and over its own `requestMetadata`.
   *
   * @param command is sent once or several times, by any client that stamps its calls with this
   * @param values by the names of the keys, such as `{ feature: 'summary' }`; a second time, they are laid over those of the first
   * @returns the command, so that it can be sent at once
   */
  public attribute<C extends CommandLike>(command: C, values: CallValues<D, BaseName>): C {
    // several commands may have been made of one input: from now on, this one has its own
    const input = { ...command.input };
    this.byInput.set(input, { ...this.byInput.get(command.input), ...given(values as GivenValues) });
    return Object.assign(command, { input });
  }

  /**
   * What a call is stamped with that is made now. For clients that are none of the AWS SDK.
   *
   * @param operation such as `InvokeModel`, for warnings and errors
   * @param input that of a command to which `attribute` has given values
   * @param callerMetadata pairs that the call site sends itself: the map of Converse, or the JSON text of InvokeModel
   * @throws AttributionError `InvalidCallAttribution` or `CallerMetadataRefused`, where the options ask for it
   */
  public stamp(operation?: string, input?: object, callerMetadata?: unknown): Stamp {
    const context = currentContext();
    const own = input === undefined ? undefined : this.byInput.get(input);
    if (callerMetadata !== undefined && this.options.callerMetadata === 'refuse') throw callerMetadataRefused(operation);
    const { stamp, problems } = own === undefined && callerMetadata === undefined
      ? this.stampOf(context)
      : this.judgeCall(context, own, callerMetadata);
    if (problems.length > 0) this.report(operation, problems);
    return stamp;
  }

  /**
   * What to call a model by, as `profiles` say.
   *
   * @param modelId an id or an ARN, as the caller gave it
   * @param region of the call, where it is known
   * @param operation such as `InvokeModel`, for warnings
   * @returns the ARN of a profile, or what was given where there is none to take its place
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

  /**
   * Tells of an operation that spends money and cannot say for whom.
   *
   * @param operation such as `StartAsyncInvoke`
   */
  public warnUncarried(operation: string): void {
    this.options.onWarning(newProblem({
      code: 'notCarried',
      path: operation,
      got: 'a call without request metadata',
      allowed: 'Converse, ConverseStream, InvokeModel and InvokeModelWithResponseStream, which carry it',
      remedy: 'let the role, the profile or the project of the call tell whose it is: the operation has no place for request metadata',
    }), { operation });
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
    const { values, problems } = readCallerMetadata(callerMetadata);
    const judged = this.judgeLayers(this.now(), context.pinned, { ...context.values, ...values, ...own });
    return { stamp: judged.stamp, problems: [...problems, ...judged.problems] };
  }

  private judgeLayers({ rules, base, quickCheck }: Edition, pinned: Values, values: Values): Judged {
    const { metadata, problems } = quickCheck.accepts(pinned, values)
      ? { metadata: { ...base, ...pinned, ...values }, problems: [] }
      : callMetadata(rules, base, { pinned, values }, this.options.onInvalid);
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
    if (current !== this.edition.rules.schema && current !== this.refused) {
      const { edition, problems } = this.judge(current);
      if (problems.length === 0) this.edition = edition;
      else this.refused = current;
      for (const problem of problems) this.options.onWarning(problem, {});
    }
    // what a new day requires and this client lacks is told with each call
    if (this.day() !== this.edition.rules.day) this.edition = this.judge(this.edition.rules.schema).edition;
    return this.edition;
  }

  private judge(schema: AttributionSchema): { edition: Edition; problems: readonly Problem[] } {
    const rules: Rules = { schema, hashKey: this.options.personalHashKey, day: this.day() };
    const { metadata, problems } = baseMetadata(rules, this.base, this.options.perCall ?? []);
    return { edition: { rules, base: metadata, quickCheck: new QuickCheck(rules, metadata), judged: new WeakMap() }, problems };
  }

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
 * @param base values of this client, which call sites cannot override, neither by the name of a key nor by one that it replaced: all
 *   required keys but those of `perCall`
 * @param options how calls are stamped
 * @returns a plug-in, which also stamps what is sent by other means
 * @throws AttributionError `InvalidConfiguration`, with everything that is wrong: a service fails at start and not in traffic
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-request-metadata.html
 */
export function attribution<
  D extends SchemaDefinition,
  const PerCall extends KeyName<D> = never,
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
    // the client may have it by a name that it replaced, which closes it to calls
    if (![name, ...synonyms(schema, name)].some(each => Object.hasOwn(base, each))) return [];
    const allowed = 'keys that the client has no value for';
    return [newProblem({ code: 'perCall', path, got: name, allowed, remedy: 'leave it out here, or among the values of the client' })];
  });
}
