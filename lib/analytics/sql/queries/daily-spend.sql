-- Question: what is billed for each breakdown key, day by day?
-- Inputs:   attributed_spend
-- Period:   the last 30 complete days
-- Output:   one row per day and combination of values of the breakdown keys; the rows of a day add up to the bill of that day
--   usage_date        day in UTC
-- for each breakdown key
--   {key}  value of the key, NULL where neither bill nor logs say
-- end
--   billed_usd        billed dollars, the sum of the next three
--   enforced_usd      of them with every breakdown key proven by a tag on the bill
--   declared_usd      of them with every breakdown key known, one at least from what calls declare
--   unattributed_usd  of them with a breakdown key unknown
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
),
judged AS (
  SELECT
    attributed_spend.*,
    true
      -- for each breakdown key
      AND {key} IS NOT NULL
      -- end
      AS is_known,
    true
      -- for each breakdown key
      AND coalesce({key}_assurance, '') = 'enforced'
      -- end
      AS is_proven
  FROM attributed_spend
)
SELECT
  usage_date,
  -- for each breakdown key
  {key},
  -- end
  sum(billed_usd) AS billed_usd,
  sum(CASE WHEN is_known AND is_proven THEN billed_usd ELSE 0e0 END) AS enforced_usd,
  sum(CASE WHEN is_known AND NOT is_proven THEN billed_usd ELSE 0e0 END) AS declared_usd,
  sum(CASE WHEN NOT is_known THEN billed_usd ELSE 0e0 END) AS unattributed_usd
FROM judged
CROSS JOIN period
WHERE usage_date BETWEEN first_day AND last_day
GROUP BY
  -- for each breakdown key
  {key},
  -- end
  usage_date
ORDER BY
  usage_date DESC, billed_usd DESC
  -- for each breakdown key
  , {key} NULLS LAST
  -- end
