import { App, Aws, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { type IInvocationLogStore, InvocationLogStore } from '../../lib/invocation-logging';
import { InvocationLogArchive } from '../../lib/invocation-logging/invocation-log-archive';
import { InvocationLogReplicationLagAlarm } from '../../lib/invocation-logging/invocation-log-replication-lag-alarm';

let app: App;
let workload: Stack;
let beside: Stack;
let store: IInvocationLogStore;

beforeEach(() => {
  app = new App();
  workload = new Stack(app, 'Workload', { env: { account: '111122223333', region: 'eu-west-1' } });
  beside = new Stack(app, 'Beside', { env: { account: '111122223333', region: 'us-east-1' } });
  store = new InvocationLogStore(workload, 'Store', {
    bucketName: 'workload-logs',
    archive: InvocationLogArchive.fromInvocationLogArchiveAttributes(workload, 'Archive', {
      bucket: s3.Bucket.fromBucketName(workload, 'ArchiveBucket', 'ledger-logs'), account: '999900001111', region: 'us-east-1',
    }),
  });
});

test('watches the lag where S3 publishes it, and ends the warning that nothing does', () => {
  new InvocationLogReplicationLagAlarm(beside, 'Lag', { store });
  Template.fromStack(beside).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'AWS/S3',
    MetricName: 'ReplicationLatency',
    Dimensions: [
      { Name: 'DestinationBucket', Value: 'ledger-logs' },
      { Name: 'RuleId', Value: 'bedrock-invocation-logs' },
      { Name: 'SourceBucket', Value: 'workload-logs' },
    ],
    Threshold: 3600,
  });
  Annotations.fromStack(workload).hasNoWarning('*', Match.stringLikeRegexp('replicationLagNotWatched'));
});

test('takes threshold and topic', () => {
  const alarmTopic = sns.Topic.fromTopicArn(beside, 'Topic', 'arn:aws:sns:us-east-1:111122223333:alarms');
  const { alarm } = new InvocationLogReplicationLagAlarm(beside, 'Lag', { store, alarmTopic, lagThreshold: Duration.minutes(20) });
  expect(alarm).toBeDefined();
  Template.fromStack(beside).hasResourceProperties('AWS::CloudWatch::Alarm', { Threshold: 1200, AlarmActions: [alarmTopic.topicArn] });
});

test('takes an imported store', () => {
  const imported = InvocationLogStore.fromInvocationLogStoreAttributes(workload, 'Imported', { bucket: store.bucket, archive: store.archive });
  expect(() => new InvocationLogReplicationLagAlarm(beside, 'Lag', { store: imported })).not.toThrow();
});

test('takes a stack without account and Region', () => {
  const anywhere = new Stack(app, 'Anywhere');
  const imported = InvocationLogStore.fromInvocationLogStoreAttributes(anywhere, 'Store', {
    bucket: s3.Bucket.fromBucketName(anywhere, 'Bucket', Aws.STACK_NAME), archive: store.archive,
  });
  expect(() => new InvocationLogReplicationLagAlarm(anywhere, 'Lag', { store: imported })).not.toThrow();
});

describe('fails', () => {
  test('with a store without archive', () => {
    expect(() => new InvocationLogReplicationLagAlarm(beside, 'Lag', { store: new InvocationLogStore(workload, 'Other') }))
      .toThrow('Workload/Other has no archive, so nothing is replicated');
  });

  test('in a Region or an account where the metric is not, and with a threshold below a minute, naming all', () => {
    const elsewhere = new Stack(app, 'Elsewhere', { env: { account: '444455556666', region: 'eu-west-1' } });
    expect(() => new InvocationLogReplicationLagAlarm(elsewhere, 'Lag', { store, lagThreshold: Duration.seconds(59) })).toThrow(
      /stack is in region "eu-west-1" and the archive in "us-east-1"[^]*stack is in account "444455556666" and the store in "111122223333"[^]*lagThreshold is 59/);
  });
});
