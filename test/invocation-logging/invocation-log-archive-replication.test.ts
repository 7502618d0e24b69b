import { App, Aws, Duration, type Environment, Lazy, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { analytics } from '../../lib';
import { InvocationLogDestination, InvocationLogStore, type InvocationLogStoreProps } from '../../lib/invocation-logging';
import { type IInvocationLogArchive, InvocationLogArchive } from '../../lib/invocation-logging/invocation-log-archive';
import { ArchivedAccounts } from '../../lib/invocation-logging/invocation-log-archived-accounts';
import { nagFindings } from '../nag/nag-findings';

const WORKLOAD = { account: '111122223333', region: 'eu-west-1' };
const LEDGER = { account: '999900001111', region: 'eu-west-1' };
const KEY_OF_LEDGER = 'arn:aws:kms:eu-west-1:999900001111:key/0a1b';
const LAG_NOT_WATCHED = Match.stringLikeRegexp('bedrock-cost-attribution:replicationLagNotWatched');

let app: App;
let stack: Stack;

beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Workload', { env: WORKLOAD });
});

interface Given {
  readonly scope?: Stack;
  readonly keyPrefix?: string;
  readonly encrypted?: boolean;
  readonly env?: Required<Environment>;
}

function importedArchive(given: Given = {}): IInvocationLogArchive {
  const { scope = stack, keyPrefix, encrypted = false, env = LEDGER } = given;
  return InvocationLogArchive.fromInvocationLogArchiveAttributes(scope, 'Archive', {
    bucket: s3.Bucket.fromBucketName(scope, 'ArchiveBucket', 'ledger-logs'),
    ...env,
    keyPrefix,
    encryptionKey: encrypted ? kms.Key.fromKeyArn(scope, 'ArchiveKey', KEY_OF_LEDGER) : undefined,
  });
}

/** With an archive, unless the properties say another or none. */
function archived(props: InvocationLogStoreProps = {}): InvocationLogStore {
  return new InvocationLogStore(stack, 'Store', { ...props, archive: 'archive' in props ? props.archive : importedArchive() });
}

function templateOf(props?: InvocationLogStoreProps): Template {
  archived(props);
  return Template.fromStack(stack);
}

function expectRule(template: Template, rule: object): void {
  template.hasResourceProperties('AWS::S3::Bucket', { ReplicationConfiguration: { Rules: [Match.objectLike(rule)] } });
}

describe('the rule', () => {
  test('replicates the logs of the account, never a deletion, hands them to the archive and is measured', () => {
    templateOf().hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      ReplicationConfiguration: {
        Role: { 'Fn::GetAtt': [Match.stringLikeRegexp('^StoreReplicationRole'), 'Arn'] },
        Rules: [{
          Id: 'bedrock-invocation-logs',
          Status: 'Enabled',
          Priority: 1,
          Filter: { Prefix: 'AWSLogs/111122223333/BedrockModelInvocationLogs/' },
          DeleteMarkerReplication: { Status: 'Disabled' },
          SourceSelectionCriteria: Match.absent(),
          Destination: {
            Bucket: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::ledger-logs']] },
            Account: '999900001111',
            AccessControlTranslation: { Owner: 'Destination' },
            Metrics: { Status: 'Enabled' }, // S3 refuses an event threshold without Replication Time Control
          },
        }],
      },
    });
  });

  test('has Replication Time Control where it is asked for', () => {
    expectRule(templateOf({ replication: { timeControl: true } }), {
      Destination: Match.objectLike({
        Metrics: { Status: 'Enabled', EventThreshold: { Minutes: 15 } },
        ReplicationTime: { Status: 'Enabled', Time: { Minutes: 15 } },
      }),
    });
  });

  test('leaves the owner alone within an account, where S3 refuses to change it', () => {
    expectRule(templateOf({ archive: importedArchive({ env: WORKLOAD }) }), {
      Destination: Match.objectLike({ Account: Match.absent(), AccessControlTranslation: Match.absent() }),
    });
  });

  test('keeps the prefix, however it is written, so that one table reads the archive', () => {
    const archive = importedArchive({ keyPrefix: 'logs/' });
    expectRule(templateOf({ archive, keyPrefix: '/logs' }), { Filter: { Prefix: 'logs/AWSLogs/111122223333/BedrockModelInvocationLogs/' } });
    const coverage = { accounts: ['111122223333'], regions: ['eu-west-1'], keyPrefix: archive.keyPrefix };
    expect(analytics.InvocationLogSource.fromBucket(archive.bucket, coverage).locationTemplate)
      .toBe('s3://ledger-logs/logs/AWSLogs/${log_account}/BedrockModelInvocationLogs/${log_region}/${log_day}/');
  });

  test('takes objects with a customer managed key and encrypts their replicas with that of the archive', () => {
    expectRule(templateOf({ archive: importedArchive({ encrypted: true }), encryptionKey: new kms.Key(stack, 'Key') }), {
      SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
      Destination: Match.objectLike({ EncryptionConfiguration: { ReplicaKmsKeyID: KEY_OF_LEDGER } }),
    });
  });

  test('leaves the key of the archive alone when the objects have none, as replicas are encrypted in the way of their sources', () => {
    expectRule(templateOf({ archive: importedArchive({ encrypted: true }) }), {
      SourceSelectionCriteria: Match.absent(),
      Destination: Match.objectLike({ EncryptionConfiguration: Match.absent() }),
    });
  });

  test('goes by what the deployment knows in a stack without account and Region', () => {
    const anywhere = new Stack(app, 'Anywhere');
    new InvocationLogStore(anywhere, 'Store', { archive: importedArchive({ scope: anywhere, keyPrefix: Aws.STACK_NAME }), keyPrefix: Aws.STACK_NAME });
    expectRule(Template.fromStack(anywhere), {
      Filter: { Prefix: { 'Fn::Join': ['', [{ Ref: 'AWS::StackName' }, '/AWSLogs/', { Ref: 'AWS::AccountId' }, '/BedrockModelInvocationLogs/']] } },
      Destination: Match.objectLike({ Account: '999900001111' }),
    });
  });
});

