-- Question: what does each request say, told once?
-- Inputs:   invocation_logs, inference_profiles, route_prefixes, model_aliases
-- Output:   one row per request id: the best record of it (complete over partial over blocked over failed, then the latest), typed,
--           with the model behind its model id, the caller in canonical form and one column per attribution key
WITH logged AS (
  SELECT
    requestid,
    cast(try(from_iso8601_timestamp("timestamp")) AT TIME ZONE 'UTC' AS timestamp) AS called_at,
    accountid,
    region,
    inferenceregion,
    operation,
    modelid,
    nullif(errorcode, '') AS error_code,
    identity.arn AS caller_arn,
    requestmetadata,
    input.inputtokencount AS input_count,
    output.outputtokencount AS output_count,
    output.outputbodyjson AS body,
    -- newer records carry cache counts beside the input count, older ones only inside the body, and a body may carry both spellings;
    -- whole numbers only: the engines round others differently
    coalesce(
      input.cachereadinputtokencount,
      try_cast(regexp_extract(json_extract_scalar(output.outputbodyjson, '$.usage.cacheReadInputTokens'), '^[0-9]+$') AS bigint),
      try_cast(regexp_extract(json_extract_scalar(output.outputbodyjson, '$.usage.cacheReadInputTokenCount'), '^[0-9]+$') AS bigint),
      try_cast(regexp_extract(json_extract_scalar(output.outputbodyjson, '$.usage.cache_read_input_tokens'), '^[0-9]+$') AS bigint)
    ) AS cache_read_count,
    coalesce(
      input.cachewriteinputtokencount,
      try_cast(regexp_extract(json_extract_scalar(output.outputbodyjson, '$.usage.cacheWriteInputTokens'), '^[0-9]+$') AS bigint),
      try_cast(regexp_extract(json_extract_scalar(output.outputbodyjson, '$.usage.cacheWriteInputTokenCount'), '^[0-9]+$') AS bigint),
      try_cast(regexp_extract(json_extract_scalar(output.outputbodyjson, '$.usage.cache_creation_input_tokens'), '^[0-9]+$') AS bigint)
    ) AS cache_write_count,
    -- the split of cache writes by time to live exists only in bodies
    coalesce(
      try_cast(regexp_extract(json_extract_scalar(output.outputbodyjson, '$.usage.cache_creation.ephemeral_1h_input_tokens'), '^[0-9]+$') AS bigint),
      CASE '1h'
        WHEN json_extract_scalar(output.outputbodyjson, '$.usage.cacheDetails[0].ttl')
          THEN try_cast(regexp_extract(json_extract_scalar(output.outputbodyjson, '$.usage.cacheDetails[0].inputTokens'), '^[0-9]+$') AS bigint)
        WHEN json_extract_scalar(output.outputbodyjson, '$.usage.cacheDetails[1].ttl')
          THEN try_cast(regexp_extract(json_extract_scalar(output.outputbodyjson, '$.usage.cacheDetails[1].inputTokens'), '^[0-9]+$') AS bigint)
      END
    ) AS cache_write_1h_count
  FROM invocation_logs
  WHERE {log_window} AND requestid IS NOT NULL AND requestid <> ''
),
judged AS (
  SELECT
    logged.*,
    CASE
      WHEN error_code IS NOT NULL THEN 'failed'
      WHEN output_count IS NOT NULL THEN 'complete'
      -- a guardrail that blocks before the model leaves neither count
      WHEN input_count IS NULL AND (operation NOT IN ('ConverseStream', 'InvokeModelWithResponseStream')
        OR json_extract_scalar(body, '$.stopReason') = 'guardrail_intervened'
        -- a quoted key: the same words inside a text have backslashes before their quotes
        OR regexp_like(body, '"amazon-bedrock-guardrailAction"\s*:\s*"INTERVENED"')) THEN 'blocked'
      WHEN operation IN ('ConverseStream', 'InvokeModelWithResponseStream') THEN 'partial'
      ELSE 'complete' -- embeddings have no output count
    END AS record_status
  FROM logged
),
ranked AS (
  SELECT
    judged.*,
    count(*) OVER (PARTITION BY requestid) AS record_count,
    row_number() OVER (
      PARTITION BY requestid
      ORDER BY
        CASE record_status WHEN 'complete' THEN 1 WHEN 'partial' THEN 2 WHEN 'blocked' THEN 3 ELSE 4 END,
        called_at DESC NULLS LAST,
        output_count DESC NULLS LAST, input_count DESC NULLS LAST, accountid, region, modelid, caller_arn
    ) AS place
  FROM judged
),
resolved AS (
  SELECT
    ranked.*,
    -- only a model, or a profile that stands for one: nothing in the ARN of a provisioned or custom model names its base model
    CASE
      WHEN profile.model_source IS NOT NULL THEN regexp_extract(profile.model_source, '[^/]+$')
      WHEN ranked.modelid NOT LIKE 'arn:%' THEN ranked.modelid
      WHEN ranked.modelid LIKE '%:inference-profile/%' OR ranked.modelid LIKE '%:foundation-model/%' THEN regexp_extract(ranked.modelid, '[^/]+$')
    END AS model_name
  FROM ranked
  LEFT JOIN inference_profiles profile ON profile.inference_profile_arn = ranked.modelid
  WHERE place = 1
),
routed AS (
  SELECT
    resolved.*,
    prefix.prefix AS route_prefix,
    CASE WHEN model_name IS NOT NULL THEN coalesce(prefix.route, 'regional') END AS route,
    CASE WHEN prefix.prefix IS NULL THEN model_name ELSE substr(model_name, length(prefix.prefix) + 1) END AS bare_model
  FROM resolved
  LEFT JOIN route_prefixes prefix ON prefix.prefix = concat(split_part(model_name, '.', 1), '.')
)
SELECT
  requestid AS bedrock_request_id,
  called_at,
  cast(called_at AS date) AS usage_date,
  accountid AS account_id,
  routed.region,
  inferenceregion AS inference_region,
  operation,
  modelid AS model_id,
  coalesce(alias.model, bare_model) AS model,
  route,
  route_prefix,
  error_code,
  record_status,
  record_count,
  caller_arn,
  {canonical_caller:caller_arn} AS caller,
  {canonical_role:caller_arn} AS caller_role,
  {caller_session:caller_arn} AS caller_session,
  requestmetadata AS request_metadata,
  CASE WHEN record_status IN ('complete', 'partial') THEN input_count END AS input_tokens,
  CASE WHEN record_status IN ('complete', 'partial') THEN output_count END AS output_tokens,
  CASE WHEN record_status IN ('complete', 'partial') THEN cache_read_count END AS cache_read_tokens,
  CASE WHEN record_status IN ('complete', 'partial') THEN cache_write_count END AS cache_write_tokens,
  -- never more than what was written in all
  CASE WHEN record_status IN ('complete', 'partial') AND cache_write_1h_count <= cache_write_count THEN cache_write_1h_count END AS cache_write_1h_tokens
  -- for each key
  , {declared} AS {key}
  -- end
FROM routed
LEFT JOIN model_aliases alias ON alias.kind = 'log_model_id' AND alias.alias = lower(bare_model)
