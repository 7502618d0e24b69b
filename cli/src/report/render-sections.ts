import { count, dollars, instant, keyLabel, NONE, percent, plainText, usd } from './format';
import { COVERAGE_STATUSES, REASONS } from './render-reasons';
import type { Report, ReportDetails, ReportGroup } from './report-contract';

/** A table of the report, in text: the terminal and the page show the same ones. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly SectionColumn[];
  readonly rows: readonly (readonly string[])[];
  /** Rows below the line: what the list leaves out, and the total. */
  readonly foot: readonly (readonly string[])[];
  /** Sentences under the table, or instead of it. */
  readonly notes: readonly string[];
}

export interface SectionColumn {
  readonly header: string;
  /** `tail`: text whose end tells more than its start (a path, an ARN); `prose`: sentences, wrapped instead of cut. */
  readonly kind: 'text' | 'tail' | 'number' | 'prose';
  /** Columns with the highest number go first when room is short; columns without one always stay. */
  readonly optional?: number;
}

/** In place of the advice to turn logging on, which a report without logs cannot give. */
const NO_LOGS_ADVICE = 'No invocation logs were given: give them to see what callers declare, or tag the role that calls.';

/** How many rows of a list are shown before the rest is summed up in one. */
export interface SectionLimits {
  readonly groups: number;
  readonly others: number;
}

/** All tables of a report, in the order in which they are read. */
export function reportSections(report: Report, details: ReportDetails, limits: SectionLimits): Section[] {
  const sections = [
    totalsSection(report),
    groupsSection(report, limits.groups),
    unattributedSection(report),
    coverageSection(report, limits.others),
    forgedSection(report, details, limits.others),
    qualitySection(report, limits.others),
    malformedSection(report, limits.others),
    warningsSection(details, limits.others),
  ];
  return sections.filter((section) => section.rows.length + section.notes.length > 0);
}

/** Whether the report has seen logs, a bill, or both. */
export function inputsOf(report: Report): { readonly logs: boolean; readonly bill: boolean } {
  return { logs: report.totals.estimated_usd !== null || report.totals.requests > 0, bill: report.totals.billed_usd !== null };
}

/** `2026-10-01 to 2026-10-31`. */
export function periodText({ period }: Report): string {
  if (period.from === null && period.to === null) return 'all dates in the input';
  return `${period.from === null ? 'the start' : plainText(period.from)} to ${period.to === null ? 'the end' : plainText(period.to)}`;
}

/** What the figures rest on, in one line. */
export function sourcesText(report: Report): string {
  const { logs, bill } = inputsOf(report);
  const from = logs && bill ? 'bill and invocation logs' : bill ? 'bill only, no invocation logs' : logs ? 'invocation logs only, no bill' : 'no records';
  return `${from}, as of ${instant(report.as_of)}`;
}

/** The groups that cost most first; groups without dollars by their calls. */
export function rankedGroups(report: Report): ReportGroup[] {
  const money = (group: ReportGroup) => group.billed_usd ?? group.estimated_usd ?? Number.NEGATIVE_INFINITY;
  const name = (group: ReportGroup) => JSON.stringify(report.by.map((key) => group.keys[key] ?? null));
  return [...report.groups].sort(
    (a, b) => descending(money(a), money(b)) || descending(a.requests, b.requests) || (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0),
  );
}

function descending(a: number, b: number): number {
  return a === b ? 0 : b > a ? 1 : -1;
}

function totalsSection(report: Report): Section {
  const { logs, bill } = inputsOf(report);
  const t = report.totals;
  const rows: string[][] = [];
  if (bill) {
    rows.push(
      ['Billed', dollars(t.billed_usd), 'Bedrock lines of the bill, before tax, credits and refunds'],
      ['  attributed', dollars(t.attributed_usd), `${percent(t.attributed_usd, t.billed_usd)} of billed: every key asked for is known`],
      ['  unattributed', dollars(t.unattributed_usd), `${percent(t.unattributed_usd, t.billed_usd)} of billed: at least one key is ${NONE}`],
      ['Adjustments', dollars(t.adjustments_usd), 'Tax, credits and refunds; not part of billed, never split'],
    );
  }
  if (logs) {
    const unpriced = t.unpriced_requests > 0 ? `; ${count(t.unpriced_requests)} calls have no price and are not in it` : '';
    const odd = [['failed', t.failed_requests], ['blocked', t.blocked_requests], ['partial', t.partial_requests]] as const;
    rows.push(
      ['Estimate', dollars(t.estimated_usd), `Logged tokens at the price book, not a cost${unpriced}`],
      ['Calls', count(t.requests), odd.map(([name, n]) => `${count(n)} ${name}`).join(', ')],
      ['Input tokens', count(t.input_tokens), ''],
      ['Output tokens', count(t.output_tokens), ''],
      ['Cache read', count(t.cache_read_tokens), 'tokens'],
      ['Cache write', count(t.cache_write_tokens), 'tokens'],
    );
  }
  return {
    id: 'totals',
    title: 'Totals',
    columns: [{ header: '', kind: 'text' }, { header: 'Amount', kind: 'number' }, { header: 'What it is', kind: 'prose' }],
    rows,
    foot: [],
    notes: logs || bill ? [] : ['Neither calls nor bill lines of Amazon Bedrock were found.'],
  };
}

