import { App, Aws, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { InvocationLogDestination, InvocationLogStore, type InvocationLogStoreProps } from '../../lib/invocation-logging';
import { nagFindings } from '../nag/nag-findings';

const { S3, CLOUDWATCH_LOGS } = InvocationLogDestination;
const { GLACIER_INSTANT_RETRIEVAL, INFREQUENT_ACCESS, ONE_ZONE_INFREQUENT_ACCESS } = s3.StorageClass;
const DELIVERY_CONDITIONS = {
  StringEquals: { 'aws:SourceAccount': '111122223333' },
  ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':bedrock:eu-west-1:111122223333:*']] } },
};

let app: App;
let stack: Stack;

beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
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

describe('versioned', () => {
  test('is off by default', () => {
    templateOf().hasResourceProperties('AWS::S3::Bucket', { VersioningConfiguration: Match.absent() });
  });

  test('false stays false', () => {
    templateOf({ versioned: false }).hasResourceProperties('AWS::S3::Bucket', { VersioningConfiguration: Match.absent() });
  });

  test('true keeps old versions for a while and cleans up what nobody needs', () => {
    templateOf({ versioned: true }).hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: [{
          Id: 'BedrockInvocationLogs',
          Status: 'Enabled',
          NoncurrentVersionExpiration: { NoncurrentDays: 30 },
          ExpiredObjectDeleteMarker: true,
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        }],
      },
    });
  });

  test('leaves the delete markers to the expiration where there is one, as S3 takes one of the two only', () => {
    templateOf({ versioned: true, objectExpiration: Duration.days(400) }).hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: [Match.objectLike({
          ExpirationInDays: 400,
          NoncurrentVersionExpiration: { NoncurrentDays: 30 },
          ExpiredObjectDeleteMarker: Match.absent(),
        })],
      },
    });
  });
});

describe('objects as they age', () => {
  const after = (days: number, storageClass = GLACIER_INSTANT_RETRIEVAL): s3.Transition => (
    { storageClass, transitionAfter: Duration.days(days) }
  );

  test('move and expire by one rule', () => {
    const transitions = [after(30, INFREQUENT_ACCESS), after(90)];
    templateOf({ transitions, objectExpiration: Duration.days(91) }).hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: [{
          Id: 'BedrockInvocationLogs',
          Status: 'Enabled',
          ExpirationInDays: 91,
          Transitions: [{ StorageClass: 'STANDARD_IA', TransitionInDays: 30 }, { StorageClass: 'GLACIER_IR', TransitionInDays: 90 }],
        }],
      },
    });
  });

  test('may move on a date', () => {
    const transitionDate = new Date('2027-01-01');
    const transitions = [{ storageClass: GLACIER_INSTANT_RETRIEVAL, transitionDate }];
    templateOf({ transitions }).hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: [Match.objectLike({ Transitions: [{ StorageClass: 'GLACIER_IR', TransitionDate: Match.anyValue() }] })] },
    });
  });

  test('may move at once', () => {
    expect(() => templateOf({ transitions: [after(0)] })).not.toThrow();
  });

  test('may have tokens for ages', () => {
    const token = Duration.days(Lazy.number({ produce: () => 5 }));
    expect(() => templateOf({
      objectExpiration: token,
      transitions: [{ storageClass: GLACIER_INSTANT_RETRIEVAL, transitionAfter: token }, after(90)],
    })).not.toThrow();
  });

  test('no transition is no rule', () => {
    templateOf({ transitions: [] }).hasResourceProperties('AWS::S3::Bucket', { LifecycleConfiguration: Match.absent() });
  });

  test.each<[string, InvocationLogStoreProps, string]>([
    ['an expiration that is no later than a transition', { objectExpiration: Duration.days(90), transitions: [after(30), after(90)] },
      'objectExpiration is 90 days and transitions[1] moves objects after 90 days; expiration has to be later'],
    ['an expiration in parts of a day', { objectExpiration: Duration.hours(36) }, 'objectExpiration is 1.5 days; S3 counts whole days'],
    ['an expiration at once', { objectExpiration: Duration.days(0) }, 'objectExpiration is 0 days; S3 takes 1 or more here'],
    ['a transition in parts of a day', { transitions: [{ storageClass: GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.hours(12) }] },
      'transitions[0].transitionAfter is 0.5 days; S3 counts whole days'],
    ['a transition to infrequent access before its time', { transitions: [after(29, INFREQUENT_ACCESS)] },
      'transitions[0].transitionAfter is 29 days; S3 takes 30 or more here'],
    ['a transition to infrequent access in one zone before its time', { transitions: [after(29, ONE_ZONE_INFREQUENT_ACCESS)] }, 'is 29 days; S3 takes 30'],
    ['a transition without a time', { transitions: [{ storageClass: INFREQUENT_ACCESS }] }, 'transitions[0] has neither transitionAfter nor transitionDate'],
    ['a transition with two times', { transitions: [{ ...after(30), transitionDate: new Date('2027-01-01') }] }, 'transitions[0] has both transitionAfter and'],
    ['a date beside days', { objectExpiration: Duration.days(9), transitions: [{ storageClass: INFREQUENT_ACCESS, transitionDate: new Date('2027-01-01') }] },
      'transitions[0] has a transitionDate while objectExpiration counts days'],
  ])('fails with %s', (_case, props, message) => {
    expect(() => new InvocationLogStore(stack, 'Store', props)).toThrow(message);
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

  test('takes the name of the log group', () => {
    templateOf({ destinations: [CLOUDWATCH_LOGS], logGroupName: '/bedrock/logs' }).hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: '/bedrock/logs' });
  });

  test.each(['', 'with spaces', 'l'.repeat(513)])('fails with a log group of the name %j', logGroupName => {
    expect(() => new InvocationLogStore(stack, 'Store', { destinations: [CLOUDWATCH_LOGS], logGroupName })).toThrow(`logGroupName is ${JSON.stringify(logGroupName)}; give`);
  });

  test.each(['l'.repeat(512), Aws.STACK_NAME])('takes a log group of the name %s', logGroupName => {
    expect(() => new InvocationLogStore(stack, 'Store', { destinations: [CLOUDWATCH_LOGS], logGroupName })).not.toThrow();
  });

  test('hands on the store that takes large data', () => {
    const largeDataStore = new InvocationLogStore(stack, 'LargeData');
    expect(new InvocationLogStore(stack, 'Store', { destinations: [CLOUDWATCH_LOGS], largeDataStore }).largeDataStore).toBe(largeDataStore);
  });

  test('fails with a store for large data that has no bucket', () => {
    const largeDataStore = new InvocationLogStore(stack, 'LargeData', { destinations: [CLOUDWATCH_LOGS] });
    expect(() => new InvocationLogStore(stack, 'Store', { destinations: [CLOUDWATCH_LOGS], largeDataStore })).toThrow('largeDataStore has no bucket');
  });

  test('fails with a store for large data in another Region', () => {
    const elsewhere = new Stack(app, 'Elsewhere', { env: { account: '111122223333', region: 'us-east-1' } });
    const largeDataStore = new InvocationLogStore(elsewhere, 'LargeData');
    expect(() => new InvocationLogStore(stack, 'Store', { destinations: [CLOUDWATCH_LOGS], largeDataStore }))
      .toThrow('largeDataStore is in region "us-east-1" and the store in "eu-west-1"');
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

  test.each([
    ['every log group of account and Region where the name comes later', undefined, ':logs:eu-west-1:111122223333:*'],
    ['the one log group where the name is given', 'logs', ':logs:eu-west-1:111122223333:log-group:logs'],
  ])('lets CloudWatch Logs use the key for %s', (_case, logGroupName, arn) => {
    templateOf({ destinations: [CLOUDWATCH_LOGS], encryptionKey: new kms.Key(stack, 'Key'), logGroupName }).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([Match.objectLike({
          Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
          Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, arn]] } } },
        })]),
      },
    });
  });

  test('warns that the policy of an imported key is in other hands', () => {
    templateOf({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/0a1b') });
    Annotations.fromStack(stack).hasWarning('/Stack/Store', Match.stringLikeRegexp(
      'must have this statement.*"kms:GenerateDataKey".*"bedrock.amazonaws.com".*bedrock-cost-attribution:keyPolicyNotManaged'));
  });
});

