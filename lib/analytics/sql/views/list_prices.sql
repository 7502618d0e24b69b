-- Question: which list prices hold for what was called, and for what was billed?
-- Inputs:   invocations, billed_usage, price_book
-- Output:   one row per question and range of prompt length: dollars per million tokens of every token type, and per hour of a
--           provisioned model unit; NULL where the price book has none. asked_by says for whom: calls (the standard tier of what was
--           called) | global (what calls of a geographic profile would cost by the global one) | provisioned (hourly prices of what
--           was called) | bill (the tier of a bill line, and the standard tier beside it; a line does not say how long the prompt was)
--
-- Name asked_by in every query: both engines then leave out the tables that the other questions come from.
WITH asked AS (
  SELECT DISTINCT
    'calls' AS asked_by, model, region, route, coalesce(route_prefix, '') AS route_prefix, 'standard' AS tier, usage_date
  FROM invocations
  WHERE model IS NOT NULL AND usage_date IS NOT NULL
  UNION ALL
  SELECT DISTINCT 'global', model, region, 'global', '', 'standard', usage_date
  FROM invocations
  WHERE model IS NOT NULL AND usage_date IS NOT NULL AND route = 'geo'
  UNION ALL
  SELECT DISTINCT 'provisioned', model, region, 'regional', '', 'reserved', usage_date
  FROM invocations
  WHERE model IS NOT NULL AND usage_date IS NOT NULL
  UNION ALL
  SELECT DISTINCT 'bill', model, region, coalesce(route, 'other'), '', CASE WHEN level.is_own THEN tier ELSE 'standard' END, usage_date
  FROM billed_usage
  CROSS JOIN (VALUES (true), (false)) AS level (is_own)
  WHERE is_token_based AND NOT is_adjustment
),
candidates AS (
  SELECT
    asked.asked_by, asked.model, asked.region, asked.route, asked.route_prefix, asked.tier, asked.usage_date,
    price.token_type, price.usd, price.precedence, price.effective_from,
    -- a price without threshold holds for a prompt of any length
    coalesce(price.context_threshold_tokens, -1) AS prompt_above,
    CASE WHEN price.region = asked.region THEN 1 WHEN price.region = '*' THEN 3 ELSE 2 END AS region_place,
    CASE WHEN price.route = asked.route OR (price.route = 'regional' AND asked.route = 'other') THEN 1 ELSE 2 END AS route_place
  FROM asked
  JOIN price_book price ON price.model = asked.model
    AND price.tier = asked.tier
    AND price.unit IN ('1M tokens', 'hour')
    -- geographic profiles are billed at the regional rate; the global rate is another one and is never guessed; the bill writes
    -- regional and geographic usage alike
    AND (price.route = asked.route OR (price.route = 'regional' AND asked.route IN ('geo', 'other')) OR (price.route = 'geo' AND asked.route = 'other'))
    AND (price.region IN (asked.region, '*') OR (asked.route = 'geo' AND concat(price.region, '.') = asked.route_prefix))
    AND (price.effective_from IS NULL OR price.effective_from <= asked.usage_date)
    AND (price.effective_to IS NULL OR price.effective_to > asked.usage_date)
),
-- lengths of the prompt at which some price of the call changes
lengths AS (
  SELECT
    asked_by, model, region, route, route_prefix, tier, usage_date, prompt_above,
    lead(prompt_above) OVER (PARTITION BY asked_by, model, region, route, route_prefix, tier, usage_date ORDER BY prompt_above) AS prompt_up_to
  FROM (SELECT DISTINCT asked_by, model, region, route, route_prefix, tier, usage_date, prompt_above FROM candidates) changes
),
ranked AS (
  SELECT
    lengths.*, candidates.token_type, candidates.usd,
    row_number() OVER (
      PARTITION BY lengths.asked_by, lengths.model, lengths.region, lengths.route, lengths.route_prefix, lengths.tier, lengths.usage_date,
        lengths.prompt_above, candidates.token_type
      ORDER BY candidates.precedence DESC, candidates.prompt_above DESC, region_place, route_place, candidates.effective_from DESC NULLS LAST
    ) AS place
  FROM lengths
  JOIN candidates ON candidates.asked_by = lengths.asked_by AND candidates.model = lengths.model AND candidates.region = lengths.region
    AND candidates.route = lengths.route AND candidates.route_prefix = lengths.route_prefix AND candidates.tier = lengths.tier
    AND candidates.usage_date = lengths.usage_date AND candidates.prompt_above <= lengths.prompt_above
)
SELECT
  asked_by, model, region, route, route_prefix, tier, usage_date, prompt_above, prompt_up_to,
  max(CASE WHEN token_type = 'input' THEN usd END) AS input_price,
  max(CASE WHEN token_type = 'output' THEN usd END) AS output_price,
  max(CASE WHEN token_type = 'cache_read' THEN usd END) AS cache_read_price,
  max(CASE WHEN token_type = 'cache_write_5m' THEN usd END) AS cache_write_5m_price,
  max(CASE WHEN token_type = 'cache_write_1h' THEN usd END) AS cache_write_1h_price,
  max(CASE WHEN token_type = 'model_unit' THEN usd END) AS model_unit_hour_price
FROM ranked
WHERE place = 1
GROUP BY asked_by, model, region, route, route_prefix, tier, usage_date, prompt_above, prompt_up_to
