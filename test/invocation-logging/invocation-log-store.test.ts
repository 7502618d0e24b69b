import { App, Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { InvocationLogDestination, InvocationLogStore, type InvocationLogStoreProps } from '../../lib/invocation-logging';

const { S3, CLOUDWATCH_LOGS } = InvocationLogDestination;
const DELIVERY_CONDITIONS = {
  StringEquals: { 'aws:SourceAccount': '111122223333' },
  ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':bedrock:eu-west-1:111122223333:*']] } },
};

let stack: Stack;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
});

function templateOf(props?: InvocationLogStoreProps): Template {
  new InvocationLogStore(stack, 'Store', props);
  return Template.fromStack(stack);
}

function expectWriteBelow(template: Template, ...path: unknown[]): void {
  const bucket = { 'Fn::GetAtt': [Match.stringLikeRegexp('^StoreBucket'), 'Arn'] };
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([{
        Sid: 'AmazonBedrockLogsWrite',
        Effect: 'Allow',
        Principal: { Service: 'bedrock.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: { 'Fn::Join': ['', [bucket, ...path]] },
        Condition: DELIVERY_CONDITIONS,
      }]),
    },
  });
}

describe('by default', () => {
  test('has a private bucket with keys of S3, kept for ever, and no log group', () => {
    const template = templateOf();
    template.hasResource('AWS::S3::Bucket', {
      Properties: {
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true,
        },
        BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
        LifecycleConfiguration: Match.absent(),
      },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
    template.resourceCountIs('AWS::Logs::LogGroup', 0);
    template.resourceCountIs('AWS::IAM::Role', 0);
  });

  test('lets Bedrock write to its own path, for this account and Region', () => {
    expectWriteBelow(templateOf(), '/AWSLogs/111122223333/BedrockModelInvocationLogs/*');
  });

  test('refuses requests without TLS', () => {
    templateOf().hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]),
      },
    });
  });
});

describe('keyPrefix', () => {
  test.each(['logs', '/logs', 'logs/', '//logs//'])('%s means the same path in the policy and for the service', keyPrefix => {
    const store = new InvocationLogStore(stack, 'Store', { keyPrefix });
    expect(store.keyPrefix).toBe('logs');
    expectWriteBelow(Template.fromStack(stack), '/logs/AWSLogs/111122223333/BedrockModelInvocationLogs/*');
  });

  test.each(['', '/'])('%j means the root of the bucket', keyPrefix => {
    const store = new InvocationLogStore(stack, 'Store', { keyPrefix });
    expect(store.keyPrefix).toBeUndefined();
    expectWriteBelow(Template.fromStack(stack), '/AWSLogs/111122223333/BedrockModelInvocationLogs/*');
  });

  test('may be a token', () => {
    expectWriteBelow(templateOf({ keyPrefix: Aws.STACK_NAME }), '/', { Ref: 'AWS::StackName' }, '/AWSLogs/111122223333/BedrockModelInvocationLogs/*');
  });

  test.each([['864 letters', 'p'.repeat(864)], ['864 bytes of other letters', 'ä'.repeat(432)]])('may have %s', (_case, keyPrefix) => {
    expect(new InvocationLogStore(stack, 'Store', { keyPrefix }).keyPrefix).toBe(keyPrefix);
  });

  test.each([
    ['1,024 characters, which the service takes but no key has room for', 'p'.repeat(1_024), 'keyPrefix has 1024 bytes; at most 864 are allowed'],
    ['865 bytes', `${'ä'.repeat(432)}p`, 'keyPrefix has 865 bytes'],
    ['a wildcard of IAM', 'team-*', 'keyPrefix is "team-*"; remove *, ? and $'],
    ['a variable of IAM', '${aws:username}', 'keyPrefix is "${aws:username}"; remove *, ? and $'],
  ])('fails with %s', (_case, keyPrefix, message) => {
    expect(() => new InvocationLogStore(stack, 'Store', { keyPrefix })).toThrow(message);
  });
});

describe('with CloudWatch Logs', () => {
  test('has a log group that is kept and a role that Bedrock assumes for this account and Region', () => {
    const template = templateOf({ destinations: [CLOUDWATCH_LOGS] });
    template.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 365 }, DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'bedrock.amazonaws.com' }, Condition: DELIVERY_CONDITIONS }],
      },
    });
    template.resourceCountIs('AWS::S3::Bucket', 0);
  });

  test('lets the role write the one log stream of Bedrock, by an ARN without a stray ":*"', () => {
    const logGroup = { Ref: Match.stringLikeRegexp('^StoreLogGroup') };
    templateOf({ destinations: [CLOUDWATCH_LOGS] }).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [{
          Effect: 'Allow',
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: {
            'Fn::Join': ['', [
              'arn:', { Ref: 'AWS::Partition' }, ':logs:eu-west-1:111122223333:log-group:', logGroup, ':log-stream:aws/bedrock/modelinvocations',
            ]],
          },
        }],
      },
    });
  });

  test('has bucket and log group when both are asked for', () => {
    const store = new InvocationLogStore(stack, 'Store', { destinations: [S3, CLOUDWATCH_LOGS] });
    expect([store.bucket, store.logGroup, store.role]).not.toContain(undefined);
  });
});

