-- Question: which billed dollars does a key not explain, and why?
-- Inputs:   attributed_spend
-- Output:   per attribution key, billing bucket and reason the dollars that the key does not explain. Every key looks at the same
--           bill: never add the rows of two keys.
SELECT
  asked.attribution_key, account_id, region, usage_date, model, token_class, route_class, endpoint, caller, reason,
  sum(billed_usd) AS unattributed_usd
FROM attributed_spend
CROSS JOIN (VALUES ('')
  -- for each spend key
  , ('{key}')
  -- end
) AS asked (attribution_key)
WHERE CASE asked.attribution_key
  -- for each spend key
  WHEN '{key}' THEN {key} IS NULL
  -- end
  WHEN '' THEN false
END
GROUP BY asked.attribution_key, account_id, region, usage_date, model, token_class, route_class, endpoint, caller, reason
