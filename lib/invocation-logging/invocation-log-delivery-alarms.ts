import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import { runbookUrl } from '../private/runbook';
import { tell } from '../private/tell';
import type { IInvocationLogging } from './invocation-logging';
import { deliveryAlarmsProblems } from './validate-invocation-log-delivery-alarms';

/** Properties of `InvocationLogDeliveryAlarms`. */
export interface InvocationLogDeliveryAlarmsProps {
  /** The logging whose deliveries are watched: of the same account and Region. */
  readonly logging: IInvocationLogging;

  /**
   * Where alarms are published: a topic of the same Region, whose policy admits `cloudwatch.amazonaws.com`.
   *
   * @default - the notification topic of the logging
   */
  readonly topic?: sns.ITopic;

  /**
   * The dimensions of the delivery metrics of Amazon Bedrock, by name; `{}` for metrics without dimensions.
   *
   * AWS documents a value, `Across all model IDs`, and no name; `aws cloudwatch list-metrics --namespace AWS/Bedrock` shows what an account
   * really has. Alarms on metrics with known dimensions are not alarms on queries, of which CloudWatch allows 200 per Region by default.
   *
   * @default - queries that find the metrics whatever their dimensions are
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-runtime-metrics.html
   */
  readonly deliveryMetricDimensions?: Record<string, string>;

  /**
   * A Region is silent when models were called in each of two consecutive periods of this length and nothing was delivered in either, so
   * that a call has at least this long to be delivered. Whole minutes, from 1 to 90.
   *
   * Shorter periods tell sooner and miss Regions with few calls. Periods shorter than a delivery takes raise false alarms; AWS does not say
   * how long one takes.
   *
   * @default Duration.hours(1)
   */
  readonly silencePeriod?: Duration;
}

/**
 * Alarms that tell when invocation logs do not arrive. Nothing else does: calls succeed all the same.
 *
 * For each destination of the store one goes off when Amazon Bedrock reports a failed delivery, as after a change of a bucket policy, a
 * key policy or a role. For S3 and CloudWatch Logs another one goes off when the Region is silent: models are called and nothing is
 * delivered, as after somebody deleted the logging configuration.
 *
 * A call is what the metric `Invocations` counts: requests that Bedrock accepted for processing, failed ones included. Throttled requests
 * are not in it, nor are calls through the `bedrock-mantle` endpoint, which has metrics of its own and is never logged.
 *
 * Silence is not noticed where there never are calls in two consecutive periods; the failure alarms and a drift guard look there all the
 * same. Where models were called before logging was switched on, the alarms for silence may go off once, until the first delivery. When
 * data points are missing, CloudWatch looks further back than two periods, so that these alarms may go off some periods late.
 *
 * Belongs in every account and Region with an `InvocationLogging`.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-runtime-metrics.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export class InvocationLogDeliveryAlarms extends Construct {
  /** Goes off when logs could not be delivered to S3; undefined when the store has no bucket. */
  public readonly s3FailureAlarm?: cloudwatch.IAlarm;

  /** Goes off when logs could not be delivered to CloudWatch Logs; undefined when the store has no log group. */
  public readonly cloudWatchFailureAlarm?: cloudwatch.IAlarm;

  /** Goes off when large bodies could not be delivered; undefined when the store has no store for large data. */
  public readonly largeDataFailureAlarm?: cloudwatch.IAlarm;

  /** Goes off when models are called and nothing is delivered to S3; undefined when the store has no bucket. */
  public readonly s3SilenceAlarm?: cloudwatch.IAlarm;

  /** Goes off when models are called and nothing is delivered to CloudWatch Logs; undefined when the store has no log group. */
  public readonly cloudWatchSilenceAlarm?: cloudwatch.IAlarm;

  public constructor(scope: Construct, id: string, props: InvocationLogDeliveryAlarmsProps) {
    super(scope, id);
    throwProblems('InvalidDeliveryAlarms', 'the set of delivery alarms', deliveryAlarmsProblems(props, this), this);

    const { logging: { store }, deliveryMetricDimensions, silencePeriod = Duration.hours(1) } = props;
    const topic = props.topic ?? props.logging.notificationTopic;
    const metric = (name: string, period: Duration): cloudwatch.IMetric => sum(name, period, deliveryMetricDimensions);
    // Silence takes two metrics. In one math expression, deliveries would have to be filled with zeros, which is not documented for a query
    // that answers with no series at all. Apart, each alarm says what a missing data point means, and zero means the same.
    const calls = new cloudwatch.Alarm(this, 'Calls', renderCalls(silencePeriod));

    if (store.bucket !== undefined) {
      this.s3FailureAlarm = tell(topic, new cloudwatch.Alarm(this, 'S3Failure', renderFailure(
        metric('ModelInvocationLogsS3DeliveryFailure', FAILURE_PERIOD),
        `Amazon Bedrock could not deliver model invocation logs to S3. Runbook: ${runbookUrl('log-delivery-to-s3-failed')}`,
      )));
      const deliveries = metric('ModelInvocationLogsS3DeliverySuccess', silencePeriod);
      const nothing = new cloudwatch.Alarm(this, 'NothingToS3', renderNothing(deliveries));
      this.s3SilenceAlarm = tell(topic, new cloudwatch.CompositeAlarm(this, 'S3Silence', renderSilence(calls, nothing, 'S3')));
    }
    if (store.logGroup !== undefined) {
      this.cloudWatchFailureAlarm = tell(topic, new cloudwatch.Alarm(this, 'CloudWatchFailure', renderFailure(
        metric('ModelInvocationLogsCloudWatchDeliveryFailure', FAILURE_PERIOD),
        `Amazon Bedrock could not deliver model invocation logs to CloudWatch Logs. Runbook: ${runbookUrl('log-delivery-to-cloudwatch-failed')}`,
      )));
      const deliveries = metric('ModelInvocationLogsCloudWatchDeliverySuccess', silencePeriod);
      const nothing = new cloudwatch.Alarm(this, 'NothingToCloudWatch', renderNothing(deliveries));
      const silence = renderSilence(calls, nothing, 'CloudWatch Logs');
      this.cloudWatchSilenceAlarm = tell(topic, new cloudwatch.CompositeAlarm(this, 'CloudWatchSilence', silence));
    }
    // only for the destination of its own: large bodies of the S3 destination go below the same prefix by the same policy as the records
    if (store.largeDataStore !== undefined) {
      this.largeDataFailureAlarm = tell(topic, new cloudwatch.Alarm(this, 'LargeDataFailure', renderFailure(
        metric('ModelInvocationLargeDataS3DeliveryFailure', FAILURE_PERIOD),
        `Amazon Bedrock could not deliver large bodies of model invocation logs. Runbook: ${runbookUrl('large-data-delivery-failed')}`,
      )));
    }
  }
}

