-- Question: what in the logs of the window cannot go into the ledger as it is?
-- Inputs:   invocation_logs
-- Output:   one row: lines of records, lines that are no record (what the SerDe could not read is a row of NULLs), records whose time
--           stamp cannot be read, and records that were called on other days than around their delivery, with these days as a list
--
-- Bodies that were delivered beside the records, and the empty object by which Bedrock tries out a bucket, are no lines of records.
SELECT
  count(*) AS log_lines,
  count_if(coalesce(requestid, '') = '') AS malformed_lines,
  count_if(requestid <> '' AND usage_date IS NULL) AS undated_records,
  count_if(requestid <> '' AND usage_date NOT IN ({days})) AS stray_records,
  array_join(array_sort(array_agg(DISTINCT cast(usage_date AS varchar)) FILTER (WHERE requestid <> '' AND usage_date NOT IN ({days}))), ',') AS stray_days
FROM (
  SELECT requestid, cast(cast(try(from_iso8601_timestamp("timestamp")) AT TIME ZONE 'UTC' AS timestamp) AS date) AS usage_date
  FROM invocation_logs
  WHERE {log_window}
    AND "$path" NOT LIKE '%/amazon-bedrock-logs-permission-check%'
) lines
