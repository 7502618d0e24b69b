/**
 * One attribution key as the views need it. Every string is data; the template quotes it.
 */
export interface ViewKey {
  /** Column name: lower snake case. */
  readonly name: string;
  /** Exact names in request metadata: the key's own first, then those of keys deprecated in its favour. Empty when it rides elsewhere. */
  readonly metadataNames: readonly string[];
  /** Tag keys of principals and sessions, without prefix, in the same order. Empty when it rides on neither. */
  readonly principalTagNames: readonly string[];
  /** Tag keys of resources, without prefix, in the same order. Empty when it does not ride there. */
  readonly resourceTagNames: readonly string[];
  readonly required: boolean;
  /** Day from which on the key is required, `YYYY-MM-DD`; from the first day on where it is not said. */
  readonly requiredFrom?: string;
  /** Whether the schema holds the key as enforced: a request that declares another value is then a forged claim. */
  readonly enforced: boolean;
  /** Allowed values in request metadata; `undefined` when the schema names none, or the value is a keyed hash. */
  readonly allowedValues?: readonly string[];
  /** Regular expression that the whole value must match. */
  readonly pattern?: string;
}

/** The kinds of tag that can prove a key on the bill, in the words of the `tags` column. */
export type BillTagSource = 'iamPrincipal' | 'resourceTags';

/** How what is spent under one value of a key is charged to others. */
export interface SharedCostRule {
  readonly key: string;
  readonly source: string;
  readonly method: 'proportional' | 'even' | 'fixed';
  /** Who takes a share; the weight counts where shares are fixed. Everybody who spent something where it is not said. */
  readonly targets?: readonly { readonly target: string; readonly weight: number }[];
}

/**
 * What a set of views is rendered for.
 */
export interface ViewParameters {
  readonly keys: readonly ViewKey[];
  /** Names of the keys that dollars are split by. High-cardinality keys belong here only when asked for. */
  readonly spendKeys: readonly string[];
  /** Which tag on a bill line wins, first first. */
  readonly attributionOrder: readonly BillTagSource[];
  /** SQL expression (a timestamp in UTC): usage that ended later than the settlement window before it is unsettled. */
  readonly asOf: string;
  /** Hours after which the bill for usage is taken as settled. */
  readonly settlementHours: number;
  /** The rules for shared costs: at most one for each value of a key. */
  readonly sharedCosts: readonly SharedCostRule[];
  /** Column or expression of the bill that holds a line's dollars. */
  readonly cost: string;
  /** Table or view that `invocations` reads: the ledger of calls where one is kept. */
  readonly invocationsSource: string;
  /** Table or view that `billed_usage` reads: the ledger of the bill where one is kept. */
  readonly billSource: string;
  /** Condition on the partitions of `invocation_logs` that `invocation_records` keeps to. */
  readonly logWindow: string;
}

/** `{as_of}` where somebody asks about today: this moment in UTC. */
export const NOW = `cast(current_timestamp AT TIME ZONE 'UTC' AS timestamp)`;

/** What a line of the bill costs: as charged, or net of what was negotiated. An account without negotiated prices has no net columns. */
export const BILL_COSTS = {
  unblended: 'line_item_unblended_cost',
  net: 'coalesce(line_item_net_unblended_cost, line_item_unblended_cost)',
} as const;

/**
 * Condition of `{log_window}` on Athena and Trino: no bodies. A body that was too large for its record lies in a folder below the records,
 * and is text of the caller's choice, which could read like a record.
 */
export const WITHOUT_BODIES = `NOT regexp_like("$path", '/data/[^/]+$')`;

/** The views, in an order in which each needs only those before it. */
export const VIEW_NAMES = [
  'invocation_records',
  'invocations',
  'bill_lines',
  'bedrock_bill_lines',
  'billed_usage',
  'list_prices',
  'invocation_costs',
  'attributed_spend',
  'unattributed_spend',
  'charged_spend',
  'reconciliation',
  'logging_coverage',
  'schema_violations',
  'forged_claims',
  'savings_findings',
] as const;

export type ViewName = (typeof VIEW_NAMES)[number];

/**
 * Renders the text of a view for a schema: the same text for Athena, Trino and DuckDB.
 *
 * A block from `-- for each <set>` to `-- end` is repeated for every member of the set, with `{key}` and the expressions below in its
 * place. The sets are `key`, `spend key`, `enforced key`, `required key`, `checked key`, `metadata name`, `shared cost` and `share`.
 */
export function renderView(text: string, parameters: ViewParameters): string {
  const everywhere: Placeholders = {
    as_of: parameters.asOf,
    settlement_hours: String(parameters.settlementHours),
    cost: parameters.cost,
    invocations_source: parameters.invocationsSource,
    bill_source: parameters.billSource,
    log_window: parameters.logWindow,
  };
  const lines: string[] = [];
  const source = text.split('\n');
  for (let index = 0; index < source.length; index++) {
    const start = /^\s*-- for each (.+)$/.exec(source[index]);
    if (!start) {
      lines.push(fill(source[index], everywhere));
      continue;
    }
    const end = source.findIndex((line, at) => at > index && line.trim() === '-- end');
    if (end < 0) throw new RangeError(`a view repeats a block for each "${start[1]}" and does not say where it ends: add -- end`);
    const block = source.slice(index + 1, end);
    // each line once: what was filled in is data, braces included
    for (const ofMember of members(start[1], parameters)) lines.push(...block.map(line => fill(line, { ...everywhere, ...ofMember })));
    index = end;
  }
  return lines.join('\n');
}

