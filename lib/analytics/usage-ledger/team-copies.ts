import { compactSql } from '../../private/compact-sql';
import { packageText } from '../../private/package-file';
import { atRunTime } from '../../private/run-time-text';
import { type Column, viewColumns } from '../sql/view-columns';
import { renderView, type ViewParameters } from '../sql/view-template';
import { dailyColumns, type LedgerTable } from './ledger-tables';

/** A table whose rows of some billing periods are made anew at once. */
export interface ReplacedTable extends LedgerTable {
  /** The statement; waits for `first_period`, `last_period` (`2026-10`) and `run_at`, and that of a team for what `teamTables` says. */
  readonly replace: string;
}

/** By what a row is replaced, and when it was made. */
const OF_ROW: readonly Column[] = [{ name: 'row_id', type: 'varchar' }, { name: 'computed_at', type: 'timestamp' }];

const [FIRST, LAST] = [atRunTime('first_period'), atRunTime('last_period')];

/** `attributed_spend` as of the last bill: what takes long is worked out once, however many teams have copies. */
export function spendTable(parameters: ViewParameters): ReplacedTable {
  const columns = viewColumns('attributed_spend', parameters);
  return {
    name: 'spend_daily',
    columns: [...columns, ...OF_ROW],
    partitionedBy: 'billing_period',
    compacted: `billing_period >= '{since_period}'`,
    replace: statement('replace_spend', columns, {
      attributed_spend: compactSql(renderView(packageText('lib', 'analytics', 'sql', 'views', 'attributed_spend.sql'), parameters)),
    }),
  };
}

/**
 * The tables in the database of a team: copies of its rows, too small for partitions. Their statements run there, and wait for `team_key`,
 * the name of a column, and `team_value`, a literal.
 */
export function teamTables(ledgerDatabase: string, parameters: ViewParameters): ReplacedTable[] {
  const copy = (name: string, original: string, columns: readonly Column[], window: string): ReplacedTable => ({
    name,
    columns: [...columns, ...OF_ROW],
    replace: statement('replace_team', columns, { copy: name, ledger_database: ledgerDatabase, original, window }),
  });
  return [
    copy('attributed_spend', 'spend_daily', viewColumns('attributed_spend', parameters), `billing_period BETWEEN '${FIRST}' AND '${LAST}'`),
    copy('usage_daily', 'usage_daily', dailyColumns(parameters.spendKeys),
      `usage_date IS NULL OR (usage_date >= DATE '${FIRST}-01' AND usage_date < DATE '${LAST}-01' + interval '1' month)`),
  ];
}

function statement(name: string, columns: readonly Column[], values: Readonly<Record<string, string>>): string {
  const all: Readonly<Partial<Record<string, string>>> = {
    ...values,
    columns: columns.map(column => column.name).join(', '),
    fresh_columns: columns.map(column => `fresh.${column.name}`).join(', '),
  };
  return compactSql(packageText('lib', 'analytics', 'sql', 'ledger', `${name}.sql`))
    .replace(/\{([a-z_]+)\}/g, (_, place: string) => all[place] ?? atRunTime(place));
}
