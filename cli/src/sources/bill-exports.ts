import { statSync } from 'node:fs';
import type { Engine } from '../engine/engine';
import { UsageError } from '../usage-error';

/**
 * The folders of a delivery, `<export name>/data/BILLING_PERIOD=<month>/`, as a regular expression that JavaScript and DuckDB both read.
 *
 * @see https://docs.aws.amazon.com/cur/latest/userguide/dataexports-export-delivery.html
 */
export const DELIVERY_FOLDERS = String.raw`([^/\\]+)[/\\]data[/\\]BILLING_PERIOD=([0-9]{4}-[0-9]{2})[/\\]`;

/**
 * Names of the exports that files were delivered by, newest first: the one that has delivered the latest month, and of two that both have,
 * the one whose newest file is newer. Copies keep the time of delivery (`aws s3 sync` does); where they do not, the names decide.
 */
export function findExportNames(files: readonly string[]): string[] {
  const found = new Map<string, { latest: string; newest: number }>();
  for (const file of files) {
    const folders = new RegExp(DELIVERY_FOLDERS, 'i').exec(file);
    if (folders === null) continue;
    const [, name, period] = folders;
    const { latest, newest } = found.get(name) ?? { latest: period, newest: 0 };
    found.set(name, { latest: period > latest ? period : latest, newest: Math.max(newest, statSync(file).mtimeMs) });
  }
  return [...found]
    .sort(([nameA, a], [nameB, b]) => compare(b.latest, a.latest) || b.newest - a.newest || compare(nameA, nameB))
    .map(([name]) => name);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** What one export says of one month. */
interface Delivery {
  readonly exportName: string;
  readonly period: string;
  readonly accounts: readonly string[];
}

/**
 * Says which export counts for which month, when there are several.
 *
 * @param exportNames names of the exports, newest first
 * @throws UsageError when an export that does not count has accounts that the one that counts lacks: the two are parts of one bill then, or
 *   of two bills, and leaving one out would lose dollars
 */
export async function warnAboutExports(engine: Engine, exportNames: readonly string[]): Promise<string[]> {
  if (exportNames.length < 2) return [];
  const deliveries = (await engine.rows(`SELECT export_name, billing_period, list(DISTINCT line_item_usage_account_id) AS accounts
    FROM cost_and_usage WHERE export_name IS NOT NULL AND billing_period IS NOT NULL GROUP BY ALL ORDER BY billing_period`))
    .map(row => ({ exportName: String(row.export_name), period: String(row.billing_period), accounts: row.accounts as string[] }));
  const counting = new Map<string, Delivery>();
  for (const delivery of exportNames.flatMap(name => deliveries.filter(({ exportName }) => exportName === name))) {
    const winner = counting.get(delivery.period);
    if (winner === undefined) counting.set(delivery.period, delivery);
    else checkAccounts(winner, delivery);
  }
  const parts = exportNames.map((name) => {
    const months = [...counting.values()].filter(({ exportName }) => exportName === name).map(({ period }) => period);
    return `${JSON.stringify(name)} counts for ${months.length === 0 ? 'no month' : months.join(', ')}`;
  });
  return [`the bill was delivered by ${exportNames.length} exports, and of each month that of the newest is read: ${parts.join('; ')}`
    + ' (to read another, give the files of the exports that are to count)'];
}

function checkAccounts(winner: Delivery, older: Delivery): void {
  const lost = older.accounts.filter(account => !winner.accounts.includes(account)).sort();
  if (lost.length === 0) return;
  throw new UsageError(`the exports ${JSON.stringify(winner.exportName)} and ${JSON.stringify(older.exportName)} both hold ${winner.period}, and only `
    + `the older one has the account(s) ${lost.slice(0, 3).join(', ')}${lost.length > 3 ? ', …' : ''}: one cannot stand for the other; `
    + 'give the files of one bill at a time');
}
