import { statSync } from 'node:fs';
import type { Engine } from '../engine/engine';
import { UsageError } from '../usage-error';

/**
 * The folders of a delivery, `<export name>/data/BILLING_PERIOD=<month>/`, as a regular expression that JavaScript and DuckDB both read.
 *
 * @see https://docs.aws.amazon.com/cur/latest/userguide/dataexports-export-delivery.html
 */
export const DELIVERY_FOLDERS = String.raw`([^/\\]+)[/\\]data[/\\]BILLING_PERIOD=([0-9]{4}-[0-9]{2})[/\\]`;

/** An export of which files were given. */
export interface FoundExport {
  readonly name: string;
  /** The months that it has delivered, as `YYYY-MM`, in their order. */
  readonly periods: readonly string[];
}

/**
 * The exports that files were delivered by, newest first: the one that has delivered the latest month, and of two that both have, the one
 * whose newest file is newer. Copies keep the time of delivery (`aws s3 sync` does); where they do not, the names decide.
 */
export function findExports(files: readonly string[]): FoundExport[] {
  const found = new Map<string, { periods: Set<string>; newest: number }>();
  for (const file of files) {
    const folders = new RegExp(DELIVERY_FOLDERS, 'i').exec(file);
    if (folders === null) continue;
    const [, name, period] = folders;
    const known = found.get(name) ?? { periods: new Set<string>(), newest: 0 };
    found.set(name, { periods: known.periods.add(period), newest: Math.max(known.newest, statSync(file).mtimeMs) });
  }
  return [...found]
    .map(([name, { periods, newest }]) => ({ name, periods: [...periods].sort(), newest }))
    .sort((a, b) => compare(b.periods.at(-1), a.periods.at(-1)) || b.newest - a.newest || compare(a.name, b.name))
    .map(({ name, periods }) => ({ name, periods }));
}

function compare(a = '', b = ''): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Says which export counts for which month, when there are several.
 *
 * @throws UsageError when an export that does not count has accounts that the one that counts lacks: then they are parts of one bill, or of
 *   two, and leaving one out would lose dollars
 */
export async function warnAboutExports(engine: Engine, exports: readonly FoundExport[]): Promise<string[]> {
  if (exports.length < 2) return [];
  const counting = new Map<string, string>();
  for (const { name, periods } of exports) {
    for (const period of periods) {
      const winner = counting.get(period);
      if (winner === undefined) counting.set(period, name);
      else await checkAccounts(engine, period, name, winner);
    }
  }
  const parts = exports.map(({ name }) => {
    const months = [...counting].filter(([, winner]) => winner === name).map(([month]) => month).sort();
    return `${JSON.stringify(name)} counts for ${months.length === 0 ? 'no month' : months.join(', ')}`;
  });
  return [`the bill was delivered by ${exports.length} exports, and of each month that of the newest is read: ${parts.join('; ')}`
    + ' (to read another, give the files of the exports that are to count)'];
}

async function checkAccounts(engine: Engine, period: string, name: string, winner: string): Promise<void> {
  const accountsOf = (exportName: string): string => `SELECT line_item_usage_account_id FROM cost_and_usage
    WHERE billing_period = '${period}' AND export_name = '${exportName.replaceAll("'", "''")}'`;
  const lost = (await engine.rows(`SELECT DISTINCT account FROM (${accountsOf(name)} EXCEPT ${accountsOf(winner)}) AS lost (account)
    WHERE account IS NOT NULL ORDER BY account`)).map(row => String(row.account));
  if (lost.length === 0) return;
  throw new UsageError(`the exports ${JSON.stringify(winner)} and ${JSON.stringify(name)} both hold ${period}, and only the older one has the account(s) `
    + `${lost.slice(0, 3).join(', ')}${lost.length > 3 ? ', …' : ''}: one cannot stand for the other; give the files of one bill at a time`);
}
