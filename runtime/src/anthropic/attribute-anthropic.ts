import type { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk';
import { invalidClient } from '../adapters/invalid-client';
import { stampHeaders } from '../adapters/stamp-headers';
import type { Stamper } from '../stamper';

type Middleware = AnthropicBedrock['middleware'][number];

/** Paths of messages, beta ones too, and of completions in old versions, before the client has made them those of Bedrock. */
const CALLS = /^\/v1\/(?:messages|complete)(?:\?|$)/;

/** Marks the middleware; copies of this module have to know it of each other. */
const STAMPS = Symbol.for('bedrock-cost-attribution.stamps');

/**
 * Has a client of `@anthropic-ai/bedrock-sdk` stamp and route its calls: a middleware is added after its own.
 *
 * The client signs what its middleware has made of a request, the header of request metadata included. That holds for messages, streamed
 * or not, and beta ones; each attempt of a call is stamped anew. What `withOptions` makes of the client later on stamps as well.
 *
 * @param client `AnthropicBedrock`, 0.30.2 or later; `AnthropicBedrockMantle` names a project instead
 * @param calls what stamps the calls
 * @returns the client, so that it can be used at once
 * @throws AttributionError `InvalidConfiguration` when the client is none of `AnthropicBedrock`, too old to have middleware, or stamps its
 *   calls already
 */
export function attributeAnthropic<C extends AnthropicBedrock>(client: C, calls: Stamper): C {
  const invalid = { subject: 'the Anthropic client', path: 'client', given: client };
  // JavaScript may give anything; only AnthropicBedrock has awsSecretKey, null when its credentials come from elsewhere
  const { middleware, awsSecretKey } = Object(client) as Partial<AnthropicBedrock>;
  if (middleware === undefined || awsSecretKey === undefined) {
    throw invalidClient({
      ...invalid,
      code: 'client',
      allowed: 'an AnthropicBedrock of @anthropic-ai/bedrock-sdk 0.30.2 or later',
      remedy: 'give such a client; AnthropicBedrockMantle names its project in a header instead',
    });
  }
  if (middleware.some(one => STAMPS in one)) {
    throw invalidClient({
      ...invalid,
      code: 'usedTwice',
      allowed: 'a client that does not stamp its calls yet',
      remedy: 'attribute a client only once, where it is made',
    });
  }
  // a copy by withOptions would lack the credentials of AWS in some versions
  client.middleware = [...middleware, Object.assign(stampCalls(calls, client.awsRegion), { [STAMPS]: true })];
  return client;
}

function stampCalls(calls: Stamper, region: string): Middleware {
  return async (request, next, { options }) => {
    if (options?.method !== 'post' || !CALLS.test(options.path)) return next(request);
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
