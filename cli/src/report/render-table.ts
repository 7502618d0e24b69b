import Table from 'cli-table3';
import { displayWidth, NONE, terminalText, truncate, wrap } from './format';
import { periodText, reportSections, sourcesText, type Section, type SectionColumn } from './render-sections';
import type { Report, ReportDetails } from './report-contract';

export interface TableOptions {
  /** Width of the terminal; less than 60 is taken as 60. @default 100 */
  readonly columns?: number;
  /** Whether to emphasise with ANSI escapes. @default false */
  readonly colour?: boolean;
}

const LEAST_COLUMNS = 60;
const GAP = 2;
const LEAST_WIDTH = 3;
/** Optional columns give way before the others get narrower than this. */
const COMFORTABLE = { text: 20, tail: 28, number: Infinity, prose: 34 } as const;
/** How far columns are narrowed, in this order: prose wraps, text is cut, and a number is cut only when nothing else is left. */
const SHRINKING: readonly { readonly kind?: SectionColumn['kind']; readonly floor: number }[] = [
  { kind: 'prose', floor: 34 },
  { kind: 'tail', floor: 28 },
  { kind: 'text', floor: 20 },
  { kind: 'prose', floor: 20 },
  { kind: 'tail', floor: 12 },
  { kind: 'text', floor: 6 },
  { floor: LEAST_WIDTH },
];
/** More keys than this share one column. */
const MOST_KEY_COLUMNS = 4;
const LIMITS = { groups: 25, others: 10 };

type Style = (text: string) => string;
interface Styles { readonly bold: Style; readonly dim: Style; readonly alert: Style }

/** The report as text for a terminal: no line is wider than `columns`, whatever the values. */
export function renderTable(report: Report, details: ReportDetails, options: TableOptions = {}): string {
  const columns = Math.max(LEAST_COLUMNS, options.columns ?? 100);
  const styles = stylesFor(options.colour ?? false);
  const head = [
    styles.bold(truncate(terminalText(`Amazon Bedrock spend, ${periodText(report)}`), columns)),
    styles.dim(truncate(terminalText(`From ${sourcesText(report)}`), columns)),
  ];
  const blocks = reportSections(report, details, LIMITS).map((section) => [
    styles.bold(truncate(terminalText(section.title), columns)),
    ...drawTable(shareKeyColumn(section, report.by.length), columns, styles),
    ...section.notes.flatMap((note) => drawNote(note, columns, section.columns.length === 0 ? '- ' : '')).map(styles.dim),
  ]);
  return `${[head, ...blocks].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function stylesFor(colour: boolean): Styles {
  const style = (open: number, close: number): Style => (text) => (colour && text !== '' ? `\u001B[${open}m${text}\u001B[${close}m` : text);
  return { bold: style(1, 22), dim: style(2, 22), alert: style(33, 39) };
}

function drawNote(note: string, columns: number, bullet: string): string[] {
  const indent = ' '.repeat(bullet.length);
  return wrap(terminalText(note), columns - bullet.length).map((line, index) => `${index === 0 ? bullet : indent}${line}`);
}

/** Many keys would leave no room for any of them: then one column names the group. */
function shareKeyColumn(section: Section, keys: number): Section {
  if (section.id !== 'groups' || keys <= MOST_KEY_COLUMNS) return section;
  const share = (row: readonly string[]) => [row.slice(0, keys).filter((cell) => cell !== '').join(' / '), ...row.slice(keys)];
  const header = section.columns.slice(0, keys).map((column) => column.header).join(' / ');
  return { ...section, columns: [{ header, kind: 'text' }, ...section.columns.slice(keys)], rows: section.rows.map(share), foot: section.foot.map(share) };
}

function drawTable(section: Section, columns: number, styles: Styles): string[] {
  if (section.rows.length === 0) return [];
  const safe = (row: readonly string[]) => row.map(cellText);
  const headers = section.columns.map((column) => terminalText(column.header));
  const body = section.rows.map(safe);
  const foot = section.foot.map(safe);
  const layout = layOut(section.columns, [headers, ...body, ...foot], columns);
  const draw = (row: readonly string[], style: Style) => layout.map(({ column, index, width }) => fitCell(row[index] ?? '', column, width, style));
  const rule = layout.map(({ width }) => styles.dim('─'.repeat(width)));
  const table = new Table({
    colWidths: layout.map(({ width }) => width + GAP),
    colAligns: layout.map(({ column }) => (column.kind === 'number' ? 'right' : 'left')),
    style: { 'padding-left': 0, 'padding-right': GAP, 'head': [], 'border': [], 'compact': true },
    chars: NO_BORDERS,
  });
  table.push(draw(headers, styles.dim), rule);
  table.push(...body.map((row) => draw(row, (text) => (text === NONE ? styles.alert(text) : text))));
  if (foot.length > 0) table.push(rule, ...foot.map((row) => draw(row, styles.bold)));
  return table.toString().split('\n').map((line) => line.trimEnd());
}

const NO_BORDERS = {
  'top': '', 'top-mid': '', 'top-left': '', 'top-right': '',
  'bottom': '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  'left': '', 'left-mid': '', 'mid': '', 'mid-mid': '', 'right': '', 'right-mid': '', 'middle': '',
} as const;

/** Text for a cell; two leading spaces are the indent of a label of ours and stay. */
function cellText(cell: string): string {
  return `${cell.startsWith('  ') ? ' ' : ''}${terminalText(cell)}`;
}

function fitCell(text: string, column: SectionColumn, width: number, style: Style): string {
  if (column.kind === 'prose') return wrap(text, width).join('\n');
  return style(truncate(text, width, column.kind === 'tail' ? 'start' : 'end'));
}

interface LaidColumn { readonly column: SectionColumn; readonly index: number; width: number }

/** Which columns stay and how wide each is, so that together they fit in `room`. */
function layOut(columns: readonly SectionColumn[], rows: readonly (readonly string[])[], room: number): readonly LaidColumn[] {
  let kept: LaidColumn[] = columns.map((column, index) => ({ column, index, width: Math.max(LEAST_WIDTH, ...rows.map((row) => displayWidth(row[index] ?? ''))) }));
  const needed = () => kept.reduce((sum, { column, width }) => sum + GAP + Math.min(width, COMFORTABLE[column.kind]), -GAP);
  const optional = [...new Set(columns.flatMap((column) => column.optional ?? []))].sort((a, b) => b - a);
  for (const rank of optional) {
    if (needed() <= room) break;
    kept = kept.filter(({ column }) => column.optional !== rank);
  }
  for (const { kind, floor } of SHRINKING) {
    const some = kept.filter(({ column }) => kind === undefined || column.kind === kind);
    let excess = kept.reduce((sum, { width }) => sum + GAP + width, -GAP) - room;
    for (; excess > 0; excess--) {
      const widest = some.reduce<LaidColumn | undefined>((best, next) => (next.width > (best?.width ?? floor) ? next : best), undefined);
      if (widest === undefined) break;
      widest.width--;
    }
  }
  return kept;
}
