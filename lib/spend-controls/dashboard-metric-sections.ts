import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { runbookUrl } from '../private/runbook';
import { eachOf, graph, METRIC_NAME_OF, sumOf, valueOf, type DashboardSection, type MetricPlace, type SearchedMetrics } from './dashboard-graphs';

/** @see https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-runtime-metrics.html */
export const BEDROCK_NAMESPACE = 'AWS/Bedrock';

/** Dimension of the metrics of calls: id of a model, or of the profile that a call went through. */
export const MODEL_DIMENSION = 'ModelId';

/** @see https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-mantle-metrics.html */
const MANTLE_NAMESPACE = 'AWS/BedrockMantle';

/** What tokens are counted by; the documentation and accounts have cache tokens under different names, and an account has one of them. */
export const TOKEN_METRICS = {
  input: ['InputTokenCount'],
  output: ['OutputTokenCount'],
  cacheRead: ['CacheReadInputTokens', 'CacheReadInputTokenCount'],
  cacheWrite: ['CacheWriteInputTokens', 'CacheWriteInputTokenCount'],
};

/** A metric of calls, by model. */
export function byModel(metricNames: string[], statistic = 'Sum', equal?: Record<string, string>): SearchedMetrics {
  return { schema: `${BEDROCK_NAMESPACE},${MODEL_DIMENSION}`, equal, metricNames, statistic };
}

/** Each model or profile that there are calls of, under its id. */
function eachModel(metricNames: string[], statistic?: string): cloudwatch.IMetric[] {
  const id = valueOf(MODEL_DIMENSION);
  return [eachOf(byModel(metricNames, statistic), metricNames.length === 1 ? id : `${id} ${METRIC_NAME_OF}`)];
}

/** Tokens and calls, of all models and by model. */
export function modelSection(place: MetricPlace): DashboardSection {
  const { input, output, cacheRead, cacheWrite } = TOKEN_METRICS;
  return {
    title: 'Models',
    text: 'Tokens and calls of the `bedrock-runtime` endpoint. Input tokens are without those of the cache. '
      + 'A call through an application inference profile counts under the id of the profile.',
    rows: [
      [
        graph('Tokens', 3, [
          sumOf(byModel(input), 'input'),
          sumOf(byModel(output), 'output'),
          // a sum over both names could count twice
          ...cacheRead.map(name => sumOf(byModel([name]), `cache read (${name})`)),
          ...cacheWrite.map(name => sumOf(byModel([name]), `cache write (${name})`)),
        ], place),
        graph('Calls', 3, [sumOf(byModel(['Invocations']), 'calls')], place),
        graph('Calls by model', 3, eachModel(['Invocations']), place, true),
      ],
      [
        graph('Input tokens by model', 4, eachModel(input), place, true),
        graph('Output tokens by model', 4, eachModel(output), place, true),
        graph('Cache-read tokens by model', 4, eachModel(cacheRead), place),
        graph('Cache-write tokens by model', 4, eachModel(cacheWrite), place),
      ],
    ],
  };
}

/** Errors and throttles, by model. */
export function errorSection(place: MetricPlace): DashboardSection {
  return {
    title: 'Errors',
    text: 'A throttled request is neither a call nor an error, and each retry of a client counts.',
    rows: [[
      graph('Client errors by model', 3, eachModel(['InvocationClientErrors']), place),
      graph('Server errors by model', 3, eachModel(['InvocationServerErrors']), place),
      graph('Throttled requests by model', 3, eachModel(['InvocationThrottles']), place),
    ]],
  };
}

/** Latency, by model. */
export function latencySection(place: MetricPlace): DashboardSection {
  const latency = (statistic: string): cloudwatch.IMetric[] => eachModel(['InvocationLatency'], statistic);
  return {
    title: 'Latency',
    text: 'Milliseconds until the last token, and of streaming calls until the first one.',
    rows: [[
      graph('Latency, average', 4, latency('Average'), place),
      graph('Latency, p90', 4, latency('p90'), place),
      graph('Latency, p99', 4, latency('p99'), place),
      graph('Time to first token, p90', 4, eachModel(['TimeToFirstToken'], 'p90'), place),
    ]],
  };
}

/** Whether invocation logs arrive. */
export function deliverySection(place: MetricPlace): DashboardSection {
  // AWS names a value of a dimension and not the dimension, so the search names none
  const delivery = (what: string, outcome: string): cloudwatch.IMetric => eachOf({
    equal: { Namespace: BEDROCK_NAMESPACE }, metricNames: [`ModelInvocation${what}Delivery${outcome}`], statistic: 'Sum',
  }, outcome.toLowerCase());
  const deliveries = (title: string, what: string): cloudwatch.IWidget =>
    graph(title, 3, [delivery(what, 'Success'), delivery(what, 'Failure')], place);
  return {
    title: 'Delivery of invocation logs',
    text: `A call whose log is lost cannot be attributed by request metadata. Runbooks: [S3](${runbookUrl('log-delivery-to-s3-failed')}), `
      + `[CloudWatch Logs](${runbookUrl('log-delivery-to-cloudwatch-failed')}), [large bodies](${runbookUrl('large-data-delivery-failed')}), `
      + `[nothing at all](${runbookUrl('silent-region')}).`,
    rows: [[
      deliveries('Deliveries to S3', 'LogsS3'),
      deliveries('Deliveries to CloudWatch Logs', 'LogsCloudWatch'),
      deliveries('Deliveries of large bodies', 'LargeDataS3'),
    ]],
  };
}

/** What goes through the `bedrock-mantle` endpoint, by model and by project; it has no metrics of latency, throttles or cache tokens. */
export function mantleSection(place: MetricPlace): DashboardSection {
  const by = (dimension: string, metricName: string, label = ''): cloudwatch.IMetric =>
    eachOf({ schema: `${MANTLE_NAMESPACE},${dimension}`, metricNames: [metricName], statistic: 'Sum' }, `${valueOf(dimension)}${label}`);
  const tokens = (dimension: string): cloudwatch.IMetric[] =>
    [by(dimension, 'TotalInputTokens', ' input'), by(dimension, 'TotalOutputTokens', ' output')];
  return {
    title: 'The bedrock-mantle endpoint',
    text: 'Calls of this endpoint are in none of the graphs above and in no invocation log; their project says whom they are for.',
    rows: [[
      graph('Tokens by project', 4, tokens('Project'), place),
      graph('Tokens by model', 4, tokens('Model'), place),
      graph('Calls by project', 4, [by('Project', 'Inferences')], place, true),
      graph('Client errors by project', 4, [by('Project', 'InferenceClientErrors')], place),
    ]],
  };
}
