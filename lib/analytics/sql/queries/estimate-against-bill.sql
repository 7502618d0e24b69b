-- Question: do the estimates agree with the bill, and what makes the difference?
-- Inputs:   reconciliation
-- Period:   the last 30 complete days
-- Output:   one row per status, cause, model and token class, the largest variance first
--   status            settled, pending (too young to be settled), estimate_only or bill_only
--   cause             what makes most of the variance: none, discount, tier, cache_write_split, global_route, under_logged, …
--   model             model, NULL where neither side knows it
--   token_class       input, output, cache_read or cache_write
--   buckets           billing buckets: account x Region x day x model x token class x route x endpoint
--   unpriced_buckets  of them with calls of which one at least has no price: they have no estimate and no variance
--   estimated_usd     estimated dollars of the others, NULL where there is no estimate
--   billed_usd        billed dollars of all, NULL where nothing is billed
--   variance_usd      what the estimate is above the bill, NULL where there is no variance
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
),
summed AS (
  SELECT
    status, cause, model, token_class,
    count(*) AS bucket_count,
    count_if(logged_tokens IS NOT NULL AND estimated_usd IS NULL) AS unpriced_count,
    sum(estimated_usd) AS estimate,
    sum(billed_usd) AS bill,
    sum(variance_usd) AS variance
  FROM reconciliation
  CROSS JOIN period
  WHERE usage_date BETWEEN first_day AND last_day
  GROUP BY status, cause, model, token_class
)
SELECT
  status,
  cause,
  model,
  token_class,
  bucket_count AS buckets,
  unpriced_count AS unpriced_buckets,
  estimate AS estimated_usd,
  bill AS billed_usd,
  variance AS variance_usd
FROM summed
ORDER BY abs(variance) DESC NULLS LAST, status, cause, model NULLS LAST, token_class
