import type { PriceEntry } from './price-entry';

/** An entry in the spelling of price files and of the table `price_book`. */
export function priceRow(entry: PriceEntry): Record<string, string | number | null> {
  return {
    model: entry.model,
    region: entry.region,
    route: entry.route,
    tier: entry.tier,
    token_type: entry.tokenType,
    unit: entry.unit,
    usd: entry.usd,
    context_threshold_tokens: entry.contextThresholdTokens ?? null,
    effective_from: entry.effectiveFrom ?? null,
    effective_to: entry.effectiveTo ?? null,
    source: entry.source,
    retrieved: entry.retrieved ?? null,
    confidence: entry.confidence ?? null,
  };
}
