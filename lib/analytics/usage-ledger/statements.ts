import { compactSql } from '../../private/compact-sql';
import { packageText } from '../../private/package-file';
import { atRunTime } from '../../private/run-time-text';
import { type Column, viewColumns } from '../sql/view-columns';
import { renderView, type ViewName, type ViewParameters } from '../sql/view-template';
import { DAILY_GROUPS, dailyColumns } from './ledger-tables';

/** The statements of a run, each with places for what is known only then (see `atRunTime`). */
export interface LedgerStatements {
  /** Waits for nothing. */
  readonly planRun: string;
  /** Waits for `log_from`, `log_to` (`YYYY/MM/DD`), `unread` (a condition that leaves quarantined objects out) and `days`. */
  readonly inspectLogs: string;
  /** Waits for the same, and for `run_at`. */
  readonly mergeUsage: string;
  /** Waits for `days` (`DATE '2026-10-01', …`) and `run_at`. */
  readonly replaceDaily: string;
  /** Waits for `periods` (`'2026-10', …`) and `run_at`. */
  readonly replaceBill: string;
  /** Waits for `first_day`, `last_day`, `periods` and `run_at`. */
  readonly measureRun: string;
}

/** How many quarantined objects a run leaves out: the newest ones. Each takes its place in the text of a query. */
export const QUARANTINE_LIMIT = 500;

/** What the same record may tell only later, when a dimension table has caught up; it is not forgotten when the table loses it again. */
const LEARNED = ['called_at', 'usage_date', 'model', 'route', 'route_prefix'];

/** The statements of the ledger: the same text for Athena and Trino. */
export function ledgerStatements(parameters: ViewParameters): LedgerStatements {
  const days = atRunTime('days');
  const logWindow = `${parameters.logWindow} AND log_day BETWEEN '${atRunTime('log_from')}' AND '${atRunTime('log_to')}'${atRunTime('unread')}`;
  const view = (name: ViewName): string => compactSql(renderView(packageText('lib', 'analytics', 'sql', 'views', `${name}.sql`), { ...parameters, logWindow }));
  const statement = (name: string, values: Readonly<Partial<Record<string, string>>>): string => {
    const text = compactSql(packageText('lib', 'analytics', 'sql', 'ledger', `${name}.sql`));
    // each place once: what was filled in is data, braces included
    return text.replace(/\{([a-z_]+)\}/g, (_, place: string) => values[place] ?? atRunTime(place));
  };
  const records = namesOf(viewColumns('invocation_records', parameters));
  const daily = namesOf(dailyColumns(parameters.spendKeys));
  const bill = namesOf(viewColumns('bedrock_bill_lines', parameters));
  return {
    planRun: statement('plan_run', { quarantine_limit: String(QUARANTINE_LIMIT) }),
    inspectLogs: statement('inspect_logs', { log_window: logWindow, days }),
    mergeUsage: statement('merge_usage', {
      ...mergeOf(records),
      invocation_records: view('invocation_records'),
      columns: records.join(', '),
      seen_columns: of('seen', records),
    }),
    replaceDaily: statement('replace_daily', {
      columns: records.join(', '),
      list_prices: view('list_prices'),
      invocation_costs: view('invocation_costs'),
      groups: [...DAILY_GROUPS, ...parameters.spendKeys].join(', '),
      daily_columns: daily.join(', '),
      fresh_daily_columns: of('fresh', daily),
    }),
    replaceBill: statement('replace_bill', {
      bill_lines: view('bill_lines'),
      bedrock_bill_lines: view('bedrock_bill_lines'),
      columns: bill.join(', '),
      fresh_columns: of('fresh', bill),
    }),
    measureRun: statement('measure_run', { cost: parameters.cost }),
  };
}

/** What a MERGE compares and takes over, of the columns of a record. */
function mergeOf(records: readonly string[]): Record<string, string> {
  const copied = records.filter(name => !['bedrock_request_id', 'record_count'].includes(name));
  const value = (name: string): string => LEARNED.includes(name) ? `coalesce(seen.${name}, kept.${name})` : `seen.${name}`;
  return {
    place_of_seen: placeOf('seen'),
    place_of_kept: placeOf('kept'),
    differences: copied.map(name => `OR kept.${name} IS DISTINCT FROM ${value(name)}`).join('\n'),
    assignments: copied.map(name => `${name} = ${value(name)}`).join(',\n'),
  };
}

/** How good a record is, in the order of `invocation_records`: arrays compare member by member. */
function placeOf(row: string): string {
  return `ARRAY[
CASE ${row}.record_status WHEN 'complete' THEN 4 WHEN 'partial' THEN 3 WHEN 'blocked' THEN 2 ELSE 1 END,
coalesce(date_diff('millisecond', TIMESTAMP '1970-01-01 00:00:00', ${row}.called_at), -1),
coalesce(${row}.output_tokens, -1),
coalesce(${row}.input_tokens, -1)
]`;
}

function namesOf(columns: readonly Column[]): string[] {
  return columns.map(({ name }) => name);
}

function of(row: string, names: readonly string[]): string {
  return names.map(name => `${row}.${name}`).join(', ');
}
