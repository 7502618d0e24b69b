-- Question: what do the logs of the window say that the ledger does not know yet?
-- Inputs:   what invocation_records reads, for the log days of the window; usage_ledger
-- Output:   usage_ledger with one row per request: the best record of it that any window had
--
-- Only the days of the window, those of its late records and the undated partition of the ledger are read and written, however long the
-- ledger is. A record that is better than what is kept (complete over partial over blocked over failed, then the later one) replaces it; the
-- same record, read again, changes what is known of it only now, and nothing when there is nothing new. What was known once, the model
-- behind a profile for instance, is not forgotten. Records of days that are not listed wait for a run that lists them.
MERGE INTO usage_ledger AS kept
USING (
  SELECT *
  FROM (
{invocation_records}
  ) AS records
  WHERE usage_date IS NULL OR usage_date IN ({days})
) AS seen
ON kept.bedrock_request_id = seen.bedrock_request_id
  AND (kept.usage_date IS NULL OR kept.usage_date IN ({days}))
WHEN MATCHED
  AND {place_of_seen} >= {place_of_kept}
  AND (
    seen.record_count > kept.record_count
{differences}
  )
  THEN UPDATE SET
    record_count = greatest(kept.record_count, seen.record_count),
    merged_at = TIMESTAMP '{run_at}',
{assignments}
WHEN MATCHED AND seen.record_count > kept.record_count
  THEN UPDATE SET record_count = seen.record_count, merged_at = TIMESTAMP '{run_at}'
WHEN NOT MATCHED
  THEN INSERT ({columns}, merged_at)
  VALUES ({seen_columns}, TIMESTAMP '{run_at}')
