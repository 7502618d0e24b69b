import { Token } from 'aws-cdk-lib';
import { Cardinality, Carrier, type AttributionKey, type AttributionSchema } from '../schema';
import { LONGEST_PATTERN, patternLength, type AdmittedValues, type RecordMeasure } from './invocation-log-filter-patterns';

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html (read 2026-11-21) */
const MOST_DIMENSIONS = 3;

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html (read 2026-11-21) */
const MOST_FILTERS = 100;

/** CloudWatch Logs may disable a filter at 1,000 within an hour. @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html */
const MOST_SERIES = 999;

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html (read 2026-11-21) */
const NAMESPACE = /^[^:*$]{1,255}$/;

/** Printable ASCII with something to see. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html (read 2026-11-21) */
const DIMENSION_VALUE = /^[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$/;

const COST = 'every combination of values is a custom metric that is charged for';

/** What is wrong with the properties of metric filters, one sentence each. */
export function metricFiltersProblems(
  schema: AttributionSchema, dimensionKeys: string[], maximumSeries: number, namespace: string,
): string[] {
  return [
    ...Token.isUnresolved(namespace) || (NAMESPACE.test(namespace) && namespace.trim() !== '' && !namespace.startsWith('AWS/')) ? [] : [
      `metricNamespace is ${JSON.stringify(namespace)}; use 1 to 255 characters without ":", "*" and "$", not starting with "AWS/"`,
    ],
    ...Token.isUnresolved(maximumSeries) || (Number.isInteger(maximumSeries) && maximumSeries >= 1 && maximumSeries <= MOST_SERIES) ? [] : [
      `maximumSeries is ${maximumSeries}; use a whole number from 1 to ${MOST_SERIES}, because CloudWatch Logs may disable a metric filter that makes more`,
    ],
    ...dimensionKeys.length <= MOST_DIMENSIONS ? [] : [
      `dimensionKeys names ${dimensionKeys.length} keys; a metric filter has at most ${MOST_DIMENSIONS} dimensions, so leave out ${dimensionKeys.length - MOST_DIMENSIONS}`,
    ],
    ...dimensionKeys.flatMap((name, index) => dimensionKeys.indexOf(name) === index
      ? keyProblems(schema, name).map(problem => `dimensionKeys names ${JSON.stringify(name)}, ${problem}`)
      : [`dimensionKeys names ${JSON.stringify(name)} twice; name it once`]),
    ...seriesProblems(schema, dimensionKeys, maximumSeries),
  ];
}

/** What is wrong with the filters that those properties make, one sentence each. */
export function blockProblems(blocks: AdmittedValues[][], measures: RecordMeasure[]): string[] {
  const count = measures.length * (1 + blocks.length);
  return [
    ...count <= MOST_FILTERS ? [] : [
      `the values of dimensionKeys need ${count} metric filters; a log group has at most ${MOST_FILTERS}, so name fewer keys or allow fewer or shorter values`,
    ],
    ...blocks.filter(block => patternLength(block, measures) > LONGEST_PATTERN).map(block =>
      `the filter pattern for ${block.map(({ name, values }) => `${name} ${JSON.stringify(values[0])}`).join(', ')} has ${patternLength(block, measures)} characters; `
      + `at most ${LONGEST_PATTERN} are allowed, so name fewer keys or shorten the values`),
  ];
}

function keyProblems(schema: AttributionSchema, name: string): string[] {
  const key = schema.key(name);
  if (key === undefined) {
    const fit = schema.activeKeys.filter(candidate => dimensionProblems(candidate).length === 0).map(candidate => candidate.name);
    return [`which the schema does not know; use ${fit.length === 0 ? 'no dimensions' : fit.join(', ')}, or change the schema`];
  }
  if (key.deprecatedInFavourOf !== undefined) return [`which is deprecated; name ${key.deprecatedInFavourOf}, calls that still use the former name are counted with it`];
  return dimensionProblems(key);
}

function dimensionProblems(key: AttributionKey): string[] {
  const { allowedValues, cardinality, personal } = key;
  return [
    ...key.ridesOn(Carrier.REQUEST_METADATA) ? [] : ['which does not ride on request metadata, so that no record has it; leave it out'],
    ...!personal ? [] : [`which identifies persons; leave it out, because ${COST} and there would be one for each person`],
    ...cardinality === Cardinality.LOW ? [] : [`which is of high cardinality; leave it out, because ${COST}`],
    ...allowedValues !== undefined ? [] : [`which may take any value; list its allowedValues in the schema or leave it out, because ${COST}`],
    ...(allowedValues ?? []).filter(value => !DIMENSION_VALUE.test(value)).map(value =>
      `which may be ${JSON.stringify(value)}; dimensions take printable ASCII that is not blank, so change the value or leave the key out`),
  ];
}

function seriesProblems(schema: AttributionSchema, dimensionKeys: string[], maximumSeries: number): string[] {
  if (Token.isUnresolved(maximumSeries)) return [];
  const keys = [...new Set(dimensionKeys)].map(name => ({ name, count: schema.key(name)?.allowedValues?.length ?? 1 }));
  const series = keys.reduce((product, { count }) => product * count, 1);
  if (series <= maximumSeries) return [];
  const factors = keys.map(({ name, count }) => `${count} of ${name}`).join(' times ');
  return [`dimensionKeys make ${series} combinations of values (${factors}); at most ${maximumSeries} are allowed, so name fewer keys or raise maximumSeries: ${COST}`];
}
