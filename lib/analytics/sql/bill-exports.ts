import { quote } from './view-template';

/**
 * The text of `bill_exports`, the input of `bill_lines` that says which export is newer: the same for Athena, Trino and DuckDB.
 *
 * @param exportNames names of exports, newest first, joined by commas, which no such name has: how many they are may be known at
 *   deployment only
 */
export function renderBillExports(exportNames: string): string {
  return `SELECT export_name, generation FROM UNNEST(split(${quote(exportNames)}, ',')) WITH ORDINALITY AS listed (export_name, generation)`;
}
