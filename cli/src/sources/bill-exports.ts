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

/** A difference between two exports of one month that is worth a word, in the currency of the bill. */
const CENT = 0.01;

/** What one export says of one month. */
interface Delivery {
  readonly exportName: string;
  readonly period: string;
  readonly accounts: readonly string[];
  readonly cost: number;
}

/**
 * Says which files may count twice: outside of the folders of a delivery nothing tells exports apart, and a download of an export beside an
 * earlier one of the same looks like more files of it. All of these count.
 */
export function warnAboutFolders(files: readonly string[]): string[] {
  const layout = '<export name>/data/BILLING_PERIOD=<month>/';
  const warnings: string[] = [];
  const nameOf = (file: string): string => new RegExp(DELIVERY_FOLDERS, 'i').exec(file)?.[1] ?? '';
  const loose = files.filter(file => nameOf(file) === '').length;
  if (loose > 0 && loose < files.length) {
    warnings.push(`${loose} of ${files.length} files of the bill lie outside of folders like ${layout}: all their lines count beside those of the `
      + 'exports; leave out what is there twice');
  }
  const folders = new Map<string, Set<string>>();
  for (const file of files) {
    const [, folder, period] = /^(.*)BILLING_PERIOD=(\d{4}-\d{2})[/\\]/i.exec(file) ?? [];
    const month = `${period} ${nameOf(file)}`.trimEnd();
    if (period) folders.set(month, (folders.get(month) ?? new Set()).add(folder));
  }
  const repeated = [...folders].filter(([, { size }]) => size > 1).map(([month]) => month).sort();
  if (repeated.length > 0) {
    warnings.push(`the bill of ${repeated.join(', ')} lies in several folders, and all of them count: give one copy; if they are exports of one bill, `
      + `keep the folders that AWS made, ${layout}, so that only the newest counts`);
  }
  return warnings;
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
  const deliveries = (await engine.rows(`SELECT export_name, billing_period, list(DISTINCT line_item_usage_account_id) AS accounts,
      sum(line_item_unblended_cost) AS cost
    FROM cost_and_usage WHERE export_name IS NOT NULL AND billing_period IS NOT NULL GROUP BY ALL ORDER BY billing_period`))
    .map((row): Delivery => ({
      exportName: String(row.export_name),
      period: String(row.billing_period),
      accounts: row.accounts as string[],
      cost: Number(row.cost),
    }));
  const counting = new Map<string, Delivery>();
  const dearer: string[] = [];
  for (const delivery of exportNames.flatMap(name => deliveries.filter(({ exportName }) => exportName === name))) {
    const winner = counting.get(delivery.period);
    if (winner === undefined) {
      counting.set(delivery.period, delivery);
      continue;
    }
    checkAccounts(winner, delivery);
    const more = delivery.cost - winner.cost;
    if (more >= CENT) dearer.push(`${JSON.stringify(delivery.exportName)} has ${more.toFixed(2)} more for ${delivery.period}, which does not count`);
  }
  const parts = exportNames.map((name) => {
    const months = [...counting.values()].filter(({ exportName }) => exportName === name).map(({ period }) => period);
    return `${JSON.stringify(name)} counts for ${months.length === 0 ? 'no month' : months.join(', ')}`;
  });
  return [`the bill was delivered by ${exportNames.length} exports, and of each month that of the newest is read: ${[...parts, ...dearer].join('; ')}`
    + ' (to read another, give the files of the exports that are to count)'];
}

function checkAccounts(winner: Delivery, older: Delivery): void {
  const lost = older.accounts.filter(account => !winner.accounts.includes(account)).sort();
  if (lost.length === 0) return;
  throw new UsageError(`the exports ${JSON.stringify(winner.exportName)} and ${JSON.stringify(older.exportName)} both hold ${winner.period}, and only `
    + `the older one has the account(s) ${lost.slice(0, 3).join(', ')}${lost.length > 3 ? ', …' : ''}: one cannot stand for the other; `
    + 'give the files of one bill at a time');
}
