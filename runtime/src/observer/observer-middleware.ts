import type { BuildHandlerArguments, HandlerExecutionContext, InitializeHandlerArguments, MiddlewareStack } from '@smithy/types';
import { regionOf } from '../call-region';
import { isCarrying, operationOf } from '../carrying-operations';
import { type Guard, newGuard } from '../guard';
import type { ObservedOperation } from './call-usage';
import { type CallObserver, type CallStart, ObservedCall, type SentCall } from './observed-call';

const UNOBSERVED: CallObserver = { ended: () => undefined };

interface CallInput {
  readonly modelId?: string;
  readonly requestMetadata?: unknown;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a stack is of the inputs and outputs of one client, this fits all
type AnyStack = MiddlewareStack<any, any>;

/** How calls are observed. */
export interface ObserverSettings {
  /** Called when a call begins. */
  readonly begin: (call: CallStart) => CallObserver;
  /** Milliseconds since any moment. */
  readonly clock: () => number;
}

/** A plug-in of AWS SDK clients. */
export interface UsageObserver {
  /** Called by `client.middlewareStack.use(…)`. */
  applyToStack(stack: AnyStack): void;
}

/** Makes a plug-in, which any number of clients may use. */
export function newObserver(settings: ObserverSettings): UsageObserver {
  const guard = newGuard('an observer of Bedrock calls', 'usageObserver');
  const stacks = new WeakSet<AnyStack>();
  return {
    applyToStack: stack => {
      // a client that uses it twice has it once, or each call would count twice
      if (stacks.has(stack)) return;
      stacks.add(stack);
      observeCalls(stack, settings, guard);
    },
  };
}

/** Adds what observes calls to the stack of a client. The steps have no names, since a client may have several observers. */
function observeCalls(stack: AnyStack, { begin, clock }: ObserverSettings, guard: Guard): void {
  // calls of a client that caches its handlers share a context, but never the arguments
  const CALL = Symbol('observed call');

  // low priority: after the stamp, so that the metadata is that which is sent
  stack.add((next, context) => {
    const operation = operationOf(context);
    if (!isCarrying(operation)) return next;
    return async (args: InitializeHandlerArguments<object>) => {
      const start = startOf(operation, args.input, guard);
      const observer = guard(() => begin(start)) ?? UNOBSERVED;
      const call = new ObservedCall(start, observer, clock, guard);
      const within = observer.within ?? (run => run());
      try {
        return call.answered(await within(() => next({ ...args, [CALL]: call } as typeof args)));
      } catch (error) {
        call.failed(error);
        throw error;
      }
    };
  }, { step: 'initialize', priority: 'low' });

  // by now the model is routed, and the endpoint is known
  stack.add((next, context) => (args: BuildHandlerArguments<object> & { [CALL]?: ObservedCall }) => {
    args[CALL]?.sending(sentOf(args, context));
    return next(args);
  }, { step: 'build', priority: 'low' });
}

function startOf(operation: ObservedOperation, input: CallInput, guard: Guard): CallStart {
  return { operation, requestedModelId: input.modelId ?? '', metadata: guard(() => metadataOf(input.requestMetadata)) ?? {} };
}

/** Pairs of Converse as they are, those of InvokeModel out of their header. */
function metadataOf(metadata: unknown): Record<string, string> {
  return { ...(typeof metadata === 'string' ? JSON.parse(metadata) : metadata) as Record<string, string> | undefined };
}

interface BuiltRequest {
  readonly hostname?: string;
  readonly port?: number;
  readonly protocol?: string;
}

function sentOf({ input, request }: BuildHandlerArguments<object>, context: HandlerExecutionContext): SentCall {
  const { hostname, port, protocol } = (request ?? {}) as BuiltRequest;
  return {
    modelId: (input as CallInput).modelId,
    region: regionOf(context, hostname),
    serverAddress: hostname,
    serverPort: port ?? (protocol === 'http:' ? 80 : 443),
  };
}
