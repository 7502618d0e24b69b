import type { Truth } from '../demo/truth';
import type { Report } from './report-contract';

/** Dollars closer than this are the same. */
const TOLERANCE_USD = 1e-6;

/**
 * Compares a report with what the generator of its month knows: every number and text of the truth must stand in the report.
 *
 * Only the place of a malformed line is compared, not the words that say what is wrong with it.
 */
export function differences(truth: Truth, report: Report): { checked: number; wrong: string[] } {
  const wrong: string[] = [];
  let checked = 0;
  const check = (path: string, expected: unknown, got: unknown): void => {
    if (Array.isArray(expected)) {
      check(`${path}.length`, expected.length, Array.isArray(got) ? got.length : undefined);
      expected.forEach((item, index) => { check(`${path}[${index}]`, item, (got as unknown[] | undefined)?.[index]); });
    } else if (typeof expected === 'object' && expected !== null) {
      for (const [name, value] of Object.entries(expected)) check(`${path}.${name}`, value, (got as Record<string, unknown> | undefined)?.[name]);
    } else {
      checked++;
      const same = typeof expected === 'number' && typeof got === 'number' ? Math.abs(expected - got) <= TOLERANCE_USD : expected === got;
      if (!same) wrong.push(`${path} is ${JSON.stringify(got)}, generated was ${JSON.stringify(expected)}`);
    }
  };
  const sorted = <T>(items: readonly T[], keyOf: (item: T) => string): T[] => [...items].sort((a, b) => keyOf(a) < keyOf(b) ? -1 : 1);
  const keysOf = (group: { keys: unknown }): string => JSON.stringify(group.keys);
  const placeOf = (item: { account_id: string | null; region: string | null }): string => `${item.account_id}/${item.region}`;
  const malformedAt = (item: { file: string; line: number | null }): string => `${item.file.split('/').pop() ?? ''}:${item.line}`;
  check('totals', truth.totals, report.totals);
  check('groups', sorted(truth.groups, keysOf), sorted(report.groups, keysOf));
  check('unattributed', truth.unattributed, report.unattributed);
  check('coverage', sorted(truth.coverage, placeOf), sorted(report.coverage, placeOf));
  check('quality', { ...truth.quality, malformed: truth.quality.malformed.map(malformedAt).sort() }, { ...report.quality, malformed: report.quality.malformed.map(malformedAt).sort() });
  return { checked, wrong };
}
