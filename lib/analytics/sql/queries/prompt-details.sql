-- Question: what did each caller ask for, prompt by prompt?
-- Inputs:   invocation_costs
-- Period:   yesterday and today until now
-- Output:   one row per request, the newest first, 1,000 at most; take the dashes off a condition below to look at one caller
--   called_at           time of the call in UTC
--   caller              role/<name>/<session>, role/<name> or user/<name>
--   caller_session      session of the role, NULL where there is none
--   bedrock_request_id  request id of Amazon Bedrock
--   account_id          account that called
--   region              Region that was called
--   model               model, NULL where its id stands for no known one
--   route               regional, geo or global
--   operation           operation that was called
--   record_status       complete, partial, blocked or failed
-- for each key
--   {key}  value that the call declares, NULL where it declares none
-- end
--   input_tokens        input tokens, without those read from or written to a cache
--   output_tokens       output tokens
--   cache_read_tokens   input tokens read from a cache
--   cache_write_tokens  input tokens written to a cache
--   estimated_usd       dollars at list price, NULL where a price is missing
--   price_status        priced, unpriced or free
WITH period AS (
  SELECT
    cast({as_of} - interval '1' day AS date) AS first_day,
    cast({as_of} AS date) AS last_day
)
SELECT
  called_at,
  caller,
  CASE WHEN caller LIKE 'role/%' THEN nullif(split_part(caller, '/', 3), '') END AS caller_session,
  bedrock_request_id,
  account_id,
  region,
  model,
  route,
  operation,
  record_status,
  -- for each key
  {key},
  -- end
  input_tokens,
  output_tokens,
  cache_read_tokens,
  cache_write_tokens,
  estimated_usd,
  price_status
FROM invocation_costs
CROSS JOIN period
WHERE usage_date BETWEEN first_day AND last_day
  -- AND caller = 'user/alice'
  -- AND caller LIKE 'role/CheckoutAssistant/%'
ORDER BY called_at DESC, bedrock_request_id
LIMIT 1000
