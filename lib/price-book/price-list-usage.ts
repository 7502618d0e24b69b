/** What a product of the price list says about itself, as far as prices need it. */
export interface PriceListAttributes {
  readonly usagetype?: string;
  readonly regionCode?: string;
  readonly servicename?: string;
  readonly model?: string;
  readonly titanModel?: string;
  readonly inferenceType?: string;
  readonly feature?: string;
  readonly service_tier?: string;
}

/** How a price is counted and what it is for. */
export interface TokenUsage {
  readonly tokenType: string;
  readonly tier: string;
  readonly route: string;
  /** Whether the price holds for long prompts only; the list does not say from how many tokens on. */
  readonly isLongContext: boolean;
  /** The name of the model in the usage type; undefined in the grammar of AWS Marketplace, which has none. */
  readonly model?: string;
  /** Of two prices for the same thing, that of the lower number holds. */
  readonly rank: number;
}

/** Something of which the list has a price and the price book does not, and why. */
export interface OtherUsage {
  readonly reason: string;
}

const REGION_CODE = /^[A-Z]{2,4}[0-9]*-/;

/** The model in front of what is counted. The view `billed_usage` reads usage types with the same pattern. */
const MODEL_NAME = /^(.+?)(?:-mantle)?(?:-batch)?-(?:cache-read|cache-write|input-|output-)/;

/** Usage that is counted in tokens and is no call of a model. The first one that fits is the reason. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/custommodel|customization|training|finetun|distillation/, 'is for customized models, which have prices of their own'],
  [/reserved|tpm|tokensperminute|provisionedthroughput/, 'is for reserved capacity, which is paid for by the hour'],
  [/guardrail|dataautomation|knowledgebase|promptoptimiz|promptrout|evaluation|websearch|grounding/, 'is for a feature of Bedrock and not for a model'],
];

const MODALITY = /(image|audio|video|speech)[a-z]*(input|output)?token|(input|output)(image|audio|video|speech)/;

/** A tier is told by a word of the usage type, or of what stands beside it. */
const TIERS: readonly (readonly [string, string])[] = [
  ['batch', 'batch'], ['flex', 'flex'], ['priority', 'priority'], ['latencyoptimized', 'latency_optimized'],
];

/** Whether tokens are counted. */
export function isCountedInTokens({ usagetype = '', inferenceType = '' }: PriceListAttributes, unit: string): boolean {
  return /token|tpm/i.test(`${usagetype} ${inferenceType} ${unit}`);
}

/**
 * What a usage type that counts tokens says, in all of its grammars:
 *
 * - `USE1-NovaPro-cache-read-input-token-count-batch`, `USE1-Claude4.6Sonnet-input-tokens-cross-region-global`,
 * - `USE1-xai.grok-4.3-mantle-input-tokens-global-standard`,
 * - `USE1-MP:USE1_CacheWrite1hInputTokenCount_Global_Batch-Units`,
 * - `USE1-MP:USE1_cache_write_tokens_1h_long_ctx_global_standard-Units`.
 *
 * The words are those by which the view `billed_usage` reads the bill. Undefined when it says nothing that is known.
 *
 * @param isModel whether a name in front of what is counted is known to be that of a model, and not more than that
 */
export function readUsage(attributes: PriceListAttributes, isModel: (name: string) => boolean): TokenUsage | OtherUsage | undefined {
  const { usagetype = '', inferenceType = '', feature = '', service_tier: serviceTier = '' } = attributes;
  const name = usagetype.replace(REGION_CODE, '');
  const model = name.startsWith('MP:') ? undefined : MODEL_NAME.exec(name)?.[1];
  const counted = model !== undefined && isModel(model) ? name.slice(model.length) : name;
  const words = [name, feature, serviceTier, inferenceType].map(lettersOf).join('|');
  const other = OTHERS.find(([pattern]) => pattern.test(words))?.[1];
  if (other !== undefined) return { reason: other };
  if (MODALITY.test(lettersOf(counted)) || MODALITY.test(lettersOf(inferenceType))) {
    return { reason: 'counts tokens of images, sound or video, which the price book has no word for' };
  }

  const what = lettersOf(counted);
  if (/cachewrite.*30m|30m.*cachewrite/.test(what)) return { reason: 'counts cache writes that last thirty minutes, which the price book has no word for' };
  const tokenType = tokenTypeOf(what) ?? tokenTypeOf(lettersOf(inferenceType));
  if (tokenType === undefined) return undefined;
  return {
    tokenType,
    tier: TIERS.find(([word]) => words.includes(word))?.[1] ?? 'standard',
    route: words.includes('global') ? 'global' : /cross-region|[-_]geo(?![a-z])/i.test(name) ? 'geo' : 'regional',
    isLongContext: /longctx|longcontext|lctx/.test(words),
    model,
    // logs have the calls of the runtime endpoint only; an older name stands beside the newer one for a while
    rank: (usagetype.includes('-mantle-') ? 2 : 0) + (what.includes('cachedinput') ? 1 : 0),
  };
}

/** How many tokens a price buys; undefined when that is not clear: a mistake would make it a thousand times too high, or too low. */
export function tokensPerUnit(unit: string, description: string): number | undefined {
  const name = unit.trim().toLowerCase();
  if (['1m tokens', '1 million tokens', 'million tokens', '1,000,000 tokens'].includes(name)) return 1e6;
  if (['1k tokens', '1,000 tokens', 'thousand tokens'].includes(name)) return 1e3;
  if (['token', 'tokens'].includes(name)) return 1;
  if (name !== 'units') return undefined;
  // AWS Marketplace sells units, which are millions of tokens even where the description does not say so
  return /thousand|\b1,000\b|\b1k\b/i.test(description) ? undefined : 1e6;
}

function tokenTypeOf(letters: string): string | undefined {
  if (/cacheread|cachedinput/.test(letters)) return 'cache_read';
  if (letters.includes('cachewrite')) return /cachewrite1h|tokens1h|count1h/.test(letters) ? 'cache_write_1h' : 'cache_write_5m';
  if (/(output|response)token/.test(letters)) return 'output';
  if (letters.includes('inputtoken')) return 'input';
  return undefined;
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[-_ ]/g, '');
}
