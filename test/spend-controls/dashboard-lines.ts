import type { Widget } from './dashboard-body';

/** A metric that an account has. */
export interface Published {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Record<string, string>;
  readonly value: number;
}

/** A line of a graph. */
export interface Line {
  readonly label: string;
  readonly statistic: string;
  readonly value: number;
}

/**
 * The lines that a graph shows of the metrics of an account, by the documented syntax of metrics and searches; refuses everything else.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html (read 2026-11-21)
 */
export function linesOf(widget: Widget, account: Published[]): Line[] {
  const lines = (widget.properties.metrics ?? []).map(entry => {
    const options = entry[entry.length - 1] as { label: string; expression?: string; stat?: string; id?: string; visible?: boolean };
    const found = options.expression === undefined
      ? account.filter(metric => isSame(metric, entry as string[])).map(metric => ({ metric, statistic: options.stat! }))
      : [];
    return { ...options, found };
  });
  return lines.flatMap(({ label, expression, visible = true, found }) => {
    if (!visible) return [];
    const lineOf = (metric: Published, statistic: string): Line => ({ label: labelled(label, metric), statistic, value: metric.value });
    if (expression === undefined) return found.map(({ metric, statistic }) => lineOf(metric, statistic));
    const quotient = /^(\w+) \/ (\d+)$/.exec(expression);
    if (quotient !== null) {
      const { found: dividend } = lines.find(({ id }) => id === quotient[1])!;
      return dividend.map(({ metric, statistic }) => ({ label, statistic, value: metric.value / Number(quotient[2]) }));
    }
    const sum = /^SUM\((.*)\)$/.exec(expression)?.[1];
    const { statistic, matches } = parseSearch(sum ?? expression);
    const metrics = account.filter(matches);
    if (sum === undefined) return metrics.map(metric => lineOf(metric, statistic));
    return metrics.length === 0 ? [] : [{ label, statistic, value: metrics.reduce((total, { value }) => total + value, 0) }];
  });
}

/** Reads a search, or fails. */
function parseSearch(search: string): { statistic: string; matches: (metric: Published) => boolean } {
  const whole = /^SEARCH\('([^']{1,1024})', '(Sum|Average|p\d\d)'\)$/.exec(search);
  if (whole === null) throw new Error(`no search: ${search}`);
  const [, query, statistic] = whole;
  const parts = /^(?:\{([\w/]+)((?:,\w+)*)\} )?((?:\w+=(?:"[^"]+"|\((?:"[^"]+" OR )+"[^"]+"\)) ?)+)$/.exec(query);
  if (parts === null) throw new Error(`no terms: ${query}`);
  const [, namespace, names, terms] = parts as (string | undefined)[];
  const dimensions = (names ?? '').split(',').slice(1).sort();
  const equal = [...terms!.matchAll(/(\w+)=("[^"]+"|\([^)]*\))/g)]
    .map(([, property, values]) => ({ property, values: [...values.matchAll(/"([^"]+)"/g)].map(([, value]) => value) }));
  return {
    statistic,
    matches: metric => {
      const properties: Record<string, string> = { ...metric.dimensions, MetricName: metric.name, Namespace: metric.namespace };
      const ofSchema = namespace === undefined
        || (metric.namespace === namespace && JSON.stringify(Object.keys(metric.dimensions).sort()) === JSON.stringify(dimensions));
      return ofSchema && equal.every(({ property, values }) => values.includes(properties[property]));
    },
  };
}

function isSame({ namespace, name, dimensions }: Published, entry: string[]): boolean {
  const [ofNamespace, ofName, ...rest] = entry.slice(0, -1);
  const pairs = Object.entries(dimensions);
  return ofNamespace === namespace && ofName === name && rest.length === 2 * pairs.length
    && pairs.every(([dimension, value]) => rest[rest.indexOf(dimension) + 1] === value);
}

/** A label with its dynamic parts filled in. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html */
function labelled(label: string, { name, dimensions }: Published): string {
  return label.replace(/\$\{PROP\('(?:Dim\.(\w+)|MetricName)'\)\}/g, (_, dimension?: string) => dimension === undefined ? name : dimensions[dimension]);
}
