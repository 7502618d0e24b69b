-- Question: what should each request cost at list price?
-- Inputs:   invocations, price_book
-- Output:   the columns of invocations, dollars per token type, estimated_usd and price_status (priced | unpriced | free). A missing
--           price is NULL and makes the request unpriced; it is never 0. Tier is not in the logs: the standard tier is assumed.
--           Cache writes of unknown time to live are priced at five minutes.
WITH calls AS (
  SELECT DISTINCT model, region, route, coalesce(route_prefix, '') AS route_prefix, usage_date
  FROM invocations
  WHERE model IS NOT NULL AND usage_date IS NOT NULL
),
candidates AS (
  SELECT
    calls.model, calls.region, calls.route, calls.route_prefix, calls.usage_date, price.token_type, price.usd, price.precedence,
    price.effective_from,
    -- a price without threshold holds for a prompt of any length
    coalesce(price.context_threshold_tokens, -1) AS prompt_above,
    CASE WHEN price.region = calls.region THEN 1 WHEN price.region = '*' THEN 3 ELSE 2 END AS region_place,
    CASE WHEN price.route = calls.route THEN 1 ELSE 2 END AS route_place
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
-- lengths of the prompt at which some price of the call changes
lengths AS (
  SELECT
    model, region, route, route_prefix, usage_date, prompt_above,
    lead(prompt_above) OVER (PARTITION BY model, region, route, route_prefix, usage_date ORDER BY prompt_above) AS prompt_up_to
  FROM (SELECT DISTINCT model, region, route, route_prefix, usage_date, prompt_above FROM candidates) changes
),
ranked AS (
  SELECT
    lengths.*, candidates.token_type, candidates.usd,
    row_number() OVER (
      PARTITION BY lengths.model, lengths.region, lengths.route, lengths.route_prefix, lengths.usage_date, lengths.prompt_above, candidates.token_type
      ORDER BY candidates.precedence DESC, candidates.prompt_above DESC, region_place, route_place, candidates.effective_from DESC NULLS LAST
    ) AS place
  FROM lengths
  JOIN candidates ON candidates.model = lengths.model AND candidates.region = lengths.region AND candidates.route = lengths.route
    AND candidates.route_prefix = lengths.route_prefix AND candidates.usage_date = lengths.usage_date
    AND candidates.prompt_above <= lengths.prompt_above
),
prices AS (
  SELECT
    model, region, route, route_prefix, usage_date, prompt_above, prompt_up_to,
    max(CASE WHEN token_type = 'input' THEN usd END) AS input_price,
    max(CASE WHEN token_type = 'output' THEN usd END) AS output_price,
    max(CASE WHEN token_type = 'cache_read' THEN usd END) AS cache_read_price,
    max(CASE WHEN token_type = 'cache_write_5m' THEN usd END) AS cache_write_5m_price,
    max(CASE WHEN token_type = 'cache_write_1h' THEN usd END) AS cache_write_1h_price
  FROM ranked
  WHERE place = 1
  GROUP BY model, region, route, route_prefix, usage_date, prompt_above, prompt_up_to
),
priced AS (
  SELECT
    invocations.*, input_price, output_price, cache_read_price, cache_write_5m_price, cache_write_1h_price,
    input_price IS NOT NULL OR output_price IS NOT NULL AS has_token_price
  FROM invocations
  LEFT JOIN prices ON prices.model = invocations.model
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
