-- Question: how many tokens does each breakdown key use, week by week?
-- Inputs:   {daily_input}
-- Period:   the last 8 complete weeks; a week starts on Monday, in UTC
-- Output:   one row per week and combination of values of the breakdown keys
--   week_start          first day of the week
-- for each breakdown key
--   {key}  value that the calls declare, NULL where they declare none
-- end
--   requests            all requests
--   failed_requests     requests that failed or were blocked: they have no tokens and cost nothing
--   input_tokens        input tokens, without those read from or written to a cache
--   output_tokens       output tokens
--   cache_read_tokens   input tokens read from a cache
--   cache_write_tokens  input tokens written to a cache
WITH period AS (
  SELECT
    cast(date_trunc('week', {as_of}) - interval '56' day AS date) AS first_day,
    cast(date_trunc('week', {as_of}) - interval '1' day AS date) AS last_day
)
SELECT
  cast(date_trunc('week', usage_date) AS date) AS week_start,
  -- for each breakdown key
  {key},
  -- end
  sum(requests) AS requests,
  sum(failed_requests + blocked_requests) AS failed_requests,
  coalesce(sum(input_tokens), 0) AS input_tokens,
  coalesce(sum(output_tokens), 0) AS output_tokens,
  coalesce(sum(cache_read_tokens), 0) AS cache_read_tokens,
  coalesce(sum(cache_write_tokens), 0) AS cache_write_tokens
FROM {daily_usage} daily
CROSS JOIN period
WHERE usage_date BETWEEN first_day AND last_day
GROUP BY
  -- for each breakdown key
  {key},
  -- end
  cast(date_trunc('week', usage_date) AS date)
ORDER BY
  week_start DESC
  -- for each breakdown key
  , {key} NULLS LAST
  -- end
