-- Question: do the logs, priced, agree with the bill, and where they do not, what makes the difference?
-- Inputs:   billed_usage, invocation_costs, list_prices
-- Output:   one row per billing bucket (without the caller, which not every bill names): tokens and dollars of both sides; status:
--           settled | pending (younger than the settlement window) | estimate_only | bill_only; variance_usd, what the estimate is above
--           the bill; five components that add up to it; and the cause, which names the largest of them.
--
-- Each component is one step on the way from the estimate to the bill, so that the sum telescopes:
--   tokens_usd + global_route_usd  logged tokens to billed tokens, at the price of the logged ones
--   cache_write_split_usd          cache writes at the estimate's time to live to the billed one
--   tier_usd                       the standard tier to the billed tier
--   discount_usd                   list price to what was billed
-- A component is NULL where the price book has no price for it.
WITH classes AS (
  SELECT
    costs.account_id, costs.region, costs.usage_date, costs.model, costs.route, class.token_class,
    CASE class.token_class
      WHEN 'input' THEN input_tokens WHEN 'output' THEN output_tokens WHEN 'cache_read' THEN cache_read_tokens ELSE cache_write_tokens
    END AS tokens,
    CASE class.token_class
      WHEN 'input' THEN input_usd WHEN 'output' THEN output_usd WHEN 'cache_read' THEN cache_read_usd ELSE cache_write_usd
    END AS usd,
    -- the same tokens, had all of them been written for five minutes, or for an hour
    CASE class.token_class
      WHEN 'input' THEN input_usd WHEN 'output' THEN output_usd WHEN 'cache_read' THEN cache_read_usd
      ELSE cache_write_tokens * cache_write_5m_price / 1e6
    END AS usd_5m,
    CASE WHEN class.token_class = 'cache_write' THEN cache_write_tokens * cache_write_1h_price / 1e6 END AS usd_1h
  FROM invocation_costs costs
  CROSS JOIN (VALUES ('input'), ('output'), ('cache_read'), ('cache_write')) AS class (token_class)
  WHERE costs.record_status IN ('complete', 'partial')
),
logged AS (
  SELECT
    account_id, region, usage_date, model, token_class, CASE WHEN route = 'global' THEN 'global' ELSE 'other' END AS route_class,
    'runtime' AS endpoint,
    cast(sum(tokens) AS double) AS logged_tokens,
    CASE WHEN count_if(usd IS NULL) = 0 THEN sum(usd) END AS estimated_usd,
    CASE WHEN count_if(usd_5m IS NULL) = 0 THEN sum(usd_5m) END AS logged_usd_5m,
    CASE WHEN count_if(usd_1h IS NULL) = 0 THEN sum(usd_1h) END AS logged_usd_1h
  FROM classes
  WHERE tokens > 0
  GROUP BY account_id, region, usage_date, model, token_class, CASE WHEN route = 'global' THEN 'global' ELSE 'other' END
),
lines AS (
  SELECT
    account_id, region, usage_date, model, token_class, token_type, coalesce(route, 'other') AS route_class, endpoint, tier,
    sum(tokens) AS tokens,
    sum(billed_usd) AS billed_usd,
    bool_and(coalesce(usage_ended_at <= {as_of} - interval '{settlement_hours}' hour, true)) AS is_settled,
    bool_and(is_model_known) AS is_model_known
  FROM billed_usage
  WHERE is_token_based AND NOT is_adjustment
  GROUP BY account_id, region, usage_date, model, token_class, token_type, coalesce(route, 'other'), endpoint, tier
),
offered AS (
  SELECT
    lines.*, prices.tier AS price_tier,
    CASE token_type
      WHEN 'input' THEN input_price WHEN 'output' THEN output_price WHEN 'cache_read' THEN cache_read_price
      WHEN 'cache_write_1h' THEN cache_write_1h_price ELSE cache_write_5m_price
    END AS price
  FROM lines
  LEFT JOIN list_prices prices ON prices.asked_by = 'bill' AND prices.tier IN (lines.tier, 'standard') AND prices.prompt_above = -1
    AND prices.model = lines.model AND prices.region = lines.region AND prices.route = lines.route_class AND prices.usage_date = lines.usage_date
),
listed AS (
  SELECT
    account_id, region, usage_date, model, token_class, token_type, route_class, endpoint, tier, tokens, billed_usd, is_settled, is_model_known,
    CASE WHEN tokens = 0 THEN 0e0 ELSE tokens * max(CASE WHEN price_tier = tier THEN price END) / 1e6 END AS tier_usd,
    CASE WHEN tokens = 0 THEN 0e0 ELSE tokens * max(CASE WHEN price_tier = 'standard' THEN price END) / 1e6 END AS standard_usd
  FROM offered
  GROUP BY account_id, region, usage_date, model, token_class, token_type, route_class, endpoint, tier, tokens, billed_usd, is_settled, is_model_known
),
billed AS (
  SELECT
    account_id, region, usage_date, model, token_class, route_class, endpoint,
    sum(tokens) AS billed_tokens,
    sum(billed_usd) AS billed_usd,
    bool_and(is_settled) AS is_settled,
    bool_and(is_model_known) AS is_model_known,
    sum(CASE WHEN token_type = 'cache_write_1h' THEN tokens ELSE 0e0 END) AS tokens_1h,
    -- of tiers other than the standard one, which the logs do not know
    sum(CASE WHEN tier <> 'standard' THEN tokens ELSE 0e0 END) AS tiered_tokens,
    sum(CASE WHEN tier <> 'standard' AND token_type = 'cache_write_1h' THEN tokens ELSE 0e0 END) AS tiered_tokens_1h,
    CASE WHEN count_if(tier <> 'standard' AND tier_usd IS NULL) = 0 THEN sum(CASE WHEN tier <> 'standard' THEN tier_usd ELSE 0e0 END) END AS tiered_usd,
    CASE WHEN count_if(tier <> 'standard' AND standard_usd IS NULL) = 0 THEN sum(CASE WHEN tier <> 'standard' THEN standard_usd ELSE 0e0 END) END AS tiered_standard_usd,
    CASE WHEN count_if(standard_usd IS NULL) = 0 THEN sum(standard_usd) END AS standard_usd
  FROM listed
  GROUP BY account_id, region, usage_date, model, token_class, route_class, endpoint
),
sides AS (
  SELECT
    account_id, region, usage_date, model, token_class, route_class, endpoint, true AS is_logged, false AS is_billed,
    logged_tokens, estimated_usd, logged_usd_5m, logged_usd_1h,
    cast(NULL AS double) AS billed_tokens, cast(NULL AS double) AS billed_usd, cast(NULL AS boolean) AS is_settled, true AS is_model_known,
    cast(NULL AS double) AS tokens_1h, cast(NULL AS double) AS tiered_tokens, cast(NULL AS double) AS tiered_tokens_1h,
    cast(NULL AS double) AS tiered_usd, cast(NULL AS double) AS tiered_standard_usd, cast(NULL AS double) AS standard_usd
  FROM logged
  UNION ALL
  SELECT
    account_id, region, usage_date, model, token_class, route_class, endpoint, false, true, NULL, NULL, NULL, NULL,
    billed_tokens, billed_usd, is_settled, is_model_known, tokens_1h, tiered_tokens, tiered_tokens_1h, tiered_usd, tiered_standard_usd, standard_usd
  FROM billed
),
buckets AS (
  SELECT
    account_id, region, usage_date, model, token_class, route_class, endpoint,
    bool_or(is_logged) AS is_logged,
    bool_or(is_billed) AS is_billed,
    bool_and(is_model_known) AND model IS NOT NULL AS is_model_known,
    coalesce(bool_and(is_settled), cast(usage_date AS timestamp) + interval '1' day <= {as_of} - interval '{settlement_hours}' hour, true) AS is_settled,
    max(logged_tokens) AS logged_tokens,
    max(estimated_usd) AS estimated_usd,
    max(billed_tokens) AS billed_tokens,
    max(billed_usd) AS billed_usd,
    coalesce(max(logged_tokens), 0e0) - coalesce(max(billed_tokens), 0e0) AS surplus_tokens,
    -- the billed tokens at the estimate's own price, then at the billed time to live, then at the billed tier
    CASE WHEN bool_or(is_logged) THEN max(billed_tokens) * max(estimated_usd) / max(logged_tokens) ELSE max(standard_usd) END AS same_tokens_usd,
    CASE
      WHEN NOT bool_or(is_logged) THEN max(standard_usd)
      ELSE CASE WHEN max(billed_tokens) = max(tokens_1h) THEN 0e0 ELSE (max(billed_tokens) - max(tokens_1h)) * max(logged_usd_5m) / max(logged_tokens) END
        + CASE WHEN max(tokens_1h) = 0 THEN 0e0 ELSE max(tokens_1h) * max(logged_usd_1h) / max(logged_tokens) END
    END AS same_split_usd,
    CASE
      WHEN NOT bool_or(is_logged) THEN max(tiered_standard_usd)
      ELSE CASE WHEN max(tiered_tokens) = max(tiered_tokens_1h) THEN 0e0 ELSE (max(tiered_tokens) - max(tiered_tokens_1h)) * max(logged_usd_5m) / max(logged_tokens) END
        + CASE WHEN max(tiered_tokens_1h) = 0 THEN 0e0 ELSE max(tiered_tokens_1h) * max(logged_usd_1h) / max(logged_tokens) END
    END - max(tiered_usd) AS tier_usd
  FROM sides
  GROUP BY account_id, region, usage_date, model, token_class, route_class, endpoint
),
-- tokens that one side has under the global route and the other side has not: only where a side knows of one route alone
paired AS (
  SELECT
    buckets.*,
    CASE
      WHEN count(*) OVER (PARTITION BY account_id, region, usage_date, model, token_class, endpoint) = 2
        AND bool_or(is_logged <> is_billed) OVER (PARTITION BY account_id, region, usage_date, model, token_class, endpoint)
        AND min(surplus_tokens) OVER (PARTITION BY account_id, region, usage_date, model, token_class, endpoint) < 0
        AND max(surplus_tokens) OVER (PARTITION BY account_id, region, usage_date, model, token_class, endpoint) > 0
        THEN least(
          max(surplus_tokens) OVER (PARTITION BY account_id, region, usage_date, model, token_class, endpoint),
          - min(surplus_tokens) OVER (PARTITION BY account_id, region, usage_date, model, token_class, endpoint)
        ) / abs(surplus_tokens)
      ELSE 0e0
    END AS rerouted_share
  FROM buckets
),
stepped AS (
  SELECT
    paired.*,
    CASE WHEN is_logged THEN estimated_usd ELSE 0e0 END - CASE WHEN is_billed THEN billed_usd ELSE 0e0 END AS variance_usd,
    -- nothing logged is nothing estimated: the whole price of the billed tokens is missing from the estimate
    CASE WHEN is_logged THEN estimated_usd ELSE 0e0 END - CASE WHEN is_billed THEN same_tokens_usd ELSE 0e0 END AS all_tokens_usd,
    CASE WHEN is_billed THEN same_tokens_usd - same_split_usd ELSE 0e0 END AS cache_write_split_usd,
    CASE WHEN is_billed THEN tier_usd ELSE 0e0 END AS tier_step_usd,
    CASE WHEN is_billed THEN same_split_usd - tier_usd END AS list_usd,
    CASE WHEN is_billed THEN same_split_usd - tier_usd - billed_usd ELSE 0e0 END AS discount_usd
  FROM paired
),
judged AS (
  SELECT
    stepped.*,
    all_tokens_usd * (1e0 - rerouted_share) AS tokens_usd,
    all_tokens_usd * rerouted_share AS global_route_usd,
    CASE WHEN all_tokens_usd + cache_write_split_usd + tier_step_usd + discount_usd IS NOT NULL
      THEN greatest(abs(all_tokens_usd * (1e0 - rerouted_share)), abs(all_tokens_usd * rerouted_share), abs(cache_write_split_usd), abs(tier_step_usd), abs(discount_usd))
    END AS largest_usd,
    CASE
      WHEN is_billed AND NOT is_logged AND endpoint = 'mantle' THEN 'endpoint_not_logged'
      WHEN is_billed AND NOT is_logged THEN 'not_logged'
      WHEN surplus_tokens < 0 THEN 'under_logged'
      WHEN is_settled THEN 'not_billed'
      ELSE 'not_billed_yet'
    END AS tokens_cause
  FROM stepped
)
SELECT
  account_id, region, usage_date, model, token_class, route_class, endpoint,
  logged_tokens, billed_tokens, estimated_usd, list_usd, billed_usd,
  variance_usd, tokens_usd, global_route_usd, cache_write_split_usd, tier_step_usd AS tier_usd, discount_usd,
  is_settled,
  CASE
    WHEN NOT is_billed THEN 'estimate_only'
    WHEN NOT is_settled THEN 'pending'
    WHEN NOT is_logged THEN 'bill_only'
    ELSE 'settled'
  END AS status,
  CASE
    WHEN NOT is_model_known THEN 'model_unknown'
    -- no dollars, but the tokens tell
    WHEN largest_usd IS NULL AND rerouted_share >= 0.5e0 THEN 'global_route'
    WHEN largest_usd IS NULL AND is_billed AND NOT is_logged THEN tokens_cause
    WHEN largest_usd IS NULL THEN 'price_missing'
    WHEN largest_usd <= 1e-6 THEN 'none'
    WHEN abs(tokens_usd) = largest_usd THEN tokens_cause
    WHEN abs(global_route_usd) = largest_usd THEN 'global_route'
    WHEN abs(cache_write_split_usd) = largest_usd THEN 'cache_write_split'
    WHEN abs(tier_step_usd) = largest_usd THEN 'tier'
    WHEN discount_usd > 0 THEN 'discount'
    ELSE 'above_list'
  END AS cause
FROM judged
