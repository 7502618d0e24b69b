-- Question: which lines of the delivered bill count?
-- Inputs:   cost_and_usage, bill_exports (export_name, generation: 1 is the newest export)
-- Output:   the rows of cost_and_usage, and of each billing period those of one export only: the newest that has delivered the period.
--           Rows of no known export or period (export_name or billing_period is NULL) all count.
--
-- Deciding reads the partition columns alone. An export that replaced another delivers the whole month to date, so the month of the
-- replacement is whole with the new one; months before are with the old one. An export of which nothing says how new it is comes last.
WITH delivered AS (
  SELECT export_name, billing_period
  FROM cost_and_usage
  WHERE export_name IS NOT NULL AND billing_period IS NOT NULL
  GROUP BY export_name, billing_period
),
ranked AS (
  SELECT
    delivered.export_name,
    delivered.billing_period,
    row_number() OVER (
      PARTITION BY delivered.billing_period
      ORDER BY CASE WHEN bill_export.generation IS NULL THEN 1 ELSE 0 END, bill_export.generation, delivered.export_name
    ) AS place
  FROM delivered
  LEFT JOIN bill_exports bill_export ON bill_export.export_name = delivered.export_name
)
SELECT cost_and_usage.*
FROM cost_and_usage
LEFT JOIN ranked ON ranked.export_name = cost_and_usage.export_name AND ranked.billing_period = cost_and_usage.billing_period
WHERE coalesce(ranked.place, 1) = 1
