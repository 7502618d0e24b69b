import type { HandlerExecutionContext, MiddlewareStack, SerializeHandler } from '@smithy/types';
import { newProblem } from '../../lib/schema/new-problem';
import type { Attribution } from './attribution';
import { AttributionError } from './attribution-error';
import { regionOf } from './call-region';

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

/** Where the header of a call waits until the request is built: in its arguments, since clients may share one context among calls. */
const HEADER = Symbol('attribution header');

interface CallInput {
  readonly modelId?: string;
  readonly requestMetadata?: unknown;
}

interface Stamped {
  readonly [HEADER]?: string;
}

const NAME = 'bedrockCostAttribution';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a stack is of the inputs and outputs of one client, this fits all
type AnyStack = MiddlewareStack<any, any>;
type AnySerializeHandler = SerializeHandler<object, object>;

/** Adds what stamps calls, and what routes them, to the stack of a client. */
export function attributionMiddleware(attribution: Pick<Attribution, 'stamp' | 'route' | 'routes' | 'warnUncarried'>, stack: AnyStack): void {
  if (stack.identify().some(middleware => middleware.startsWith(`${NAME} `))) throw usedTwice();
  stack.add((next, context: HandlerExecutionContext) => {
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
      const stamped: Stamped = carriedAs === 'header' ? { [HEADER]: header } : {};
      return next({ ...args, ...stamped, input: { ...input, requestMetadata: carriedAs === 'map' ? metadata : header } });
    };
  }, { name: NAME, step: 'initialize', priority: 'high' });

  // an SDK from before May 2026 does not know the member of InvokeModel and leaves it out; what is added here is signed like any header
  stack.add(next => args => {
    const header = (args as Stamped)[HEADER];
    const request = args.request as { headers?: Record<string, string | undefined> } | undefined;
    if (header !== undefined && request?.headers !== undefined) request.headers[METADATA_HEADER] ??= header;
    return next(args);
  }, { name: `${NAME}Header`, step: 'build' });

  if (!attribution.routes) return;
  // the Region of the call is known once its endpoint is, and the model must be by the time the request is written
  const routed = (next: AnySerializeHandler, context: HandlerExecutionContext): AnySerializeHandler => async args => {
    const input = args.input as CallInput;
    if (CARRIED_AS[context.commandName ?? ''] === undefined || input.modelId === undefined) return next(args);
    const modelId = attribution.route(input.modelId, regionOf(context), operationOf(context));
    return next({ ...args, input: { ...input, modelId } });
  };
  stack.addRelativeTo(routed, { name: `${NAME}Route`, relation: 'after', toMiddleware: 'endpointV2Middleware' });
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

function operationOf({ commandName = '' }: HandlerExecutionContext): string {
  return commandName.replace(/Command$/, '');
}
