import type { Engine } from '../../src/engine/engine';
import { MODEL } from './world';

/** A row of the price book, with what most tests leave alone filled in. */
export interface PriceFields {
  readonly token_type: string;
  readonly usd: number;
  readonly model?: string;
  readonly region?: string;
  readonly route?: string;
  readonly tier?: string;
  readonly unit?: string;
  readonly context_threshold_tokens?: number;
  readonly effective_from?: string;
}

/** Makes these the only prices there are. The views look them up when they are read. */
export async function setPrices(engine: Engine, rows: readonly PriceFields[]): Promise<void> {
  await engine.run('DELETE FROM price_book');
  for (const row of rows) {
    await engine.run(
      `INSERT INTO price_book (model, region, route, tier, token_type, unit, usd, context_threshold_tokens, effective_from, precedence)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CAST($9 AS DATE), 0)`,
      [
        row.model ?? MODEL, row.region ?? '*', row.route ?? 'regional', row.tier ?? 'standard', row.token_type, row.unit ?? '1M tokens', row.usd,
        row.context_threshold_tokens ?? null, row.effective_from ?? null,
      ],
    );
  }
}
