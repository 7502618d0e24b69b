/** The saved queries, in the order in which they are shown. The file of each is `queries/<name>.sql`. */
export const SAVED_QUERY_NAMES = [
  'weekly-tokens',
  'daily-spend',
  'month-to-date',
  'top-growth',
  'spend-by-model',
  'cost-per-million-tokens',
  'unit-economics',
  'cache-ratio',
  'top-callers',
  'prompt-details',
  'untagged-spend',
  'attribution-assurance',
  'tag-conflicts',
  'forged-claims',
  'schema-violations',
  'silent-regions',
  'unpriced-requests',
  'malformed-log-lines',
  'estimate-against-bill',
  'money-identity',
  'money-identity-summary',
  'month-closing',
] as const;

export type SavedQueryName = (typeof SAVED_QUERY_NAMES)[number];

/** Engines that a query may be for. */
export type QueryEngine = 'Athena' | 'Trino' | 'DuckDB';

/** A column of the result, as the header describes it. */
export interface QueryColumn {
  readonly name: string;
  readonly description: string;
}

/** First and last day, both counted, as ISO dates. */
export interface QueryPeriod {
  readonly firstDay: string;
  readonly lastDay: string;
}

/** What a set of saved queries is rendered for. Keys are told by their names, which are columns of the views. */
export interface QueryParameters {
  /** The keys of the schema. */
  readonly keys: readonly string[];
  /** The keys that dollars are split by. */
  readonly spendKeys: readonly string[];
  /** The keys that rows are broken down by, some of `spendKeys`. */
  readonly breakdownKeys: readonly string[];
  /** SQL expression (a timestamp in UTC) that periods are counted back from. */
  readonly asOf: string;
  /** Table of daily totals, as a ledger keeps one. @default - they are summed up from `invocations` */
  readonly dailyUsage?: string;
  /** The days that are looked at. @default - the period that the header of each query names */
  readonly period?: QueryPeriod;
}

/** A saved query for one schema. */
export interface RenderedQuery {
  readonly name: string;
  /** The question that it answers, in one sentence. */
  readonly question: string;
  /** Views and tables that it reads. */
  readonly inputs: readonly string[];
  /** Days that it looks at unless others are asked for. */
  readonly period: string;
  /** What a row is, and in which order the rows come. */
  readonly output: string;
  /** The columns of the result, in their order. */
  readonly columns: readonly QueryColumn[];
  readonly engines: readonly QueryEngine[];
  /** The statement with its header. */
  readonly sql: string;
}

/** The keys that a breakdown takes unless others are asked for: team and service, or else the first two. */
export function defaultBreakdown(spendKeys: readonly string[]): string[] {
  const usual = ['team', 'service'].filter(name => spendKeys.includes(name));
  return usual.length > 0 ? usual : spendKeys.slice(0, 2);
}

/**
 * Renders every saved query for a schema: the same text for Athena, Trino and DuckDB.
 *
 * @param readText gives the text of the file of a query
 */
export function renderSavedQueries(readText: (name: SavedQueryName) => string, parameters: QueryParameters): RenderedQuery[] {
  return SAVED_QUERY_NAMES.map(name => renderSavedQuery(name, readText(name), parameters));
}

/**
 * Renders one saved query for a schema.
 *
 * A block from `-- for each <set>` to `-- end` is repeated for every key of the set, with its name for `{key}`. The sets are `key`,
 * `spend key`, `breakdown key`, and `unit key`: the breakdown keys, and `feature` where dollars are split by it.
 */
export function renderSavedQuery(name: string, text: string, parameters: QueryParameters): RenderedQuery {
  const rendered = text
    .replace(/^ *-- for each (.+)\n([^]*?)^ *-- end\n/gm, (_, set: string, block: string) =>
      members(set, parameters).map(key => block.replaceAll('{key}', key)).join(''))
    .replaceAll('{as_of}', () => parameters.asOf)
    .replaceAll('{daily_input}', () => parameters.dailyUsage ?? 'invocations')
    .replaceAll('{daily_usage}', () => parameters.dailyUsage ?? dailyTotals(parameters.spendKeys));
  const sql = (parameters.period === undefined ? rendered : withPeriod(rendered, parameters.period)).trim();
  return { name, ...readHeader(name, sql), sql };
}

/** What `usage_daily` has of each day, where nobody keeps it. */
function dailyTotals(spendKeys: readonly string[]): string {
  const groups = ['usage_date', ...spendKeys].join(', ');
  return `(
    SELECT ${groups}, count(*) AS requests, count_if(record_status = 'failed') AS failed_requests,
      count_if(record_status = 'blocked') AS blocked_requests, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
      sum(cache_read_tokens) AS cache_read_tokens, sum(cache_write_tokens) AS cache_write_tokens
    FROM invocations GROUP BY ${groups}
  )`;
}

function members(set: string, { keys, spendKeys, breakdownKeys }: QueryParameters): readonly string[] {
  switch (set) {
    case 'key': return keys;
    case 'spend key': return spendKeys;
    case 'breakdown key': return breakdownKeys;
    case 'unit key': return [...new Set([...breakdownKeys, ...spendKeys.filter(key => key === 'feature')])];
    default: throw new RangeError(`a saved query repeats a block for each "${set}", which is no set of keys`);
  }
}

/**
 * Keys of a schema that are called like something that a query itself names: it cannot be made for such a schema.
 *
 * @param text text of the file of the query
 */
export function clashingKeys(text: string, keys: readonly string[]): string[] {
  const code = text.replace(/--.*$/gm, '');
  if (!code.includes('{key}')) return [];
  const named = new Set([...code.matchAll(/\bAS ([a-z_]\w*),?$/gm)].map(([, name]) => name));
  return keys.filter(key => named.has(key));
}

/** The two lines that name the days stand alone in every query, so that people find them. */
function withPeriod(sql: string, { firstDay, lastDay }: QueryPeriod): string {
  return sql
    .replace(/^( *)\S.* AS first_day,$/m, `$1DATE '${firstDay}' AS first_day,`)
    .replace(/^( *)\S.* AS last_day$/m, `$1DATE '${lastDay}' AS last_day`);
}

const ENGINES: readonly QueryEngine[] = ['Athena', 'Trino', 'DuckDB'];

/** Reads the comment at the top: `-- Word: text`, going on in lines indented by ten, and a line indented by two for each column. */
function readHeader(name: string, sql: string): Omit<RenderedQuery, 'name' | 'sql'> {
  const fields = new Map<string, string>();
  const columns: QueryColumn[] = [];
  let field = '';
  for (const line of sql.split('\n')) {
    const start = /^-- ([A-Z][a-z]+): +(\S.*)$/.exec(line);
    const column = /^-- {3}([a-z]\w*) +(\S.*)$/.exec(line);
    const more = /^-- {11}(\S.*)$/.exec(line);
    if (start) {
      field = start[1];
      fields.set(field, start[2]);
    } else if (column) {
      columns.push({ name: column[1], description: column[2] });
    } else if (more) {
      fields.set(field, `${fields.get(field) ?? ''} ${more[1]}`);
    } else {
      break;
    }
  }
  const say = (word: string): string => {
    const text = fields.get(word);
    if (text === undefined) throw new RangeError(`the header of the saved query ${name} has no line -- ${word}:`);
    return text;
  };
  const list = (text: string): string[] => text.split(',').map(part => part.trim());
  return {
    question: say('Question'),
    inputs: list(say('Inputs')),
    period: say('Period'),
    output: say('Output'),
    columns,
    engines: fields.has('Engines') ? ENGINES.filter(engine => list(say('Engines')).includes(engine)) : ENGINES,
  };
}
