-- Question: where do the tags of a caller and of a resource disagree?
-- Inputs:   billed_usage
-- Period:   the last 30 complete days
-- Output:   one row per caller, key and pair of values, the most dollars first; no rows: they agree everywhere
--   account_id           account that is billed
--   caller               role/<name>/<session>, role/<name> or user/<name>
--   attribution_key      attribution key
--   principal_tag_value  value on the caller
--   resource_tag_value   value on the inference profile or other resource
--   billed_usd           billed dollars that carry both
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
),
compared AS (
  SELECT
    account_id, caller, asked.attribution_key, billed_usd,
    CASE asked.attribution_key
      -- for each spend key
      WHEN '{key}' THEN {key}_principal_tag
      -- end
      WHEN '' THEN CAST(NULL AS varchar)
    END AS principal_tag_value,
    CASE asked.attribution_key
      -- for each spend key
      WHEN '{key}' THEN {key}_resource_tag
      -- end
      WHEN '' THEN CAST(NULL AS varchar)
    END AS resource_tag_value
  FROM billed_usage
  CROSS JOIN period
  CROSS JOIN (VALUES ('')
    -- for each spend key
    , ('{key}')
    -- end
  ) AS asked (attribution_key)
  WHERE usage_date BETWEEN first_day AND last_day AND has_tag_conflict AND NOT is_adjustment
)
SELECT account_id, caller, attribution_key, principal_tag_value, resource_tag_value, sum(billed_usd) AS billed_usd
FROM compared
WHERE principal_tag_value <> resource_tag_value
GROUP BY account_id, caller, attribution_key, principal_tag_value, resource_tag_value
ORDER BY billed_usd DESC, account_id, caller NULLS LAST, attribution_key, principal_tag_value, resource_tag_value
