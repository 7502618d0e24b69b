import type { ViewKey, ViewName } from './view-template';

/** Types of columns, in the words of Athena's SQL (Trino). */
export type ColumnType
  = | 'varchar' | 'bigint' | 'integer' | 'double' | 'boolean' | 'date' | 'timestamp' | 'map(varchar,varchar)' | 'map(varchar,double)' | 'array(varchar)';

/** A column of a table or view. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** What the columns of the views depend on. */
export interface ColumnParameters {
  readonly keys: readonly ViewKey[];
  /** Names of the keys that dollars are split by. */
  readonly spendKeys: readonly string[];
}

/** How Glue calls a type. */
const HIVE_TYPES: Readonly<Record<ColumnType, string>> = {
  'varchar': 'string',
  'bigint': 'bigint',
  'integer': 'int',
  'double': 'double',
  'boolean': 'boolean',
  'date': 'date',
  'timestamp': 'timestamp',
  'map(varchar,varchar)': 'map<string,string>',
  'map(varchar,double)': 'map<string,double>',
  'array(varchar)': 'array<string>',
};

/** The type of a column for Glue, and for the DDL of Athena: `string`, `map<string,string>`, … */
export function hiveType(type: ColumnType): string {
  return HIVE_TYPES[type];
}

/** A type of Glue in the words of Athena's SQL, as the JSON of a view wants it. */
const SQL_WORDS: Readonly<Partial<Record<string, string>>> = {
  'string': 'varchar', 'int': 'integer', 'float': 'real', 'binary': 'varbinary', 'timestamp': 'timestamp(3)',
  'map<': 'map(', 'array<': 'array(', 'struct<': 'row(', '>': ')', ':': ' ',
};

/** The SQL type that a type of Glue stands for: `map(varchar,varchar)` for `map<string,string>`. */
export function sqlType(glueType: string): string {
  return glueType.replace(/\w+<?|[>:]/g, word => SQL_WORDS[word] ?? word);
}

/** `name type, name type`, the type being `varchar` where none is given: short, as there are hundreds of columns. */
function columns(text: string): Column[] {
  return text.split(/,(?![^(]*\))/).map((column) => {
    const [name, type = 'varchar'] = column.trim().split(/\s+/);
    return { name, type: type as ColumnType };
  });
}

const REQUEST = columns('bedrock_request_id, called_at timestamp, usage_date date, account_id, region');

/** The columns of a clean record, without those of the keys. */
const RECORD = [
  ...REQUEST,
  ...columns(`inference_region, operation, model_id, model, route, route_prefix, error_code, record_status, record_count bigint,
    caller_arn, caller, caller_role, caller_session, request_metadata map(varchar,varchar), input_tokens bigint, output_tokens bigint,
    cache_read_tokens bigint, cache_write_tokens bigint, cache_write_1h_tokens bigint`),
];

/** The columns of the bill that attribution needs. */
const BEDROCK_BILL_LINE = columns(`export_name, billing_period, bill_billing_entity, bill_billing_period_start_date timestamp,
  line_item_currency_code, line_item_iam_principal, line_item_line_item_description, line_item_line_item_type,
  line_item_net_unblended_cost double, line_item_product_code, line_item_resource_id, line_item_unblended_cost double,
  line_item_usage_account_id, line_item_usage_amount double, line_item_usage_end_date timestamp, line_item_usage_start_date timestamp,
  line_item_usage_type, pricing_unit, product map(varchar,varchar), product_product_family, product_region_code, product_servicecode,
  tags map(varchar,varchar)`);

const BUCKET = columns('account_id, region, usage_date date, model, token_class, route_class, endpoint');

/** The columns of a view, in their order. Those of `bill_lines` are the columns of the export. */
export function viewColumns(view: Exclude<ViewName, 'bill_lines'>, { keys, spendKeys }: ColumnParameters): Column[] {
  const key = ({ name }: ViewKey): Column[] => columns(name);
  const ofSpendKeys = (suffixes: readonly string[]): Column[] => spendKeys.flatMap(name => suffixes.flatMap(suffix => columns(`${name}${suffix}`)));
  switch (view) {
    case 'invocation_records':
    case 'invocations':
      return [...RECORD, ...keys.flatMap(key)];
    case 'list_prices':
      return columns(`asked_by, model, region, route, route_prefix, tier, usage_date date, prompt_above bigint, prompt_up_to bigint,
        input_price double, output_price double, cache_read_price double, cache_write_5m_price double, cache_write_1h_price double,
        model_unit_hour_price double`);
    case 'invocation_costs':
      return [
        ...REQUEST,
        ...columns(`model_id, model, route, operation, record_status, caller, caller_role, input_tokens bigint, output_tokens bigint,
          cache_read_tokens bigint, cache_write_tokens bigint, cache_write_1h_tokens bigint, input_usd double, output_usd double,
          cache_read_usd double, cache_write_usd double, estimated_usd double, price_status, input_price double, output_price double,
          cache_read_price double, cache_write_5m_price double, cache_write_1h_price double`),
        ...keys.flatMap(key),
      ];
    case 'bedrock_bill_lines':
      return BEDROCK_BILL_LINE;
    case 'billed_usage':
      return [
        ...columns(`billing_period, account_id, region, usage_date date, usage_ended_at timestamp, product_code, usage_type, line_item_type, model,
          is_model_known boolean, token_type, token_class, is_token_based boolean, route, tier, endpoint, tokens double, usage_amount double,
          billed_usd double, adjustments_usd double, is_adjustment boolean, caller_arn, caller, caller_role, caller_session, resource_id,
          tags map(varchar,varchar), has_tag_conflict boolean`),
        ...ofSpendKeys(['_principal_tag', '_resource_tag', '']),
      ];
    case 'attributed_spend':
      return [...columns('billing_period'), ...BUCKET, ...columns('caller, billed_usd double, reason'), ...ofSpendKeys(['', '_assurance'])];
    case 'unattributed_spend':
      return [...columns('attribution_key'), ...BUCKET, ...columns('caller, reason, unattributed_usd double')];
    case 'charged_spend':
      return columns('billing_period, attribution_key, key_value, own_usd double, received_usd double, given_usd double, charged_usd double');
    case 'reconciliation':
      return [
        ...BUCKET,
        ...columns(`logged_tokens double, billed_tokens double, estimated_usd double, list_usd double, billed_usd double, variance_usd double,
          tokens_usd double, global_route_usd double, cache_write_split_usd double, tier_usd double, discount_usd double,
          is_settled boolean, status, cause`),
      ];
    case 'savings_findings':
      return [
        ...columns(`finding, billing_period, first_day date, last_day date, account_id, region, model, caller_role, resource, resource_name,
          requests bigint, tokens double, busiest_hour_tokens double, hours double, usd_now double, usd_then double, saving_usd double,
          saving_per_tenth_usd double, break_even_share double, break_even_tokens double, arithmetic`),
        ...ofSpendKeys(['']),
      ];
    case 'logging_coverage':
      return columns('account_id, region, usage_date date, logged_requests bigint, billed_usd double, runtime_token_usd double, status');
    case 'schema_violations':
      return [...REQUEST, ...columns('caller, violation, metadata_key, metadata_value')];
    case 'forged_claims':
      return [...REQUEST, ...columns('caller, attribution_key, declared_value, enforced_value')];
  }
}
