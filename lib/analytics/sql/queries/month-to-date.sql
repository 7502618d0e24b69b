-- Question: what is billed so far this month, and what would the month be at this rate?
-- Inputs:   attributed_spend
-- Period:   from the first of the month to the last day that ended three days ago and so is settled
-- Output:   one row per combination of values of the breakdown keys, the largest spend first
-- for each breakdown key
--   {key}  value of the key, NULL where neither bill nor logs say
-- end
--   billed_usd       billed dollars so far
--   counted_days     days so far
--   usd_per_day      billed dollars by day
--   run_rate_usd     dollars by day times the days of the month: a straight line, not a forecast
WITH period AS (
  SELECT
    cast(date_trunc('month', {as_of} - interval '4' day) AS date) AS first_day,
    cast({as_of} - interval '4' day AS date) AS last_day
),
counted AS (
  SELECT
    first_day, last_day,
    cast(date_diff('day', first_day, last_day) + 1 AS double) AS day_count,
    cast(date_diff('day', first_day, cast(first_day + interval '1' month AS date)) AS double) AS month_days
  FROM period
)
SELECT
  -- for each breakdown key
  {key},
  -- end
  sum(billed_usd) AS billed_usd,
  cast(max(day_count) AS bigint) AS counted_days,
  sum(billed_usd) / max(day_count) AS usd_per_day,
  sum(billed_usd) / max(day_count) * max(month_days) AS run_rate_usd
FROM attributed_spend
CROSS JOIN counted
WHERE usage_date BETWEEN first_day AND last_day
GROUP BY
  -- for each breakdown key
  {key},
  -- end
  true
ORDER BY
  billed_usd DESC
  -- for each breakdown key
  , {key} NULLS LAST
  -- end
