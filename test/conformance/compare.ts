/** Rows of a query, as plain JavaScript values. */
export type Rows = readonly Readonly<Record<string, unknown>>[];

/** Numbers that differ by less than this part of the larger one are equal: engines add in orders of their own. */
const PRECISION = 1e-9;
/** What a sum of numbers that cancel out may leave, in dollars. */
const ZERO = 1e-9;
const DIGITS = 6;

/**
 * Throws when two engines do not answer with the same rows, in whatever order, and says where they differ first.
 *
 * @param subject the query, as the error names it
 */
export function expectSameRows(subject: string, trino: Rows, embedded: Rows): void {
  const [left, right] = [sorted(trino), sorted(embedded)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const differing = differingColumns(left[index], right[index]);
    if (differing.length === 0) continue;
    throw new Error([
      `${subject} has ${left.length} rows on Trino and ${right.length} on the embedded engine; the first that differ, in ${differing.join(', ')}:`,
      `  Trino:    ${show(left[index])}`,
      `  embedded: ${show(right[index])}`,
    ].join('\n'));
  }
}

/** Whether two values of a column are the same. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return Object.is(a, b) || Math.abs(a - b) <= Math.max(ZERO, PRECISION * Math.max(Math.abs(a), Math.abs(b)));
  }
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return (a ?? null) === (b ?? null);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every(name => sameValue((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]));
}

function differingColumns(a: Rows[number] | undefined, b: Rows[number] | undefined): string[] {
  const names = new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})]);
  if (a === undefined || b === undefined) return ['all columns'];
  return [...names].filter(name => !(name in a && name in b) || !sameValue(a[name], b[name]));
}

/** By what is exact first: numbers that differ in their last digit must not put two rows in different places. */
function sorted(rows: Rows): Rows {
  const keyOf = (row: Rows[number]): string => {
    const names = Object.keys(row).sort();
    const exact = names.filter(name => typeof row[name] !== 'number');
    const numbers = names.filter(name => typeof row[name] === 'number');
    return [...exact.map(name => canonical(row[name])), ...numbers.map(name => rounded(row[name] as number))].join('\u0001');
  };
  return rows.map(row => ({ row, key: keyOf(row) })).sort((a, b) => compare(a.key, b.key)).map(({ row }) => row);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function rounded(value: number): string {
  return Math.abs(value) <= ZERO ? '0' : value.toPrecision(DIGITS);
}

/** JSON with the names of objects in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_, item: unknown) => {
    if (typeof item === 'number') return rounded(item);
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => compare(a, b)));
  });
}

function show(row: Rows[number] | undefined): string {
  return row === undefined ? '(no row)' : canonical(row);
}
