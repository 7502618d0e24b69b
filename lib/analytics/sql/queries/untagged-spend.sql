-- Question: which dollars does each key not explain, and why?
-- Inputs:   unattributed_spend, billed_usage
-- Period:   the last 30 complete days
-- Output:   one row per key and reason, the most dollars first. Every key looks at the same bill: never add the rows of two keys
--   attribution_key   attribution key
--   reason            why the bill could not be divided by the key
--   unattributed_usd  billed dollars without a value of the key
--   share_of_bill     the same as a share of all dollars billed in the period
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
),
bill AS (
  SELECT sum(billed_usd) AS total_usd
  FROM billed_usage
  CROSS JOIN period
  WHERE usage_date BETWEEN first_day AND last_day AND NOT is_adjustment
)
SELECT
  attribution_key,
  reason,
  sum(unattributed_usd) AS unattributed_usd,
  sum(unattributed_usd) / nullif(max(total_usd), 0e0) AS share_of_bill
FROM unattributed_spend
CROSS JOIN period
CROSS JOIN bill
WHERE usage_date BETWEEN first_day AND last_day
GROUP BY attribution_key, reason
ORDER BY unattributed_usd DESC, attribution_key, reason
