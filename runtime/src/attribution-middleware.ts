import type { HandlerExecutionContext, MiddlewareStack, SerializeHandler, SerializeHandlerArguments } from '@smithy/types';
import type { Attribution } from './attribution';

/** Header of the two operations whose body belongs to the model. */
export const METADATA_HEADER = 'x-amzn-bedrock-request-metadata';

/** The operations that carry request metadata, by the names of their commands, and how. */
const CARRIED_AS: Record<string, 'map' | 'header' | undefined> = {
  ConverseCommand: 'map',
  ConverseStreamCommand: 'map',
  InvokeModelCommand: 'header',
  InvokeModelWithResponseStreamCommand: 'header',
};

/** The operations that spend money and have no place for request metadata. */
const UNCARRIED = ['StartAsyncInvokeCommand', 'InvokeModelWithBidirectionalStreamCommand'];

/** Where the header of a call waits until the request is built. */
const HEADER = Symbol('attribution header');

interface CallInput {
  readonly modelId?: string;
  readonly requestMetadata?: unknown;
}

type Context = HandlerExecutionContext & { [HEADER]?: string };

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a stack is of the inputs and outputs of one client, this fits all
type AnyStack = MiddlewareStack<any, any>;

/** Adds what stamps calls, and what routes them, to the stack of a client. */
export function attributionMiddleware(attribution: Pick<Attribution, 'stamp' | 'route' | 'routes' | 'warnUncarried'>, stack: AnyStack): void {
  stack.add((next, context: Context) => {
    const carriedAs = CARRIED_AS[context.commandName ?? ''];
    const operation = operationOf(context);
    if (carriedAs === undefined) {
      if (UNCARRIED.includes(context.commandName ?? '')) attribution.warnUncarried(operation);
      return next;
    }
    // asynchronous, so that a refusal rejects the promise of the call like any other error
    return async args => {
      const input = args.input as CallInput;
      const { metadata, header } = attribution.stamp(operation, input, input.requestMetadata);
      context[HEADER] = carriedAs === 'header' ? header : undefined;
      return next({ ...args, input: { ...input, requestMetadata: carriedAs === 'map' ? metadata : header } });
    };
  }, { name: 'bedrockCostAttribution', step: 'initialize', priority: 'high' });

  // an SDK from before May 2026 does not know the member of InvokeModel and leaves it out; what is added here is signed like any header
  stack.add((next, context: Context) => args => {
    const header = context[HEADER];
    const request = args.request as { headers?: Record<string, string | undefined> } | undefined;
    if (header !== undefined && request?.headers !== undefined) request.headers[METADATA_HEADER] ??= header;
    return next(args);
  }, { name: 'bedrockCostAttributionHeader', step: 'build' });

  if (!attribution.routes) return;
  // the Region of the call is known once its endpoint is, and the model must be by the time the request is written
  stack.addRelativeTo((next: SerializeHandler<object, object>, context: Context) => async (args: SerializeHandlerArguments<object>) => {
    const input = args.input as CallInput;
    if (CARRIED_AS[context.commandName ?? ''] === undefined || input.modelId === undefined) return next(args);
    const modelId = attribution.route(input.modelId, regionOf(context), operationOf(context));
    return next({ ...args, input: { ...input, modelId } });
  }, { name: 'bedrockCostAttributionRoute', relation: 'after', toMiddleware: 'endpointV2Middleware' });
}

function operationOf({ commandName = '' }: HandlerExecutionContext): string {
  return commandName.replace(/Command$/, '');
}

interface SmithyContext {
  readonly selectedHttpAuthScheme?: { readonly httpAuthOption?: { readonly signingProperties?: { readonly region?: string } } };
}

/** The Region that the call is signed for; with a bearer token nothing is signed, and the name of the endpoint tells. */
function regionOf(context: HandlerExecutionContext): string | undefined {
  const { selectedHttpAuthScheme } = (context.__smithy_context ?? {}) as SmithyContext;
  return selectedHttpAuthScheme?.httpAuthOption?.signingProperties?.region
    ?? /^bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\./.exec(context.endpointV2?.url.hostname ?? '')?.[1];
}
