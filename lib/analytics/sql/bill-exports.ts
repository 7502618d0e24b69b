import { quote } from './view-template';

/**
 * The text of `bill_exports`, the input of `bill_lines` that says which export is newer: the same for Athena, Trino and DuckDB.
 *
 * @param exportNames names of exports, newest first
 */
export function renderBillExports(exportNames: readonly string[]): string {
  if (exportNames.length === 0) return 'SELECT cast(NULL AS varchar) AS export_name, 0 AS generation WHERE false';
  const rows = exportNames.map((name, index) => `(${quote(name)}, ${index + 1})`);
  return `SELECT * FROM (VALUES ${rows.join(', ')}) AS listed (export_name, generation)`;
}
