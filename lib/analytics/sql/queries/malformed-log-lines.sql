-- Question: which delivered log objects hold lines that are no record?
-- Inputs:   invocation_logs
-- Engines:  Athena, Trino
-- Period:   the last 7 complete days; reads the raw logs, so every day of it is scanned and charged
-- Output:   one row per object, the most lines first, 1,000 at most; no rows: every line is a record. Bodies that were moved out of their
--           records (…/data/) and the permission check are none and do not count
--   object_path      S3 address of the object
--   log_account      account that delivered it
--   log_region       Region that delivered it
--   log_day          day of delivery, as yyyy/MM/dd
--   malformed_lines  lines without a request id: blank, cut off, or no JSON
--   record_lines     lines with a request id
WITH period AS (
  SELECT
    cast({as_of} - interval '7' day AS date) AS first_day,
    cast({as_of} - interval '1' day AS date) AS last_day
)
SELECT
  "$path" AS object_path,
  log_account,
  log_region,
  log_day,
  count_if(coalesce(requestid, '') = '') AS malformed_lines,
  count_if(coalesce(requestid, '') <> '') AS record_lines
FROM invocation_logs
CROSS JOIN period
WHERE log_day BETWEEN date_format(first_day, '%Y/%m/%d') AND date_format(last_day, '%Y/%m/%d')
  AND NOT regexp_like("$path", '/[0-9]{2}/data/[^/]*$')
  AND "$path" NOT LIKE '%amazon-bedrock-logs-permission-check%'
GROUP BY "$path", log_account, log_region, log_day
HAVING count_if(coalesce(requestid, '') = '') > 0
ORDER BY malformed_lines DESC, object_path
LIMIT 1000
