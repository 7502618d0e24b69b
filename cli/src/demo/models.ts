/** What a token was for, as the bill tells it. */
export type TokenType = 'input' | 'output' | 'cache_read' | 'cache_write_5m' | 'cache_write_1h';

export type Tier = 'standard' | 'flex' | 'batch';

/** How the usage types of a model are written on the bill. */
export type Grammar = 'hyphens' | 'marketplace_camel' | 'marketplace_snake' | 'mantle';

type Rates = Partial<Record<TokenType, number>>;

/** A model of the demo: what it is called in the logs and on the bill, and what it costs. */
export interface DemoModel {
  /** Id of the foundation model: what every other name stands for. */
  readonly id: string;
  readonly provider: string;
  readonly grammar: Grammar;
  /** Name inside usage types; the Marketplace grammars name no model there. */
  readonly usageName?: string;
  /** `model` in the product map of first-party rows. */
  readonly productModel?: string;
  /** `product_name` in the product map of Marketplace rows. */
  readonly productName?: string;
  readonly productCode: string;
  readonly tokensPerUnit: 1_000 | 1_000_000;
  /** List price in US dollars per million tokens in the Regions of the United States, in-Region and geographic routes, standard tier. */
  readonly rates: Rates;
  /** The same where eu-west-1 differs. */
  readonly ireland?: Rates;
  /** Whether global routes are ten elevenths of the price. */
  readonly globalIsCheaper?: boolean;
}

/** The models, at list prices of autumn 2026 (https://aws.amazon.com/bedrock/pricing/). */
export const MODELS = {
  sonnet: {
    id: 'anthropic.claude-sonnet-4-6',
    provider: 'Anthropic',
    grammar: 'hyphens',
    usageName: 'Claude4.6Sonnet',
    productName: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)',
    productCode: '7zgyu5r4example46sonnet',
    tokensPerUnit: 1_000_000,
    rates: { input: 3.3, output: 16.5, cache_read: 0.33, cache_write_5m: 4.125, cache_write_1h: 6.6 },
    globalIsCheaper: true,
  },
  haikuCamel: {
    id: 'anthropic.claude-haiku-4-5-20251001-v1:0',
    provider: 'Anthropic',
    grammar: 'marketplace_camel',
    productName: 'Claude Haiku 4.5 (Amazon Bedrock Edition)',
    productCode: 'AmazonBedrockFoundationModels',
    tokensPerUnit: 1_000_000,
    rates: { input: 1.1, output: 5.5, cache_read: 0.11, cache_write_5m: 1.375, cache_write_1h: 2.2 },
    globalIsCheaper: true,
  },
  haikuSnake: {
    id: 'anthropic.claude-haiku-4-5-20251001-v1:0',
    provider: 'Anthropic',
    grammar: 'marketplace_snake',
    productName: 'Claude Haiku 4.5 (Amazon Bedrock Edition)',
    productCode: '4k8wexample45haiku',
    tokensPerUnit: 1_000_000,
    rates: { input: 1.1, output: 5.5, cache_read: 0.11, cache_write_5m: 1.375, cache_write_1h: 2.2 },
    globalIsCheaper: true,
  },
  haiku3: {
    id: 'anthropic.claude-3-haiku-20240307-v1:0',
    provider: 'Anthropic',
    grammar: 'hyphens',
    usageName: 'Claude3Haiku',
    productModel: 'Claude 3 Haiku',
    productCode: 'AmazonBedrock',
    tokensPerUnit: 1_000,
    rates: { input: 0.25, output: 1.25 },
  },
  novaLite: {
    id: 'amazon.nova-2-lite-v1:0',
    provider: 'Amazon',
    grammar: 'hyphens',
    usageName: 'Nova2.0Lite',
    productModel: 'Nova 2.0 Lite',
    productCode: 'AmazonBedrock',
    tokensPerUnit: 1_000,
    rates: { input: 0.33, output: 2.75, cache_read: 0.0825, cache_write_5m: 0 },
    ireland: { input: 0.374, output: 3.157, cache_read: 0.0935, cache_write_5m: 0 },
    globalIsCheaper: true,
  },
  novaMicro: {
    id: 'amazon.nova-micro-v1:0',
    provider: 'Amazon',
    grammar: 'hyphens',
    usageName: 'NovaMicro',
    productModel: 'Nova Micro',
    productCode: 'AmazonBedrock',
    tokensPerUnit: 1_000,
    rates: { input: 0.035, output: 0.14 },
    ireland: { input: 0.04, output: 0.16 },
  },
  titanEmbed: {
    id: 'amazon.titan-embed-text-v2:0',
    provider: 'Amazon',
    grammar: 'hyphens',
    usageName: 'TitanEmbeddingV2-Text',
    productCode: 'AmazonBedrock',
    tokensPerUnit: 1_000,
    rates: { input: 0.02 },
  },
  gptOss: {
    id: 'openai.gpt-oss-120b-1:0',
    provider: 'OpenAI',
    grammar: 'hyphens',
    usageName: 'gpt-oss-120b',
    productModel: 'gpt-oss-120b',
    productCode: 'AmazonBedrock',
    tokensPerUnit: 1_000,
    rates: { input: 0.15, output: 0.6 },
    ireland: { input: 0.18, output: 0.7 },
  },
  deepseek: {
    id: 'deepseek.v3.2',
    provider: 'DeepSeek',
    grammar: 'hyphens',
    usageName: 'deepseek.v3.2',
    productModel: 'DeepSeek v3.2',
    productCode: 'AmazonBedrock',
    tokensPerUnit: 1_000,
    rates: { input: 0.62, output: 1.85 },
  },
  /** Billed, but its list price is published nowhere that can be cited: its requests stay unpriced. */
  unpriced: {
    id: 'xai.grok-4.6',
    provider: 'xAI',
    grammar: 'hyphens',
    usageName: 'xai.grok-4.6',
    productCode: 'AmazonBedrockService',
    tokensPerUnit: 1_000_000,
    rates: { input: 2.2, output: 6.6 },
  },
  opusMantle: {
    id: 'anthropic.claude-opus-4-8',
    provider: 'Anthropic',
    grammar: 'mantle',
    usageName: 'anthropic.claude-opus-4-8',
    productCode: 'AmazonBedrockService',
    tokensPerUnit: 1_000_000,
    rates: { input: 5.5, output: 27.5, cache_read: 0.55, cache_write_5m: 6.875 },
  },
  gptOssMantle: {
    id: 'openai.gpt-oss-120b-1:0',
    provider: 'OpenAI',
    grammar: 'mantle',
    usageName: 'openai.gpt-oss-120b',
    productCode: 'AmazonBedrockService',
    tokensPerUnit: 1_000_000,
    rates: { input: 0.15, output: 0.6 },
  },
} as const satisfies Record<string, DemoModel>;

const TIER_FACTOR: Readonly<Record<Tier, number>> = { standard: 1, flex: 0.5, batch: 0.5 };

/** US dollars per million tokens. */
export function listPrice(model: DemoModel, where: { region: string; isGlobal: boolean; tier: Tier; tokenType: TokenType }): number {
  const rate = (where.region === 'eu-west-1' ? model.ireland : undefined)?.[where.tokenType] ?? model.rates[where.tokenType];
  if (rate === undefined) throw new RangeError(`${model.id} has no price for ${where.tokenType}`);
  return rate * TIER_FACTOR[where.tier] / (where.isGlobal && model.globalIsCheaper === true ? 1.1 : 1);
}
