-- Question: where did spend grow most, week over week?
-- Inputs:   attributed_spend
-- Period:   two weeks from Monday, in UTC, the latest that ended three days ago at least and so are settled; another period is compared
--           in halves
-- Output:   one row per combination of values of the breakdown keys, the largest growth in dollars first, 50 at most
-- for each breakdown key
--   {key}  value of the key, NULL where neither bill nor logs say
-- end
--   previous_usd      billed dollars of the first half
--   current_usd       billed dollars of the second half
--   growth_usd        the second half less the first
--   growth_ratio      growth as a share of the first half, NULL where nothing was billed in it
WITH period AS (
  SELECT
    cast(date_trunc('week', {as_of} - interval '3' day) - interval '14' day AS date) AS first_day,
    cast(date_trunc('week', {as_of} - interval '3' day) - interval '1' day AS date) AS last_day
),
halves AS (
  SELECT
    -- for each breakdown key
    {key},
    -- end
    CASE WHEN 2 * date_diff('day', first_day, usage_date) < date_diff('day', first_day, last_day) THEN billed_usd ELSE 0e0 END AS first_half_usd,
    CASE WHEN 2 * date_diff('day', first_day, usage_date) >= date_diff('day', first_day, last_day) THEN billed_usd ELSE 0e0 END AS second_half_usd
  FROM attributed_spend
  CROSS JOIN period
  WHERE usage_date BETWEEN first_day AND last_day
)
SELECT
  -- for each breakdown key
  {key},
  -- end
  sum(first_half_usd) AS previous_usd,
  sum(second_half_usd) AS current_usd,
  sum(second_half_usd) - sum(first_half_usd) AS growth_usd,
  (sum(second_half_usd) - sum(first_half_usd)) / nullif(sum(first_half_usd), 0e0) AS growth_ratio
FROM halves
GROUP BY
  -- for each breakdown key
  {key},
  -- end
  true
ORDER BY
  growth_usd DESC
  -- for each breakdown key
  , {key} NULLS LAST
  -- end
LIMIT 50
