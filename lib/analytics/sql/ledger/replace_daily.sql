-- Question: how much was used on each day?
-- Inputs:   usage_ledger, what invocation_costs reads, usage_daily
-- Output:   usage_daily with the rows of the listed days, and of undated requests, made anew
--
-- Old rows go and new ones come in one statement: whoever reads meanwhile finds the old days or the new ones, never half of them. New rows
-- have new ids, so none of them matches, and every old one matches itself.
MERGE INTO usage_daily AS kept
USING (
  WITH invocations AS (
    SELECT {columns}
    FROM usage_ledger
    WHERE usage_date IS NULL OR usage_date IN ({days})
  ),
  list_prices AS (
{list_prices}
  ),
  invocation_costs AS (
{invocation_costs}
  )
  SELECT
    cast(NULL AS varchar) AS replaced_row_id,
    {groups},
    count(*) AS requests,
    count_if(record_status = 'failed') AS failed_requests,
    count_if(record_status = 'blocked') AS blocked_requests,
    count_if(record_status = 'partial') AS partial_requests,
    count_if(price_status = 'unpriced') AS unpriced_requests,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens,
    sum(cache_read_tokens) AS cache_read_tokens,
    sum(cache_write_tokens) AS cache_write_tokens,
    sum(estimated_usd) AS estimated_usd
  FROM invocation_costs
  GROUP BY {groups}
  UNION ALL
  SELECT row_id, {daily_columns}
  FROM usage_daily
  WHERE usage_date IS NULL OR usage_date IN ({days})
) AS fresh
ON kept.row_id = fresh.replaced_row_id
  AND (kept.usage_date IS NULL OR kept.usage_date IN ({days}))
WHEN MATCHED
  THEN DELETE
WHEN NOT MATCHED AND fresh.replaced_row_id IS NULL
  THEN INSERT ({daily_columns}, row_id, computed_at)
  VALUES ({fresh_daily_columns}, cast(uuid() AS varchar), TIMESTAMP '{run_at}')
