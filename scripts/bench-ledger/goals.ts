/** A ratio that was measured, and the most that it should be. */
export interface Measured {
  readonly what: string;
  readonly measured: number;
  /** None for a number that is only told. */
  readonly goal?: number;
}

/** The ratios as a table, each with its goal and whether it is met. */
export function tableOf(measures: readonly Measured[]): string {
  const rows = measures.map(({ what, measured, goal }) => [
    what, ratio(measured), goal === undefined ? '' : ratio(goal), goal === undefined ? '' : measured <= goal ? 'met' : 'missed',
  ]);
  const head = ['ratio', 'measured', 'goal', ''];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column].length)));
  return [head, ...rows].map(row => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()).join('\n');
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** `1/250` for what is far below 1. */
function ratio(value: number): string {
  return value < 0.1 ? `1/${Math.round(1 / value).toLocaleString('en-US')}` : value.toFixed(2);
}

/** `12.3 MB`, to three digits. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en-US', { maximumSignificantDigits: 3 })} MB`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}
