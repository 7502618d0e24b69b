import { readFileSync } from 'fs';
import { join } from 'path';
import { ModelAliases } from '../../lib/price-book';
import { mergePriceLists, parsePriceList, type ParsedPriceList } from '../../lib/price-book/price-list';
import { direct, type ListedProduct, marketplace, offerFile } from './offer-file';

const ALIASES = ModelAliases.fromJson(readFileSync(join(__dirname, '../../lib/price-book/data/model-aliases.json'), 'utf8'));
const NOVA = 'amazon.nova-micro-v1:0';
const OPUS = 'anthropic.claude-opus-4-7';
const micro = (inferenceType: string, feature = 'On-demand Inference'): Record<string, string> => ({ model: 'Nova Micro', inferenceType, feature });

function parse(products: ListedProduct[], offerCode = 'AmazonBedrock'): ParsedPriceList {
  return parsePriceList(offerFile(offerCode, products), ALIASES);
}

/** The prices as `model route/tier/token type[>threshold] usd`. */
function prices({ entries }: ParsedPriceList): string[] {
  return entries.map(({ model, route, tier, tokenType, contextThresholdTokens, usd }) =>
    `${model} ${route}/${tier}/${tokenType}${contextThresholdTokens === undefined ? '' : `>${contextThresholdTokens}`} ${usd}`);
}

/** Cases that go by their usage types. */
function titled<T>(cases: [ListedProduct, T][]): [string, ListedProduct, T][] {
  return cases.map(([product, expected]) => [product.usagetype, product, expected]);
}

describe('products with a model attribute', () => {
  test.each(titled<string>([
    [direct('USE1-NovaMicro-input-tokens', '0.0000350000', micro('Input tokens')), `${NOVA} regional/standard/input 0.035`],
    [direct('USE1-NovaMicro-output-tokens', '0.0001400000', micro('Output tokens')), `${NOVA} regional/standard/output 0.14`],
    [direct('USE1-NovaMicro-output-tokens-batch', '0.0000700000', micro('Output tokens', 'Batch Inference')), `${NOVA} regional/batch/output 0.07`],
    [direct('USE1-NovaMicro-cache-read-input-token-count', '0.0000087500', micro('Prompt cache read input tokens')), `${NOVA} regional/standard/cache_read 0.00875`],
    [direct('USE1-NovaMicro-cache-write-input-token-count', '0.0000000000', micro('Prompt cache write input tokens')), `${NOVA} regional/standard/cache_write_5m 0`],
    [direct('USE1-Nova2.0Lite-output-tokens-cross-region-global-batch', '0.00125', { model: 'Nova 2.0 Lite', inferenceType: 'Output tokens' }), 'amazon.nova-2-lite-v1:0 global/batch/output 1.25'],
    [direct('USE1-NovaPro-output-tokens-latency-optimized', '0.0040000000', { model: 'Nova Pro Latency Optimized' }), 'amazon.nova-pro-v1:0 regional/latency_optimized/output 4'],
    [direct('APN1-zai.glm5-mantle-input-tokens-flex', '0.0006000000', { model: 'GLM 5', service_tier: 'flex', inferenceType: 'Input tokens flex' }), 'zai.glm-5 regional/flex/input 0.6'],
    [direct('USE1-gpt-oss-120b-output-tokens-priority', '0.00105', { model: 'gpt-oss-120b', inferenceType: 'Output tokens priority' }), 'openai.gpt-oss-120b-1:0 regional/priority/output 1.05'],
    [direct('USE1-xai.grok-4.3-mantle-input-tokens-global-standard', '2.0', { model: 'xai.grok-4.3', service_tier: 'global-standard' }, '1M tokens'), 'xai.grok-4.3 global/standard/input 2'],
    [direct('USE1-Claude4.6Sonnet-cache-write-input-token-count-1h', '0.0066'), 'anthropic.claude-sonnet-4-6 regional/standard/cache_write_1h 6.6'],
    [direct('USE1-TitanEmbeddingsG1-Image-input-tokens', '0.0008', { titanModel: 'Titan Multimodal Embeddings G1' }), 'amazon.titan-embed-image-v1 regional/standard/input 0.8'],
    [direct('USE1-qwen.qwen3-next-80b-a3b-instruct-mantle-batch-input-tokens', '0.000075', { model: 'Qwen3 Next 80B A3B' }, '1k tokens'), 'qwen.qwen3-next-80b-a3b regional/batch/input 0.075'],
    [direct('USE1-NovaMicro-input-tokens', '0.0000000350', micro('Input tokens'), 'Tokens'), `${NOVA} regional/standard/input 0.035`],
  ]))('%s', (_title, product, price) => {
    expect(prices(parse([product]))).toEqual([price]);
  });

  test('batch may be told by the feature alone', () => {
    expect(prices(parse([direct('USE1-NovaMicro-input-tokens', '0.00002', micro('Input tokens', 'BatchInference'))]))).toEqual([`${NOVA} regional/batch/input 0.02`]);
  });
});

