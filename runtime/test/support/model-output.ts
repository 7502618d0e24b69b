/** Tokens that the models of the endpoint count for every call. */
export interface ModelUsage {
  /** Tokens of the prompt that no cache knew. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadInputTokens: number;
  readonly cacheWriteInputTokens: number;
}

/** What every model of the endpoint says. */
export interface ModelOutput {
  readonly usage: ModelUsage;
  /** Parts of the text, each an event of its own in a stream. */
  readonly texts: readonly string[];
}

export const USUAL_OUTPUT: ModelOutput = {
  usage: { inputTokens: 12, outputTokens: 7, cacheReadInputTokens: 5, cacheWriteInputTokens: 3 },
  texts: ['Attribution ', 'is known.'],
};

export function allTokens(usage: ModelUsage): number {
  return promptTokens(usage) + usage.outputTokens;
}

/** Tokens of the prompt as OpenAI counts them: with those that a cache knew. */
export function promptTokens({ inputTokens, cacheReadInputTokens, cacheWriteInputTokens }: ModelUsage): number {
  return inputTokens + cacheReadInputTokens + cacheWriteInputTokens;
}
