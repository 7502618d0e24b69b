import { keyLabel, NONE, plainText } from './format';
import { REASONS } from './render-reasons';
import { inputsOf, rankedGroups } from './render-sections';
import type { Report, ReportDetails } from './report-contract';

// Paul Tol's "muted" scheme: told apart with every common form of colour blindness, and on paper
const PALETTE = ['#332288', '#44AA99', '#CC6677', '#DDCC77', '#117733', '#88CCEE', '#882255', '#999933'];
const OTHERS_COLOUR = '#6B7280';
/** Drawn hatched: no hue, so that it is never taken for a team. */
export const NONE_COLOUR = '#C4C9D1';
const OTHERS = '(others)';
const MOST_BARS = 10;
const DAY_MS = 86_400_000;
/** Longer gaps than this are left as they are: a wrong date must not draw a million days. */
const MOST_DAYS = 800;

export interface ChartSeries { readonly name: string; readonly colour: string; readonly values: readonly number[] }
export interface StackData { readonly days: readonly string[]; readonly series: readonly ChartSeries[] }
export interface Bar { readonly label: string; readonly value: number; readonly colour: string }

/** One colour per value of the first key, the same in every chart: the eight that cost most, then one for all others. */
export function coloursOf(report: Report): ReadonlyMap<string, string> {
  const first = report.by.at(0);
  const sums = new Map<string, number>();
  for (const group of first === undefined ? [] : rankedGroups(report)) {
    const name = keyLabel(group.keys[first ?? '']);
    if (name !== NONE) sums.set(name, (sums.get(name) ?? 0) + (group.billed_usd ?? group.estimated_usd ?? 0));
  }
  const ranked = [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return new Map(ranked.slice(0, PALETTE.length).map(([name], index) => [name, PALETTE[index]]));
}

/** Dollars per day, stacked by the first key. */
export function dailyStack(report: Report, details: ReportDetails): StackData {
  const first = report.by.at(0);
  const colours = coloursOf(report);
  const days = daysBetween(details.daily.map(({ day }) => plainText(day)));
  const position = new Map(days.map((day, index) => [day, index]));
  const sums = new Map<string, number[]>();
  for (const { day, keys, usd } of details.daily) {
    const name = first === undefined ? 'All spend' : keyLabel(keys[first]);
    const series = name === NONE || colours.has(name) || first === undefined ? name : OTHERS;
    const values = sums.get(series) ?? days.map(() => 0);
    const at = position.get(plainText(day)) ?? 0;
    values[at] += usd;
    sums.set(series, values);
  }
  const order = first === undefined ? ['All spend'] : [...colours.keys(), OTHERS, NONE];
  return {
    days,
    series: order.flatMap((name) => {
      const values = sums.get(name);
      return values === undefined ? [] : [{ name, colour: colourOf(name, colours, first), values }];
    }),
  };
}

function colourOf(name: string, colours: ReadonlyMap<string, string>, first: string | undefined): string {
  if (first === undefined) return PALETTE[0];
  return name === NONE ? NONE_COLOUR : colours.get(name) ?? OTHERS_COLOUR;
}

/** Every day from the first to the last, so that a day without spend shows as one. */
function daysBetween(days: readonly string[]): string[] {
  const known = [...new Set(days)].sort();
  const [from, to] = [Date.parse(known[0] ?? ''), Date.parse(known.at(-1) ?? '')];
  const length = Math.round((to - from) / DAY_MS) + 1;
  if (!known.every((day) => /^\d{4}-\d\d-\d\d$/u.test(day)) || !(length <= MOST_DAYS)) return known;
  const all = Array.from({ length }, (_, index) => new Date(from + index * DAY_MS).toISOString().slice(0, 10));
  return known.every((day) => all.includes(day)) ? all : known;
}

/** The groups that cost most, largest first, in the colour of their first key. */
export function topGroups(report: Report): Bar[] {
  const colours = coloursOf(report);
  const first = report.by.at(0);
  const groups = rankedGroups(report).map((group) => ({
    label: report.by.map((key) => keyLabel(group.keys[key])).join(' / ') || 'All spend',
    value: group.billed_usd ?? group.estimated_usd ?? 0,
    colour: colourOf(first === undefined ? '' : keyLabel(group.keys[first]), colours, first),
  }));
  if (groups.length <= MOST_BARS + 1) return groups;
  const rest = groups.slice(MOST_BARS);
  return [
    ...groups.slice(0, MOST_BARS),
    { label: `${rest.length} more groups`, value: rest.reduce((sum, bar) => sum + bar.value, 0), colour: OTHERS_COLOUR },
  ];
}

const PLAIN_COLOUR = '#475569';
export const ATTRIBUTED_COLOUR = '#0F5C8C';
export const REMAINDER_COLOUR = '#B45309';

export function tokensByType({ totals }: Report): Bar[] {
  return [
    { label: 'Input', value: totals.input_tokens, colour: PLAIN_COLOUR },
    { label: 'Output', value: totals.output_tokens, colour: PLAIN_COLOUR },
    { label: 'Cache read', value: totals.cache_read_tokens, colour: PLAIN_COLOUR },
    { label: 'Cache write', value: totals.cache_write_tokens, colour: PLAIN_COLOUR },
  ];
}

/** What is attributed and, by reason, what is not; together the bill. */
export function attributedAndRemainder(report: Report): Bar[] {
  if (!inputsOf(report).bill) return [];
  const reasons = [...report.unattributed].filter(({ usd }) => usd !== 0).sort((a, b) => b.usd - a.usd || (a.reason < b.reason ? -1 : 1));
  return [
    { label: 'Attributed', value: report.totals.attributed_usd ?? 0, colour: ATTRIBUTED_COLOUR },
    ...reasons.map(({ reason, usd }) => ({ label: REASONS[reason].title, value: usd, colour: REMAINDER_COLOUR })),
  ];
}
