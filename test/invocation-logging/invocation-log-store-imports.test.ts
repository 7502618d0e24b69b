import { App, Aws, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { InvocationLogStore } from '../../lib/invocation-logging';
import { InvocationLogArchive } from '../../lib/invocation-logging/invocation-log-archive';

let app: App;
let stack: Stack;

beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
});

describe('a bucket', () => {
  test('of the same app gets the statement that Bedrock needs', () => {
    const bucket = new s3.Bucket(stack, 'Bucket');
    const store = InvocationLogStore.fromBucket(stack, 'Store', { bucket, keyPrefix: '/logs/' });
    expect(store).toMatchObject({ bucket, keyPrefix: 'logs' });
    Template.fromStack(stack).hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [Match.objectLike({
          Resource: { 'Fn::Join': ['', [Match.anyValue(), '/logs/AWSLogs/111122223333/BedrockModelInvocationLogs/*']] },
        })],
      },
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('of the same app gets the statement for its key as well', () => {
    InvocationLogStore.fromBucket(stack, 'Store', { bucket: new s3.Bucket(stack, 'Bucket', { encryptionKey: new kms.Key(stack, 'Key') }) });
    Template.fromStack(stack).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'AmazonBedrockLogsEncrypt', Action: 'kms:GenerateDataKey' })]) },
    });
  });

  test('of other hands brings a warning with the statement, ready to be copied', () => {
    const store = InvocationLogStore.fromBucket(stack, 'Store', { bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'logs') });
    expect(store.bucket?.bucketName).toBe('logs');
    const [{ entry }] = Annotations.fromStack(stack).findWarning('/Stack/Store', Match.stringLikeRegexp('bedrock-cost-attribution:bucketPolicyNotManaged'));
    const statement = /\{.*\}/.exec(entry.data as string)?.[0] ?? '';
    expect(JSON.parse(statement)).toEqual({
      Effect: 'Allow',
      Principal: { Service: 'bedrock.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: 'arn:${AWS::Partition}:s3:::logs/AWSLogs/111122223333/BedrockModelInvocationLogs/*',
      Condition: {
        StringEquals: { 'aws:SourceAccount': '111122223333' },
        ArnLike: { 'aws:SourceArn': 'arn:${AWS::Partition}:bedrock:eu-west-1:111122223333:*' },
      },
    });
  });

  test('fails in another Region', () => {
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'logs', region: 'us-east-1' });
    expect(() => InvocationLogStore.fromBucket(stack, 'Store', { bucket })).toThrow('bucket is in region "us-east-1" and the store in "eu-west-1"');
  });

  test('fails with a prefix that has a wildcard', () => {
    const bucket = new s3.Bucket(stack, 'Bucket');
    expect(() => InvocationLogStore.fromBucket(stack, 'Store', { bucket, keyPrefix: 'a*' })).toThrow('keyPrefix is "a*"');
  });
});

describe('a log group', () => {
  test('gets a role that may write its log stream', () => {
    const logGroup = logs.LogGroup.fromLogGroupName(stack, 'LogGroup', 'logs');
    const store = InvocationLogStore.fromLogGroup(stack, 'Store', { logGroup });
    expect(store.logGroup).toBe(logGroup);
    expect(store.role).toBeDefined();
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [Match.objectLike({
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: { 'Fn::Join': ['', Match.arrayWith([':logs:eu-west-1:111122223333:log-group:logs:log-stream:aws/bedrock/modelinvocations'])] },
        })],
      },
    });
  });

  test('keeps the role that is given, and the store for large data', () => {
    const logGroup = logs.LogGroup.fromLogGroupName(stack, 'LogGroup', 'logs');
    const role = iam.Role.fromRoleName(stack, 'Role', 'logs');
    const largeDataStore = InvocationLogStore.fromInvocationLogStoreAttributes(stack, 'LargeData', { bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'large') });
    expect(InvocationLogStore.fromLogGroup(stack, 'Store', { logGroup, role, largeDataStore })).toMatchObject({ logGroup, role, largeDataStore });
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Role', 0);
  });

  test('fails in another account', () => {
    const elsewhere = new Stack(app, 'Elsewhere', { env: { account: '444455556666', region: 'eu-west-1' } });
    const logGroup = new logs.LogGroup(elsewhere, 'LogGroup');
    expect(() => InvocationLogStore.fromLogGroup(stack, 'Store', { logGroup })).toThrow('logGroup is in account "444455556666" and the store in "111122223333"');
  });
});

describe('a store by its attributes', () => {
  test('hands on what it was given and makes nothing', () => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'logs');
    const logGroup = logs.LogGroup.fromLogGroupName(stack, 'LogGroup', 'logs');
    const role = iam.Role.fromRoleName(stack, 'Role', 'logs');
    const archive = InvocationLogArchive.fromInvocationLogArchiveAttributes(stack, 'Archive', { bucket, account: '444455556666', region: 'eu-west-1' });
    const store = InvocationLogStore.fromInvocationLogStoreAttributes(stack, 'Store', { bucket, keyPrefix: '/team/', logGroup, role, archive });
    expect(store).toMatchObject({ bucket, keyPrefix: 'team', logGroup, role, archive });
    expect(Template.fromStack(stack).toJSON().Resources).toBeUndefined();
  });

  test('keeps a prefix that is a token', () => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'logs');
    expect(InvocationLogStore.fromInvocationLogStoreAttributes(stack, 'Store', { bucket, keyPrefix: Aws.STACK_NAME }).keyPrefix).toBe(Aws.STACK_NAME);
  });

  test('fails without a destination', () => {
    expect(() => InvocationLogStore.fromInvocationLogStoreAttributes(stack, 'Store', {})).toThrow('neither bucket nor logGroup is given');
  });

  test('fails with a log group without role', () => {
    const logGroup = logs.LogGroup.fromLogGroupName(stack, 'LogGroup', 'logs');
    expect(() => InvocationLogStore.fromInvocationLogStoreAttributes(stack, 'Store', { logGroup })).toThrow('logGroup is given without role');
  });

  test('fails with what belongs to a log group or a bucket that is not given, naming all', () => {
    const role = iam.Role.fromRoleName(stack, 'Role', 'logs');
    const archive = InvocationLogArchive.fromInvocationLogArchiveAttributes(stack, 'Archive', {
      bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'logs'), account: '444455556666', region: 'eu-west-1',
    });
    const largeDataStore = new InvocationLogStore(stack, 'LargeData');
    expect(() => InvocationLogStore.fromInvocationLogStoreAttributes(stack, 'Store', { role, keyPrefix: 'logs', archive, largeDataStore }))
      .toThrow(/role is given without logGroup[^]*keyPrefix is given without bucket[^]*archive is given without bucket[^]*largeDataStore is given without logGroup/);
  });
});
