/**
 * Names that no attribution key may have, because they stand for something else wherever keys become columns.
 */
export class ReservedNames {
  /**
   * Columns of the views, and of the steps inside them, that are not attribution keys. `request_id` is none of them: the request of AWS
   * is `bedrock_request_id`.
   */
  public static readonly COLUMNS: string[] = [
    'account_id', 'adjustments_usd', 'all_tokens', 'arithmetic', 'as_of', 'asked_by', 'assurance', 'attributed_usd', 'attribution_key',
    'bedrock_request_id', 'billed_tokens', 'billed_usd', 'billing_period', 'break_even_share', 'break_even_tokens', 'bucket',
    'busiest_hour_tokens', 'busiest_tokens', 'cache_read_price', 'cache_read_tokens', 'cache_read_usd', 'cache_write_1h_price',
    'cache_write_1h_tokens', 'cache_write_5m_price', 'cache_write_split_usd', 'cache_write_tokens', 'cache_write_usd', 'called_at',
    'caller', 'caller_arn', 'caller_role', 'caller_session', 'cause', 'charged_usd', 'computed_at', 'cost', 'day', 'declared_usd',
    'declared_value', 'declares_for_others', 'discount_usd', 'endpoint', 'enforced_usd', 'enforced_value', 'error_code', 'estimated_usd',
    'export_name', 'file', 'finding', 'first_day', 'given_usd', 'global_route_usd', 'global_usd', 'has_global_price', 'has_metadata',
    'has_tag_conflict', 'has_token_price', 'has_traffic', 'has_unknown_model', 'have_others_traffic', 'hours', 'inference_region',
    'input_price', 'input_tokens', 'input_usd', 'is_adjustment', 'is_matched', 'is_model_known', 'is_next_day', 'is_provisioned',
    'is_settled', 'is_token_based', 'key', 'key_value', 'keys', 'last_day', 'last_used', 'left_by_role', 'left_by_session', 'line',
    'line_item_type', 'list_usd', 'loaded_at', 'log_lines', 'logged_requests', 'logged_tokens', 'match_caller', 'match_level', 'merged_at',
    'metadata_key', 'metadata_value', 'model', 'model_id', 'model_unit_hour_price', 'offered_tokens', 'operation', 'output_price',
    'output_tokens', 'output_usd', 'own_usd', 'period', 'place', 'price_status', 'priced', 'principal', 'principal_tags', 'product_code',
    'profile_arn', 'prompt_above', 'prompt_up_to', 'read_tokens', 'read_usd', 'reason', 'received_usd', 'record_count', 'record_status',
    'region', 'region_place', 'request_metadata', 'requests', 'resource', 'resource_id', 'resource_name', 'resource_tags', 'route',
    'route_class', 'route_place', 'route_prefix', 'row_id', 'row_number', 'run_at', 'run_id', 'runtime_token_usd', 'saving_per_tenth_usd',
    'saving_usd', 'session_name', 'silent_days', 'silent_usd', 'slot', 'source', 'source_file', 'source_usd', 'status', 'tags', 'target',
    'tier', 'tier_usd', 'timestamp', 'token_class', 'token_type', 'tokens', 'tokens_usd', 'unattributed_usd', 'unit', 'unpriced',
    'usage_amount', 'usage_date', 'usage_ended_at', 'usage_type', 'usd', 'usd_now', 'usd_then', 'value', 'variance_usd', 'violation',
    'weight', 'write_usd',
  ];

  /** What the views put behind the name of a key, such as `team_assurance`: no other key may be called that. */
  public static readonly SUFFIXES: string[] = ['assurance', 'declared', 'enforced', 'principal_tag', 'resource_tag', 'value', 'values'];

  /** Words that Athena, Trino or DuckDB reads as part of the language. */
  public static readonly SQL_WORDS: string[] = [
    'all', 'alter', 'analyse', 'analyze', 'and', 'any', 'array', 'as', 'asc', 'asymmetric', 'at', 'between', 'both', 'by', 'case', 'cast',
    'check', 'collate', 'column', 'constraint', 'create', 'cross', 'cube', 'current_date', 'current_time', 'current_timestamp',
    'current_user', 'deallocate', 'default', 'deferrable', 'delete', 'desc', 'describe', 'distinct', 'do', 'drop', 'else', 'end', 'escape',
    'except', 'execute', 'exists', 'extract', 'false', 'fetch', 'first', 'for', 'foreign', 'from', 'full', 'group', 'grouping', 'having',
    'in', 'initially', 'inner', 'insert', 'intersect', 'into', 'is', 'join', 'lambda', 'last', 'lateral', 'leading', 'left', 'like',
    'limit', 'localtime', 'localtimestamp', 'natural', 'normalize', 'not', 'null', 'offset', 'on', 'only', 'or', 'order', 'outer', 'pivot',
    'pivot_longer', 'pivot_wider', 'placing', 'prepare', 'primary', 'qualify', 'recursive', 'references', 'returning', 'right', 'rollup',
    'select', 'show', 'skip', 'some', 'summarize', 'symmetric', 'table', 'then', 'to', 'trailing', 'trim', 'true', 'uescape', 'union',
    'unique', 'unnest', 'unpivot', 'using', 'values', 'variadic', 'when', 'where', 'window', 'with',
  ];
}
