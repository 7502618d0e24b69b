-- Question: what does a month close with?
-- Inputs:   attributed_spend, bedrock_bill_lines
-- Output:   the lines of the statement of a billing period: what the export bills by product code (billed) and what stands apart
--           (adjustment, by line item type), and per attribution key what each value explains (attributed, with its assurance) and what
--           none explains (unattributed, by reason). For every key, attributed and unattributed add up to billed; never add the lines of
--           two keys.
SELECT '{period}' AS billing_period, 'billed' AS line, CAST(NULL AS varchar) AS attribution_key, CAST(NULL AS varchar) AS key_value,
  coalesce(line_item_product_code, '') AS detail, sum(coalesce({cost}, 0e0)) AS usd
FROM bedrock_bill_lines
WHERE billing_period = '{period}' AND line_item_line_item_type NOT IN ('Tax', 'Credit', 'Refund')
GROUP BY coalesce(line_item_product_code, '')
UNION ALL
SELECT '{period}', 'adjustment', NULL, NULL, line_item_line_item_type, sum(coalesce({cost}, 0e0))
FROM bedrock_bill_lines
WHERE billing_period = '{period}' AND line_item_line_item_type IN ('Tax', 'Credit', 'Refund')
GROUP BY line_item_line_item_type
UNION ALL
SELECT
  '{period}', CASE WHEN asked.key_value IS NULL THEN 'unattributed' ELSE 'attributed' END, asked.attribution_key, asked.key_value,
  asked.detail, sum(asked.usd)
FROM (
  SELECT
    listed.attribution_key, billed_usd AS usd,
    CASE listed.attribution_key
      -- for each spend key
      WHEN '{key}' THEN {key}
      -- end
      WHEN '' THEN CAST(NULL AS varchar)
    END AS key_value,
    -- a value says how well it is known; without a value the reason says why it is not
    CASE listed.attribution_key
      -- for each spend key
      WHEN '{key}' THEN coalesce({key}_assurance, reason, 'unknown')
      -- end
      WHEN '' THEN CAST(NULL AS varchar)
    END AS detail
  FROM attributed_spend
  CROSS JOIN (VALUES ('')
    -- for each spend key
    , ('{key}')
    -- end
  ) AS listed (attribution_key)
  WHERE billing_period = '{period}' AND listed.attribution_key <> ''
) AS asked
GROUP BY asked.attribution_key, asked.key_value, asked.detail
