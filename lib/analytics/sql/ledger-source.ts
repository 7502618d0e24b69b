import type { Column } from './view-columns';

/**
 * A table of the ledger as the views read it: columns by name, for a table that lives long has them in the order in which they were added,
 * and times in milliseconds, for Iceberg keeps microseconds and the columns of views know no more than milliseconds.
 */
export function ledgerSource(table: string, columns: readonly Column[]): string {
  const selected = columns.map(({ name, type }) => type === 'timestamp' ? `cast(${name} AS timestamp(3)) AS ${name}` : name);
  return `(SELECT ${selected.join(', ')} FROM ${table})`;
}