describe('products of AWS Marketplace', () => {
  test.each([
    ['InputTokenCount', 'regional/standard/input'],
    ['OutputTokenCount_Global', 'global/standard/output'],
    ['OutputTokenCount_Geo', 'geo/standard/output'],
    ['CacheReadInputTokenCount', 'regional/standard/cache_read'],
    ['CacheWriteInputTokenCount_Global', 'global/standard/cache_write_5m'],
    ['CacheWrite1hInputTokenCount_Global', 'global/standard/cache_write_1h'],
    ['InputTokenCount_Batch', 'regional/batch/input'],
    ['OutputTokenCount_Global_Batch', 'global/batch/output'],
    ['MillionBatchInputTokens', 'regional/batch/input'],
    ['InputTokenCount_LatencyOptimized', 'regional/latency_optimized/input'],
    ['InputTokenCount_LCtx_Global', 'global/standard/input>200000'],
    ['input_tokens_standard', 'regional/standard/input'],
    ['output_tokens_global_standard', 'global/standard/output'],
    ['cache_read_tokens_standard', 'regional/standard/cache_read'],
    ['cached_input_tokens_standard', 'regional/standard/cache_read'],
    ['cache_write_tokens_standard', 'regional/standard/cache_write_5m'],
    ['cache_write_tokens_1h_global_standard', 'global/standard/cache_write_1h'],
    ['input_tokens_batch', 'regional/batch/input'],
    ['input_tokens_flex', 'regional/flex/input'],
    ['output_tokens_global_priority', 'global/priority/output'],
    ['cache_read_tokens_long_ctx_standard', 'regional/standard/cache_read>200000'],
  ])('%s', (counted, thing) => {
    expect(prices(parse([marketplace(counted, '5.5000000000')], 'AmazonBedrockFoundationModels'))).toEqual([`${OPUS} ${thing} 5.5`]);
  });

  test('are sold by units of a million tokens, whatever the description says beside', () => {
    const product = { ...marketplace('cache_write_tokens_standard', '6.875', 'Claude Opus 4.7', 'Units'), description: 'AWS Marketplace software usage|us-east-1|Cache Write Tokens - Standard' };
    expect(prices(parse([product]))).toEqual([`${OPUS} regional/standard/cache_write_5m 6.875`]);
  });

  test('may be searches', () => {
    const [entry] = parse([marketplace('search_units', '0.0020000000', 'Cohere Rerank v3.5', 'Search Units')]).entries;
    expect(entry).toMatchObject({ model: 'cohere.rerank-v3-5:0', tokenType: 'search', unit: 'search_unit', usd: 0.002 });
  });
});

