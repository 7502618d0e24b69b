-- Question: whose request metadata breaks the schema?
-- Inputs:   schema_violations
-- Period:   the last 30 complete days
-- Output:   one row per caller, broken rule and metadata key, the most requests first, 1,000 at most; no rows: nobody does
--   violation        required_missing, value_not_allowed or unknown_key
--   metadata_key     key of the schema, or the key that the schema does not know
--   account_id       account that called
--   caller           role/<name>/<session>, role/<name> or user/<name>
--   requests         requests that break the rule
--   distinct_values  how many values they carry under the key
--   example_value    one of these values, NULL where the key is missing
--   last_called_at   time of the last of them in UTC
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
)
SELECT
  violation,
  metadata_key,
  account_id,
  caller,
  count(*) AS requests,
  count(DISTINCT metadata_value) AS distinct_values,
  min(metadata_value) AS example_value,
  max(called_at) AS last_called_at
FROM schema_violations
CROSS JOIN period
WHERE usage_date BETWEEN first_day AND last_day
GROUP BY violation, metadata_key, account_id, caller
ORDER BY requests DESC, violation, metadata_key, account_id, caller NULLS LAST
LIMIT 1000
