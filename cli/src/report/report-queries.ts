import type { QueryEngine, Row } from '../engine/query-engine';
import type { ForgedClaim } from './report-contract';
import type { ReportSources } from './report-sources';
import { number } from './sum-rows';

/** Figures of the calls as they were recorded, in one row. */
export async function readCalls(engine: QueryEngine, within: string): Promise<Row> {
  const [calls] = await engine.rows(`SELECT
      cast(min(usage_date) AS varchar) AS first_day,
      cast(max(usage_date) AS varchar) AS last_day,
      count(*) AS requests,
      count_if(record_status = 'failed') AS failed_requests,
      count_if(record_status = 'blocked') AS blocked_requests,
      count_if(record_status = 'partial') AS partial_requests,
      coalesce(sum(record_count - 1), 0) AS duplicate_records,
      coalesce(sum(input_tokens), 0) AS input_tokens,
      coalesce(sum(output_tokens), 0) AS output_tokens,
      coalesce(sum(cache_read_tokens), 0) AS cache_read_tokens,
      coalesce(sum(cache_write_tokens), 0) AS cache_write_tokens,
      count_if(coalesce(cardinality(request_metadata), 0) = 0) AS no_metadata
    FROM invocations WHERE ${within}`);
  return calls;
}

/** Figures of the bill as a whole, and whether anything says what is enforced for a caller, in one row. */
export async function readBill(engine: QueryEngine, within: string): Promise<Row> {
  const [bill] = await engine.rows(`SELECT
      cast(min(usage_date) AS varchar) AS first_day,
      cast(max(usage_date) AS varchar) AS last_day,
      count(*) AS lines,
      count(caller) AS callers,
      coalesce(sum(billed_usd), 0) AS billed,
      coalesce(sum(adjustments_usd), 0) AS adjustments,
      count_if(has_tag_conflict) AS conflicts,
      (SELECT count(*) FROM principals) AS principals
    FROM billed_usage WHERE ${within}`);
  return bill;
}

/** Requests, tokens and estimates by day and what the records declare: calls are priced once, all estimates are summed from these rows. */
export async function readCosts(engine: QueryEngine, by: readonly string[], within: string): Promise<Row[]> {
  const keys = by.join(', ');
  return engine.rows(`SELECT cast(usage_date AS varchar) AS day, ${keys}, count(*) AS requests, sum(input_tokens) AS input_tokens,
      sum(output_tokens) AS output_tokens, sum(cache_read_tokens) AS cache_read_tokens, sum(cache_write_tokens) AS cache_write_tokens,
      sum(estimated_usd) AS estimated_usd, count_if(price_status = 'priced') AS priced, count_if(price_status = 'unpriced') AS unpriced
    FROM invocation_costs WHERE ${within} GROUP BY usage_date, ${keys}`);
}

/** Dollars by day, by how the bill was divided, and by the reason where a key is not known: the bill is divided once. */
export async function readSpend(engine: QueryEngine, by: readonly string[], within: string): Promise<Row[]> {
  const keys = by.join(', ');
  const allKnown = by.map(key => `${key} IS NOT NULL`).join(' AND ');
  const allEnforced = by.map(key => `${key}_assurance = 'enforced'`).join(' AND ');
  const reason = `CASE WHEN NOT (${allKnown}) THEN reason END`;
  return engine.rows(`SELECT cast(usage_date AS varchar) AS day, ${keys}, ${reason} AS reason, sum(billed_usd) AS billed_usd,
      sum(CASE WHEN ${allEnforced} THEN billed_usd ELSE 0e0 END) AS enforced_usd,
      sum(CASE WHEN (${allKnown}) AND NOT (${allEnforced}) THEN billed_usd ELSE 0e0 END) AS declared_usd
    FROM attributed_spend WHERE ${within} GROUP BY usage_date, ${keys}, ${reason}`);
}

/** Days of each account and Region, by whether calls were billed and logged. */
export async function readCoverage(engine: QueryEngine, within: string): Promise<Row[]> {
  return engine.rows(`SELECT account_id, region, sum(logged_requests) AS logged_requests, sum(billed_usd) AS billed_usd,
      count_if(runtime_token_usd <> 0) AS billed_days, count_if(status = 'silent') AS silent_days,
      sum(CASE WHEN status = 'silent' THEN runtime_token_usd ELSE 0e0 END) AS silent_usd
    FROM logging_coverage WHERE ${within} GROUP BY account_id, region ORDER BY account_id, region`);
}

/** Forged claims by caller and value, most first, and how many requests make any. */
export async function readForgedClaims(engine: QueryEngine, within: string): Promise<{ requests: number; claims: ForgedClaim[] }> {
  const rows = await engine.rows(`SELECT caller, attribution_key, declared_value, enforced_value, count(DISTINCT bedrock_request_id) AS requests
    FROM forged_claims WHERE ${within}
    GROUP BY GROUPING SETS ((), (caller, attribution_key, declared_value, enforced_value))
    ORDER BY requests DESC, caller, attribution_key, declared_value`);
  const [total] = rows.filter(row => row.attribution_key === null);
  return {
    requests: number(total.requests),
    claims: rows.filter(row => row !== total).map(row => ({
      caller: String(row.caller),
      key: String(row.attribution_key),
      declared: String(row.declared_value),
      enforced: String(row.enforced_value),
      requests: number(row.requests),
    })),
  };
}

/** Tags on the bill that are a key but for upper and lower case: IAM takes them for the key, billing for another tag. */
export async function readTagVariants({ engine, tagNames }: ReportSources, within: string): Promise<string[]> {
  const lower = new Set(tagNames.map(name => name.toLowerCase()));
  const rows = await engine.rows(`SELECT DISTINCT found.tag FROM billed_usage CROSS JOIN UNNEST(map_keys(tags)) AS found (tag)
    WHERE ${within} ORDER BY 1`);
  return rows.map(row => String(row.tag)).filter(tag => lower.has(tag.toLowerCase()) && !tagNames.includes(tag));
}

/** Names in logs and bill that no model is known by: their tokens are kept, and they stay unpriced or unmatched until they are mapped. */
export async function readUnmappedModels(engine: QueryEngine, within: string): Promise<string[]> {
  const rows = await engine.rows(`SELECT DISTINCT name FROM (
      SELECT model_id AS name FROM invocations
      WHERE ${within} AND record_status IN ('complete', 'partial')
        AND (model IS NULL OR model NOT IN (SELECT model FROM model_aliases UNION SELECT model FROM price_book))
      UNION ALL
      SELECT model FROM billed_usage WHERE ${within} AND is_token_based AND NOT is_model_known
    ) WHERE name IS NOT NULL ORDER BY name`);
  return rows.map(row => String(row.name));
}
