/**
 * The columns of the `COST_AND_USAGE_REPORT` table of AWS Data Exports (CUR 2.0), with their Athena types.
 *
 * One list feeds both the SELECT of an export and the table that reads it, so that the two cannot drift apart.
 * Read on 2026-11-21 from {@link COST_AND_USAGE_COLUMNS_SOURCE}; rates are strings and reservation times are strings there, which is AWS's
 * choice. A column that AWS adds later is exported once it stands here, or in the `additionalColumns` of an export.
 */

/** Where the names come from. */
export const COST_AND_USAGE_COLUMNS_SOURCE = 'https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html';

/** The partitions of the table that reads the bill, which no column can be named like: whose delivery a row is of, and its month. */
export const COST_AND_USAGE_PARTITIONS = ['export_name', 'billing_period'] as const;

/** Table configurations that add or remove columns. */
export type ColumnFlag =
  | 'INCLUDE_CAPACITY_RESERVATION_DATA'
  | 'INCLUDE_IAM_PRINCIPAL_DATA'
  | 'INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY'
  | 'INCLUDE_RESOURCES'
  | 'INCLUDE_SPLIT_COST_ALLOCATION_DATA';

/** One column of the bill. */
export interface CostAndUsageColumn {
  readonly name: string;
  /** Athena (Hive) type. */
  readonly type: 'string' | 'double' | 'timestamp' | 'map<string,string>' | 'map<string,double>';
  /** The column exists only when this flag is TRUE. */
  readonly onlyWith?: ColumnFlag;
  /** The column exists only when this flag is FALSE. */
  readonly onlyWithout?: ColumnFlag;
}

