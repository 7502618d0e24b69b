import type { ModelOutput } from './model-output';

/** The answer of the Messages API of Anthropic, on Bedrock and on mantle. */
export function anthropicMessage(model: string, { usage, texts }: ModelOutput): object {
  return {
    id: 'msg_01',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: texts.join('') }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      cache_read_input_tokens: usage.cacheReadInputTokens,
      cache_creation_input_tokens: usage.cacheWriteInputTokens,
    },
  };
}

/**
 * The same answer as a stream.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export function anthropicEvents(model: string, output: ModelOutput): { readonly type: string }[] {
  const { usage, texts } = output;
  return [
    {
      type: 'message_start',
      message: {
        ...anthropicMessage(model, output),
        content: [],
        stop_reason: null,
        usage: {
          input_tokens: usage.inputTokens,
          output_tokens: 1,
          cache_read_input_tokens: usage.cacheReadInputTokens,
          cache_creation_input_tokens: usage.cacheWriteInputTokens,
        },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...texts.map(text => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: usage.outputTokens } },
    { type: 'message_stop' },
  ] as { readonly type: string }[];
}