test('takes the name, the retention, the expiration, the access-log bucket and the removal policy that it is given', () => {
  const serverAccessLogsBucket = s3.Bucket.fromBucketName(stack, 'AccessLogs', 'access-logs');
  const template = templateOf({
    destinations: [S3, CLOUDWATCH_LOGS],
    bucketName: `logs-${Aws.ACCOUNT_ID}`,
    objectExpiration: Duration.days(400),
    logRetention: logs.RetentionDays.ONE_WEEK,
    serverAccessLogsBucket,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  template.hasResource('AWS::S3::Bucket', {
    Properties: {
      BucketName: { 'Fn::Join': ['', ['logs-', { Ref: 'AWS::AccountId' }]] },
      LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 400, Status: 'Enabled' })] },
      LoggingConfiguration: { DestinationBucketName: 'access-logs' },
    },
    DeletionPolicy: 'Delete',
  });
  template.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 7 }, DeletionPolicy: 'Delete' });
  // the permission-check object of Bedrock would keep the bucket from being deleted
  template.resourceCountIs('Custom::S3AutoDeleteObjects', 1);
});

describe('with a customer managed key', () => {
  test('encrypts bucket and log group and admits both services in the key policy', () => {
    const template = templateOf({ destinations: [S3, CLOUDWATCH_LOGS], encryptionKey: new kms.Key(stack, 'Key') });
    const key = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key } }],
      },
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: key });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          {
            Sid: 'AmazonBedrockLogsEncrypt',
            Effect: 'Allow',
            Principal: { Service: 'bedrock.amazonaws.com' },
            Action: 'kms:GenerateDataKey',
            Resource: '*',
            Condition: DELIVERY_CONDITIONS,
          },
          Match.objectLike({ Principal: { Service: 'logs.eu-west-1.amazonaws.com' } }),
        ]),
      },
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('warns that the policy of an imported key is in other hands', () => {
    templateOf({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/0a1b') });
    Annotations.fromStack(stack).hasWarning('/Stack/Store', Match.stringLikeRegexp(
      'must have this statement.*"kms:GenerateDataKey".*"bedrock.amazonaws.com".*bedrock-cost-attribution:keyPolicyNotManaged'));
  });
});

describe('fails, naming every problem,', () => {
  test.each<[string, InvocationLogStoreProps, string]>([
    ['without a destination', { destinations: [] }, 'destinations is []'],
    ['with a bucket name but no bucket', { destinations: [CLOUDWATCH_LOGS], bucketName: 'logs' }, 'bucketName is given but destinations lacks S3'],
    ['with a prefix but no bucket', { destinations: [CLOUDWATCH_LOGS], keyPrefix: 'logs' }, 'keyPrefix is given but destinations lacks S3'],
    ['with an expiration but no bucket', { destinations: [CLOUDWATCH_LOGS], objectExpiration: Duration.days(1) }, 'objectExpiration is given but'],
    ['with a retention but no log group', { logRetention: logs.RetentionDays.ONE_DAY }, 'logRetention is given but destinations lacks CLOUDWATCH_LOGS'],
  ])('%s', (_case, props, message) => {
    expect(() => new InvocationLogStore(stack, 'Store', props)).toThrow(message);
  });

  test('with an access-log bucket but no bucket, together with the rest', () => {
    const serverAccessLogsBucket = s3.Bucket.fromBucketName(stack, 'AccessLogs', 'access-logs');
    expect(() => new InvocationLogStore(stack, 'Store', { destinations: [CLOUDWATCH_LOGS], serverAccessLogsBucket, keyPrefix: '*' }))
      .toThrow(/has 3 problems[^]*keyPrefix is given[^]*serverAccessLogsBucket is given[^]*remove \*, \? and \$/);
  });
});

describe('imported', () => {
  test('hands on what it was given and makes nothing', () => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'logs');
    const logGroup = logs.LogGroup.fromLogGroupName(stack, 'LogGroup', 'logs');
    const role = iam.Role.fromRoleName(stack, 'Role', 'logs');
    const store = InvocationLogStore.fromInvocationLogStoreAttributes(stack, 'Store', { bucket, keyPrefix: '/team/', logGroup, role });
    expect(store).toMatchObject({ bucket, keyPrefix: 'team', logGroup, role });
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

  test('fails with a role without log group and a prefix without bucket, naming both', () => {
    const role = iam.Role.fromRoleName(stack, 'Role', 'logs');
    expect(() => InvocationLogStore.fromInvocationLogStoreAttributes(stack, 'Store', { role, keyPrefix: 'logs' }))
      .toThrow(/role is given without logGroup[^]*keyPrefix is given without bucket/);
  });
});