test('a stack without account and Region has a store by what the deployment knows', () => {
  const anywhere = new Stack(new App(), 'Anywhere');
  new InvocationLogStore(anywhere, 'Store');
  Template.fromStack(anywhere).hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([Match.objectLike({
        Resource: { 'Fn::Join': ['', [Match.anyValue(), '/AWSLogs/', { Ref: 'AWS::AccountId' }, '/BedrockModelInvocationLogs/*']] },
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnLike: {
            'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':bedrock:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':*']] },
          },
        },
      })]),
    },
  });
});

test.each<[string, InvocationLogStoreProps]>([
  ['a bucket', { versioned: true, objectExpiration: Duration.days(400) }],
  ['a log group', { destinations: [CLOUDWATCH_LOGS] }],
])('a store with %s is clean', (_case, props) => {
  expect(nagFindings(clean => new InvocationLogStore(clean, 'Store', props))).toEqual([]);
});

describe('fails, naming every problem,', () => {
  test.each<[string, InvocationLogStoreProps, string]>([
    ['without a destination', { destinations: [] }, 'destinations is []'],
    ['with a bucket name but no bucket', { destinations: [CLOUDWATCH_LOGS], bucketName: 'logs' }, 'bucketName is given but destinations lacks S3'],
    ['with a prefix but no bucket', { destinations: [CLOUDWATCH_LOGS], keyPrefix: 'logs' }, 'keyPrefix is given but destinations lacks S3'],
    ['with an expiration but no bucket', { destinations: [CLOUDWATCH_LOGS], objectExpiration: Duration.days(1) }, 'objectExpiration is given but'],
    ['with versions but no bucket', { destinations: [CLOUDWATCH_LOGS], versioned: false }, 'versioned is given but destinations lacks S3'],
    ['with transitions but no bucket', { destinations: [CLOUDWATCH_LOGS], transitions: [] }, 'transitions is given but destinations lacks S3'],
    ['with a name of a log group but none', { logGroupName: 'logs' }, 'logGroupName is given but destinations lacks CLOUDWATCH_LOGS'],
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
