import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelAliases, PriceBook } from '../../lib/price-book';

const DATA = join(__dirname, '..', '..', 'lib', 'price-book', 'data');

function text(file: string): string {
  return readFileSync(join(DATA, file), 'utf8');
}

const snapshot = PriceBook.fromJson(text('price-snapshot.json'));
const aliases = ModelAliases.fromJson(text('model-aliases.json'));
const at = '2026-11-01T00:00:00Z';

test.each(['price-snapshot.json', 'model-aliases.json', 'route-prefixes.json', 'billing-regions.json'])('%s says where it comes from and when it was read', file => {
  expect(JSON.parse(text(file))).toMatchObject({ source: expect.stringMatching(/./), retrieved: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) });
});

test('every shipped price names its source, the day it was read and how far the source can be trusted', () => {
  const bare = snapshot.entries.filter(({ source, retrieved, confidence }) => source === 'user-supplied' || retrieved === undefined || confidence === undefined);
  expect(bare).toEqual([]);
});

test('no shipped price claims to hold in every Region, since no source says so', () => {
  expect(snapshot.entries.filter(({ region }) => region === '*')).toEqual([]);
});

test.each([
  ['anthropic.claude-sonnet-4-6', 'us-east-1', 'regional', 'input', 3.3],
  ['anthropic.claude-sonnet-4-6', 'us-east-1', 'geo', 'input', 3.3],
  ['anthropic.claude-sonnet-4-6', 'us-east-1', 'global', 'input', 3],
  ['amazon.nova-micro-v1:0', 'us-east-1', 'regional', 'output', 0.14],
  ['amazon.nova-2-lite-v1:0', 'us-east-1', 'geo', 'input', 0.33],
  ['amazon.nova-lite-v1:0', 'us-east-1', 'regional', 'cache_write_5m', 0],
])('%s in %s on the %s route costs what the price list says for %s', (model, region, route, tokenType, usd) => {
  expect(snapshot.price({ model, region, route, tokenType, at })?.usd).toBe(usd);
});

test('a price list beats a community table that says something else', () => {
  const mistralLarge = snapshot.price({ model: 'mistral.mistral-large-2402-v1:0', region: 'us-east-1', route: 'regional', tokenType: 'input', at });
  expect(mistralLarge).toMatchObject({ usd: 4, confidence: 'price_list_capture' });
});

test.each([
  ['usage_type', 'Claude4.6Sonnet', 'anthropic.claude-sonnet-4-6'],
  ['usage_type', 'Claude4.5Haiku', 'anthropic.claude-haiku-4-5-20251001-v1:0'],
  ['usage_type', 'anthropic.claude-opus-4-8', 'anthropic.claude-opus-4-8'],
  ['usage_type', 'Nova2.0Lite', 'amazon.nova-2-lite-v1:0'],
  ['usage_type', 'gpt-oss-120b', 'openai.gpt-oss-120b-1:0'],
  ['usage_type', 'openai.gpt-oss-120b', 'openai.gpt-oss-120b-1:0'],
  ['usage_type', 'deepseek.v3.2', 'deepseek.v3.2'],
  ['usage_type', 'xai.grok-4.6', 'xai.grok-4.6'],
  ['usage_type', 'TitanEmbeddingV2-Text', 'amazon.titan-embed-text-v2:0'],
  ['product_name', 'Claude Sonnet 4.6 (Amazon Bedrock Edition)', 'anthropic.claude-sonnet-4-6'],
  ['product_name', 'Claude 3.5 Sonnet v2 (Amazon Bedrock Edition)', 'anthropic.claude-3-5-sonnet-20241022-v2:0'],
  ['product_name', 'Claude Opus 4 (Amazon Bedrock Edition)', 'anthropic.claude-opus-4-20250514-v1:0'],
  ['product_model', 'Llama 3.3 70B', 'meta.llama3-3-70b-instruct-v1:0'],
  ['log_model_id', 'openai.gpt-oss-20b', 'openai.gpt-oss-20b-1:0'],
])('the %s %s stands for %s', (kind, alias, model) => {
  expect(aliases.resolve(kind, alias)).toBe(model);
});

test('the usage type Claude3.5Sonnet is not guessed: two models could be meant', () => {
  expect(aliases.resolve('usage_type', 'Claude3.5Sonnet')).toBeUndefined();
});

test.each([['USE1', 'us-east-1'], ['EU', 'eu-west-1'], ['EUW1', 'eu-west-1'], ['APS1', 'ap-southeast-1'], ['APS3', 'ap-south-1'], ['UGW1', 'us-gov-west-1']])(
  'the billing code %s is %s', (code, region) => {
    const { entries } = JSON.parse(text('billing-regions.json')) as { entries: { code: string; region: string }[] };
    expect(entries.filter(entry => entry.code === code)).toEqual([{ code, region }]);
  });

test('only the prefix global. makes a call global', () => {
  const { entries } = JSON.parse(text('route-prefixes.json')) as { entries: { prefix: string; route: string }[] };
  expect(entries.filter(({ route }) => route !== 'geo')).toEqual([{ prefix: 'global.', route: 'global' }]);
  expect(entries.map(({ prefix }) => prefix)).toEqual(expect.arrayContaining(['us.', 'eu.', 'apac.', 'jp.', 'au.', 'us-gov.']));
});