test('a price says where, from when on and where it was read', () => {
  const product = { ...marketplace('input_tokens_standard', '5.5', 'Claude Opus 5.5'), from: '2026-10-01' };
  const { entries } = parse([{ ...product, attributes: { ...product.attributes, regionCode: 'eu-west-1' } }], 'AmazonBedrockFoundationModels');
  expect(entries).toEqual([{
    model: 'anthropic.claude-opus-5-5', region: 'eu-west-1', route: 'regional', tier: 'standard', tokenType: 'input', unit: '1M tokens', usd: 5.5,
    effectiveFrom: '2026-10-01', source: 'AWS Price List AmazonBedrockFoundationModels 20261120202025, SKU SKU0000000000000', confidence: 'price_list_capture',
  }]);
});

describe('what is not understood is reported, and why', () => {
  test.each([
    ['a model that nobody has named', marketplace('input_tokens_standard', '1', 'Claude Nonesuch 9'), 'the model is not known: give an alias for "Claude Nonesuch 9 (Amazon Bedrock Edition)"'],
    ['a model that is in the usage type only', direct('USE1-nonesuch.nine-mantle-input-tokens-standard', '1'), 'give an alias for "nonesuch.nine"'],
    ['a kind of token that nobody has named', direct('USE1-NovaMicro-thinking-tokens', '1', { model: 'Nova Micro' }), 'names no kind of token that is known'],
    ['a unit of unknown size', direct('USE1-NovaMicro-input-tokens', '1', micro('Input tokens'), 'bundle'), 'the unit "bundle" does not say how many tokens it is'],
    ['units of thousands', { ...marketplace('InputTokenCount', '1', 'Claude Opus 4.7', 'Units'), description: 'Thousand Input Tokens' }, 'the unit "Units" does not say'],
    ['an input that costs nothing', direct('USE1-NovaMicro-input-tokens', '0.0000000000', micro('Input tokens')), 'the price is zero'],
    ['a price that is no number', direct('USE1-NovaMicro-input-tokens', 'n/a', micro('Input tokens')), 'no single price in US dollars'],
    ['a price below zero', direct('USE1-NovaMicro-input-tokens', '-1', micro('Input tokens')), 'no single price in US dollars'],
    ['an empty price', direct('USE1-NovaMicro-input-tokens', '', micro('Input tokens')), 'no single price in US dollars'],
    ['a Region that is none', direct('USE1-NovaMicro-input-tokens', '1', { ...micro('Input tokens'), regionCode: 'everywhere' }), 'its Region is "everywhere"'],
    ['a price without a day', { ...direct('USE1-NovaMicro-input-tokens', '1', micro('Input tokens')), from: '' }, 'since when the price holds'],
  ])('%s', (_case, product, reason) => {
    const { entries, unknown, others } = parse([product]);
    expect({ entries, others }).toEqual({ entries: [], others: [] });
    expect(unknown).toMatchObject([{ usage_type: product.usagetype, reason: expect.stringContaining(reason) }]);
  });

  test('a price in another currency', () => {
    const file = JSON.parse(JSON.stringify(offerFile('AmazonBedrock', [direct('CNW1-NovaMicro-input-tokens', '1', micro('Input tokens'))])).replace('"USD"', '"CNY"')) as object;
    expect(parsePriceList(file, ALIASES).unknown).toMatchObject([{ usd: null, reason: 'it has no single price in US dollars' }]);
  });

  test('a price that depends on the volume', () => {
    const file = offerFile('AmazonBedrock', [direct('USE1-NovaMicro-input-tokens', '1', micro('Input tokens'))]) as { terms: { OnDemand: Record<string, Record<string, { priceDimensions: object }>> } };
    const [term] = Object.values(file.terms.OnDemand).flatMap(terms => Object.values(terms));
    term.priceDimensions = { ...term.priceDimensions, more: { unit: '1K tokens', pricePerUnit: { USD: '0.5' } } };
    expect(parsePriceList(file, ALIASES).unknown).toMatchObject([{ reason: 'it has no single price in US dollars' }]);
  });

  test('a product without a term', () => {
    const file = { ...offerFile('AmazonBedrock', [direct('USE1-NovaMicro-input-tokens', '1', micro('Input tokens'))]), terms: {} };
    expect(parsePriceList(file, ALIASES).unknown).toMatchObject([{ unit: null, usd: null, reason: 'the unit "" does not say how many tokens it is' }]);
  });

  test('an alias that is the id of an inference profile', () => {
    const aliases = ModelAliases.fromJson(JSON.stringify({ entries: [{ kind: 'product_model', alias: 'Nova Micro', model: 'us.amazon.nova-micro-v1:0' }] }));
    const { unknown } = parsePriceList(offerFile('AmazonBedrock', [direct('USE1-NovaMicro-input-tokens', '1', micro('Input tokens'))]), aliases);
    expect(unknown).toMatchObject([{ reason: 'its alias is "us.amazon.nova-micro-v1:0": give the id of a model without a geography prefix' }]);
  });

  test('two prices of the same thing that differ, both of them', () => {
    const { entries, unknown } = parse([marketplace('InputTokenCount_Batch', '1.5'), marketplace('MillionBatchInputTokens', '1.6')]);
    expect(entries).toEqual([]);
    expect(unknown.map(({ usd }) => usd)).toEqual(['1.5', '1.6']);
    expect(unknown[0].reason).toBe('USE1-MP:USE1_InputTokenCount_Batch-Units and USE1-MP:USE1_MillionBatchInputTokens-Units are prices of the same thing, and differ');
  });
});

