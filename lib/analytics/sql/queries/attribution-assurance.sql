-- Question: how well is each key known, in dollars?
-- Inputs:   attributed_spend
-- Period:   the last 30 complete days
-- Output:   one row per attribution key. Every key looks at the same bill: never add the rows of two keys
--   attribution_key    attribution key
--   enforced_usd       billed dollars whose value a tag on the bill proves
--   declared_usd       billed dollars whose value only calls declare
--   unattributed_usd   billed dollars without a value
--   billed_usd         billed dollars, the sum of the three
--   enforced_ratio     enforced dollars as a share of the bill
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
),
judged AS (
  SELECT
    asked.attribution_key, billed_usd,
    CASE asked.attribution_key
      -- for each spend key
      WHEN '{key}' THEN {key}_assurance
      -- end
      WHEN '' THEN CAST(NULL AS varchar)
    END AS known_by
  FROM attributed_spend
  CROSS JOIN period
  CROSS JOIN (VALUES ('')
    -- for each spend key
    , ('{key}')
    -- end
  ) AS asked (attribution_key)
  WHERE usage_date BETWEEN first_day AND last_day AND asked.attribution_key <> ''
)
SELECT
  attribution_key,
  sum(CASE WHEN known_by = 'enforced' THEN billed_usd ELSE 0e0 END) AS enforced_usd,
  sum(CASE WHEN known_by = 'declared' THEN billed_usd ELSE 0e0 END) AS declared_usd,
  sum(CASE WHEN known_by IS NULL THEN billed_usd ELSE 0e0 END) AS unattributed_usd,
  sum(billed_usd) AS billed_usd,
  sum(CASE WHEN known_by = 'enforced' THEN billed_usd ELSE 0e0 END) / nullif(sum(billed_usd), 0e0) AS enforced_ratio
FROM judged
GROUP BY attribution_key
ORDER BY enforced_usd DESC, attribution_key
