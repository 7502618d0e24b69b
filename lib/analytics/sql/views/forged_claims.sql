-- Question: which requests declare a value that contradicts what IAM enforces for their caller?
-- Inputs:   invocations, billed_usage, principals
-- Output:   one row per request and enforced key whose declared value differs from the single enforced value of that caller: the
--           principal tags on its bill lines, else the tags listed for its role. Keys that a caller declares for others are exempt.
WITH principal_values AS (
  SELECT
    split_part(principal_arn, ':', 5) AS account_id,
    {canonical_caller:principal_arn} AS caller,
    declares_for_others
    -- for each enforced key
    , {listed_tag} AS {key}
    -- end
  FROM principals
),
bill_values AS (
  SELECT
    account_id, caller
    -- for each enforced key
    , CASE WHEN count(DISTINCT {key}_principal_tag) = 1 THEN min({key}_principal_tag) END AS {key}
    , count(DISTINCT {key}_principal_tag) AS {key}_values
    -- end
  FROM billed_usage
  WHERE caller IS NOT NULL
  GROUP BY account_id, caller
),
callers AS (
  SELECT DISTINCT account_id, caller, caller_role FROM invocations WHERE caller IS NOT NULL
),
enforced AS (
  SELECT
    callers.account_id, callers.caller
    -- for each enforced key
    , CASE
        WHEN contains(coalesce(session_listed.declares_for_others, role_listed.declares_for_others, ARRAY['']), '{key}') THEN NULL
        WHEN coalesce(session_billed.{key}_values, 0) > 0 THEN session_billed.{key}
        WHEN coalesce(role_billed.{key}_values, 0) > 0 THEN role_billed.{key}
        ELSE coalesce(session_listed.{key}, role_listed.{key})
      END AS {key}
    -- end
  FROM callers
  LEFT JOIN bill_values session_billed ON session_billed.account_id = callers.account_id AND session_billed.caller = callers.caller
  LEFT JOIN bill_values role_billed ON role_billed.account_id = callers.account_id AND role_billed.caller = callers.caller_role
  LEFT JOIN principal_values session_listed ON session_listed.account_id = callers.account_id AND session_listed.caller = callers.caller
  LEFT JOIN principal_values role_listed ON role_listed.account_id = callers.account_id AND role_listed.caller = callers.caller_role
),
forged AS (
  SELECT
    invocations.bedrock_request_id, invocations.called_at, invocations.usage_date, invocations.account_id, invocations.region,
    invocations.caller
    -- for each enforced key
    , invocations.{key} AS {key}_declared
    , enforced.{key} AS {key}_enforced
    -- end
  FROM invocations
  JOIN enforced ON enforced.account_id = invocations.account_id AND enforced.caller = invocations.caller
  WHERE false
    -- for each enforced key
    OR invocations.{key} <> enforced.{key}
    -- end
)
SELECT
  bedrock_request_id, called_at, usage_date, account_id, region, caller, claimed.attribution_key,
  CASE claimed.attribution_key
    -- for each enforced key
    WHEN '{key}' THEN {key}_declared
    -- end
    WHEN '' THEN CAST(NULL AS varchar)
  END AS declared_value,
  CASE claimed.attribution_key
    -- for each enforced key
    WHEN '{key}' THEN {key}_enforced
    -- end
    WHEN '' THEN CAST(NULL AS varchar)
  END AS enforced_value
FROM forged
CROSS JOIN (VALUES ('')
  -- for each enforced key
  , ('{key}')
  -- end
) AS claimed (attribution_key)
WHERE CASE claimed.attribution_key
  -- for each enforced key
  WHEN '{key}' THEN {key}_declared <> {key}_enforced
  -- end
  WHEN '' THEN false
END