interface Figure {
  readonly column: SectionColumn;
  readonly cell: (figures: Omit<ReportGroup, 'keys'>) => string;
}

function groupFigures(report: Report): Figure[] {
  const { logs, bill } = inputsOf(report);
  const total = report.totals;
  const number = (header: string, optional?: number): SectionColumn => ({ header, kind: 'number', ...(optional === undefined ? {} : { optional }) });
  return [
    ...(logs ? [
      { column: number('Calls', 4), cell: (g) => count(g.requests) },
      { column: number('Tokens in', 5), cell: (g) => count(g.input_tokens) },
      { column: number('Tokens out', 6), cell: (g) => count(g.output_tokens) },
      { column: number('Cache tokens', 8), cell: (g) => count(g.cache_read_tokens + g.cache_write_tokens) },
      { column: number('Estimate $', bill ? 3 : undefined), cell: (g) => usd(g.estimated_usd) },
    ] satisfies Figure[] : []),
    ...(bill ? [
      { column: number('Enforced $', 7), cell: (g) => usd(g.enforced_usd) },
      { column: number('Declared $', 7), cell: (g) => usd(g.declared_usd) },
      { column: number('Billed $'), cell: (g) => usd(g.billed_usd) },
    ] satisfies Figure[] : []),
    {
      column: number('Share', 2),
      cell: (g) => (bill ? percent(g.billed_usd, total.billed_usd) : percent(g.estimated_usd, total.estimated_usd)),
    },
  ];
}

function groupsSection(report: Report, limit: number): Section {
  const figures = groupFigures(report);
  const groups = rankedGroups(report);
  const [shown, rest] = cutAt(groups, limit);
  const names = (first: string) => report.by.map((_, index) => (index === 0 ? first : ''));
  const cells = (group: Omit<ReportGroup, 'keys'>) => figures.map((figure) => figure.cell(group));
  const foot = [[...names('Total'), ...cells({ ...sumOf(groups), ...totalsOf(report) })]];
  if (rest.length > 0) foot.unshift([...names(`… ${count(rest.length)} more`), ...cells(sumOf(rest))]);
  return {
    id: 'groups',
    title: `Spend by ${report.by.map(plainText).join(', ')}`,
    columns: [...report.by.map((key) => ({ header: plainText(key), kind: 'text' as const })), ...figures.map((figure) => figure.column)],
    rows: shown.map((group) => [...report.by.map((key) => keyLabel(group.keys[key])), ...cells(group)]),
    foot: groups.length > 0 && report.by.length > 0 ? foot : [],
    notes: [groups.length === 0 ? 'No groups: no call and no bill line of Amazon Bedrock in this period.' : 'Amounts are rounded to cents.'],
  };
}

/** Figures of several groups in one; a figure that none of them knows stays unknown. */
function sumOf(groups: readonly ReportGroup[]): Omit<ReportGroup, 'keys'> {
  const sum = (field: Exclude<keyof ReportGroup, 'keys'>) => groups.reduce((total, group) => total + (group[field] ?? 0), 0);
  const known = (field: Exclude<keyof ReportGroup, 'keys'>) => (groups.some((group) => group[field] !== null) ? sum(field) : null);
  return {
    requests: sum('requests'),
    input_tokens: sum('input_tokens'),
    output_tokens: sum('output_tokens'),
    cache_read_tokens: sum('cache_read_tokens'),
    cache_write_tokens: sum('cache_write_tokens'),
    estimated_usd: known('estimated_usd'),
    billed_usd: known('billed_usd'),
    enforced_usd: known('enforced_usd'),
    declared_usd: known('declared_usd'),
  };
}