type Placeholders = Readonly<Partial<Record<string, string>>>;

function members(set: string, { keys, spendKeys, attributionOrder, sharedCosts }: ViewParameters): Placeholders[] {
  const ofKey = (key: ViewKey): Placeholders => ({
    key: key.name,
    declared: firstOf(key.metadataNames.map(name => `nullif(element_at(requestmetadata, ${quote(name)}), '')`)),
    principal_tag: tagOfAnyCase('iamPrincipal/', key.principalTagNames),
    resource_tag: tagOfAnyCase('resourceTags/', key.resourceTagNames),
    listed_tag: tagOfAnyCase('', key.principalTagNames),
    bill_value: attributionOrder.map(source => source === 'iamPrincipal' ? `${key.name}_principal_tag` : `${key.name}_resource_tag`).join(', '),
    allowed: allowed(key),
    is_required: key.requiredFrom === undefined ? 'true' : `usage_date >= DATE ${quote(key.requiredFrom)}`,
  });
  switch (set) {
    case 'key': return keys.map(ofKey);
    case 'spend key': return keys.filter(key => spendKeys.includes(key.name)).map(ofKey);
    case 'enforced key': return keys.filter(key => key.enforced && spendKeys.includes(key.name)).map(ofKey);
    // what does not ride on metadata cannot be missing there
    case 'required key': return keys.filter(key => key.required && key.metadataNames.length > 0).map(ofKey);
    case 'checked key': return keys.filter(key => key.allowedValues !== undefined || key.pattern !== undefined).map(ofKey);
    case 'metadata name': return keys.flatMap(key => key.metadataNames).map(name => ({ name: name.replaceAll("'", "''") }));
    case 'shared cost': return sharedCosts.map(rule => ({ ...sharedCost(rule), method: rule.method, has_targets: String(rule.targets !== undefined) }));
    case 'share': return sharedCosts.flatMap(rule => (rule.targets ?? []).map(({ target, weight }) => ({
      ...sharedCost(rule), target: quote(target), weight: `cast(${weight} AS double)`,
    })));
    default: throw new RangeError(`a view repeats a block for each "${set}", which is no set of keys`);
  }
}

function sharedCost({ key, source }: SharedCostRule): Placeholders {
  return { key: quote(key), source: quote(source) };
}

/** The value of a tag: the exact spelling first, then any spelling that differs in case only, as IAM takes them for the same key. */
function tagOfAnyCase(prefix: string, names: readonly string[]): string {
  return firstOf(names.flatMap((name) => {
    const exact = quote(prefix + name);
    const anyCase = quote((prefix + name).toLowerCase());
    return [
      `nullif(element_at(tags, ${exact}), '')`,
      `nullif(element_at(tags, element_at(array_sort(filter(map_keys(tags), k -> lower(k) = ${anyCase})), 1)), '')`,
    ];
  }));
}

function allowed(key: ViewKey): string {
  const rules: string[] = [];
  if (key.allowedValues) rules.push(`${key.name} IN (${key.allowedValues.map(quote).join(', ')})`);
  if (key.pattern !== undefined) rules.push(`regexp_like(${key.name}, ${quote(`^(?:${key.pattern})$`)})`);
  return rules.join(' AND ');
}

function firstOf(expressions: readonly string[]): string {
  if (expressions.length === 0) return 'CAST(NULL AS varchar)';
  return expressions.length === 1 ? expressions[0] : `coalesce(${expressions.join(', ')})`;
}

/** A list of rows as a table: the same text for Athena, Trino and DuckDB. At least one row. */
export function renderRows(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return `SELECT * FROM (VALUES ${rows.map(row => `(${row.map(quote).join(', ')})`).join(', ')}) AS listed (${columns.join(', ')})`;
}

/** A SQL string literal. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * `role/<name>/<session>`, `role/<name>` or `user/<name>` of a caller's ARN: the bill and the logs write the same caller with and without
 * IAM path, and the bill may leave the session out.
 */
const CALLER_EXPRESSIONS: Readonly<Partial<Record<string, (arn: string) => string>>> = {
  canonical_caller: arn => callerCase(arn, `concat('role/', substr(split_part(${arn}, ':', 6), 14))`),
  canonical_role: arn => callerCase(arn, `concat('role/', split_part(split_part(${arn}, ':', 6), '/', 2))`),
  caller_session: arn => `CASE WHEN split_part(${arn}, ':', 6) LIKE 'assumed-role/%' THEN nullif(split_part(split_part(${arn}, ':', 6), '/', 3), '') END`,
};

function callerCase(arn: string, assumedRole: string): string {
  const resource = `split_part(${arn}, ':', 6)`;
  const lastSegment = `regexp_extract(${resource}, '[^/]+$')`;
  return `CASE
    WHEN ${resource} LIKE 'assumed-role/%' THEN ${assumedRole}
    WHEN ${resource} LIKE 'role/%' THEN concat('role/', ${lastSegment})
    WHEN ${resource} LIKE 'user/%' THEN concat('user/', ${lastSegment})
    ELSE coalesce(nullif(${resource}, ''), nullif(${arn}, ''))
  END`;
}

/** Replaces `{name}` and `{name:argument}`; braces that name nothing known here stay as they are (regular expressions have them). */
function fill(text: string, placeholders: Placeholders): string {
  return text.replace(/\{([a-z_]+)(?::([a-z_]+))?\}/g, (whole, name: string, argument?: string) => {
    if (argument !== undefined) return CALLER_EXPRESSIONS[name]?.(argument) ?? whole;
    return placeholders[name] ?? whole;
  });
}
