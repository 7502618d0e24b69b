import { stringify } from 'csv-stringify/sync';
import type { Report, ReportGroup } from './report-contract';

const FIELDS = [
  'requests',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'estimated_usd',
  'billed_usd',
  'enforced_usd',
  'declared_usd',
] as const satisfies readonly (keyof ReportGroup)[];

/** What a spreadsheet takes for the start of a formula, in both widths, and the characters some of them skip before looking. */
const FORMULA_START = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/u;

/**
 * One row per group: the keys, then the figures with every digit.
 *
 * A key that is not there is an empty field and an empty value is `""`. Text that a spreadsheet would run as a formula (it starts with
 * `=`, `+`, `-`, `@`, a tab or a line break) gets a leading apostrophe; numbers stay numbers, negative ones too.
 */
export function renderCsv(report: Report): string {
  const header = [...report.by.map((key) => inert(key)), ...FIELDS];
  const rows = report.groups.map((group) => [
    ...report.by.map((key) => inert(group.keys[key])),
    ...FIELDS.map((field) => group[field]),
  ]);
  return stringify([header, ...rows], { cast: { string: (value) => (value === '' ? { value, quoted_empty: true } : value) } });
}

function inert(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  return FORMULA_START.test(text) ? `'${text}` : text;
}
