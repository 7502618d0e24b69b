import { type Attributes, type Context, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { CallUsage } from '../observer';
import type { CallStart } from '../observer/observed-call';
import { operationName, OwnAttribute, promptTokens, PROVIDER } from './semantic-conventions';

/**
 * Starts the span of a call, as a child of the span of the context.
 *
 * @param keys attributes of attribution keys
 */
export function startSpan(tracer: Tracer, context: Context, { operation, requestedModelId }: CallStart, keys: Attributes): Span {
  const name = operationName(operation, requestedModelId);
  const attributes: Attributes = {
    ...keys,
    'gen_ai.operation.name': name,
    'gen_ai.provider.name': PROVIDER,
    'gen_ai.request.model': requestedModelId,
    // the conventions want it on streams alone
    'gen_ai.request.stream': operation === 'ConverseStream' || operation === 'InvokeModelWithResponseStream' ? true : undefined,
  };
  return tracer.startSpan(`${name} ${requestedModelId}`.trimEnd(), { kind: SpanKind.CLIENT, attributes }, context);
}

/** Ends the span of a call with all that is known by then. */
export function endSpan(span: Span, usage: CallUsage): void {
  const { errorName, stopReason, timeToFirstChunkMs } = usage;
  span.setAttributes({
    'server.address': usage.serverAddress,
    'server.port': usage.serverPort,
    'cloud.region': usage.region,
    'aws.request_id': usage.requestId,
    'gen_ai.usage.input_tokens': promptTokens(usage),
    'gen_ai.usage.output_tokens': usage.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cacheReadInputTokens,
    'gen_ai.usage.cache_creation.input_tokens': usage.cacheWriteInputTokens,
    'gen_ai.response.finish_reasons': stopReason === undefined ? undefined : [stopReason],
    'gen_ai.response.time_to_first_chunk': timeToFirstChunkMs === undefined ? undefined : timeToFirstChunkMs / 1000,
    [OwnAttribute.STATUS]: usage.status,
    [OwnAttribute.MODEL_ID]: usage.modelId,
    [OwnAttribute.ATTEMPTS]: usage.attempts,
    'error.type': errorName,
  });
  // without its message: those of AWS name principals, who may be persons
  if (errorName !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
