-- Question: what does a month close with, for good?
-- Inputs:   the lines of its statement, closing_statements
-- Output:   closing_statements with these lines, unless the month is closed already: then nothing changes
--
-- Of two that close the same month at the same time, Iceberg lets one through: the lines are looked for before they are written.
MERGE INTO closing_statements AS frozen
USING (
  SELECT * FROM ({statement}) AS statement
  WHERE billing_period NOT IN (SELECT billing_period FROM closing_statements WHERE billing_period = '{period}')
) AS fresh
ON frozen.billing_period = '{period}'
  AND frozen.line = fresh.line
  AND coalesce(frozen.attribution_key, '') = coalesce(fresh.attribution_key, '')
  AND coalesce(frozen.key_value, '') = coalesce(fresh.key_value, '')
  AND frozen.detail = fresh.detail
WHEN NOT MATCHED
  THEN INSERT (billing_period, line, attribution_key, key_value, detail, usd, closed_at)
  VALUES (fresh.billing_period, fresh.line, fresh.attribution_key, fresh.key_value, fresh.detail, fresh.usd, TIMESTAMP '{closed_at}')
