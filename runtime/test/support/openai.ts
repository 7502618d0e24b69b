import { type Answer, jsonAnswer } from './answer';
import { serverSentEvent } from './event-stream';
import { allTokens, type ModelOutput, promptTokens } from './model-output';
import type { Fields } from './recorded-request';

const CREATED = 1_770_000_000;

/** @see https://platform.openai.com/docs/api-reference/chat */
export function chatCompletions(input: Fields, { usage, texts }: ModelOutput): Answer {
  const base = { id: 'chatcmpl-1', created: CREATED, model: String(input.model) };
  const counts = {
    prompt_tokens: promptTokens(usage),
    completion_tokens: usage.outputTokens,
    total_tokens: allTokens(usage),
    prompt_tokens_details: { cached_tokens: usage.cacheReadInputTokens },
  };
  if (input.stream !== true) {
    return jsonAnswer({
      ...base,
      object: 'chat.completion',
      choices: [{ index: 0, finish_reason: 'stop', logprobs: null, message: { role: 'assistant', content: texts.join(''), refusal: null } }],
      usage: counts,
    });
  }
  const chunk = (fields: object): Uint8Array => serverSentEvent({ ...base, object: 'chat.completion.chunk', ...fields });
  return serverSentEvents([
    ...texts.map(content => chunk({ choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }] })),
    chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    // only those who ask for it are told the usage of a stream
    ...(input.stream_options as Fields | undefined)?.include_usage === true ? [chunk({ choices: [], usage: counts })] : [],
    serverSentEvent('[DONE]'),
  ]);
}

/** @see https://platform.openai.com/docs/api-reference/responses */
export function responses(input: Fields, { usage, texts }: ModelOutput): Answer {
  const started = { id: 'resp_1', object: 'response', created_at: CREATED, model: String(input.model), status: 'in_progress', output: [] };
  const completed = {
    ...started,
    status: 'completed',
    output: [{
      id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: texts.join(''), annotations: [] }],
    }],
    usage: {
      input_tokens: promptTokens(usage),
      input_tokens_details: { cached_tokens: usage.cacheReadInputTokens },
      output_tokens: usage.outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: allTokens(usage),
    },
  };
  if (input.stream !== true) return jsonAnswer(completed);
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const events = [
    { type: 'response.created', response: started },
    ...texts.map(delta => ({ type: 'response.output_text.delta', ...place, delta })),
    { type: 'response.completed', response: completed },
  ];
  return serverSentEvents(events.map((event, index) => serverSentEvent({ ...event, sequence_number: index }, event.type)));
}

/** A stream in the format of server-sent events. */
export function serverSentEvents(events: readonly Uint8Array[]): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    events,
    failure: (code, message) => serverSentEvent({ type: 'error', error: { type: code, message } }, 'error'),
  };
}
