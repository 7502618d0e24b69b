-- Question: how much of the input comes from a cache, and what does caching cost?
-- Inputs:   invocation_costs
-- Period:   the last 30 complete days
-- Output:   one row per combination of values of the breakdown keys and model, the largest input first
-- for each breakdown key
--   {key}  value that the calls declare, NULL where they declare none
-- end
--   model               model, NULL where the id that was called stands for no known one
--   requests            all requests
--   input_tokens        input tokens that no cache was used for
--   cache_read_tokens   input tokens read from a cache
--   cache_write_tokens  input tokens written to a cache
--   cache_read_ratio    cache reads as a share of all three, NULL where there was no input
--   unpriced_requests   requests without a known price: their dollars are in none of the next columns
--   input_usd           estimated dollars of input that no cache was used for, NULL where none has a price
--   cache_read_usd      estimated dollars of cache reads, NULL where none has a price
--   cache_write_usd     estimated dollars of cache writes, NULL where none has a price
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
),
calls AS (
  SELECT
    -- for each breakdown key
    {key},
    -- end
    model, price_status, coalesce(input_tokens, 0) AS plain_count, coalesce(cache_read_tokens, 0) AS read_count,
    coalesce(cache_write_tokens, 0) AS write_count,
    CASE WHEN price_status = 'priced' THEN input_usd END AS plain_usd,
    CASE WHEN price_status = 'priced' THEN cache_read_usd END AS read_usd,
    CASE WHEN price_status = 'priced' THEN cache_write_usd END AS write_usd
  FROM invocation_costs
  CROSS JOIN period
  WHERE usage_date BETWEEN first_day AND last_day
)
SELECT
  -- for each breakdown key
  {key},
  -- end
  model,
  count(*) AS requests,
  sum(plain_count) AS input_tokens,
  sum(read_count) AS cache_read_tokens,
  sum(write_count) AS cache_write_tokens,
  cast(sum(read_count) AS double) / nullif(cast(sum(plain_count + read_count + write_count) AS double), 0e0) AS cache_read_ratio,
  count_if(price_status = 'unpriced') AS unpriced_requests,
  sum(plain_usd) AS input_usd,
  sum(read_usd) AS cache_read_usd,
  sum(write_usd) AS cache_write_usd
FROM calls
GROUP BY
  -- for each breakdown key
  {key},
  -- end
  model
ORDER BY
  sum(plain_count + read_count + write_count) DESC, model NULLS LAST
  -- for each breakdown key
  , {key} NULLS LAST
  -- end
