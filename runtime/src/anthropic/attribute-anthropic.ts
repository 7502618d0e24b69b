import type { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk';
import { invalidClient } from '../adapters/invalid-client';
import { stampHeaders } from '../adapters/stamp-headers';
import type { Attribution } from '../attribution';

type Stamper = Pick<Attribution, 'stamp' | 'route' | 'routes'>;

type Middleware = AnthropicBedrock['middleware'][number];

/** Path of messages, beta ones too, before the client has made it one of Bedrock. */
const MESSAGES = /^\/v1\/messages(?:\?|$)/;

/**
 * A client of `@anthropic-ai/bedrock-sdk` that stamps and routes its calls: a copy of the given one, with one more middleware.
 *
 * The client signs what its middleware has made of a request, the header of request metadata included. That holds for messages, streamed
 * or not, and beta ones; each attempt of a call is stamped anew.
 *
 * @param client `AnthropicBedrock`, 0.30.2 or later; `AnthropicBedrockMantle` names a project instead
 * @param calls what stamps the calls
 * @returns the copy; the given client goes on as it was
 * @throws AttributionError `InvalidConfiguration` when the client is none of `AnthropicBedrock`, or too old to have middleware
 */
export function attributeAnthropic<C extends AnthropicBedrock>(client: C, calls: Stamper): C {
  // JavaScript may give anything; only AnthropicBedrock has awsSecretKey, null when its credentials come from elsewhere
  const { middleware, awsSecretKey } = Object(client) as Partial<AnthropicBedrock>;
  if (middleware === undefined || awsSecretKey === undefined) {
    throw invalidClient({
      subject: 'the Anthropic client',
      code: 'client',
      path: 'client',
      given: client,
      allowed: 'an AnthropicBedrock of @anthropic-ai/bedrock-sdk 0.30.2 or later',
      remedy: 'give such a client; AnthropicBedrockMantle names its project in a header instead',
    });
  }
  return client.withOptions({ middleware: [...middleware, stampMessages(calls, client.awsRegion)] });
}

function stampMessages(calls: Stamper, region: string): Middleware {
  return async (request, next, { options }) => {
    if (options?.method !== 'post' || !MESSAGES.test(options.path)) return next(request);
    const operation = options.stream === true ? 'InvokeModelWithResponseStream' : 'InvokeModel';
    const headers = stampHeaders(calls, request.headers, operation);
    // the client takes the path from the model of the body
    const body = calls.routes && typeof request.body === 'string'
      ? JSON.stringify(routed(JSON.parse(request.body) as Message, model => calls.route(model, region, operation)))
      : request.body;
    return next({ ...request, headers, body });
  };
}

interface Message {
  readonly model?: string;
}

function routed(message: Message, route: (model: string) => string): Message {
  return typeof message.model === 'string' ? { ...message, model: route(message.model) } : message;
}
