-- Question: who gets every billed dollar?
-- Inputs:   billed_usage, invocations
-- Output:   fragments of bill lines that add up to the bill, with a value per attribution key and how well it is known
--           (<key>_assurance: enforced | declared, NULL where the key is unknown), and in reason why a key is unknown.
--
-- A key's value that the bill proves takes the whole line. Where it proves none, the records of the line's billing bucket
-- (account x Region x model x token class x route x endpoint x day x caller) take shares by their tokens, and what the bucket bills
-- beyond its logged tokens is the rest. Callers are matched three times, each time with what is left: by session, by role where the
-- bill names no session, and without a caller where the bill names none.
WITH bill AS (
  SELECT
    billing_period, account_id, region, usage_date, model, token_class, coalesce(route, 'other') AS route_class, endpoint, caller, is_token_based,
    CASE
      WHEN caller IS NULL THEN 3
      WHEN caller = caller_role AND caller LIKE 'role/%' THEN 2
      ELSE 1
    END AS match_level,
    coalesce(caller, '') AS match_caller,
    coalesce(usage_ended_at <= {as_of} - interval '{settlement_hours}' hour, true) AS is_settled,
    sum(billed_usd) AS usd,
    sum(tokens) AS tokens
    -- for each spend key
    , {key}
    -- end
  FROM billed_usage
  WHERE NOT is_adjustment
  GROUP BY
    billing_period, account_id, region, usage_date, model, token_class, coalesce(route, 'other'), endpoint, caller, is_token_based,
    CASE
      WHEN caller IS NULL THEN 3
      WHEN caller = caller_role AND caller LIKE 'role/%' THEN 2
      ELSE 1
    END,
    coalesce(usage_ended_at <= {as_of} - interval '{settlement_hours}' hour, true)
    -- for each spend key
    , {key}
    -- end
),
billed AS (
  SELECT account_id, region, usage_date, model, token_class, route_class, endpoint, match_level, match_caller, sum(tokens) AS billed_tokens
  FROM bill
  WHERE is_token_based
  GROUP BY account_id, region, usage_date, model, token_class, route_class, endpoint, match_level, match_caller
),
declared AS (
  SELECT
    account_id, region, usage_date, model, CASE WHEN route = 'global' THEN 'global' ELSE 'other' END AS route_class, caller, caller_role,
    coalesce(cardinality(request_metadata), 0) > 0 AS has_metadata,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens,
    sum(cache_read_tokens) AS cache_read_tokens,
    sum(cache_write_tokens) AS cache_write_tokens
    -- for each spend key
    , {key}
    -- end
  FROM invocations
  WHERE record_status IN ('complete', 'partial')
  GROUP BY
    account_id, region, usage_date, model, CASE WHEN route = 'global' THEN 'global' ELSE 'other' END, caller, caller_role,
    coalesce(cardinality(request_metadata), 0) > 0
    -- for each spend key
    , {key}
    -- end
),
logged AS (
  SELECT
    declared.*, class.token_class, 'runtime' AS endpoint,
    cast(CASE class.token_class
      WHEN 'input' THEN input_tokens
      WHEN 'output' THEN output_tokens
      WHEN 'cache_read' THEN cache_read_tokens
      ELSE cache_write_tokens
    END AS double) AS tokens
  FROM declared
  CROSS JOIN (VALUES ('input'), ('output'), ('cache_read'), ('cache_write')) AS class (token_class)
),
-- what a level of matching leaves to the next: a bucket uses its records evenly, up to what it bills
by_session AS (
  SELECT
    logged.*,
    logged.tokens * (1e0 - CASE
      WHEN billed.billed_tokens IS NULL OR billed.billed_tokens <= 0 THEN 0e0
      WHEN billed.billed_tokens >= sum(logged.tokens) OVER (PARTITION BY logged.account_id, logged.region, logged.usage_date, logged.model, logged.token_class, logged.route_class, logged.endpoint, logged.caller) THEN 1e0
      ELSE billed.billed_tokens / sum(logged.tokens) OVER (PARTITION BY logged.account_id, logged.region, logged.usage_date, logged.model, logged.token_class, logged.route_class, logged.endpoint, logged.caller)
    END) AS left_by_session
  FROM logged
  LEFT JOIN billed ON billed.match_level = 1
    AND billed.account_id = logged.account_id AND billed.region = logged.region AND billed.usage_date = logged.usage_date
    AND billed.model = logged.model AND billed.token_class = logged.token_class AND billed.route_class = logged.route_class
    AND billed.endpoint = logged.endpoint AND billed.match_caller = logged.caller
  WHERE logged.tokens > 0
),
by_role AS (
  SELECT
    by_session.*,
    by_session.left_by_session * (1e0 - CASE
      WHEN billed.billed_tokens IS NULL OR billed.billed_tokens <= 0 THEN 0e0
      WHEN billed.billed_tokens >= sum(by_session.left_by_session) OVER (PARTITION BY by_session.account_id, by_session.region, by_session.usage_date, by_session.model, by_session.token_class, by_session.route_class, by_session.endpoint, by_session.caller_role) THEN 1e0
      ELSE billed.billed_tokens / sum(by_session.left_by_session) OVER (PARTITION BY by_session.account_id, by_session.region, by_session.usage_date, by_session.model, by_session.token_class, by_session.route_class, by_session.endpoint, by_session.caller_role)
    END) AS left_by_role
  FROM by_session
  LEFT JOIN billed ON billed.match_level = 2
    AND billed.account_id = by_session.account_id AND billed.region = by_session.region AND billed.usage_date = by_session.usage_date
    AND billed.model = by_session.model AND billed.token_class = by_session.token_class AND billed.route_class = by_session.route_class
    AND billed.endpoint = by_session.endpoint AND billed.match_caller = by_session.caller_role
),
-- every record is offered at each level, with what the levels before have left of it
leveled AS (
  SELECT
    by_role.*, level.match_level,
    CASE level.match_level WHEN 1 THEN caller WHEN 2 THEN caller_role ELSE '' END AS match_caller,
    CASE level.match_level WHEN 1 THEN tokens WHEN 2 THEN left_by_session ELSE left_by_role END AS offered_tokens
  FROM by_role
  CROSS JOIN (VALUES (1), (2), (3)) AS level (match_level)
),
offered AS (
  SELECT
    leveled.*,
    sum(offered_tokens) OVER (PARTITION BY account_id, region, usage_date, model, token_class, route_class, endpoint, match_level, match_caller) AS logged_tokens,
    row_number() OVER (PARTITION BY account_id, region, usage_date, model, token_class, route_class, endpoint, match_level, match_caller ORDER BY offered_tokens) AS place
  FROM leveled
  WHERE offered_tokens > 1e-6
),
lines AS (
  SELECT
    bill.*,
    sum(CASE WHEN is_token_based THEN coalesce(tokens, 0e0) ELSE 0e0 END) OVER (
      PARTITION BY is_token_based, account_id, region, usage_date, model, token_class, route_class, endpoint, match_level, match_caller
    ) AS billed_tokens
  FROM bill
),
-- whoever was logged that day: by session, by role, and as '' anybody at all
logged_callers AS (
  SELECT DISTINCT account_id, region, usage_date, CASE level.match_level WHEN 1 THEN caller WHEN 2 THEN caller_role ELSE '' END AS match_caller
  FROM invocations
  CROSS JOIN (VALUES (1), (2), (3)) AS level (match_level)
),
-- a line once per record that it is matched with, and once more for the rest; a millionth of a token is rounding, not a rest
fragments AS (
  SELECT
    lines.billing_period, lines.account_id, lines.region, lines.usage_date, lines.model, lines.token_class, lines.route_class,
    lines.endpoint, lines.caller, lines.is_token_based, lines.is_settled, lines.match_caller, part.is_matched,
    part.is_matched AND offered.has_metadata AS has_metadata,
    lines.usd * CASE
      WHEN offered.logged_tokens IS NULL THEN 1e0
      WHEN NOT part.is_matched THEN (lines.billed_tokens - offered.logged_tokens) / lines.billed_tokens
      WHEN lines.billed_tokens > offered.logged_tokens + 1e-6 THEN offered.offered_tokens / lines.billed_tokens
      ELSE offered.offered_tokens / offered.logged_tokens
    END AS billed_usd
    -- for each spend key
    , CASE WHEN part.is_matched THEN coalesce(lines.{key}, offered.{key}) ELSE lines.{key} END AS {key}
    , CASE WHEN lines.{key} IS NOT NULL THEN 'enforced' WHEN part.is_matched AND offered.{key} IS NOT NULL THEN 'declared' END AS {key}_assurance
    -- end
  FROM lines
  LEFT JOIN offered ON lines.is_token_based AND offered.match_level = lines.match_level AND offered.match_caller = lines.match_caller
    AND offered.account_id = lines.account_id AND offered.region = lines.region AND offered.usage_date = lines.usage_date
    AND offered.model = lines.model AND offered.token_class = lines.token_class AND offered.route_class = lines.route_class
    AND offered.endpoint = lines.endpoint
  CROSS JOIN (VALUES (true), (false)) AS part (is_matched)
  WHERE CASE
    WHEN part.is_matched THEN offered.logged_tokens IS NOT NULL
    ELSE offered.logged_tokens IS NULL OR (offered.place = 1 AND lines.billed_tokens > offered.logged_tokens + 1e-6)
  END
)
SELECT
  fragments.billing_period, fragments.account_id, fragments.region, fragments.usage_date, fragments.model, fragments.token_class, fragments.route_class,
  fragments.endpoint, fragments.caller, fragments.billed_usd,
  CASE
    WHEN true
      -- for each spend key
      AND {key} IS NOT NULL
      -- end
      THEN NULL
    WHEN NOT is_token_based THEN 'not_token_based'
    WHEN NOT is_settled THEN 'unsettled'
    WHEN endpoint = 'mantle' THEN 'endpoint_not_logged'
    WHEN is_matched AND NOT has_metadata THEN 'no_metadata'
    WHEN is_matched THEN 'key_absent'
    WHEN logged_regions.match_caller IS NULL THEN 'region_not_logged'
    WHEN fragments.caller IS NOT NULL AND logged_callers.match_caller IS NULL THEN 'caller_not_logged'
    ELSE 'under_logged'
  END AS reason
  -- for each spend key
  , {key}
  , {key}_assurance
  -- end
FROM fragments
LEFT JOIN logged_callers logged_regions ON logged_regions.match_caller = '' AND logged_regions.account_id = fragments.account_id
  AND logged_regions.region = fragments.region AND logged_regions.usage_date = fragments.usage_date
LEFT JOIN logged_callers ON logged_callers.account_id = fragments.account_id AND logged_callers.region = fragments.region
  AND logged_callers.usage_date = fragments.usage_date AND logged_callers.match_caller = fragments.match_caller