/** All columns, alphabetically: the 131 that every combination of flags can deliver. */
export const COST_AND_USAGE_COLUMNS: readonly CostAndUsageColumn[] = [
  { name: 'bill_bill_type', type: 'string' },
  { name: 'bill_billing_entity', type: 'string' },
  { name: 'bill_billing_period_end_date', type: 'timestamp' },
  { name: 'bill_billing_period_start_date', type: 'timestamp' },
  { name: 'bill_invoice_id', type: 'string' },
  { name: 'bill_invoicing_entity', type: 'string' },
  { name: 'bill_payer_account_id', type: 'string' },
  { name: 'bill_payer_account_name', type: 'string' },
  { name: 'capacity_reservation_capacity_reservation_arn', type: 'string', onlyWith: 'INCLUDE_CAPACITY_RESERVATION_DATA' },
  { name: 'capacity_reservation_capacity_reservation_status', type: 'string', onlyWith: 'INCLUDE_CAPACITY_RESERVATION_DATA' },
  { name: 'capacity_reservation_capacity_reservation_type', type: 'string', onlyWith: 'INCLUDE_CAPACITY_RESERVATION_DATA' },
  { name: 'cost_category', type: 'map<string,string>' },
  { name: 'discount', type: 'map<string,double>', onlyWithout: 'INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY' },
  { name: 'discount_bundled_discount', type: 'double' },
  { name: 'discount_total_discount', type: 'double', onlyWithout: 'INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY' },
  { name: 'identity_line_item_id', type: 'string' },
  { name: 'identity_time_interval', type: 'string' },
  { name: 'line_item_availability_zone', type: 'string' },
  { name: 'line_item_blended_cost', type: 'double' },
  { name: 'line_item_blended_rate', type: 'string' },
  { name: 'line_item_currency_code', type: 'string' },
  { name: 'line_item_iam_principal', type: 'string', onlyWith: 'INCLUDE_IAM_PRINCIPAL_DATA' },
  { name: 'line_item_legal_entity', type: 'string' },
  { name: 'line_item_line_item_description', type: 'string' },
  { name: 'line_item_line_item_type', type: 'string' },
  { name: 'line_item_net_unblended_cost', type: 'double' },
  { name: 'line_item_net_unblended_rate', type: 'string' },
  { name: 'line_item_normalization_factor', type: 'double' },
  { name: 'line_item_normalized_usage_amount', type: 'double' },
  { name: 'line_item_operation', type: 'string' },
  { name: 'line_item_product_code', type: 'string' },
  { name: 'line_item_resource_id', type: 'string', onlyWith: 'INCLUDE_RESOURCES' },
  { name: 'line_item_tax_type', type: 'string' },
  { name: 'line_item_unblended_cost', type: 'double' },
  { name: 'line_item_unblended_rate', type: 'string' },
  { name: 'line_item_usage_account_id', type: 'string' },
  { name: 'line_item_usage_account_name', type: 'string' },
  { name: 'line_item_usage_amount', type: 'double' },
  { name: 'line_item_usage_end_date', type: 'timestamp' },
  { name: 'line_item_usage_start_date', type: 'timestamp' },
  { name: 'line_item_usage_type', type: 'string' },
  { name: 'line_item_user_identifier', type: 'string' },
  { name: 'pricing_currency', type: 'string' },
  { name: 'pricing_lease_contract_length', type: 'string' },
  { name: 'pricing_offering_class', type: 'string' },
  { name: 'pricing_public_on_demand_cost', type: 'double' },
  { name: 'pricing_public_on_demand_rate', type: 'string' },
  { name: 'pricing_purchase_option', type: 'string' },
  { name: 'pricing_rate_code', type: 'string' },
  { name: 'pricing_rate_id', type: 'string' },
  { name: 'pricing_term', type: 'string' },
  { name: 'pricing_unit', type: 'string' },
  { name: 'product', type: 'map<string,string>' },
  { name: 'product_comment', type: 'string' },
  { name: 'product_fee_code', type: 'string' },
  { name: 'product_fee_description', type: 'string' },
  { name: 'product_from_location', type: 'string' },
  { name: 'product_from_location_type', type: 'string' },
  { name: 'product_from_region_code', type: 'string' },
  { name: 'product_instance_family', type: 'string' },
  { name: 'product_instance_type', type: 'string' },
  { name: 'product_instancesku', type: 'string' },
  { name: 'product_location', type: 'string' },
  { name: 'product_location_type', type: 'string' },
  { name: 'product_operation', type: 'string' },
  { name: 'product_pricing_unit', type: 'string' },
  { name: 'product_product_family', type: 'string' },
  { name: 'product_region_code', type: 'string' },
  { name: 'product_servicecode', type: 'string' },
  { name: 'product_sku', type: 'string' },
  { name: 'product_to_location', type: 'string' },
  { name: 'product_to_location_type', type: 'string' },
  { name: 'product_to_region_code', type: 'string' },
  { name: 'product_usagetype', type: 'string' },
  { name: 'reservation_amortized_upfront_cost_for_usage', type: 'double' },
  { name: 'reservation_amortized_upfront_fee_for_billing_period', type: 'double' },
  { name: 'reservation_availability_zone', type: 'string' },
  { name: 'reservation_effective_cost', type: 'double' },
  { name: 'reservation_end_time', type: 'string' },
  { name: 'reservation_modification_status', type: 'string' },
  { name: 'reservation_net_amortized_upfront_cost_for_usage', type: 'double' },
  { name: 'reservation_net_amortized_upfront_fee_for_billing_period', type: 'double' },
  { name: 'reservation_net_effective_cost', type: 'double' },
  { name: 'reservation_net_recurring_fee_for_usage', type: 'double' },
  { name: 'reservation_net_unused_amortized_upfront_fee_for_billing_period', type: 'double' },
  { name: 'reservation_net_unused_recurring_fee', type: 'double' },
  { name: 'reservation_net_upfront_value', type: 'double' },
  { name: 'reservation_normalized_units_per_reservation', type: 'string' },
  { name: 'reservation_number_of_reservations', type: 'string' },
  { name: 'reservation_recurring_fee_for_usage', type: 'double' },
  { name: 'reservation_reservation_a_r_n', type: 'string' },
  { name: 'reservation_start_time', type: 'string' },
  { name: 'reservation_subscription_id', type: 'string' },
  { name: 'reservation_total_reserved_normalized_units', type: 'string' },
  { name: 'reservation_total_reserved_units', type: 'string' },
  { name: 'reservation_units_per_reservation', type: 'string' },
  { name: 'reservation_unused_amortized_upfront_fee_for_billing_period', type: 'double' },
  { name: 'reservation_unused_normalized_unit_quantity', type: 'double' },
  { name: 'reservation_unused_quantity', type: 'double' },
  { name: 'reservation_unused_recurring_fee', type: 'double' },
  { name: 'reservation_upfront_value', type: 'double' },
  { name: 'resource_tags', type: 'map<string,string>' },
  { name: 'savings_plan_amortized_upfront_commitment_for_billing_period', type: 'double' },
  { name: 'savings_plan_end_time', type: 'string' },
  { name: 'savings_plan_instance_type_family', type: 'string' },
  { name: 'savings_plan_net_amortized_upfront_commitment_for_billing_period', type: 'double' },
  { name: 'savings_plan_net_recurring_commitment_for_billing_period', type: 'double' },
  { name: 'savings_plan_net_savings_plan_effective_cost', type: 'double' },
  { name: 'savings_plan_offering_type', type: 'string' },
  { name: 'savings_plan_payment_option', type: 'string' },
  { name: 'savings_plan_purchase_term', type: 'string' },
  { name: 'savings_plan_recurring_commitment_for_billing_period', type: 'double' },
  { name: 'savings_plan_region', type: 'string' },
  { name: 'savings_plan_savings_plan_a_r_n', type: 'string' },
  { name: 'savings_plan_savings_plan_effective_cost', type: 'double' },
  { name: 'savings_plan_savings_plan_rate', type: 'double' },
  { name: 'savings_plan_start_time', type: 'string' },
  { name: 'savings_plan_total_commitment_to_date', type: 'double' },
  { name: 'savings_plan_used_commitment', type: 'double' },
  { name: 'split_line_item_actual_usage', type: 'double', onlyWith: 'INCLUDE_SPLIT_COST_ALLOCATION_DATA' },
  { name: 'split_line_item_net_split_cost', type: 'double', onlyWith: 'INCLUDE_SPLIT_COST_ALLOCATION_DATA' },
  { name: 'split_line_item_net_unused_cost', type: 'double', onlyWith: 'INCLUDE_SPLIT_COST_ALLOCATION_DATA' },
  { name: 'split_line_item_parent_resource_id', type: 'string', onlyWith: 'INCLUDE_SPLIT_COST_ALLOCATION_DATA' },
  { name: 'split_line_item_public_on_demand_split_cost', type: 'double', onlyWith: 'INCLUDE_SPLIT_COST_ALLOCATION_DATA' },
  { name: 'split_line_item_public_on_demand_unused_cost', type: 'double', onlyWith: 'INCLUDE_SPLIT_COST_ALLOCATION_DATA' },
  { name: 'split_line_item_reserved_usage', type: 'double', onlyWith: 'INCLUDE_SPLIT_COST_ALLOCATION_DATA' },
  { name: 'split_line_item_split_cost', type: 'double', onlyWith: 'INCLUDE_SPLIT_COST_ALLOCATION_DATA' },
  { name: 'split_line_item_split_usage', type: 'double', onlyWith: 'INCLUDE_SPLIT_COST_ALLOCATION_DATA' },
  { name: 'split_line_item_split_usage_ratio', type: 'double', onlyWith: 'INCLUDE_SPLIT_COST_ALLOCATION_DATA' },
  { name: 'split_line_item_unused_cost', type: 'double', onlyWith: 'INCLUDE_SPLIT_COST_ALLOCATION_DATA' },
  { name: 'tags', type: 'map<string,string>' },
];
