import type { TokenCounts } from './call-usage';

/** What an answer, or an event of one, tells about its tokens and its end. */
export interface Told {
  readonly counts?: TokenCounts;
  readonly stopReason?: string;
}

/** Names of the four counts in one place where the service gives them. */
type Names = readonly [input: string, output: string, cacheRead: string, cacheWrite: string];

const USAGE: Names = ['inputTokens', 'outputTokens', 'cacheReadInputTokens', 'cacheWriteInputTokens'];

const HEADERS: Names = [
  'x-amzn-bedrock-input-token-count',
  'x-amzn-bedrock-output-token-count',
  'x-amzn-bedrock-cache-read-input-token-count',
  'x-amzn-bedrock-cache-write-input-token-count',
];

/** Member that the service adds to the last chunk of a stream, whatever the model's own format is. */
const METRICS = 'amazon-bedrock-invocationMetrics';
const METRICS_NAMES: Names = ['inputTokenCount', 'outputTokenCount', 'cacheReadInputTokenCount', 'cacheWriteInputTokenCount'];

/** The output of Converse, or the event of ConverseStream that has the same members. */
export interface ConverseAnswer {
  readonly usage?: object;
  readonly stopReason?: string;
}

/** An event of a stream: an object with one member, by the kind of the event. */
export interface StreamEvent {
  readonly messageStop?: ConverseAnswer;
  readonly metadata?: ConverseAnswer;
  readonly chunk?: { readonly bytes?: Uint8Array };
}

export function readConverse({ usage, stopReason }: ConverseAnswer): Told {
  return { counts: countsOf(usage, USAGE), stopReason };
}

export function readHeaders(headers: object | undefined): Told {
  return { counts: countsOf(headers, HEADERS) };
}

export function readEvent({ messageStop, metadata, chunk }: StreamEvent): Told {
  if (chunk?.bytes !== undefined) return readChunk(chunk.bytes);
  return readConverse({ ...messageStop, ...metadata });
}

/** Only the last chunk is parsed: a search for its member costs next to nothing. */
function readChunk({ buffer, byteOffset, byteLength }: Uint8Array): Told {
  const text = Buffer.from(buffer, byteOffset, byteLength);
  if (!text.includes(METRICS)) return {};
  // a model may also write that word, then the chunk has no such member
  const { [METRICS]: metrics } = JSON.parse(text.toString()) as { readonly [METRICS]?: object };
  return { counts: countsOf(metrics, METRICS_NAMES) };
}

function countsOf(source: object | undefined, names: Names): TokenCounts | undefined {
  const values = source as Record<string, unknown> | undefined;
  const [inputTokens, outputTokens, cacheReadInputTokens, cacheWriteInputTokens] = names.map(name => countOf(values?.[name]));
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  return { inputTokens, outputTokens, cacheReadInputTokens, cacheWriteInputTokens };
}

function countOf(value: unknown): number | undefined {
  const count = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof count === 'number' && Number.isFinite(count) ? count : undefined;
}
