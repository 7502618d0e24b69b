-- Question: what did Amazon Bedrock bill, line by line, in words the logs share?
-- Inputs:   the ledger of the bill where one is kept, bedrock_bill_lines otherwise; model_aliases, billing_regions
-- Output:   one row per bill line: account, Region, day, model, token type, route, tier, endpoint, tokens, billed_usd, caller, and per
--           attribution key the value that the bill proves. NULL where the line does not say. Tax, credits and refunds carry their
--           dollars in adjustments_usd and nothing in billed_usd.
WITH named AS (
  SELECT
    billing_period,
    nullif(line_item_resource_id, '') AS resource_id,
    line_item_usage_account_id AS account_id,
    coalesce(nullif(product_region_code, ''), billing_region.region) AS region,
    cast(coalesce(line_item_usage_start_date, bill_billing_period_start_date) AS date) AS usage_date,
    line_item_usage_end_date AS usage_ended_at,
    line_item_product_code AS product_code,
    line_item_usage_type AS usage_type,
    line_item_line_item_type AS line_item_type,
    nullif(line_item_iam_principal, '') AS caller_arn,
    {cost} AS cost_usd,
    line_item_usage_amount AS usage_amount,
    nullif(element_at(product, 'model'), '') AS product_model,
    nullif(element_at(product, 'product_name'), '') AS product_name,
    -- the usage type without the Region in front, and its letters without separators: three grammars become one
    regexp_replace(line_item_usage_type, '^[A-Z]{2,4}[0-9]*-', '') AS usage_name,
    lower(replace(replace(regexp_replace(line_item_usage_type, '^[A-Z]{2,4}[0-9]*-', ''), '-', ''), '_', '')) AS usage_letters,
    -- dollars per unit are the same in all spellings; tokens per unit are not
    CASE
      WHEN lower(coalesce(pricing_unit, '')) LIKE '%tpm%' THEN NULL
      WHEN lower(coalesce(pricing_unit, '')) IN ('1m tokens', '1 million tokens', 'million tokens') THEN 1e6
      WHEN lower(coalesce(line_item_line_item_description, '')) LIKE '%million%' THEN 1e6
      WHEN lower(coalesce(pricing_unit, '')) IN ('1k tokens', '1,000 tokens', 'thousand tokens') THEN 1e3
      WHEN lower(coalesce(pricing_unit, '')) IN ('token', 'tokens') THEN 1e0
      WHEN lower(coalesce(pricing_unit, '')) = 'units' THEN 1e6
    END AS tokens_per_unit,
    tags
  FROM {bill_source} bill_line
  LEFT JOIN billing_regions billing_region ON billing_region.code = regexp_extract(line_item_usage_type, '^[A-Z]{2,4}[0-9]*')
),
classified AS (
  SELECT
    named.*,
    line_item_type IN ('Tax', 'Credit', 'Refund') AS is_adjustment,
    -- only usage has tokens: a discount on it repeats the amount
    line_item_type IN ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage') AS is_usage,
    CASE
      WHEN tokens_per_unit IS NULL OR usage_letters LIKE '%reserved%' OR usage_letters LIKE '%tpm%' THEN NULL
      WHEN usage_letters LIKE '%cacheread%' THEN 'cache_read'
      WHEN usage_letters LIKE '%cachewrite%' AND regexp_like(usage_letters, 'cachewrite1h|tokens1h|count1h') THEN 'cache_write_1h'
      WHEN usage_letters LIKE '%cachewrite%' THEN 'cache_write_5m'
      WHEN usage_letters LIKE '%outputtoken%' THEN 'output'
      WHEN usage_letters LIKE '%inputtoken%' THEN 'input'
    END AS token_type,
    CASE WHEN usage_letters LIKE '%global%' THEN 'global' END AS route,
    CASE
      WHEN usage_letters LIKE '%reserved%' OR usage_letters LIKE '%tpm%' OR usage_letters LIKE '%provisionedthroughput%' THEN 'reserved'
      WHEN usage_letters LIKE '%batch%' THEN 'batch'
      WHEN usage_letters LIKE '%flex%' THEN 'flex'
      WHEN usage_letters LIKE '%priority%' THEN 'priority'
      WHEN usage_letters LIKE '%latencyoptimized%' THEN 'latency_optimized'
      WHEN tokens_per_unit IS NOT NULL THEN 'standard'
    END AS tier,
    -- the Marketplace grammar names no model
    CASE WHEN usage_name NOT LIKE 'MP:%'
      THEN nullif(regexp_extract(usage_name, '^(.+?)(?:-mantle)?(?:-batch)?-(?:cache-read|cache-write|input-|output-|ProvisionedThroughput)', 1), '') END AS usage_model
  FROM named
),
tagged AS (
  SELECT
    classified.*,
    {canonical_caller:caller_arn} AS caller,
    {canonical_role:caller_arn} AS caller_role,
    {caller_session:caller_arn} AS caller_session
    -- for each spend key
    , {principal_tag} AS {key}_principal_tag
    , {resource_tag} AS {key}_resource_tag
    -- end
  FROM classified
)
SELECT
  billing_period,
  account_id,
  region,
  usage_date,
  usage_ended_at,
  product_code,
  usage_type,
  line_item_type,
  coalesce(by_product.model, by_name.model, by_usage.model, product_model, product_name, usage_model) AS model,
  coalesce(by_product.model, by_name.model, by_usage.model) IS NOT NULL AS is_model_known,
  token_type,
  CASE WHEN token_type LIKE 'cache_write%' THEN 'cache_write' ELSE token_type END AS token_class,
  token_type IS NOT NULL AS is_token_based,
  route,
  tier,
  CASE WHEN token_type IS NULL THEN NULL WHEN usage_type LIKE '%-mantle-%' THEN 'mantle' ELSE 'runtime' END AS endpoint,
  CASE WHEN token_type IS NULL THEN NULL WHEN is_usage THEN usage_amount * tokens_per_unit ELSE 0e0 END AS tokens,
  -- in the unit of the line: hours of a model unit, images, …
  CASE WHEN is_usage THEN usage_amount ELSE 0e0 END AS usage_amount,
  CASE WHEN is_adjustment THEN 0e0 ELSE coalesce(cost_usd, 0e0) END AS billed_usd,
  CASE WHEN is_adjustment THEN coalesce(cost_usd, 0e0) ELSE 0e0 END AS adjustments_usd,
  is_adjustment,
  caller_arn,
  caller,
  caller_role,
  caller_session,
  resource_id,
  tags,
  false
    -- for each spend key
    OR ({key}_principal_tag IS NOT NULL AND {key}_resource_tag IS NOT NULL AND {key}_principal_tag <> {key}_resource_tag)
    -- end
    AS has_tag_conflict
  -- for each spend key
  , {key}_principal_tag
  , {key}_resource_tag
  , coalesce({bill_value}, NULL) AS {key}
  -- end
FROM tagged
LEFT JOIN model_aliases by_product ON by_product.kind = 'product_model' AND by_product.alias = lower(product_model)
LEFT JOIN model_aliases by_name ON by_name.kind = 'product_name' AND by_name.alias = lower(product_name)
LEFT JOIN model_aliases by_usage ON by_usage.kind = 'usage_type' AND by_usage.alias = lower(usage_model)
