import type { HandlerExecutionContext, MiddlewareStack, SerializeHandler } from '@smithy/types';
import { newProblem } from '../../lib/schema/new-problem';
import { AttributionError } from './attribution-error';
import { regionOf } from './call-region';
import { CARRIED_AS, isCarrying, operationOf } from './carrying-operations';
import type { Stamper } from './stamper';

/** Header of the two operations whose body belongs to the model. */
export const METADATA_HEADER = 'x-amzn-bedrock-request-metadata';

/** The operations that spend money and have no place for request metadata, those of agents, flows and knowledge bases among them. */
const UNCARRIED = new Set([
  'StartAsyncInvoke', 'InvokeModelWithBidirectionalStream', 'ApplyGuardrail',
  'InvokeAgent', 'InvokeInlineAgent', 'InvokeFlow', 'Retrieve', 'RetrieveAndGenerate', 'RetrieveAndGenerateStream', 'Rerank',
]);

/** Where the stamp of a call waits until the request is built: in its arguments, since clients may share one context among calls. */
const STAMPED = Symbol('attribution stamp');

interface CallInput {
  readonly modelId?: string;
  readonly requestMetadata?: unknown;
}

interface Stamped {
  readonly input: object;
  readonly [STAMPED]?: { readonly header?: string; readonly input: CallInput };
}

type Headers = Record<string, string | undefined>;

const NAME = 'bedrockCostAttribution';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a stack is of the inputs and outputs of one client, this fits all
type AnyStack = MiddlewareStack<any, any>;
type AnySerializeHandler = SerializeHandler<object, object>;

/** Adds what stamps calls, and what routes them, to the stack of a client. */
export function attributionMiddleware(attribution: Stamper, stack: AnyStack): void {
  if (stack.identify().some(middleware => middleware.startsWith(`${NAME} `))) throw usedTwice();
  stack.add((next, context: HandlerExecutionContext) => {
    const operation = operationOf(context);
    if (!isCarrying(operation)) {
      if (UNCARRIED.has(operation)) attribution.warnUncarried(operation);
      return next;
    }
    return args => {
      const input = args.input as CallInput;
      try {
        const { metadata, header } = attribution.stamp(operation, input, input.requestMetadata);
        if (CARRIED_AS[operation] === 'map') return next({ ...args, input: { ...input, requestMetadata: metadata } });
        const stamped: Stamped = { ...args, [STAMPED]: { header, input }, input: { ...input, requestMetadata: header } };
        return next(stamped);
      } catch (error) {
        // like any other error of a call; an asynchronous function would make promises for every call to come to the same
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
  }, { name: NAME, step: 'initialize', priority: 'high' });

  // an SDK from before May 2026 does not know the member of InvokeModel and leaves it out; what is added here is signed like any header
  stack.add((next, context: HandlerExecutionContext) => args => {
    const stamped = (args as Partial<Stamped>)[STAMPED];
    const { headers } = (args.request ?? {}) as { headers?: Headers };
    if (stamped !== undefined && headers !== undefined) {
      const names = Object.keys(headers).filter(isMetadataHeader);
      const isAsStamped = names.length === 1 && headers[METADATA_HEADER] === stamped.header;
      const stampWith = (other: string): string | undefined => attribution.stamp(operationOf(context), stamped.input, other).header;
      if (!isAsStamped) rewriteHeader(headers, names, stamped.header, stampWith);
    }
    return next(args);
  }, { name: `${NAME}Header`, step: 'build', priority: 'low' });

  if (!attribution.routes) return;
  // the Region of the call is known once its endpoint is, and the model must be by the time the request is written
  const routed = (next: AnySerializeHandler, context: HandlerExecutionContext): AnySerializeHandler => async args => {
    const input = args.input as CallInput;
    const operation = operationOf(context);
    if (!isCarrying(operation) || input.modelId === undefined) return next(args);
    const modelId = attribution.route(input.modelId, regionOf(context), operation);
    return next({ ...args, input: { ...input, modelId } });
  };
  stack.addRelativeTo(routed, { name: `${NAME}Route`, relation: 'after', toMiddleware: 'endpointV2Middleware' });
}

/** Leaves the one header that is to be signed. What another plug-in has set counts as metadata of the call site. */
function rewriteHeader(
  headers: Headers, names: readonly string[], stamped: string | undefined, stampWith: (other: string) => string | undefined,
): void {
  const other = names.map(name => headers[name]).find(value => value !== undefined && value !== stamped);
  const header = other === undefined ? stamped : stampWith(other);
  for (const name of names) Reflect.deleteProperty(headers, name);
  if (header !== undefined) headers[METADATA_HEADER] = header;
}

/** Headers are the same in any case; comparing their length first spares most of them the rest. */
function isMetadataHeader(name: string): boolean {
  return name.length === METADATA_HEADER.length && name.toLowerCase() === METADATA_HEADER;
}

/** Two of them would stamp each call twice, and the second would take what the first has stamped for metadata of the call site. */
function usedTwice(): AttributionError {
  return new AttributionError('InvalidConfiguration', 'the client', [newProblem({
    code: 'usedTwice',
    path: 'middlewareStack',
    got: 'a second attribution',
    allowed: 'one attribution for each client',
    remedy: 'use it where the client is made, and nowhere else',
  })]);
}
