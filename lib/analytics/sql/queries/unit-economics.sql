-- Question: what does a request cost, by feature?
-- Inputs:   invocation_costs, attributed_spend
-- Period:   the last 30 complete days
-- Output:   one row per combination of values of the unit keys (the breakdown keys, and feature where the schema has it)
-- for each unit key
--   {key}  value of the key, NULL where it is not known
-- end
--   requests                     all requests that declare these values
--   free_requests                of them failed or blocked: they cost nothing and count in no average
--   unpriced_requests            of them without a known price: they are in no estimate
--   tokens                       tokens of all kinds
--   estimated_usd                dollars at list price, NULL where no request has a price
--   estimated_usd_per_request    the same by request that has a price
--   billed_usd                   billed dollars of runtime tokens with these values; usage that no log can show is left out
--   billed_usd_per_1000_requests  the same by 1,000 requests that were not free, NULL where there is none
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
),
sides AS (
  SELECT
    -- for each unit key
    {key},
    -- end
    usage_date, 1 AS request_count, CASE WHEN price_status = 'free' THEN 1 ELSE 0 END AS free_count,
    CASE WHEN price_status = 'unpriced' THEN 1 ELSE 0 END AS unpriced_count,
    coalesce(input_tokens, 0) + coalesce(output_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0) AS token_count,
    CASE WHEN price_status = 'priced' THEN estimated_usd END AS estimate,
    0e0 AS bill
  FROM invocation_costs
  UNION ALL
  SELECT
    -- for each unit key
    {key},
    -- end
    usage_date, 0, 0, 0, 0, NULL, billed_usd
  FROM attributed_spend
  WHERE endpoint = 'runtime'
)
SELECT
  -- for each unit key
  {key},
  -- end
  sum(request_count) AS requests,
  sum(free_count) AS free_requests,
  sum(unpriced_count) AS unpriced_requests,
  sum(token_count) AS tokens,
  sum(estimate) AS estimated_usd,
  sum(estimate) / nullif(cast(count(estimate) AS double), 0e0) AS estimated_usd_per_request,
  sum(bill) AS billed_usd,
  1e3 * sum(bill) / nullif(cast(sum(request_count) - sum(free_count) AS double), 0e0) AS billed_usd_per_1000_requests
FROM sides
CROSS JOIN period
WHERE usage_date BETWEEN first_day AND last_day
GROUP BY
  -- for each unit key
  {key},
  -- end
  true
ORDER BY
  billed_usd DESC, estimated_usd DESC NULLS LAST
  -- for each unit key
  , {key} NULLS LAST
  -- end
