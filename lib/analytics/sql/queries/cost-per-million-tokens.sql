-- Question: what does a million tokens cost on the bill, by model and route?
-- Inputs:   billed_usage
-- Period:   the last 30 complete days
-- Output:   one row per model, route, tier and token type, the largest spend first; discounts on usage are taken off, tax, credits and
--           refunds are not
--   model                   model as the bill names it
--   route                   global, or other: the bill does not tell regional from geographic
--   tier                    standard, batch, flex, priority, latency_optimized, or NULL where the line does not say
--   token_type              input, output, cache_read, cache_write_5m or cache_write_1h
--   tokens                  billed tokens
--   billed_usd              billed dollars
--   usd_per_million_tokens  billed dollars by 1,000,000 tokens, NULL where dollars stand without tokens
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
)
SELECT
  model,
  coalesce(route, 'other') AS route,
  tier,
  token_type,
  sum(tokens) AS tokens,
  sum(billed_usd) AS billed_usd,
  1e6 * sum(billed_usd) / nullif(sum(tokens), 0e0) AS usd_per_million_tokens
FROM billed_usage
CROSS JOIN period
WHERE usage_date BETWEEN first_day AND last_day AND is_token_based AND NOT is_adjustment
GROUP BY model, coalesce(route, 'other'), tier, token_type
ORDER BY billed_usd DESC, model, 2, tier, token_type
