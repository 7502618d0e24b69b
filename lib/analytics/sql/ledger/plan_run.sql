-- Question: what has been done, and which log objects cannot be read?
-- Inputs:   ledger_health, quarantined_objects
-- Output:   one row: when the last hourly run, the last replacement of the bill and the last maintenance were (NULL: never), and the
--           quarantined objects as a JSON list, the newest first
SELECT
  (SELECT cast(max(run_at) AS varchar) FROM ledger_health WHERE kind = 'hourly') AS last_run_at,
  (SELECT cast(max(run_at) AS varchar) FROM ledger_health WHERE kind <> 'backfill' AND bill_lines IS NOT NULL) AS last_bill_at,
  (SELECT cast(max(run_at) AS varchar) FROM ledger_health WHERE kind = 'maintenance') AS last_maintenance_at,
  (
    SELECT json_format(cast(array_agg(path ORDER BY last_found_at DESC) AS json))
    FROM (
      SELECT path, max(found_at) AS last_found_at FROM quarantined_objects GROUP BY path ORDER BY last_found_at DESC LIMIT {quarantine_limit}
    ) found
  ) AS quarantined
