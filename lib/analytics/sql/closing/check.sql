-- Question: do the lines of a statement add up?
-- Inputs:   the lines of a statement, billed_usage, closing_statements
-- Output:   one row: what was billed and in how many lines, how many keys explain it, and by how much the key that differs most does not
--           add up to it; how many lines of the bill are younger than the settlement window; and how many lines the statement that is
--           frozen for the month has (0: the month is open)
WITH per_key AS (
  SELECT attribution_key, count(*) AS lines, sum(usd) AS usd
  FROM ({statement}) AS statement
  WHERE line <> 'adjustment'
  GROUP BY attribution_key
),
compared AS (
  SELECT per_key.*, coalesce(max(CASE WHEN attribution_key IS NULL THEN usd END) OVER (), 0e0) AS billed_usd
  FROM per_key
)
SELECT
  coalesce(max(CASE WHEN attribution_key IS NULL THEN lines END), 0) AS billed_lines,
  coalesce(max(billed_usd), 0e0) AS billed_usd,
  count(attribution_key) AS explaining_keys,
  coalesce(max(abs(usd - billed_usd)), 0e0) AS difference_usd,
  (
    SELECT count(*) FROM billed_usage
    WHERE billing_period = '{period}' AND usage_ended_at > {as_of} - interval '{settlement_hours}' hour
  ) AS unsettled_lines,
  (SELECT count(*) FROM closing_statements WHERE billing_period = '{period}') AS frozen_lines
FROM compared
