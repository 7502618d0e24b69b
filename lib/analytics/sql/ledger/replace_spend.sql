-- Question: who gets every billed dollar, as of this run?
-- Inputs:   billed_usage, invocations, spend_daily
-- Output:   spend_daily with the rows of attributed_spend for the billing periods of the run made anew
--
-- One statement, as for usage_daily. Usage is billed in the month of its day, so that the calls of these months are all that is read.
MERGE INTO spend_daily AS kept
USING (
  WITH billed_usage AS (
    SELECT * FROM billed_usage WHERE billing_period BETWEEN '{first_period}' AND '{last_period}'
  ),
  invocations AS (
    SELECT * FROM invocations
    WHERE usage_date >= DATE '{first_period}-01' AND usage_date < DATE '{last_period}-01' + interval '1' month
  ),
  attributed_spend AS (
{attributed_spend}
  )
  SELECT cast(NULL AS varchar) AS replaced_row_id, {columns}
  FROM attributed_spend
  UNION ALL
  SELECT row_id, {columns}
  FROM spend_daily
  WHERE billing_period BETWEEN '{first_period}' AND '{last_period}'
) AS fresh
ON kept.row_id = fresh.replaced_row_id
  AND kept.billing_period BETWEEN '{first_period}' AND '{last_period}'
WHEN MATCHED
  THEN DELETE
WHEN NOT MATCHED AND fresh.replaced_row_id IS NULL
  THEN INSERT ({columns}, row_id, computed_at)
  VALUES ({fresh_columns}, cast(uuid() AS varchar), TIMESTAMP '{run_at}')
