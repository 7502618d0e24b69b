-- Question: which rows of a table of the ledger are those of one team?
-- Inputs:   spend_daily or usage_daily of the ledger; the copy, in the database of the team
-- Output:   the copy with the rows of the billing periods of the run made anew
--
-- One statement, as for usage_daily. Rows that the copy has of anybody else go, whatever their period: the value of a copy may be changed.
MERGE INTO {copy} AS kept
USING (
  SELECT cast(NULL AS varchar) AS replaced_row_id, {columns}
  FROM "{ledger_database}".{original}
  WHERE {team_key} = {team_value} AND ({window})
  UNION ALL
  SELECT row_id, {columns}
  FROM {copy}
  WHERE {team_key} IS DISTINCT FROM {team_value} OR ({window})
) AS fresh
ON kept.row_id = fresh.replaced_row_id
WHEN MATCHED
  THEN DELETE
WHEN NOT MATCHED AND fresh.replaced_row_id IS NULL
  THEN INSERT ({columns}, row_id, computed_at)
  VALUES ({fresh_columns}, cast(uuid() AS varchar), TIMESTAMP '{run_at}')
