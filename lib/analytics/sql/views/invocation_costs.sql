-- Question: what should each request cost at list price?
-- Inputs:   invocations, list_prices
-- Output:   the columns of invocations, dollars per token type, estimated_usd, price_status (priced | unpriced | free) and the prices
--           per million tokens. A missing price is NULL and makes the request unpriced; it is never 0. Tier is not in the logs: the
--           standard tier is assumed. Cache writes of unknown time to live are priced at five minutes.
WITH priced AS (
  SELECT
    invocations.*, input_price, output_price, cache_read_price, cache_write_5m_price, cache_write_1h_price,
    input_price IS NOT NULL OR output_price IS NOT NULL AS has_token_price
  FROM invocations
  LEFT JOIN list_prices prices ON prices.asked_by = 'calls'
    AND prices.model = invocations.model
    AND prices.region = invocations.region
    AND prices.route = invocations.route
    AND prices.usage_date = invocations.usage_date
    AND prices.route_prefix = coalesce(invocations.route_prefix, '')
    -- the whole prompt counts, cached tokens included
    AND coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0) > prices.prompt_above
    AND coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0) <= coalesce(prices.prompt_up_to, 9223372036854775807)
),
charged AS (
  SELECT
    CASE WHEN coalesce(input_tokens, 0) = 0 THEN 0e0 ELSE input_tokens * input_price / 1e6 END AS input_usd,
    CASE WHEN coalesce(output_tokens, 0) = 0 THEN 0e0 ELSE output_tokens * output_price / 1e6 END AS output_usd,
    CASE WHEN coalesce(cache_read_tokens, 0) = 0 THEN 0e0 ELSE cache_read_tokens * cache_read_price / 1e6 END AS cache_read_usd,
    CASE
      WHEN coalesce(cache_write_tokens, 0) = 0 THEN 0e0
      WHEN coalesce(cache_write_1h_tokens, 0) = 0 THEN cache_write_tokens * cache_write_5m_price / 1e6
      WHEN cache_write_1h_tokens = cache_write_tokens THEN cache_write_1h_tokens * cache_write_1h_price / 1e6
      ELSE (cache_write_tokens - cache_write_1h_tokens) * cache_write_5m_price / 1e6 + cache_write_1h_tokens * cache_write_1h_price / 1e6
    END AS cache_write_usd,
    priced.*
  FROM priced
)
SELECT
  bedrock_request_id, called_at, usage_date, account_id, region, model_id, model, route, operation, record_status, caller, caller_role,
  input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens,
  input_usd, output_usd, cache_read_usd, cache_write_usd,
  CASE
    WHEN record_status IN ('failed', 'blocked') THEN 0e0
    WHEN has_token_price THEN input_usd + output_usd + cache_read_usd + cache_write_usd
  END AS estimated_usd,
  CASE
    WHEN record_status IN ('failed', 'blocked') THEN 'free'
    WHEN has_token_price AND input_usd + output_usd + cache_read_usd + cache_write_usd IS NOT NULL THEN 'priced'
    ELSE 'unpriced'
  END AS price_status,
  input_price, output_price, cache_read_price, cache_write_5m_price, cache_write_1h_price
  -- for each key
  , {key}
  -- end
FROM charged
