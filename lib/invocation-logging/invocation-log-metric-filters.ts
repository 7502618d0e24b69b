import { Metric, Stats, Unit, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { MetricFilter, type ILogGroupRef } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import type { AttributionSchema } from '../schema';
import {
  admittedBlocks, CALLS, FAILED_CALLS, filterPattern, metadataField, tokens, type AdmittedValues, type RecordMeasure,
} from './invocation-log-filter-patterns';
import { blockProblems, metricFiltersProblems } from './validate-invocation-log-metric-filters';

/** What is counted in invocation logs; the value is the name of the metric. */
export enum InvocationMeasure {
  /** Calls, failed ones too. */
  CALLS = 'Calls',

  /** Calls that were answered with an error. */
  FAILED_CALLS = 'FailedCalls',

  /** Input tokens of calls that did not fail, those from a cache apart. */
  INPUT_TOKENS = 'InputTokens',

  /** Output tokens of calls that did not fail. */
  OUTPUT_TOKENS = 'OutputTokens',

  /** Input tokens that were read from a cache, as far as records have them beside the input count. */
  CACHE_READ_TOKENS = 'CacheReadTokens',

  /** Input tokens that were written to a cache, as far as records have them beside the input count. */
  CACHE_WRITE_TOKENS = 'CacheWriteTokens',
}

/** Properties of `InvocationLogMetricFilters`. */
export interface InvocationLogMetricFiltersProps {
  /** The schema that the keys belong to. */
  readonly schema: AttributionSchema;

  /** The log group that Bedrock delivers the invocation logs to. It must be of the Standard class: no other has metric filters. */
  readonly logGroup: ILogGroupRef;

  /**
   * Names of the keys that the metrics have as dimensions: at most three keys in use that ride on request metadata, have `allowedValues`,
   * and neither identify persons nor are of high cardinality.
   *
   * @default - metrics without dimensions only
   */
  readonly dimensionKeys?: string[];

  /**
   * Most combinations of the allowed values of `dimensionKeys`, from 1 to 999. Each may become one custom metric for each of the six
   * measures, and custom metrics are charged for each month and Region.
   *
   * @default 100
   */
  readonly maximumSeries?: number;

  /**
   * Namespace of the metrics, 1 to 255 characters without `:`, `*` and `$`.
   *
   * @default 'BedrockCostAttribution/Invocations'
   */
  readonly metricNamespace?: string;
}

/**
 * CloudWatch metrics of calls and tokens from invocation logs, for dashboards and alarms within minutes.
 *
 * Every measure has a metric without dimensions, which counts all calls. With `dimensionKeys` it has another one with these keys as
 * dimensions, which counts the calls that declare an allowed value for each of them; a value that the schema does not list makes no metric,
 * so that nobody can run up charges by making values up. What the metric without dimensions has beyond the sum of the others was called
 * without these keys or with other values. A call that uses the deprecated name of a key is counted under the name in use.
 *
 * The model is no dimension: a model id may be the ARN of any application inference profile, of which there may be a thousand. CloudWatch
 * has its own metrics by model, and the saved queries and the views count by model.
 *
 * Belongs in the account and Region of the log group.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 */
export class InvocationLogMetricFilters extends Construct {
  /** Namespace of the metrics. */
  public readonly metricNamespace: string;

  /** Names of the dimensions, which are names of keys; empty when all metrics are without. */
  public readonly dimensionKeys: string[];

  public constructor(scope: Construct, id: string, props: InvocationLogMetricFiltersProps) {
    super(scope, id);

    const { schema, dimensionKeys = [], maximumSeries = 100, metricNamespace = 'BedrockCostAttribution/Invocations' } = props;
    const subject = 'the invocation log metric filters';
    const problems = metricFiltersProblems(schema, dimensionKeys, maximumSeries, metricNamespace);
    throwProblems('InvalidInvocationLogMetricFilters', subject, problems, this);
    this.metricNamespace = metricNamespace;
    this.dimensionKeys = [...dimensionKeys];

    const keys = schema.columns().filter(({ name }) => dimensionKeys.includes(name))
      .map(({ name: dimension, metadataKeys }) => ({ dimension, metadataKeys, values: schema.key(dimension)?.allowedValues ?? [] }));
    const measures = Object.values(MEASURES);
    const blocks = admittedBlocks(keys, measures);
    throwProblems('InvalidInvocationLogMetricFilters', subject, blockProblems(blocks, measures), this);

    for (const measure of Object.values(InvocationMeasure)) this.addFilters(measure, blocks, props.logGroup);
  }

  /**
   * The metric of a measure: of all calls, or of those with certain values when `dimensionsMap` gives one for each of `dimensionKeys`.
   *
   * @param measure what is counted
   * @param options how the metric is shown; the statistic is the sum and the period five minutes unless it says otherwise
   */
  public metric(measure: InvocationMeasure, options?: MetricOptions): Metric {
    return new Metric({ namespace: this.metricNamespace, metricName: measure, statistic: Stats.SUM, ...options }).attachTo(this);
  }

  private addFilters(measure: InvocationMeasure, blocks: AdmittedValues[][], logGroup: ILogGroupRef): void {
    const { value: metricValue } = MEASURES[measure];
    const metric = { logGroup, metricNamespace: this.metricNamespace, metricName: measure, metricValue, unit: Unit.COUNT };
    const ofMeasure = new Construct(this, measure);
    // with a zero where nothing matches, which CloudWatch Logs allows without dimensions only, an alarm tells quiet from missing
    new MetricFilter(ofMeasure, 'All', { ...metric, filterPattern: filterPattern(MEASURES[measure]), defaultValue: 0 });
    blocks.forEach((block, index) => new MetricFilter(ofMeasure, `Declared${index + 1}`, {
      ...metric,
      filterPattern: filterPattern(MEASURES[measure], block),
      dimensions: Object.fromEntries(block.map(({ dimension, name }) => [dimension, metadataField(name)])),
    }));
  }
}

const MEASURES: Record<InvocationMeasure, RecordMeasure> = {
  [InvocationMeasure.CALLS]: CALLS,
  [InvocationMeasure.FAILED_CALLS]: FAILED_CALLS,
  [InvocationMeasure.INPUT_TOKENS]: tokens('$.input.inputTokenCount'),
  [InvocationMeasure.OUTPUT_TOKENS]: tokens('$.output.outputTokenCount'),
  [InvocationMeasure.CACHE_READ_TOKENS]: tokens('$.input.cacheReadInputTokenCount'),
  [InvocationMeasure.CACHE_WRITE_TOKENS]: tokens('$.input.cacheWriteInputTokenCount'),
};
