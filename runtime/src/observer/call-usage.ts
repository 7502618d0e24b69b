/** The operations whose calls are observed: those that carry request metadata. */
export type ObservedOperation = 'Converse' | 'ConverseStream' | 'InvokeModel' | 'InvokeModelWithResponseStream';

/** How a call ended. */
export type CallStatus =
  /** The answer was received; a stream up to its token counts, which come last. */
  | 'complete'
  /** A stream ended before its token counts: its consumer left, the call was aborted, the connection broke, or the service had an error. */
  | 'partial'
  /** There was no answer: the service refused the call, no connection was made, or the call was not sent at all. */
  | 'failed';

/**
 * Tokens as the service counted them; a count that it did not give is undefined, and never an estimate.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
 */
export interface TokenCounts {
  /** Tokens of the prompt without those of the two cache counts. */
  readonly inputTokens?: number;
  /** Tokens that the model generated. */
  readonly outputTokens?: number;
  /** Tokens of the prompt that were read from the prompt cache. */
  readonly cacheReadInputTokens?: number;
  /** Tokens of the prompt that were written to the prompt cache. */
  readonly cacheWriteInputTokens?: number;
}

/**
 * What is known about one call once it has ended. Attempts that the SDK repeats belong to the same call.
 */
export interface CallUsage extends TokenCounts {
  /** Name of the operation. */
  readonly operation: ObservedOperation;
  /** The model that the call site asked for, an id or an ARN. Empty when it asked for none, which no call survives. */
  readonly requestedModelId: string;
  /** The model as it was called, by an application inference profile for example; undefined when no request was built. */
  readonly modelId?: string;
  /** Region of the call, where it can be told. */
  readonly region?: string;
  /** Host that the call was sent to. */
  readonly serverAddress?: string;
  /** Port of that host. */
  readonly serverPort?: number;
  /** The request metadata as it was sent; empty when there was none. */
  readonly metadata: Readonly<Record<string, string>>;
  /** How the call ended. */
  readonly status: CallStatus;
  /** Name of the error that ended the call, or its code when its name says nothing: `ThrottlingException`, `AbortError`, `ECONNRESET`. */
  readonly errorName?: string;
  /** Milliseconds from `send` to the end of the answer, of a stream to the end of its consumption. */
  readonly durationMs: number;
  /** Milliseconds from `send` until the consumer got the first event of a stream. */
  readonly timeToFirstChunkMs?: number;
  /** Times that the SDK sent the request. */
  readonly attempts?: number;
  /** Id of the request, as the invocation log has it. */
  readonly requestId?: string;
  /** Why the model stopped, such as `end_turn`. Only the two Converse operations tell. */
  readonly stopReason?: string;
}
