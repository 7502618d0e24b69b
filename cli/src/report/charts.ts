import * as echarts from 'echarts';
import { displayWidth, dollars, percent, plainText, shortCount, shortDollars, truncate } from './format';
import { attributedAndRemainder, dailyStack, NONE_COLOUR, tokensByType, topGroups, type Bar, type StackData } from './render-chart-data';
import { inputsOf } from './render-sections';
import type { Report, ReportDetails } from './report-contract';

/** A chart as inline SVG, drawn once for wide and once for narrow pages: text in a scaled drawing would be too small to read. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What the chart shows, in a sentence, for readers who do not see it. */
  readonly summary: string;
  readonly wide: string;
  readonly narrow: string;
  /** Whether the chart needs the whole width of a wide page. */
  readonly full: boolean;
}

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';
const INK = '#1F2937';
const MUTED = '#4B5563';
const LINE = '#E5E7EB';
/** Generous width of a character of a label, in pixels. */
const CHARACTER = 7.2;

interface Size { readonly name: 'wide' | 'narrow'; readonly width: number; readonly label: number }
const FULL: Size = { name: 'wide', width: 1080, label: 34 };
const HALF: Size = { name: 'wide', width: 528, label: 32 };
const NARROW: Size = { name: 'narrow', width: 340, label: 24 };

/** The charts of a report, without the ones that there is no data for. */
export function renderCharts(report: Report, details: ReportDetails): Chart[] {
  const { logs, bill } = inputsOf(report);
  const money = bill ? 'Billed' : 'Estimated';
  const first = report.by.length === 0 ? '' : ` by ${plainText(report.by[0])}`;
  const stack = dailyStack(report, details);
  const groups = topGroups(report);
  const remainder = attributedAndRemainder(report);
  const billed = report.totals.billed_usd;
  const share = (value: number) => `${shortDollars(value)}  ${percent(value, billed)}`;
  return [
    ...(stack.days.length > 0 ? [stackChart('daily', `${money} spend per day${first}`, stack)] : []),
    ...(groups.length > 0 ? [barChart('groups', topTitle(report), groups, shortDollars, false)] : []),
    ...(remainder.length > 0 && billed !== 0 ? [barChart('remainder', 'Attributed, and what is not', remainder, share, false)] : []),
    ...(logs ? [barChart('tokens', 'Tokens by type', tokensByType(report), shortCount, false)] : []),
  ];
}

function topTitle(report: Report): string {
  return report.by.at(-1) === 'service' ? 'Top services' : `Top spend by ${report.by.map(plainText).join(' / ') || 'total'}`;
}

