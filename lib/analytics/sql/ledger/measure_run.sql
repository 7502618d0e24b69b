-- Question: how does the ledger stand after a run?
-- Inputs:   usage_ledger and bill_ledger, for the days and billing periods of the run
-- Output:   one row: requests that the run added or changed, requests that the ledger has of the window, the newest call among them and
--           how many hours it lies back; lines and dollars of the bill, and billing periods that the bill no longer delivers
SELECT
  count_if(merged_at = TIMESTAMP '{run_at}') AS merged_records,
  count(*) AS ledger_records,
  cast(max(called_at) AS varchar) AS newest_call_at,
  date_diff('second', max(called_at), TIMESTAMP '{run_at}') / 3600e0 AS lag_hours,
  (SELECT count(*) FROM bill_ledger WHERE billing_period IN ({periods})) AS bill_lines,
  (SELECT sum({cost}) FROM bill_ledger WHERE billing_period IN ({periods})) AS bill_usd,
  (
    SELECT count(DISTINCT billing_period)
    FROM bill_ledger
    WHERE billing_period IN ({periods})
      AND billing_period NOT IN (SELECT billing_period FROM cost_and_usage WHERE billing_period IN ({periods}) GROUP BY billing_period)
  ) AS undelivered_periods
FROM usage_ledger
WHERE usage_date IS NULL OR usage_date BETWEEN DATE '{first_day}' AND DATE '{last_day}'
