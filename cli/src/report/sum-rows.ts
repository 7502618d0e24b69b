import type { Row } from '../engine/query-engine';

/** To a billionth: the last bits of a sum depend on the order of its terms, which is nobody's to choose. */
export function number(value: unknown): number {
  return value === null || value === undefined ? 0 : Math.round(Number(value) * 1e9) / 1e9;
}

/** A text that is there. */
export function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The values of the keys of a group. */
export type Keys = Readonly<Record<string, string | null>>;

/** The columns of a row that are keys. */
export function pick(row: Row, keys: readonly string[]): Keys {
  return Object.fromEntries(keys.map(key => [key, text(row[key])]));
}

/** Sums of numbers by name, for each combination of the values of some columns. */
export class Sums<Name extends string> {
  private readonly groups = new Map<string, { readonly keys: Keys; readonly sums: Record<Name, number> }>();

  /**
   * @param by columns whose values make a group
   * @param names what is summed in each group
   */
  constructor(private readonly by: readonly string[], private readonly names: readonly Name[]) {}

  /** Adds to the group of a row; a number that is not there, or that nobody knows, adds nothing. */
  add(row: Row, values: Readonly<Partial<Record<Name, unknown>>>): void {
    const keys = pick(row, this.by);
    const id = JSON.stringify(Object.values(keys));
    let group = this.groups.get(id);
    if (group === undefined) {
      group = { keys, sums: Object.fromEntries(this.names.map(name => [name, 0])) as Record<Name, number> };
      this.groups.set(id, group);
    }
    for (const name of this.names) group.sums[name] += Number(values[name] ?? 0);
  }

  /** The groups with their sums, rounded. */
  list(): { readonly keys: Keys; readonly sums: Readonly<Record<Name, number>> }[] {
    return [...this.groups.values()].map(({ keys, sums }) => ({
      keys, sums: Object.fromEntries(this.names.map(name => [name, number(sums[name])])) as Record<Name, number>,
    }));
  }
}

/** Compares the values of columns in their order, those that are not there last. */
export function compareKeys(a: Keys, b: Keys, by: readonly string[]): number {
  for (const key of by) {
    const [left, right] = [a[key], b[key]];
    if (left === right) continue;
    if (left === null || right === null) return left === null ? 1 : -1;
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  return 0;
}
