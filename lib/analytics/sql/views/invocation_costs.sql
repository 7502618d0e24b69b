-- Question: what should each request cost at list price?
-- Inputs:   invocations, price_book
-- Output:   the columns of invocations, dollars per token type, estimated_usd and price_status (priced | unpriced | free). A missing
--           price is NULL and makes the request unpriced; it is never 0. Tier is not in the logs: the standard tier is assumed.
--           Cache writes of unknown time to live are priced at five minutes.
WITH calls AS (
  SELECT DISTINCT model, region, route, route_prefix, usage_date
  FROM invocations
  WHERE model IS NOT NULL AND usage_date IS NOT NULL
),
candidates AS (
  SELECT
    calls.model, calls.region, calls.route, calls.route_prefix, calls.usage_date,
    price.token_type, price.context_threshold_tokens, price.usd, price.precedence,
    max(CASE WHEN price.context_threshold_tokens IS NULL THEN price.precedence END) OVER (
      PARTITION BY calls.model, calls.region, calls.route, calls.route_prefix, calls.usage_date, price.token_type
    ) AS base_precedence,
    row_number() OVER (
      PARTITION BY calls.model, calls.region, calls.route, calls.route_prefix, calls.usage_date, price.token_type, coalesce(price.context_threshold_tokens, 0)
      ORDER BY
        price.precedence DESC,
        CASE WHEN price.region = calls.region THEN 1 WHEN price.region = '*' THEN 3 ELSE 2 END,
        CASE WHEN price.route = calls.route THEN 1 ELSE 2 END,
        price.effective_from DESC NULLS LAST
    ) AS place
  FROM calls
  JOIN price_book price ON price.model = calls.model
    AND price.tier = 'standard'
    AND price.unit = '1M tokens'
    -- geographic profiles are billed at the regional rate; the global rate is another one and is never guessed
    AND (price.route = calls.route OR (price.route = 'regional' AND calls.route = 'geo'))
    AND (price.region IN (calls.region, '*') OR (calls.route = 'geo' AND concat(price.region, '.') = calls.route_prefix))
    AND (price.effective_from IS NULL OR price.effective_from <= calls.usage_date)
    AND (price.effective_to IS NULL OR price.effective_to > calls.usage_date)
),
prices AS (
  SELECT
    model, region, route, usage_date, coalesce(route_prefix, '') AS route_prefix,
    min(context_threshold_tokens) AS long_context_tokens,
    max(CASE WHEN token_type = 'input' AND context_threshold_tokens IS NULL THEN usd END) AS input_price,
    max(CASE WHEN token_type = 'output' AND context_threshold_tokens IS NULL THEN usd END) AS output_price,
    max(CASE WHEN token_type = 'cache_read' AND context_threshold_tokens IS NULL THEN usd END) AS cache_read_price,
    max(CASE WHEN token_type = 'cache_write_5m' AND context_threshold_tokens IS NULL THEN usd END) AS cache_write_5m_price,
    max(CASE WHEN token_type = 'cache_write_1h' AND context_threshold_tokens IS NULL THEN usd END) AS cache_write_1h_price,
    max(CASE WHEN token_type = 'input' AND context_threshold_tokens IS NOT NULL THEN usd END) AS long_input_price,
    max(CASE WHEN token_type = 'output' AND context_threshold_tokens IS NOT NULL THEN usd END) AS long_output_price,
    max(CASE WHEN token_type = 'cache_read' AND context_threshold_tokens IS NOT NULL THEN usd END) AS long_cache_read_price,
    max(CASE WHEN token_type = 'cache_write_5m' AND context_threshold_tokens IS NOT NULL THEN usd END) AS long_cache_write_5m_price,
    max(CASE WHEN token_type = 'cache_write_1h' AND context_threshold_tokens IS NOT NULL THEN usd END) AS long_cache_write_1h_price
  FROM candidates
  -- an override of the ordinary price also overrides the price for long prompts that it says nothing of
  WHERE place = 1 AND (context_threshold_tokens IS NULL OR precedence >= coalesce(base_precedence, precedence))
  GROUP BY model, region, route, usage_date, coalesce(route_prefix, '')
),
priced AS (
  SELECT
    invocations.*,
    prices.input_price IS NOT NULL OR prices.output_price IS NOT NULL AS has_token_price,
    -- a tier for long prompts counts the whole prompt, cached tokens included
    CASE WHEN coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0) > long_context_tokens
      THEN coalesce(long_input_price, input_price) ELSE input_price END AS input_rate,
    CASE WHEN coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0) > long_context_tokens
      THEN coalesce(long_output_price, output_price) ELSE output_price END AS output_rate,
    CASE WHEN coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0) > long_context_tokens
      THEN coalesce(long_cache_read_price, cache_read_price) ELSE cache_read_price END AS cache_read_rate,
    CASE WHEN coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0) > long_context_tokens
      THEN coalesce(long_cache_write_5m_price, cache_write_5m_price) ELSE cache_write_5m_price END AS cache_write_5m_rate,
    CASE WHEN coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0) > long_context_tokens
      THEN coalesce(long_cache_write_1h_price, cache_write_1h_price) ELSE cache_write_1h_price END AS cache_write_1h_rate
  FROM invocations
  LEFT JOIN prices ON prices.model = invocations.model
    AND prices.region = invocations.region
    AND prices.route = invocations.route
    AND prices.usage_date = invocations.usage_date
    AND prices.route_prefix = coalesce(invocations.route_prefix, '')
),
charged AS (
  SELECT
    CASE WHEN coalesce(input_tokens, 0) = 0 THEN 0e0 ELSE input_tokens * input_rate / 1e6 END AS input_usd,
    CASE WHEN coalesce(output_tokens, 0) = 0 THEN 0e0 ELSE output_tokens * output_rate / 1e6 END AS output_usd,
    CASE WHEN coalesce(cache_read_tokens, 0) = 0 THEN 0e0 ELSE cache_read_tokens * cache_read_rate / 1e6 END AS cache_read_usd,
    CASE
      WHEN coalesce(cache_write_tokens, 0) = 0 THEN 0e0
      WHEN coalesce(cache_write_1h_tokens, 0) = 0 THEN cache_write_tokens * cache_write_5m_rate / 1e6
      WHEN cache_write_1h_tokens = cache_write_tokens THEN cache_write_1h_tokens * cache_write_1h_rate / 1e6
      ELSE (cache_write_tokens - cache_write_1h_tokens) * cache_write_5m_rate / 1e6 + cache_write_1h_tokens * cache_write_1h_rate / 1e6
    END AS cache_write_usd,
    priced.*
  FROM priced
)
SELECT
  bedrock_request_id, called_at, usage_date, account_id, region, model_id, model, route, operation, record_status, caller,
  input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, input_usd, output_usd, cache_read_usd, cache_write_usd,
  CASE
    WHEN record_status IN ('failed', 'blocked') THEN 0e0
    WHEN has_token_price THEN input_usd + output_usd + cache_read_usd + cache_write_usd
  END AS estimated_usd,
  CASE
    WHEN record_status IN ('failed', 'blocked') THEN 'free'
    WHEN has_token_price AND input_usd + output_usd + cache_read_usd + cache_write_usd IS NOT NULL THEN 'priced'
    ELSE 'unpriced'
  END AS price_status
  -- for each key
  , {key}
  -- end
FROM charged
