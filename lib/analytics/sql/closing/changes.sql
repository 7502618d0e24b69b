-- Question: what has AWS changed in months that are closed?
-- Inputs:   closing_statements, bedrock_bill_lines
-- Output:   one row: how many closed months before this one the bill now tells otherwise, by more than a cent, the first and the last of
--           them, and how many dollars it has more (less: negative) in them, adjustments included
WITH frozen AS (
  SELECT billing_period, sum(usd) AS usd
  FROM closing_statements
  WHERE line IN ('billed', 'adjustment') AND billing_period < '{period}'
  GROUP BY billing_period
),
today AS (
  SELECT billing_period, sum(coalesce({cost}, 0e0)) AS usd
  FROM bedrock_bill_lines
  WHERE billing_period IN (SELECT billing_period FROM frozen)
  GROUP BY billing_period
)
SELECT
  count(*) AS changed_periods,
  min(frozen.billing_period) AS first_period,
  max(frozen.billing_period) AS last_period,
  coalesce(sum(today.usd - frozen.usd), 0e0) AS changed_usd
FROM frozen
-- a month that the export no longer delivers has not changed
JOIN today ON today.billing_period = frozen.billing_period
WHERE abs(today.usd - frozen.usd) > 1e-2
