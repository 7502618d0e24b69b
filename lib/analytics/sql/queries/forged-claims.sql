-- Question: who declares a value that IAM disproves?
-- Inputs:   forged_claims
-- Period:   the last 30 complete days
-- Output:   one row per caller, key and pair of values, the most requests first; no rows: nobody does
--   account_id       account that called
--   caller           role/<name>/<session>, role/<name> or user/<name>
--   attribution_key  attribution key
--   declared_value   what the calls say
--   enforced_value   what the tags of the caller say
--   requests         requests that say so
--   first_called_at  time of the first of them in UTC
--   last_called_at   time of the last of them in UTC
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
)
SELECT
  account_id,
  caller,
  attribution_key,
  declared_value,
  enforced_value,
  count(*) AS requests,
  min(called_at) AS first_called_at,
  max(called_at) AS last_called_at
FROM forged_claims
CROSS JOIN period
WHERE usage_date BETWEEN first_day AND last_day
GROUP BY account_id, caller, attribution_key, declared_value, enforced_value
ORDER BY requests DESC, account_id, caller, attribution_key, declared_value