/** The figures that the report itself totals: these are shown, not a second sum of ours. */
function totalsOf({ totals: t }: Report): Omit<ReportGroup, 'keys' | 'enforced_usd' | 'declared_usd'> {
  return {
    requests: t.requests,
    input_tokens: t.input_tokens,
    output_tokens: t.output_tokens,
    cache_read_tokens: t.cache_read_tokens,
    cache_write_tokens: t.cache_write_tokens,
    estimated_usd: t.estimated_usd,
    billed_usd: t.billed_usd,
  };
}

function unattributedSection(report: Report): Section {
  const { totals } = report;
  const { logs, bill } = inputsOf(report);
  const rows = report.unattributed
    .filter(({ usd: amount }) => amount !== 0)
    .sort((a, b) => b.usd - a.usd || (a.reason < b.reason ? -1 : 1))
    .map(({ reason, usd: amount }) => [
      REASONS[reason].title, usd(amount), percent(amount, totals.billed_usd),
      !logs && reason === 'region_not_logged' ? NO_LOGS_ADVICE : REASONS[reason].advice,
    ]);
  return {
    id: 'unattributed',
    title: 'Unattributed, and why',
    columns: [
      { header: 'Reason', kind: 'text' },
      { header: 'Billed $', kind: 'number' },
      { header: 'of bill', kind: 'number' },
      { header: 'What to do', kind: 'prose' },
    ],
    rows,
    foot: rows.length > 0 ? [['Total', usd(totals.unattributed_usd), percent(totals.unattributed_usd, totals.billed_usd), '']] : [],
    notes: !bill
      ? ['Needs a bill: without one only the estimate can be shown.']
      : report.groups.length === 0 ? ['Nothing was billed.']
        : rows.length === 0 ? ['Nothing: every billed dollar carries the keys asked for.'] : [],
  };
}

function coverageSection(report: Report, limit: number): Section {
  const gaps = report.coverage
    .filter(({ status }) => status !== 'logged')
    .sort((a, b) => (b.silent_usd ?? 0) - (a.silent_usd ?? 0) || descending(a.logged_requests, b.logged_requests));
  const { logs, bill } = inputsOf(report);
  const [shown, rest] = logs && bill ? cutAt(gaps, limit) : [[], []];
  const restUsd = rest.reduce((total, gap) => total + (gap.silent_usd ?? 0), 0);
  const total = gaps.reduce((sum, gap) => sum + (gap.silent_usd ?? 0), 0);
  return {
    id: 'coverage',
    title: 'Silent Regions',
    columns: [
      { header: 'Account', kind: 'text' },
      { header: 'Region', kind: 'text' },
      { header: 'Status', kind: 'text' },
      { header: 'Logged calls', kind: 'number', optional: 2 },
      { header: 'Billed $', kind: 'number', optional: 1 },
      { header: 'Silent days', kind: 'number' },
      { header: 'Silent $', kind: 'number' },
    ],
    rows: shown.map((gap) => [
      keyLabel(gap.account_id), keyLabel(gap.region), COVERAGE_STATUSES[gap.status],
      count(gap.logged_requests), usd(gap.billed_usd), count(gap.silent_days), usd(gap.silent_usd),
    ]),
    foot: shown.length === 0 ? [] : [
      ...(rest.length > 0 ? [[`… ${count(rest.length)} more`, '', '', '', '', '', usd(restUsd)]] : []),
      ['Total', '', '', '', '', '', usd(total)],
    ],
    notes: !bill
      ? ['Needs a bill: a Region without logs can only be seen where it was billed.']
      : !logs ? ['Needs invocation logs: without them every billed Region looks silent.'] : gaps.length === 0
        ? ['None: no account and Region was billed for tokens on a day without a logged call.']
        : ['A day is silent when tokens were billed and no call was recorded. Turn model invocation logging on there.'],
  };
}

