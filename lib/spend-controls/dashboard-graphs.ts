import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

/** Columns of the grid of a dashboard. */
const GRID_WIDTH = 24;

const GRAPH_HEIGHT = 6;

/** A part of a dashboard: a headline with what to know about it, and rows of widgets below. */
export interface DashboardSection {
  readonly title: string;
  readonly text: string;
  readonly rows: cloudwatch.IWidget[][];
}

/** The metrics that a search looks for. */
export interface SearchedMetrics {
  /** Namespace and names of the dimensions: the series that have exactly these dimensions. Undefined where they are not known. */
  readonly schema?: string;
  /** What else has to be equal, by the name of a dimension, or `Namespace`. */
  readonly equal?: Record<string, string>;
  /** Names of a metric; several where it is not known under which one an account has it. */
  readonly metricNames: string[];
  readonly statistic: string;
}

/** Where the metrics of a graph are. */
export interface MetricPlace {
  readonly region: string;
  /** Undefined for the account of the dashboard. */
  readonly accountId?: string;
}

/**
 * A search for metrics, as text. It has no period, so that the one of the time range holds.
 *
 * Searches instead of Metrics Insights: a widget may have one query of the latter only, and no percentiles.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
function searchText({ schema, equal = {}, metricNames, statistic }: SearchedMetrics): string {
  const names = metricNames.map(name => `"${name}"`);
  const terms = [
    ...schema === undefined ? [] : [`{${schema}}`],
    ...Object.entries(equal).map(([name, value]) => `${name}="${value}"`),
    `MetricName=${names.length === 1 ? names[0] : `(${names.join(' OR ')})`}`,
  ];
  return `SEARCH('${terms.join(' ')}', '${statistic}')`;
}

/**
 * Every series that a search finds, each under the label, in which `PROP` may stand for what tells it apart from the others.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
 */
export function eachOf(metrics: SearchedMetrics, label: string): cloudwatch.IMetric {
  return new cloudwatch.SearchExpression({ expression: searchText(metrics), label });
}

/** In a label: the value of a dimension of the series. */
export function valueOf(dimension: string): string {
  return `\${PROP('Dim.${dimension}')}`;
}

/** In a label: the name of the metric. */
export const METRIC_NAME_OF = `\${PROP('MetricName')}`;

/** The sum of the series that a search finds, as one series. */
export function sumOf(metrics: SearchedMetrics, label: string): cloudwatch.IMetric {
  return new cloudwatch.MathExpression({ expression: `SUM(${searchText(metrics)})`, label });
}

/** A graph that takes its share of a row. */
export function graph(title: string, inRow: number, left: cloudwatch.IMetric[], place: MetricPlace, stacked = false): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title, left, stacked, ...place, width: GRID_WIDTH / inRow, height: GRAPH_HEIGHT, leftYAxis: { min: 0, showUnits: false },
  });
}

/** The latest values as numbers, which take their share of a row: for what is measured once a day. */
export function numbers(title: string, inRow: number, metrics: cloudwatch.IMetric[], place: MetricPlace): cloudwatch.IWidget {
  return new cloudwatch.SingleValueWidget({ title, metrics, ...place, width: GRID_WIDTH / inRow, height: GRAPH_HEIGHT });
}

/** A text over the whole width. */
export function text(markdown: string, height: number): cloudwatch.IWidget {
  return new cloudwatch.TextWidget({ markdown, width: GRID_WIDTH, height, background: cloudwatch.TextWidgetBackground.TRANSPARENT });
}

/** Widgets in rows of so many. */
export function inRows<T>(perRow: number, widgets: T[]): T[][] {
  return widgets.length === 0 ? [] : [widgets.slice(0, perRow), ...inRows(perRow, widgets.slice(perRow))];
}

/** The rows of a section, its headline first. */
export function rowsOf({ title, text: markdown, rows }: DashboardSection): cloudwatch.IWidget[][] {
  return [[text(`## ${title}\n${markdown}`, 2)], ...rows];
}
