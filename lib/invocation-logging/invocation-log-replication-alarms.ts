import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { runbookUrl } from '../private/runbook';
import { tell } from '../private/tell';
import type { IInvocationLogArchive } from './invocation-log-archive';

/** The id of the replication rule of a store, by which its metrics are found. */
export const REPLICATION_RULE_ID = 'bedrock-invocation-logs';

/** The warning that nobody watches the lag of replication into another Region. */
export const LAG_NOT_WATCHED = 'bedrock-cost-attribution:replicationLagNotWatched';

interface AlarmOptions {
  readonly lagThreshold?: Duration;
  readonly alarmTopic?: sns.ITopic;
}

/** On the metric that S3 publishes in the Region of the source. */
export function createFailedAlarm(
  parent: Construct, bucket: s3.IBucket, archive: IInvocationLogArchive, options: AlarmOptions,
): cloudwatch.Alarm {
  return tell(options.alarmTopic, new cloudwatch.Alarm(parent, 'FailedAlarm', {
    metric: replicationMetric(bucket, archive, 'OperationsFailedReplication', cloudwatch.Stats.SUM),
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold: 0,
    evaluationPeriods: 1,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    alarmDescription: 'Model invocation logs could not be replicated to the archive, which lacks them. '
      + `Runbook: ${runbookUrl('log-replication-failed')}`,
  }));
}

/** On the metric that S3 publishes in the Region of the destination. */
export function createLagAlarm(
  parent: Construct, bucket: s3.IBucket, archive: IInvocationLogArchive, options: AlarmOptions,
): cloudwatch.Alarm {
  const { alarmTopic, lagThreshold = Duration.hours(1) } = options;
  return tell(alarmTopic, new cloudwatch.Alarm(parent, 'LagAlarm', {
    metric: replicationMetric(bucket, archive, 'ReplicationLatency', cloudwatch.Stats.MAXIMUM),
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold: lagThreshold.toSeconds(),
    evaluationPeriods: 1,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    alarmDescription: 'The archive of model invocation logs lies behind the bucket that Bedrock writes to. '
      + `Runbook: ${runbookUrl('log-replication-lag')}`,
  }));
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html */
function replicationMetric(bucket: s3.IBucket, archive: IInvocationLogArchive, metricName: string, statistic: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/S3',
    metricName,
    dimensionsMap: { SourceBucket: bucket.bucketName, DestinationBucket: archive.bucket.bucketName, RuleId: REPLICATION_RULE_ID },
    statistic,
    period: Duration.minutes(5),
  });
}