describe('the role', () => {
  test('has the path by which an archive knows it, no name, and S3 assumes it', () => {
    templateOf().hasResourceProperties('AWS::IAM::Role', {
      Path: '/bedrock-cost-attribution/log-replication/',
      RoleName: Match.absent(),
      AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 's3.amazonaws.com' } }] },
    });
  });

  test('uses the keys through S3, for the two buckets only', () => {
    const template = templateOf({ archive: importedArchive({ encrypted: true }), encryptionKey: new kms.Key(stack, 'Key') });
    const bucket = (arn: unknown): unknown => [arn, { 'Fn::Join': ['', Match.anyValue()] }];
    const source = { 'Fn::GetAtt': [Match.stringLikeRegexp('^StoreBucket'), 'Arn'] };
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Effect: 'Allow',
            Action: 'kms:Decrypt',
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
            Condition: { StringLike: { 'kms:ViaService': 's3.eu-west-1.*', 'kms:EncryptionContext:aws:s3:arn': bucket(source) } },
          },
          {
            Effect: 'Allow',
            Action: ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:Decrypt'],
            Resource: KEY_OF_LEDGER,
            Condition: {
              StringLike: {
                'kms:ViaService': 's3.eu-west-1.*',
                'kms:EncryptionContext:aws:s3:arn': bucket({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::ledger-logs']] }),
              },
            },
          },
        ]),
      },
    });
  });

  test('is clean', () => {
    expect(nagFindings(clean => {
      const archive = new InvocationLogArchive(clean, 'Archive', { sources: ArchivedAccounts.fromOrganization('o-a1b2c3d4e5') });
      new InvocationLogStore(clean, 'Store', { archive });
    })).toEqual([]);
  });
});

describe('the alarms', () => {
  const dimensions = (source: unknown): unknown => Match.arrayWith([
    { Name: 'DestinationBucket', Value: 'ledger-logs' },
    { Name: 'RuleId', Value: 'bedrock-invocation-logs' },
    { Name: 'SourceBucket', Value: source },
  ]);

  test('tell of every object that could not be replicated, and of an hour of lag', () => {
    const source = { Ref: Match.stringLikeRegexp('^StoreBucket') };
    const template = templateOf();
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/S3', MetricName: 'OperationsFailedReplication', Dimensions: dimensions(source), Statistic: 'Sum', Period: 300,
      ComparisonOperator: 'GreaterThanThreshold', Threshold: 0, EvaluationPeriods: 1, TreatMissingData: 'notBreaching',
      AlarmDescription: Match.stringLikeRegexp('docs/runbooks/log-replication-failed.md$'), AlarmActions: Match.absent(),
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/S3', MetricName: 'ReplicationLatency', Dimensions: dimensions(source), Statistic: 'Maximum', Period: 300,
      ComparisonOperator: 'GreaterThanThreshold', Threshold: 3600, EvaluationPeriods: 1, TreatMissingData: 'notBreaching',
      AlarmDescription: Match.stringLikeRegexp('docs/runbooks/log-replication-lag.md$'), AlarmActions: Match.absent(),
    });
    Annotations.fromStack(stack).hasNoWarning('*', LAG_NOT_WATCHED);
  });

  test('take threshold and topic', () => {
    const alarmTopic = sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:111122223333:alarms');
    const template = templateOf({ replication: { lagThreshold: Duration.minutes(20), alarmTopic } });
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: ['arn:aws:sns:eu-west-1:111122223333:alarms'] });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'ReplicationLatency', Threshold: 1200 });
  });

  test('are handed on', () => {
    const store = archived();
    expect([store.archive, store.replicationRole, store.replicationFailedAlarm, store.replicationLagAlarm]).not.toContain(undefined);
  });

  test.each([
    ['in another Region', { ...LEDGER, region: 'us-east-1' }, 'is published in us-east-1 only'],
    ['in a Region that the deployment knows', { ...LEDGER, region: Aws.REGION }, 'is published in the Region of the archive only'],
  ])('do not watch the lag of an archive %s, where they would see nothing, and say so', (_case, env, message) => {
    const store = archived({ archive: importedArchive({ env }) });
    expect(store.replicationLagAlarm).toBeUndefined();
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Alarm', 1);
    Annotations.fromStack(stack).hasWarning('/Workload/Store', Match.stringLikeRegexp(message));
  });
});

