import type { ColumnInfo, Datum } from '@aws-sdk/client-athena';
import type { Row } from './query-engine';

const NUMBERS = new Set(['tinyint', 'smallint', 'integer', 'int', 'bigint', 'float', 'real', 'double', 'decimal']);

/** Names of the columns; a name that stands there twice gets a number, as the embedded engine does it. */
export function columnNames(columns: readonly ColumnInfo[]): string[] {
  const seen = new Map<string, number>();
  return columns.map(({ Label, Name }) => {
    const name = Label ?? Name ?? '';
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return times === 0 ? name : `${name}:${times}`;
  });
}

/** A row of an answer: everything in it is text, and the types stand beside it. */
export function toRow(data: readonly Datum[], columns: readonly ColumnInfo[], names: readonly string[]): Row {
  return Object.fromEntries(names.map((name, index) => [name, toValue(data[index]?.VarCharValue, columns[index].Type)]));
}

/**
 * A value as the embedded engine gives it. Of arrays, maps and rows there is only the text that Athena makes of them, which cannot be taken
 * apart for certain: it stays as it is; cast to JSON in the query what is to be read by a program.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/data-types.html
 */
export function toValue(text: string | undefined, type: string | undefined): unknown {
  if (text === undefined) return null;
  const kind = type?.toLowerCase() ?? '';
  // NaN and Infinity are written as JavaScript writes them
  if (NUMBERS.has(kind)) return Number(text);
  if (kind === 'boolean') return text === 'true';
  if (kind.startsWith('timestamp')) return toInstant(text);
  return text;
}

/** `2026-10-05 10:00:00.123456` or `… UTC`, to the millisecond; of another time zone the text. */
function toInstant(text: string): string {
  const [, day, time, fraction = ''] = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?: UTC)?$/.exec(text) ?? [];
  return day ? `${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z` : text;
}