describe('what is nothing for a price book is listed apart, and why', () => {
  test.each(titled<string>([
    [direct('USE1-NovaMicro-input-tokens-custom-model', '1', micro('Input tokens', 'Model Customization')), 'customized models'],
    [direct('USE1-NovaMicro-Customization-Training', '0.001', { model: 'Nova Micro', feature: 'Model Customization' }), 'customized models'],
    [direct('USE1-NovaMicro-Customization-Storage', '1.95', { model: 'Nova Micro' }, 'Model/month'), 'not priced by tokens but by "Model/month"'],
    [direct('USE1-NovaMicro-ProvisionedThroughput-NoCommit-ModelUnits', '60.5', { model: 'Nova Micro' }, 'hour'), 'not priced by tokens but by "hour"'],
    [marketplace('Reserved_1Month_InputTPM_Geo', '0.198', 'Claude Sonnet 4.6', 'Units'), 'reserved capacity'],
    [marketplace('ProvisionedThroughput_NoCommit_ModelUnits_Usage', '176', 'Claude 3.5 Sonnet', 'Units'), 'not priced by tokens but by "Units"'],
    [direct('USE1-Claude4.5Sonnet-reserved-3-month-input-tokens-per-minute-cross-region-geo', '1'), 'reserved capacity'],
    [direct('USE1-Nova2.0Omni-input-image-token-count', '1', { inferenceType: 'Input Image Token Count' }), 'images, sound or video'],
    [direct('USE1-NovaSonic-speech-input-tokens', '1', { model: 'Nova Sonic', inferenceType: 'Speech Understanding input token' }), 'images, sound or video'],
    [direct('USE1-NovaCanvas-T2I-1024-Standard', '0.04', { model: 'Nova Canvas' }, 'image'), 'not priced by tokens but by "image"'],
    [direct('USE1-BedrockKnowledgeBase-searchunits', '0.001', {}, 'Search Units'), 'not priced by tokens but by "Search Units"'],
    [direct('USE1-PromptOptimization-tokens', '0.03'), 'a feature of Bedrock'],
    [marketplace('cache_write_tokens_30m_standard', '2.5', 'OpenAI GPT-5.6 Terra'), 'thirty minutes'],
    [marketplace('input_tokens_long_ctx_standard', '4', 'OpenAI GPT-5.6 Terra'), 'does not say how long'],
  ]))('%s', (_title, product, reason) => {
    const { entries, unknown, others } = parse([product]);
    expect({ entries, unknown }).toEqual({ entries: [], unknown: [] });
    expect(others).toMatchObject([{ usage_type: product.usagetype, reason: expect.stringContaining(reason) }]);
  });
});

