-- Question: what is billed for each model and tier?
-- Inputs:   billed_usage
-- Period:   the last 30 complete days
-- Output:   one row per model and tier, the largest spend first; together they are the bill without tax, credits and refunds
--   model          model as the bill names it, or what it names instead, NULL where it names nothing
--   tier           standard, batch, flex, priority, latency_optimized or reserved, NULL where the line does not say
--   tokens         billed tokens, NULL where nothing is billed by token
--   billed_usd     billed dollars
--   share_of_bill  the same as a share of all rows
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
)
SELECT
  model,
  tier,
  sum(tokens) AS tokens,
  sum(billed_usd) AS billed_usd,
  sum(billed_usd) / nullif(sum(sum(billed_usd)) OVER (), 0e0) AS share_of_bill
FROM billed_usage
CROSS JOIN period
WHERE usage_date BETWEEN first_day AND last_day AND NOT is_adjustment
GROUP BY model, tier
ORDER BY billed_usd DESC, model NULLS LAST, tier NULLS LAST
