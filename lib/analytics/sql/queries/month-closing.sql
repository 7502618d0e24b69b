-- Question: what does a month add up to?
-- Inputs:   billed_usage, attributed_spend
-- Period:   the last complete month, by billing period: the months of first and last day count whole
-- Output:   one row per total. The rows of billed add up to the month, and so do, for each key, those of attributed and unattributed
--           together; adjustments stand apart. Never add the rows of two keys
--   section          billed, attributed, unattributed or adjustment
--   attribution_key  attribution key that the row divides the bill by, NULL where it divides it by none
--   item             billed: product code of the service or the Marketplace; attributed: value of the key; unattributed: reason; adjustment: Tax, Credit or Refund
--   usd              dollars
WITH period AS (
  SELECT
    cast(date_trunc('month', {as_of}) - interval '1' month AS date) AS first_day,
    cast(date_trunc('month', {as_of}) - interval '1' day AS date) AS last_day
),
divided AS (
  SELECT
    asked.attribution_key, billing_period, reason, billed_usd,
    CASE asked.attribution_key
      -- for each spend key
      WHEN '{key}' THEN {key}
      -- end
      WHEN '' THEN CAST(NULL AS varchar)
    END AS key_value
  FROM attributed_spend
  CROSS JOIN (VALUES ('')
    -- for each spend key
    , ('{key}')
    -- end
  ) AS asked (attribution_key)
  WHERE asked.attribution_key <> ''
),
totals AS (
  SELECT
    CASE WHEN is_adjustment THEN 'adjustment' ELSE 'billed' END AS section,
    CAST(NULL AS varchar) AS attribution_key,
    CASE WHEN is_adjustment THEN line_item_type ELSE product_code END AS item,
    billing_period,
    billed_usd + adjustments_usd AS dollars
  FROM billed_usage
  UNION ALL
  SELECT
    CASE WHEN key_value IS NULL THEN 'unattributed' ELSE 'attributed' END,
    attribution_key,
    coalesce(key_value, reason),
    billing_period,
    billed_usd
  FROM divided
)
SELECT section, attribution_key, item, sum(dollars) AS usd
FROM totals
CROSS JOIN period
WHERE billing_period BETWEEN substr(cast(first_day AS varchar), 1, 7) AND substr(cast(last_day AS varchar), 1, 7)
GROUP BY section, attribution_key, item
ORDER BY
  CASE section WHEN 'billed' THEN 1 WHEN 'attributed' THEN 2 WHEN 'unattributed' THEN 3 ELSE 4 END,
  attribution_key NULLS FIRST, usd DESC, item
