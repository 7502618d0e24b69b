import type { ObservedOperation, TokenCounts } from '../observer';

/**
 * Names of the semantic conventions for generative AI, which are in development: they are written down here, so that a new release of
 * the conventions changes what is sent when this package says so.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/aws-bedrock/
 */
export const PROVIDER = 'aws.bedrock';

/** Prefix of the attributes that have the values of attribution keys. */
export const KEY_PREFIX = 'bedrock.attribution.';

/** Attributes of this package, apart from those of keys, whatever keys a schema has. */
export const OwnAttribute = {
  /** `complete`, `partial` or `failed`. */
  STATUS: 'bedrock.call.status',
  /** The model as it was called, such as the ARN of an application inference profile. */
  MODEL_ID: 'bedrock.call.model_id',
  /** Times that the request was sent. */
  ATTEMPTS: 'bedrock.call.attempts',
} as const;

/** Bounds of histogram buckets that the conventions recommend. */
export const Buckets = {
  TOKENS: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
  SECONDS: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
};

/** Models whose own format has a prompt and a completion, and no messages. */
const COMPLETION = /amazon\.titan-text|amazon\.titan-tg1|ai21\.j2|cohere\.command-(text|light)|meta\.llama|mistral\.(mistral-7b|mixtral)/;

/** Models that make something other than text. */
const CONTENT = /stability\.|luma\.|titan-image|nova-(canvas|reel|sonic)/;

/** What the conventions call an operation. InvokeModel is what the model makes of it, and all that tells is the name of the model. */
export function operationName(operation: ObservedOperation, requestedModelId: string): string {
  if (operation.startsWith('Converse')) return 'chat';
  if (requestedModelId.includes('embed')) return 'embeddings';
  if (COMPLETION.test(requestedModelId)) return 'text_completion';
  return CONTENT.test(requestedModelId) ? 'generate_content' : 'chat';
}

/** All tokens of a prompt, those of the prompt cache too: so the conventions count, where Bedrock counts them apart. */
export function promptTokens({ inputTokens, cacheReadInputTokens, cacheWriteInputTokens }: TokenCounts): number | undefined {
  return inputTokens === undefined ? undefined : inputTokens + (cacheReadInputTokens ?? 0) + (cacheWriteInputTokens ?? 0);
}
