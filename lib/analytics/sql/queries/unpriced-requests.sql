-- Question: which calls have no price?
-- Inputs:   invocation_costs
-- Period:   the last 30 complete days
-- Output:   one row per called id, Region and route, the most tokens first; no rows: every call has a price
--   model_id        what was called
--   model           model behind it, NULL where it stands for no known one
--   region          Region that was called
--   route           regional, geo or global, NULL where the model is not known
--   requests        requests without a price
--   tokens          their tokens of all kinds
--   last_called_at  time of the last of them in UTC
WITH period AS (
  SELECT
    cast({as_of} - interval '30' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
)
SELECT
  model_id,
  model,
  region,
  route,
  count(*) AS requests,
  sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0)) AS tokens,
  max(called_at) AS last_called_at
FROM invocation_costs
CROSS JOIN period
WHERE usage_date BETWEEN first_day AND last_day AND price_status = 'unpriced'
GROUP BY model_id, model, region, route
ORDER BY tokens DESC, model_id, region
