-- Question: which requests carry metadata that breaks the schema?
-- Inputs:   invocations
-- Output:   one row per request and broken rule: required_missing | value_not_allowed | unknown_key. Key names match exactly, so a
--           variant in spelling is an unknown key and, where it stands for a required one, a missing one too.
WITH checked AS (
  SELECT
    bedrock_request_id, called_at, usage_date, account_id, region, caller, request_metadata,
    filter(map_keys(request_metadata), k -> k NOT IN (''
      -- for each metadata name
      , '{name}'
      -- end
    )) AS unknown_keys,
    ARRAY[CAST(NULL AS varchar)
      -- for each required key
      , CASE WHEN {key} IS NULL AND {is_required} THEN '{key}' END
      -- end
    ] AS missing_keys,
    ARRAY[CAST(NULL AS varchar)
      -- for each checked key
      , CASE WHEN {key} IS NOT NULL AND NOT ({allowed}) THEN '{key}' END
      -- end
    ] AS illegal_keys
    -- for each checked key
    , {key} AS {key}_value
    -- end
  FROM invocations
  -- looking into every map is dear: first the requests that cannot be fine, by columns that are there already
  WHERE cardinality(request_metadata) > 0
    AND (cardinality(request_metadata) <> 0
      -- for each key
      + CASE WHEN {key} IS NULL THEN 0 ELSE 1 END
      -- end
      -- for each required key
      OR ({key} IS NULL AND {is_required})
      -- end
      -- for each checked key
      OR NOT ({allowed})
      -- end
    )
)
SELECT bedrock_request_id, called_at, usage_date, account_id, region, caller, 'unknown_key' AS violation, broken.name AS metadata_key, element_at(request_metadata, broken.name) AS metadata_value
FROM checked
CROSS JOIN UNNEST(unknown_keys) AS broken (name)
UNION ALL
SELECT bedrock_request_id, called_at, usage_date, account_id, region, caller, 'required_missing', broken.name, NULL
FROM checked
CROSS JOIN UNNEST(missing_keys) AS broken (name)
WHERE broken.name IS NOT NULL
UNION ALL
SELECT bedrock_request_id, called_at, usage_date, account_id, region, caller, 'value_not_allowed', broken.name,
  CASE broken.name
    -- for each checked key
    WHEN '{key}' THEN {key}_value
    -- end
    WHEN '' THEN CAST(NULL AS varchar)
  END
FROM checked
CROSS JOIN UNNEST(illegal_keys) AS broken (name)
WHERE broken.name IS NOT NULL
