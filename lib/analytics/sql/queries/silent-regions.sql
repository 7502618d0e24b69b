-- Question: where is Amazon Bedrock billed and not logged?
-- Inputs:   logging_coverage
-- Period:   the last 30 complete days
-- Output:   one row per account and Region with silent days, the most dollars first; no rows: all that can be logged is logged
--   account_id        account that is billed
--   region            Region that is billed
--   silent_days       days with billed tokens and not one record
--   first_silent_day  the first of them
--   last_silent_day   the last of them
--   silent_usd        billed dollars of runtime tokens on these days
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
)
SELECT
  account_id,
  region,
  count(*) AS silent_days,
  min(usage_date) AS first_silent_day,
  max(usage_date) AS last_silent_day,
  sum(runtime_token_usd) AS silent_usd
FROM logging_coverage
CROSS JOIN period
WHERE usage_date BETWEEN first_day AND last_day AND status = 'silent'
GROUP BY account_id, region
ORDER BY silent_usd DESC, account_id, region