describe('products for the same thing', () => {
  const runtime = direct('USE1-zai.glm5-input-tokens', '0.0012', { model: 'GLM 5' });
  const mantle = direct('USE1-zai.glm5-mantle-input-tokens-standard', '0.0012', { model: 'GLM 5' });

  test.each([[[runtime, mantle]], [[mantle, runtime]]])('agree where they have the same price', products => {
    const { entries, unknown, others } = parse(products);
    expect([entries.length, unknown, others]).toEqual([1, [], []]);
  });

  test.each([['first', false], ['last', true]])('the price of the runtime endpoint holds, when it comes %s, and the other one is listed', (_case, isLast) => {
    const products = [runtime, { ...mantle, usd: '0.0099' }];
    const parsed = parse(isLast ? products.reverse() : products);
    expect(prices(parsed)).toEqual(['zai.glm-5 regional/standard/input 1.2']);
    expect(parsed.others).toMatchObject([{ usage_type: mantle.usagetype, reason: `has another price than ${runtime.usagetype}, which holds` }]);
  });

  test('the newer name of cache reads holds', () => {
    const parsed = parse([marketplace('cached_input_tokens_standard', '0.25'), marketplace('cache_read_tokens_standard', '0.2')]);
    expect(prices(parsed)).toEqual([`${OPUS} regional/standard/cache_read 0.2`]);
  });

  test('are two prices when they start on different days', () => {
    const parsed = parse([marketplace('input_tokens_standard', '5'), { ...marketplace('input_tokens_standard', '4'), from: '2026-12-01' }]);
    expect(parsed.entries.map(({ usd, effectiveFrom }) => [usd, effectiveFrom])).toEqual([[5, '2026-11-01'], [4, '2026-12-01']]);
  });
});

describe('files of several service codes', () => {
  const glm = (usd: string, from: string): ParsedPriceList => parse([{ ...direct('USE1-zai.glm5-input-tokens', usd, { model: 'GLM 5' }), from }]);
  const merged = (...lists: ParsedPriceList[]): ParsedPriceList => mergePriceLists(lists);

  test('are one price where they agree, on whatever day it starts', () => {
    const { entries, unknown } = merged(glm('0.0012', '2026-10-01'), glm('0.0012', '2026-10-01'), glm('0.0012', '2026-11-01'));
    expect(entries.map(({ usd, effectiveFrom }) => [usd, effectiveFrom])).toEqual([[1.2, '2026-10-01'], [1.2, '2026-11-01']]);
    expect(unknown).toEqual([]);
  });

  test('are both unknown where their newest prices differ', () => {
    const { entries, unknown } = merged(glm('0.0012', '2026-10-01'), glm('0.0013', '2026-11-01'));
    expect(entries).toEqual([]);
    expect(unknown).toMatchObject([{ usd: '1.2' }, { usd: '1.3', sku: 'SKU0000000000000', reason: 'another service code has another price for input of this model' }]);
  });

  test('keep what each of them has alone, and all that is no price', () => {
    const other = parse([direct('USE1-NovaMicro-input-tokens', '0.000035', micro('Input tokens')), direct('USE1-NovaCanvas-T2I', '0.04', {}, 'image')]);
    const nonesuch = parse([marketplace('input_tokens_standard', '1', 'Nonesuch')]);
    const { entries, unknown, others } = merged(glm('0.0012', '2026-10-01'), other, nonesuch);
    expect([entries.map(({ model }) => model), unknown.length, others.length]).toEqual([['zai.glm-5', NOVA], 1, 1]);
  });

  test('may be none', () => {
    expect(merged()).toEqual({ entries: [], unknown: [], others: [] });
  });
});

describe('a file', () => {
  test.each([['nothing', null], ['an error page', 'AccessDenied'], ['an index', { regions: {} }], ['a file without terms', { offerCode: 'AmazonBedrock', products: {} }]])('fails when it is %s', (_case, file) => {
    expect(() => parsePriceList(file, ALIASES)).toThrow('it has no offerCode, products and terms');
  });

  test('may be empty', () => {
    expect(parse([])).toEqual({ entries: [], unknown: [], others: [] });
  });
});
