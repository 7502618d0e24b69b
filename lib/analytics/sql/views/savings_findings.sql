-- Question: where would the same work cost less?
-- Inputs:   invocation_costs, list_prices, billed_usage, invocations, inference_profiles, model_aliases
-- Output:   one row per finding, month and subject: what was counted, usd_now, usd_then, saving_usd = usd_now - usd_then, and in
--           arithmetic how they were computed. finding: aborted_streams_paid | cache_reads_absent | global_route_cheaper |
--           on_demand_cheaper | one_hour_cache_writes_never_read | profile_without_traffic | project_without_traffic |
--           provisioned_throughput_cheaper. A number that the rows do not hold is NULL, and a finding that saves nothing is none.
--
-- Every call is offered to every finding, so that the calls are read once. What a finding compares (hour by hour, or day by day) is a
-- slot; a slot that the finding does not hold in is left out, and the others are summed up by month.
WITH calls AS (
  SELECT
    costs.*,
    coalesce(costs.input_tokens, 0) + coalesce(costs.output_tokens, 0) + coalesce(costs.cache_read_tokens, 0) + coalesce(costs.cache_write_tokens, 0) AS all_tokens,
    coalesce(costs.model_id LIKE '%:provisioned-model/%', false) AS is_provisioned,
    unit_price.model_unit_hour_price,
    global_price.input_price IS NOT NULL OR global_price.output_price IS NOT NULL AS has_global_price,
    CASE WHEN coalesce(costs.input_tokens, 0) = 0 THEN 0e0 ELSE costs.input_tokens * global_price.input_price / 1e6 END
      + CASE WHEN coalesce(costs.output_tokens, 0) = 0 THEN 0e0 ELSE costs.output_tokens * global_price.output_price / 1e6 END
      + CASE WHEN coalesce(costs.cache_read_tokens, 0) = 0 THEN 0e0 ELSE costs.cache_read_tokens * global_price.cache_read_price / 1e6 END
      + CASE WHEN coalesce(costs.cache_write_tokens, 0) - coalesce(costs.cache_write_1h_tokens, 0) = 0 THEN 0e0
          ELSE (costs.cache_write_tokens - coalesce(costs.cache_write_1h_tokens, 0)) * global_price.cache_write_5m_price / 1e6 END
      + CASE WHEN coalesce(costs.cache_write_1h_tokens, 0) = 0 THEN 0e0 ELSE costs.cache_write_1h_tokens * global_price.cache_write_1h_price / 1e6 END
      AS global_usd
  FROM invocation_costs costs
  LEFT JOIN list_prices global_price ON global_price.asked_by = 'global' AND costs.route = 'geo'
    AND global_price.model = costs.model AND global_price.region = costs.region AND global_price.usage_date = costs.usage_date
    AND coalesce(costs.input_tokens, 0) + coalesce(costs.cache_read_tokens, 0) + coalesce(costs.cache_write_tokens, 0) > global_price.prompt_above
    AND coalesce(costs.input_tokens, 0) + coalesce(costs.cache_read_tokens, 0) + coalesce(costs.cache_write_tokens, 0) <= coalesce(global_price.prompt_up_to, 9223372036854775807)
  LEFT JOIN list_prices unit_price ON unit_price.asked_by = 'provisioned' AND unit_price.prompt_above = -1
    AND unit_price.model = costs.model AND unit_price.region = costs.region AND unit_price.usage_date = costs.usage_date
  WHERE costs.record_status IN ('complete', 'partial') AND costs.usage_date IS NOT NULL
),
offered AS (
  SELECT
    asked.finding, account_id, region, model,
    CASE WHEN asked.finding NOT IN ('on_demand_cheaper', 'provisioned_throughput_cheaper') THEN caller_role END AS caller_role,
    CASE
      WHEN asked.finding = 'provisioned_throughput_cheaper' THEN substr(cast(called_at AS varchar), 1, 13)
      -- what is read on a day counts for the day before as well
      WHEN asked.is_next_day THEN cast(cast(usage_date - interval '1' day AS date) AS varchar)
      ELSE cast(usage_date AS varchar)
    END AS slot,
    CASE WHEN asked.is_next_day THEN 0
      WHEN asked.finding = 'cache_reads_absent' AND coalesce(input_tokens, 0) < 1024 THEN 0
      WHEN asked.finding = 'one_hour_cache_writes_never_read' AND coalesce(cache_write_1h_tokens, 0) = 0 THEN 0
      ELSE 1
    END AS requests,
    CASE WHEN asked.is_next_day THEN 0
      WHEN asked.finding = 'cache_reads_absent' THEN CASE WHEN input_tokens >= 1024 THEN input_tokens ELSE 0 END
      WHEN asked.finding = 'one_hour_cache_writes_never_read' THEN coalesce(cache_write_1h_tokens, 0)
      ELSE all_tokens
    END AS tokens,
    coalesce(cache_read_tokens, 0) AS read_tokens,
    CASE WHEN asked.is_next_day THEN 0e0
      WHEN asked.finding = 'cache_reads_absent' THEN CASE WHEN input_tokens >= 1024 THEN input_usd ELSE 0e0 END
      WHEN asked.finding = 'one_hour_cache_writes_never_read' THEN CASE WHEN coalesce(cache_write_1h_tokens, 0) = 0 THEN 0e0 ELSE cache_write_1h_tokens * cache_write_1h_price / 1e6 END
      WHEN asked.finding = 'on_demand_cheaper' THEN 0e0
      ELSE estimated_usd
    END AS usd_now,
    CASE
      WHEN asked.is_next_day OR asked.finding IN ('aborted_streams_paid', 'cache_reads_absent', 'provisioned_throughput_cheaper') THEN 0e0
      WHEN asked.finding = 'one_hour_cache_writes_never_read' THEN CASE WHEN coalesce(cache_write_1h_tokens, 0) = 0 THEN 0e0 ELSE cache_write_1h_tokens * cache_write_5m_price / 1e6 END
      WHEN asked.finding = 'on_demand_cheaper' THEN estimated_usd
      ELSE global_usd
    END AS usd_then,
    CASE WHEN asked.finding <> 'cache_reads_absent' OR coalesce(input_tokens, 0) < 1024 THEN 0e0 ELSE input_tokens * cache_read_price / 1e6 END AS read_usd,
    CASE WHEN asked.finding <> 'cache_reads_absent' OR coalesce(input_tokens, 0) < 1024 THEN 0e0 ELSE input_tokens * cache_write_5m_price / 1e6 END AS write_usd,
    model_unit_hour_price
    -- for each spend key
    , CASE WHEN asked.finding IN ('aborted_streams_paid', 'cache_reads_absent', 'global_route_cheaper') THEN {key} END AS {key}
    -- end
  FROM calls
  CROSS JOIN (VALUES
    ('aborted_streams_paid', false), ('cache_reads_absent', false), ('global_route_cheaper', false), ('on_demand_cheaper', false),
    ('one_hour_cache_writes_never_read', false), ('one_hour_cache_writes_never_read', true), ('provisioned_throughput_cheaper', false)
  ) AS asked (finding, is_next_day)
  WHERE CASE asked.finding
    WHEN 'aborted_streams_paid' THEN record_status = 'partial' AND NOT is_provisioned
    WHEN 'cache_reads_absent' THEN NOT is_provisioned AND (input_tokens >= 1024 OR cache_read_tokens > 0)
    WHEN 'global_route_cheaper' THEN has_global_price AND NOT is_provisioned
    WHEN 'on_demand_cheaper' THEN is_provisioned
    WHEN 'one_hour_cache_writes_never_read' THEN cache_read_tokens > 0 OR (cache_write_1h_tokens > 0 AND NOT asked.is_next_day)
    ELSE model_unit_hour_price IS NOT NULL AND NOT is_provisioned
  END
),
slots AS (
  SELECT
    finding, account_id, region, model, caller_role, slot,
    cast(sum(requests) AS bigint) AS requests,
    cast(sum(tokens) AS double) AS tokens,
    cast(sum(read_tokens) AS double) AS read_tokens,
    CASE WHEN count_if(usd_now IS NULL) = 0 THEN sum(usd_now) END AS usd_now,
    CASE WHEN finding = 'provisioned_throughput_cheaper' THEN max(model_unit_hour_price) WHEN count_if(usd_then IS NULL) = 0 THEN sum(usd_then) END AS usd_then,
    CASE WHEN count_if(read_usd IS NULL) = 0 THEN sum(read_usd) END AS read_usd,
    CASE WHEN count_if(write_usd IS NULL) = 0 THEN sum(write_usd) END AS write_usd,
    1e0 AS hours
    -- for each spend key
    , {key}
    -- end
  FROM offered
  GROUP BY
    finding, account_id, region, model, caller_role, slot
    -- for each spend key
    , {key}
    -- end
  UNION ALL
  -- hours of provisioned throughput, as they were billed
  SELECT
    'on_demand_cheaper', account_id, region, model, CAST(NULL AS varchar), cast(usage_date AS varchar), 0, 0e0, 0e0, sum(billed_usd), 0e0, 0e0, 0e0, sum(usage_amount)
    -- for each spend key
    , CAST(NULL AS varchar)
    -- end
  FROM billed_usage
  WHERE NOT is_adjustment AND lower(usage_type) LIKE '%provisionedthroughput%'
  GROUP BY account_id, region, model, usage_date
),
months AS (
  SELECT
    finding, substr(slot, 1, 7) AS billing_period, account_id, region, model, caller_role,
    min(substr(slot, 1, 10)) AS first_day,
    max(substr(slot, 1, 10)) AS last_day,
    sum(requests) AS requests,
    sum(tokens) AS tokens,
    max(tokens) AS busiest_tokens,
    sum(read_tokens) AS read_tokens,
    CASE finding
      WHEN 'on_demand_cheaper' THEN sum(CASE WHEN usd_now > 0 THEN hours ELSE 0e0 END)
      WHEN 'provisioned_throughput_cheaper' THEN sum(hours)
    END AS hours,
    CASE WHEN count_if(usd_now IS NULL) = 0 THEN sum(usd_now) END AS usd_now,
    -- nothing logged, or a call whose model nobody knows, is no proof of few tokens
    CASE WHEN count_if(usd_then IS NULL) = 0 AND (finding <> 'on_demand_cheaper' OR sum(requests) > 0) THEN sum(usd_then) END AS usd_then,
    CASE WHEN count_if(read_usd IS NULL) = 0 THEN sum(read_usd) END AS read_usd,
    CASE WHEN count_if(write_usd IS NULL) = 0 THEN sum(write_usd) END AS write_usd
    -- for each spend key
    , {key}
    -- end
  FROM slots
  WHERE CASE finding
    WHEN 'one_hour_cache_writes_never_read' THEN tokens > read_tokens
    WHEN 'provisioned_throughput_cheaper' THEN usd_now > usd_then
    ELSE true
  END
  GROUP BY
    finding, substr(slot, 1, 7), account_id, region, model, caller_role
    -- for each spend key
    , {key}
    -- end
),
known AS (
  SELECT
    months.*,
    finding = 'on_demand_cheaper'
      AND bool_or(model IS NULL AND requests > 0) OVER (PARTITION BY finding, billing_period, account_id, region) AS has_unknown_model
  FROM months
),
-- profiles and projects, and the last day that a call or a bill line names them
used AS (
  SELECT resource, max(usage_date) AS last_used
  FROM (
    SELECT model_id AS resource, usage_date FROM invocations WHERE model_id LIKE 'arn:%'
    UNION ALL
    SELECT resource_id, usage_date FROM billed_usage WHERE resource_id IS NOT NULL AND NOT is_adjustment
  ) named
  GROUP BY resource
),
listed AS (
  SELECT
    CASE WHEN profile.kind = 'project' THEN 'project_without_traffic' ELSE 'profile_without_traffic' END AS finding,
    coalesce(profile.account_id, split_part(profile.inference_profile_arn, ':', 5)) AS account_id,
    coalesce(profile.region, split_part(profile.inference_profile_arn, ':', 4)) AS region,
    regexp_extract(profile.model_source, '[^/]+$') AS model,
    profile.inference_profile_arn AS resource,
    profile.name AS resource_name,
    coalesce(used.last_used >= cast({as_of} - interval '30' day AS date), false) AS has_traffic,
    profile.first_seen, profile.deleted_on
  FROM inference_profiles profile
  LEFT JOIN used ON used.resource = profile.inference_profile_arn
),
idle AS (
  SELECT listed.*, bool_or(has_traffic) OVER (PARTITION BY finding, account_id, region) AS have_others_traffic
  FROM listed
)
SELECT
  finding, billing_period, cast(first_day AS date) AS first_day, cast(last_day AS date) AS last_day, account_id, region, model, caller_role,
  CAST(NULL AS varchar) AS resource, CAST(NULL AS varchar) AS resource_name,
  requests, tokens,
  CASE WHEN finding = 'provisioned_throughput_cheaper' THEN busiest_tokens END AS busiest_hour_tokens,
  hours,
  usd_now,
  CASE WHEN finding = 'cache_reads_absent' OR has_unknown_model THEN NULL ELSE usd_then END AS usd_then,
  CASE WHEN finding = 'cache_reads_absent' OR has_unknown_model THEN NULL ELSE usd_now - usd_then END AS saving_usd,
  CASE WHEN finding = 'cache_reads_absent' THEN (usd_now - read_usd) / 10 END AS saving_per_tenth_usd,
  CASE WHEN finding = 'cache_reads_absent' THEN CASE WHEN write_usd <= usd_now THEN 0e0 ELSE (write_usd - usd_now) / (write_usd - read_usd) END END AS break_even_share,
  -- at the same mix of input, output and cache
  CASE
    WHEN has_unknown_model THEN NULL
    WHEN finding = 'on_demand_cheaper' AND usd_then > 0 THEN tokens * usd_now / usd_then
    WHEN finding = 'provisioned_throughput_cheaper' THEN tokens * usd_then / usd_now
  END AS break_even_tokens,
  CASE finding
    WHEN 'aborted_streams_paid' THEN 'usd_now: list price of the tokens of streams that ended without an output count; usd_then: 0'
    WHEN 'cache_reads_absent' THEN 'usd_now: input price x tokens of requests with 1024 input tokens or more; saving_per_tenth_usd: a tenth of these tokens x (input price - cache read price); break_even_share: (write price - input price) / (write price - read price), the share of cached tokens that must be reads'
    WHEN 'global_route_cheaper' THEN 'usd_now: tokens x price of the geographic profile; usd_then: the same tokens x price of the global profile'
    WHEN 'on_demand_cheaper' THEN 'usd_now: billed for hours of provisioned throughput; usd_then: list price on demand of the tokens that were logged through it; break_even_tokens: as many of them as cost usd_now on demand'
    WHEN 'one_hour_cache_writes_never_read' THEN 'usd_now: tokens written for an hour x one-hour price, on days with fewer cache reads that day and the next; usd_then: the same tokens x five-minute price'
    ELSE 'usd_now: list price on demand of the hours that cost more than a provisioned model unit; usd_then: these hours x price of a model unit, if one serves busiest_hour_tokens; break_even_tokens: as many of the tokens as cost usd_then on demand'
  END AS arithmetic
  -- for each spend key
  , {key}
  -- end
FROM known
WHERE CASE finding
  WHEN 'cache_reads_absent' THEN read_tokens = 0 AND requests >= 100 AND write_usd IS NOT NULL AND usd_now - read_usd > 1e-6
  WHEN 'on_demand_cheaper' THEN usd_now > 0 AND (has_unknown_model OR usd_then IS NULL OR usd_now - usd_then > 1e-6)
  ELSE usd_now IS NULL OR usd_then IS NULL OR usd_now - usd_then > 1e-6
END
UNION ALL
SELECT
  finding, substr(cast({as_of} AS varchar), 1, 7), cast({as_of} - interval '30' day AS date), cast({as_of} AS date), account_id, region, model,
  CAST(NULL AS varchar), resource, resource_name, 0, 0e0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  'no call and no bill line names it since first_day, and others of its kind in the account and Region have some'
  -- for each spend key
  , CAST(NULL AS varchar)
  -- end
FROM idle
WHERE deleted_on IS NULL AND NOT has_traffic AND have_others_traffic AND first_seen <= cast({as_of} - interval '30' day AS date)