const NAMESPACE = 'AWS/Bedrock';

const FAILURE_PERIOD = Duration.minutes(5);

/**
 * The sum of a metric of Amazon Bedrock: with exactly the given dimensions, or over all series whatever their dimensions.
 *
 * A query without `SCHEMA` matches the metric whatever its dimensions; without `GROUP BY` it answers with one series, as an alarm wants it.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Metrics_Insights_Alarm.html
 */
function sum(metricName: string, period: Duration, dimensionsMap?: Record<string, string>): cloudwatch.IMetric {
  return dimensionsMap === undefined
    ? new cloudwatch.MathExpression({ expression: `SELECT SUM(${metricName}) FROM "${NAMESPACE}"`, label: metricName, period })
    : new cloudwatch.Metric({ namespace: NAMESPACE, metricName, dimensionsMap, statistic: cloudwatch.Stats.SUM, period });
}

function renderFailure(metric: cloudwatch.IMetric, alarmDescription: string): cloudwatch.AlarmProps {
  return {
    alarmDescription,
    metric,
    threshold: 0,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    // one failure is enough, also one that CloudWatch hears of late
    evaluationPeriods: 3,
    datapointsToAlarm: 1,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  };
}

/** Both periods: a call in the second one alone may still be on its way, one in the first had a whole period to arrive. */
function renderCalls(period: Duration): cloudwatch.AlarmProps {
  return {
    alarmDescription: `Models are called in this account and Region; no fault by itself. Runbook: ${runbookUrl('silent-region')}`,
    // one series per model, so there are no dimensions that could be given
    metric: sum('Invocations', period),
    threshold: 0,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  };
}

function renderNothing(metric: cloudwatch.IMetric): cloudwatch.AlarmProps {
  return {
    alarmDescription: `No model invocation logs are delivered; no fault where no model is called. Runbook: ${runbookUrl('silent-region')}`,
    metric,
    threshold: 0,
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
    treatMissingData: cloudwatch.TreatMissingData.BREACHING,
  };
}

function renderSilence(calls: cloudwatch.IAlarm, nothing: cloudwatch.IAlarm, destination: string): cloudwatch.CompositeAlarmProps {
  return {
    alarmDescription: `Models are called in this account and Region, and no invocation logs arrive in ${destination}. Runbook: ${runbookUrl('silent-region')}`,
    alarmRule: cloudwatch.AlarmRule.allOf(inAlarm(calls), inAlarm(nothing)),
  };
}

function inAlarm(alarm: cloudwatch.IAlarm): cloudwatch.IAlarmRule {
  return cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM);
}
