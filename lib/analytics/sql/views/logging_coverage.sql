-- Question: on which days did an account and Region bill Amazon Bedrock calls and log none?
-- Inputs:   billed_usage, invocations
-- Output:   one row per account, Region and day: logged requests, billed dollars, billed dollars of runtime tokens (the only ones that
--           can be logged), and status: logged | silent | not_billed
WITH sides AS (
  SELECT account_id, region, usage_date, count(*) AS logged_requests, 0e0 AS billed_usd, 0e0 AS runtime_token_usd
  FROM invocations
  GROUP BY account_id, region, usage_date
  UNION ALL
  SELECT
    account_id, region, usage_date, 0, sum(billed_usd),
    sum(CASE WHEN endpoint = 'runtime' THEN billed_usd ELSE 0e0 END)
  FROM billed_usage
  WHERE NOT is_adjustment
  GROUP BY account_id, region, usage_date
)
SELECT
  account_id, region, usage_date,
  sum(logged_requests) AS logged_requests,
  sum(billed_usd) AS billed_usd,
  sum(runtime_token_usd) AS runtime_token_usd,
  CASE
    WHEN sum(runtime_token_usd) = 0 THEN 'not_billed'
    WHEN sum(logged_requests) = 0 THEN 'silent'
    ELSE 'logged'
  END AS status
FROM sides
GROUP BY account_id, region, usage_date
