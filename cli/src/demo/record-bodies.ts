import type { LogRecord } from './log-records';

/** The response body of a record: an object, or for streams of InvokeModel a list of events. `undefined` where none is delivered. */
export function recordBody(record: LogRecord): unknown {
  const { call, status } = record;
  if (status === 'failed') return undefined;
  // with neither count, only the body tells a blocked stream from a broken one
  if (status === 'blocked') return call.operation === 'ConverseStream' ? { output: message('Sorry.'), stopReason: 'guardrail_intervened' } : undefined;
  if (call.workload.logsBodies !== true) return undefined;
  switch (call.operation) {
    case 'Converse':
    case 'ConverseStream': return converseBody(record);
    case 'InvokeModel': return messagesBody(record);
    case 'InvokeModelWithResponseStream': return streamedEvents(record);
  }
}

function message(text: string): unknown {
  return { message: { role: 'assistant', content: [{ text }] } };
}

/** Counts of the cache stand twice in some bodies, under two names. */
function converseBody({ status, input, output, cacheRead, cacheWrite }: LogRecord): unknown {
  const usage = {
    inputTokens: input,
    outputTokens: output ?? undefined,
    cacheReadInputTokens: cacheRead ?? undefined,
    cacheReadInputTokenCount: cacheRead ?? undefined,
    cacheWriteInputTokens: cacheWrite ?? undefined,
    cacheWriteInputTokenCount: cacheWrite ?? undefined,
  };
  return { output: message('Nothing much.'), stopReason: status === 'complete' ? 'end_turn' : undefined, metrics: { latencyMs: 812 }, usage };
}

function messagesBody({ call, input, output, cacheRead, cacheWrite }: LogRecord): unknown {
  const split = { ephemeral_5m_input_tokens: call.used.cache_write_5m ?? 0, ephemeral_1h_input_tokens: call.used.cache_write_1h ?? 0 };
  return {
    id: `msg_${call.requestId.slice(0, 8)}`,
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: 'Nothing much.' }],
    stop_reason: 'end_turn',
    usage: {
      input_tokens: input,
      output_tokens: output,
      cache_read_input_tokens: cacheRead ?? undefined,
      cache_creation_input_tokens: cacheWrite ?? undefined,
      cache_creation: cacheWrite === null ? undefined : split,
    },
  };
}

/** The usage of the first event is provisional; a stream that broke has no last event. */
function streamedEvents({ call, status, input, output }: LogRecord): unknown[] {
  const start = { type: 'message_start', message: { id: `msg_${call.requestId.slice(0, 8)}`, usage: { input_tokens: input, output_tokens: 1 } } };
  const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Nothing' } };
  if (status === 'partial') return [start, delta];
  const metrics = { inputTokenCount: input, outputTokenCount: output, invocationLatency: 812, firstByteLatency: 201 };
  return [start, delta, { 'type': 'message_stop', 'amazon-bedrock-invocationMetrics': metrics }, '[DONE]'];
}
