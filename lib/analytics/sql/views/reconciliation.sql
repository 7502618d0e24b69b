-- Question: do the logs, priced, agree with the bill?
-- Inputs:   billed_usage, invocation_costs
-- Output:   one row per billing bucket (without the caller, which not every bill names): tokens and dollars of both sides, the
--           variance, and status: settled | pending (younger than the settlement window) | estimate_only | bill_only
WITH classes AS (
  SELECT
    costs.account_id, costs.region, costs.usage_date, costs.model, costs.route, class.token_class,
    CASE class.token_class
      WHEN 'input' THEN input_tokens WHEN 'output' THEN output_tokens WHEN 'cache_read' THEN cache_read_tokens ELSE cache_write_tokens
    END AS tokens,
    CASE class.token_class
      WHEN 'input' THEN input_usd WHEN 'output' THEN output_usd WHEN 'cache_read' THEN cache_read_usd ELSE cache_write_usd
    END AS usd
  FROM invocation_costs costs
  CROSS JOIN (VALUES ('input'), ('output'), ('cache_read'), ('cache_write')) AS class (token_class)
  WHERE costs.record_status IN ('complete', 'partial')
),
sides AS (
  SELECT
    account_id, region, usage_date, model, token_class, CASE WHEN route = 'global' THEN 'global' ELSE 'other' END AS route_class,
    'runtime' AS endpoint,
    cast(sum(tokens) AS double) AS logged_tokens,
    CASE WHEN count_if(usd IS NULL) = 0 THEN sum(usd) END AS estimated_usd,
    cast(NULL AS double) AS billed_tokens,
    cast(NULL AS double) AS billed_usd,
    true AS is_settled
  FROM classes
  WHERE tokens > 0
  GROUP BY account_id, region, usage_date, model, token_class, CASE WHEN route = 'global' THEN 'global' ELSE 'other' END
  UNION ALL
  SELECT
    account_id, region, usage_date, model, token_class, coalesce(route, 'other') AS route_class, endpoint,
    NULL, NULL, sum(tokens), sum(billed_usd),
    bool_and(coalesce(usage_ended_at <= {as_of} - interval '{settlement_hours}' hour, true))
  FROM billed_usage
  WHERE is_token_based AND NOT is_adjustment
  GROUP BY account_id, region, usage_date, model, token_class, coalesce(route, 'other'), endpoint
)
SELECT
  account_id, region, usage_date, model, token_class, route_class, endpoint,
  sum(logged_tokens) AS logged_tokens,
  sum(billed_tokens) AS billed_tokens,
  sum(estimated_usd) AS estimated_usd,
  sum(billed_usd) AS billed_usd,
  sum(estimated_usd) - sum(billed_usd) AS variance_usd,
  CASE
    WHEN sum(billed_tokens) IS NULL THEN 'estimate_only'
    WHEN NOT bool_and(is_settled) THEN 'pending'
    WHEN sum(logged_tokens) IS NULL THEN 'bill_only'
    ELSE 'settled'
  END AS status
FROM sides
GROUP BY account_id, region, usage_date, model, token_class, route_class, endpoint
