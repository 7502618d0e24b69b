-- Question: who calls most, by estimated dollars?
-- Inputs:   invocation_costs
-- Period:   the last 30 complete days
-- Output:   one row per role or user, the most dollars first, 100 at most
--   account_id         account that called
--   caller_role        role/<name> or user/<name>, NULL where the record names nobody
--   sessions           how many sessions of the role called
--   requests           all requests
--   unpriced_requests  of them without a known price: they are not in estimated_usd
--   tokens             tokens of all kinds
--   estimated_usd      dollars at list price, NULL where no request has a price
--   last_called_at     time of the last call in UTC
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
),
calls AS (
  SELECT
    account_id, called_at, caller_role, price_status,
    CASE WHEN caller LIKE 'role/%' THEN nullif(split_part(caller, '/', 3), '') END AS session_name,
    coalesce(input_tokens, 0) + coalesce(output_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0) AS token_count,
    CASE WHEN price_status = 'priced' THEN estimated_usd END AS estimate
  FROM invocation_costs
  CROSS JOIN period
  WHERE usage_date BETWEEN first_day AND last_day
)
SELECT
  account_id,
  caller_role,
  count(DISTINCT session_name) AS sessions,
  count(*) AS requests,
  count_if(price_status = 'unpriced') AS unpriced_requests,
  sum(token_count) AS tokens,
  sum(estimate) AS estimated_usd,
  max(called_at) AS last_called_at
FROM calls
GROUP BY account_id, caller_role
ORDER BY estimated_usd DESC NULLS LAST, requests DESC, account_id, caller_role NULLS LAST
LIMIT 100