function forgedSection(report: Report, details: ReportDetails, limit: number): Section {
  const claims = report.quality.forged_claims;
  const [shown, rest] = cutAt([...details.forged].sort((a, b) => b.requests - a.requests), limit);
  const restCalls = rest.reduce((total, claim) => total + claim.requests, 0);
  return {
    id: 'forged',
    title: 'Forged claims',
    columns: [
      { header: 'Caller', kind: 'tail' },
      { header: 'Key', kind: 'text' },
      { header: 'Declared', kind: 'text' },
      { header: 'Enforced', kind: 'text' },
      { header: 'Calls', kind: 'number' },
    ],
    rows: shown.map((claim) => [
      plainText(claim.caller), plainText(claim.key), keyLabel(claim.declared), keyLabel(claim.enforced), count(claim.requests),
    ]),
    foot: rest.length > 0 ? [[`… ${count(rest.length)} more`, '', '', '', count(restCalls)]] : [],
    notes: !inputsOf(report).logs
      ? ['Needs invocation logs: they hold what callers declare.']
      : claims === null
        ? ['Not checked: needs a bill with caller identity, or a principals file.']
        : claims === 0
          ? ['None: no caller declared another value than the one enforced for it.']
          : [`${count(claims)} calls declare another value than the one enforced for their caller. The enforced value gets the dollars.`],
  };
}

type Finding = readonly [name: string, count: number | null, meaning: string];

/** Only what the inputs can tell: 0 would say that it was looked for. */
function qualitySection(report: Report, limit: number): Section {
  const { quality, totals } = report;
  const list = (values: readonly string[], otherwise: string) => {
    const [shown, rest] = cutAt(values, limit);
    return values.length === 0 ? otherwise : `${shown.map(plainText).join(', ')}${rest.length > 0 ? `, and ${count(rest.length)} more` : ''}`;
  };
  const { logs, bill } = inputsOf(report);
  const ofLogs: Finding[] = [
    ['Duplicate records', totals.duplicate_records, 'dropped; each request counts once'],
    ['Malformed lines', totals.malformed_lines, malformedMeaning(report)],
    ['Unpriced calls', totals.unpriced_requests, 'tokens count, the estimate lacks them: add a price'],
    ['Calls without metadata', quality.no_metadata, 'nothing declared at all'],
    ['Schema violations', quality.schema_violations, 'metadata that breaks the attribution schema'],
  ];
  const ofBill: Finding[] = [
    ['Tag conflicts', quality.tag_conflicts, 'bill lines whose caller and resource tags disagree'],
    ['Tag spelling variants', quality.tag_spelling_variants.length, list(quality.tag_spelling_variants, 'tags that differ in case only')],
  ];
  const ofBoth: Finding[] = [
    ['Unmapped models', quality.unmapped_models.length, list(quality.unmapped_models, 'names that no model is known for')],
  ];
  const findings = [...(logs || !bill ? ofLogs : []), ...(bill ? ofBill : []), ...ofBoth];
  return {
    id: 'quality',
    title: 'Data quality',
    columns: [{ header: 'Finding', kind: 'text' }, { header: 'Count', kind: 'number' }, { header: 'Meaning', kind: 'prose' }],
    rows: findings.map(([finding, n, meaning]) => [finding, count(n), meaning]),
    foot: [],
    notes: [],
  };
}

function malformedMeaning({ totals, quality }: Report): string {
  if (totals.malformed_lines === null) return 'nobody has counted them';
  return totals.malformed_lines > 0 && quality.malformed.length === 0 ? 'left out' : 'left out; named below';
}

function malformedSection(report: Report, limit: number): Section {
  const [shown, rest] = cutAt(report.quality.malformed, limit);
  return {
    id: 'malformed',
    title: 'Malformed input',
    columns: [{ header: 'File and line', kind: 'tail' }, { header: 'Why', kind: 'prose' }],
    rows: shown.map(({ file, line, why }) => [line === null ? plainText(file) : `${plainText(file)}:${line}`, plainText(why)]),
    foot: rest.length > 0 ? [[`… ${count(rest.length)} more`, '']] : [],
    notes: [],
  };
}

function warningsSection(details: ReportDetails, limit: number): Section {
  const [shown, rest] = cutAt(details.warnings, limit);
  return {
    id: 'warnings',
    title: 'Warnings',
    columns: [],
    rows: [],
    foot: [],
    notes: [...shown.map(plainText), ...(rest.length > 0 ? [`… ${count(rest.length)} more warnings`] : [])],
  };
}

/** The first `limit` items and the rest; a rest of one is shown rather than summed up. */
function cutAt<T>(items: readonly T[], limit: number): [readonly T[], readonly T[]] {
  return items.length <= limit + 1 ? [items, []] : [items.slice(0, limit), items.slice(limit)];
}