describe('an archive of the same app', () => {
  const sources = ArchivedAccounts.fromAccounts(['111122223333']);

  test('in another stack is deployed first', () => {
    const ledger = new Stack(app, 'Ledger', { env: LEDGER });
    const archive = new InvocationLogArchive(ledger, 'Archive', { sources, bucketName: 'ledger-logs' });
    expectRule(templateOf({ archive }), { Destination: Match.objectLike({ Account: '999900001111' }) });
    expect(stack.dependencies).toEqual([ledger]);
  });

  test('in the same stack is made first, with its policy', () => {
    templateOf({ archive: new InvocationLogArchive(stack, 'Own', { sources }) }).hasResource('AWS::S3::Bucket', {
      Properties: { ReplicationConfiguration: Match.anyValue() },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^OwnBucketPolicy'), Match.stringLikeRegexp('^OwnBucket')]),
    });
  });

  test('in the same stack without account and Region is known to be beside the store', () => {
    const anywhere = new Stack(app, 'Anywhere');
    const store = new InvocationLogStore(anywhere, 'Store', { archive: new InvocationLogArchive(anywhere, 'Archive', { sources }) });
    expect(store.replicationLagAlarm).toBeDefined();
    expectRule(Template.fromStack(anywhere), { Destination: Match.objectLike({ Account: Match.absent() }) });
  });

  test('in another stage is taken by its name', () => {
    const ledger = new Stack(new Stage(app, 'LedgerStage'), 'Ledger', { env: LEDGER });
    const workload = new Stack(new Stage(app, 'WorkloadStage'), 'Workload', { env: WORKLOAD });
    const archive = new InvocationLogArchive(ledger, 'Archive', { sources, bucketName: 'ledger-logs' });
    new InvocationLogStore(workload, 'Store', { archive });
    expectRule(Template.fromStack(workload), { Destination: Match.objectLike({ Account: '999900001111' }) });
  });
});

describe('fails', () => {
  test.each<[string, () => InvocationLogStoreProps, string]>([
    ['without versions', () => ({ versioned: false }), 'versioned is false but archive is given'],
    ['with a prefix that the archive lacks', () => ({ keyPrefix: 'logs' }), 'keyPrefix is "logs" and that of the archive is none'],
    ['without the prefix of the archive', () => ({ archive: importedArchive({ keyPrefix: 'all' }) }), 'keyPrefix is none and that of the archive is "all"'],
    ['with a key where the archive has none', () => ({ encryptionKey: new kms.Key(stack, 'Key') }), 'encryptionKey is given but the archive has none'],
    ['with a threshold below a minute', () => ({ replication: { lagThreshold: Duration.seconds(59) } }), 'replication.lagThreshold is 59 seconds'],
    ['with a threshold in parts of a second', () => ({ replication: { lagThreshold: Duration.millis(90_500) } }), 'lagThreshold is 90.5 seconds'],
    ['with replication but no archive', () => ({ archive: undefined, replication: {} }), 'replication is given without archive'],
    ['without a bucket', () => ({ destinations: [InvocationLogDestination.CLOUDWATCH_LOGS] }), 'archive is given but destinations lacks S3'],
  ])('%s', (_case, props, message) => {
    expect(() => archived(props())).toThrow(message);
  });

  test.each<[string, () => InvocationLogStoreProps]>([
    ['one prefix is a token', () => ({ keyPrefix: Aws.STACK_NAME })],
    ['the threshold is a token', () => ({ replication: { lagThreshold: Duration.seconds(Lazy.number({ produce: () => 5 })) } })],
    ['the threshold is a minute', () => ({ replication: { lagThreshold: Duration.minutes(1) } })],
  ])('not when %s', (_case, props) => {
    expect(() => archived(props())).not.toThrow();
  });
});