function stackChart(id: string, title: string, { days, series }: StackData): Chart {
  const total = series.flatMap(({ values }) => values).reduce((sum, value) => sum + value, 0);
  const draw = (size: Size) => {
    // rows that the legend needs at this width, so that it never covers the plot
    const legendRows = Math.ceil(series.reduce((sum, { name }) => sum + 40 + 7 * Math.min(name.length, size.label), 0) / (size.width - 20)) + (size.name === 'narrow' ? 1 : 0);
    const top = 14 + 22 * legendRows;
    return drawSvg(`${id}-${size.name}`, size.width, 280 + top, {
      // room for half of the last day's label
      grid: { left: 4, right: 18, top, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      legend: {
        top: 0, left: 0, width: size.width - 20, itemWidth: 12, itemHeight: 12, itemGap: 14,
        textStyle: { color: INK, fontSize: 12, fontFamily: FONT },
        formatter: (name: string) => truncate(name, size.label),
      },
      xAxis: {
        type: 'category', data: [...days], axisTick: { show: false }, axisLine: { lineStyle: { color: '#9CA3AF' } },
        axisLabel: { color: MUTED, fontFamily: FONT, hideOverlap: true, formatter: (day: string) => day.replace(/^\d{4}-/u, '') },
      },
      yAxis: { type: 'value', splitNumber: 4, splitLine: { lineStyle: { color: LINE } }, axisLabel: { color: MUTED, fontFamily: FONT, formatter: shortDollars } },
      series: series.map(({ name, colour, values }) => ({
        type: 'bar', name, stack: 'spend', data: values.map(drawable), barCategoryGap: '22%', barMaxWidth: 64,
        itemStyle: { color: colour, borderColor: '#FFFFFF', borderWidth: 0.5, ...hatch(colour) },
      })),
    });
  };
  const parts = series.map(({ name, values }) => `${name} ${dollars(values.reduce((sum, value) => sum + value, 0))}`);
  const summary = `${title}, ${days[0] ?? ''} to ${days.at(-1) ?? ''}, ${dollars(total)} in all: ${parts.join(', ')}.`;
  return { id, title, summary, wide: draw(FULL), narrow: draw(NARROW), full: true };
}

function barChart(id: string, title: string, bars: readonly Bar[], show: (value: number) => string, full: boolean): Chart {
  const draw = (size: Size) => drawSvg(`${id}-${size.name}`, size.width, 16 + 28 * bars.length, {
    // a fixed room for labels: without a canvas their width can only be guessed
    grid: { left: 12 + CHARACTER * Math.min(size.label, Math.max(...bars.map(({ label }) => displayWidth(label)))), right: size.name === 'wide' ? 108 : 92, top: 4, bottom: 4, outerBoundsMode: 'none' },
    xAxis: { type: 'value', show: false },
    yAxis: {
      // a position as category: two groups may have the same label once it is cut
      type: 'category', inverse: true, data: bars.map((_, index) => String(index)), axisTick: { show: false }, axisLine: { show: false },
      axisLabel: { color: INK, fontFamily: FONT, fontSize: 12, interval: 0, formatter: (index: string) => truncate(bars[Number(index)]?.label ?? '', size.label) },
    },
    series: [{
      type: 'bar', barWidth: 16,
      data: bars.map(({ value, colour }) => ({ value: drawable(value), itemStyle: { color: colour, ...hatch(colour) } })),
      label: { show: true, position: 'right', color: INK, fontFamily: FONT, fontSize: 12, formatter: ({ dataIndex }: { dataIndex: number }) => show(bars[dataIndex]?.value ?? 0) },
    }],
  });
  const summary = `${title}: ${bars.map(({ label, value }) => `${label} ${show(value)}`).join(', ')}.`;
  return { id, title, summary, wide: draw(full ? FULL : HALF), narrow: draw(NARROW), full };
}

/** A bar of less than a millionth has no length, and an axis over nothing but such has no ticks. */
function drawable(value: number): number {
  return Math.abs(value) < 1e-6 ? 0 : value;
}

/** What carries no key is hatched: it stays apart in grey prints too. */
function hatch(colour: string): { decal?: object } {
  if (colour !== NONE_COLOUR) return {};
  return { decal: { symbol: 'rect', symbolSize: 1, color: '#6B7280', dashArrayX: [1, 0], dashArrayY: [1.5, 4.5], rotation: -Math.PI / 4 } };
}

function drawSvg(prefix: string, width: number, height: number, option: Record<string, unknown>): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, ...silent(option) });
    return stable(chart.renderToSVGString(), prefix);
  } finally {
    chart.dispose();
  }
}

/** No hover effects: the page runs no script, and they would only add style rules. */
function silent(option: Record<string, unknown>): Record<string, unknown> {
  const series = Array.isArray(option.series) ? (option.series as object[]) : [];
  return { ...option, series: series.map((one) => ({ ...one, silent: true, emphasis: { disabled: true } })) };
}

/**
 * The same bytes for the same data: ECharts numbers its ids by the charts drawn in this process.
 *
 * Only quoted attributes are touched; text from data cannot look like one, because its quotes and angle brackets are escaped.
 */
function stable(svg: string, prefix: string): string {
  return svg
    .replace(/<style\s*>[\s\S]*?<\/style>/gu, '')
    .replace(/ class="zr\d+-cls-\d+"/gu, '')
    .replace(/ ecmeta_[a-z_]+="[^"]*"/gu, '')
    .replace(/( id="| [a-z-]+="url\(#)zr\d+-/gu, `$1${prefix}-`)
    .replace(/^<svg /u, '<svg aria-hidden="true" focusable="false" ');
}
