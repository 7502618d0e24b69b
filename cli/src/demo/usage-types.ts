import type { DemoModel, Tier, TokenType } from './models';
import { REGIONS, type RegionName } from './world';

const HYPHENS: Readonly<Record<TokenType, string>> = {
  input: 'input-tokens',
  output: 'output-tokens',
  cache_read: 'cache-read-input-token-count',
  cache_write_5m: 'cache-write-input-token-count',
  cache_write_1h: 'cache-write-input-token-count-1-hour',
};

const CAMEL: Readonly<Record<TokenType, string>> = {
  input: 'InputTokenCount',
  output: 'OutputTokenCount',
  cache_read: 'CacheReadInputTokenCount',
  cache_write_5m: 'CacheWriteInputTokenCount',
  cache_write_1h: 'CacheWrite1hInputTokenCount',
};

const SNAKE: Readonly<Record<TokenType, string>> = {
  input: 'input_tokens',
  output: 'output_tokens',
  cache_read: 'cache_read_tokens',
  cache_write_5m: 'cache_write_tokens',
  cache_write_1h: 'cache_write_tokens_1h',
};

const MANTLE: Readonly<Record<TokenType, string>> = {
  input: 'input-tokens',
  output: 'output-tokens',
  cache_read: 'cache-read-tokens',
  cache_write_5m: 'cache-write-tokens',
  cache_write_1h: 'cache-write-tokens-1h',
};

interface Usage {
  readonly region: RegionName;
  readonly tokenType: TokenType;
  readonly tier: Tier;
  readonly isGlobal: boolean;
}

/**
 * `line_item_usage_type` of token usage, in the grammar of the model.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-understanding-cur-data.html
 */
export function usageType(model: DemoModel, { region, tokenType, tier, isGlobal }: Usage): string {
  const code = REGIONS[region];
  switch (model.grammar) {
    case 'hyphens': {
      // flex stands before the route, batch after it
      const parts = [code, model.usageName, HYPHENS[tokenType], tier === 'flex' && 'flex', isGlobal && 'cross-region-global', tier === 'batch' && 'batch'];
      return parts.filter(Boolean).join('-');
    }
    case 'marketplace_camel':
      return `${code}-MP:${code}_${CAMEL[tokenType]}${isGlobal ? '_Global' : ''}${tier === 'batch' ? '_Batch' : ''}-Units`;
    case 'marketplace_snake':
      return `${code}-MP:${code}_${SNAKE[tokenType]}${isGlobal ? '_global' : ''}_${tier}-Units`;
    case 'mantle':
      return `${code}-${model.usageName ?? ''}-mantle-${MANTLE[tokenType]}-${isGlobal ? 'global-' : ''}standard`;
  }
}
