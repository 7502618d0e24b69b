-- Question: what does the bill say of Amazon Bedrock, in the billing periods that may still change?
-- Inputs:   cost_and_usage, bill_exports, bill_ledger
-- Output:   bill_ledger with the lines of the listed billing periods made anew
--
-- One statement, as for usage_daily. A period that no export has delivered, or whose files are gone, keeps the lines that it has: only what
-- was delivered is replaced. A period that was delivered without a line of Amazon Bedrock loses those it had.
MERGE INTO bill_ledger AS kept
USING (
  WITH cost_and_usage AS (
    SELECT * FROM cost_and_usage WHERE billing_period IN ({periods})
  ),
  bill_lines AS (
{bill_lines}
  ),
  bedrock_bill_lines AS (
{bedrock_bill_lines}
  )
  SELECT cast(NULL AS varchar) AS replaced_row_id, {columns}
  FROM bedrock_bill_lines
  UNION ALL
  SELECT row_id, {columns}
  FROM bill_ledger
  WHERE billing_period IN ({periods})
    AND billing_period IN (SELECT billing_period FROM cost_and_usage GROUP BY billing_period)
) AS fresh
ON kept.row_id = fresh.replaced_row_id
  AND kept.billing_period IN ({periods})
WHEN MATCHED
  THEN DELETE
WHEN NOT MATCHED AND fresh.replaced_row_id IS NULL
  THEN INSERT ({columns}, row_id, loaded_at)
  VALUES ({fresh_columns}, cast(uuid() AS varchar), TIMESTAMP '{run_at}')
