/**
 * Names that no attribution key may have, because they stand for something else wherever keys become columns.
 */
export class ReservedNames {
  /** Columns of the views that are not attribution keys. `request_id` is none of them: the request of AWS is `bedrock_request_id`. */
  public static readonly COLUMNS: string[] = [
    'account_id', 'adjustments_usd', 'as_of', 'assurance', 'attributed_usd', 'bedrock_request_id', 'billed_tokens', 'billed_usd', 'billing_period',
    'bucket', 'cache_read_tokens', 'cache_write_tokens', 'caller', 'caller_arn', 'caller_role', 'caller_session', 'cost', 'day', 'declared_usd',
    'endpoint', 'enforced_usd', 'estimated_usd', 'file', 'inference_region', 'input_tokens', 'key', 'keys', 'line', 'line_item_type',
    'logged_requests', 'logged_tokens', 'model', 'model_id', 'operation', 'output_tokens', 'period', 'price_status', 'principal', 'principal_tags',
    'product_code', 'profile_arn', 'reason', 'record_status', 'region', 'request_metadata', 'requests', 'resource_id', 'resource_tags', 'route',
    'row_number', 'session_name', 'silent_days', 'silent_usd', 'source_file', 'status', 'tags', 'tier', 'timestamp', 'token_class', 'token_type',
    'tokens', 'unattributed_usd', 'unit', 'usage_amount', 'usage_date', 'usage_type', 'usd', 'value',
  ];

  /** Words that Athena, Trino or DuckDB reads as part of the language. */
  public static readonly SQL_WORDS: string[] = [
    'all', 'alter', 'analyse', 'analyze', 'and', 'any', 'array', 'as', 'asc', 'asymmetric', 'between', 'both', 'by', 'case', 'cast', 'check',
    'collate', 'column', 'constraint', 'create', 'cross', 'cube', 'current_date', 'current_time', 'current_timestamp', 'current_user', 'deallocate',
    'default', 'deferrable', 'delete', 'desc', 'describe', 'distinct', 'do', 'drop', 'else', 'end', 'escape', 'except', 'execute', 'exists',
    'extract', 'false', 'fetch', 'first', 'for', 'foreign', 'from', 'full', 'group', 'grouping', 'having', 'in', 'initially', 'inner', 'insert',
    'intersect', 'into', 'is', 'join', 'lambda', 'last', 'lateral', 'leading', 'left', 'like', 'limit', 'localtime', 'localtimestamp', 'natural',
    'normalize', 'not', 'null', 'offset', 'on', 'only', 'or', 'order', 'outer', 'pivot', 'pivot_longer', 'pivot_wider', 'placing', 'prepare',
    'primary', 'qualify', 'recursive', 'references', 'returning', 'right', 'rollup', 'select', 'show', 'skip', 'some', 'summarize', 'symmetric',
    'table', 'then', 'to', 'trailing', 'trim', 'true', 'uescape', 'union', 'unique', 'unnest', 'unpivot', 'using', 'values', 'variadic', 'when',
    'where', 'window', 'with',
  ];
}
