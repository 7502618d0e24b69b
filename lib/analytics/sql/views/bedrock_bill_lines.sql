-- Question: which lines of the bill are of Amazon Bedrock?
-- Inputs:   bill_lines
-- Output:   the columns of the bill that attribution needs, of every line that Amazon Bedrock or one of its models on the AWS
--           Marketplace is billed by: usage, discounts, tax, credits and refunds
SELECT
  export_name,
  billing_period,
  bill_billing_entity,
  bill_billing_period_start_date,
  line_item_currency_code,
  line_item_iam_principal,
  line_item_line_item_description,
  line_item_line_item_type,
  line_item_net_unblended_cost,
  line_item_product_code,
  line_item_resource_id,
  line_item_unblended_cost,
  line_item_usage_account_id,
  line_item_usage_amount,
  line_item_usage_end_date,
  line_item_usage_start_date,
  line_item_usage_type,
  pricing_unit,
  product,
  product_product_family,
  product_region_code,
  product_servicecode,
  tags
FROM bill_lines
WHERE product_product_family = 'Amazon Bedrock'
  OR line_item_product_code IN ('AmazonBedrock', 'AmazonBedrockService', 'AmazonBedrockFoundationModels', 'AmazonBedrockAgentCore')
  OR product_servicecode IN ('AmazonBedrock', 'AmazonBedrockService', 'AmazonBedrockFoundationModels', 'AmazonBedrockAgentCore')
  OR (bill_billing_entity = 'AWS Marketplace'
    AND (element_at(product, 'product_name') LIKE '%Bedrock%' OR line_item_line_item_description LIKE '%Bedrock%'))
