import { App, Aws, NestedStack, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { InvocationLogDestination, InvocationLogging, InvocationLogStore, type InvocationLoggingProps } from '../../lib/invocation-logging';

const { S3, CLOUDWATCH_LOGS } = InvocationLogDestination;
const ALL_OFF = {
  textDataDeliveryEnabled: false,
  imageDataDeliveryEnabled: false,
  embeddingDataDeliveryEnabled: false,
  videoDataDeliveryEnabled: false,
  audioDataDeliveryEnabled: false,
};

let stack: Stack;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
});

/** The configuration in the template, with `<name>` in place of every reference. */
function configurationIn(template: Template): unknown {
  const [resource] = Object.values(template.findResources('Custom::BedrockInvocationLogging'));
  const value = resource.Properties.LoggingConfiguration;
  if (typeof value === 'string') return JSON.parse(value);
  const parts: (string | { 'Ref'?: string; 'Fn::GetAtt'?: string[] })[] = value['Fn::Join'][1];
  return JSON.parse(parts.map(part => typeof part === 'string' ? part : `<${part.Ref ?? part['Fn::GetAtt']!.join('.')}>`).join(''));
}

function templateOf(props?: InvocationLoggingProps): Template {
  new InvocationLogging(stack, 'Logging', props);
  return Template.fromStack(stack);
}

describe('the configuration', () => {
  test('asks for metadata only, with every switch sent, into a bucket of its own by default', () => {
    const template = templateOf();
    expect(configurationIn(template)).toEqual({ s3Config: { bucketName: expect.stringMatching(/^<LoggingStoreBucket/) }, ...ALL_OFF });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('names bucket, prefix, log group and role of the given store', () => {
    const store = new InvocationLogStore(stack, 'Store', { destinations: [S3, CLOUDWATCH_LOGS], keyPrefix: '/logs/' });
    const logging = new InvocationLogging(stack, 'Logging', { store });
    expect(configurationIn(Template.fromStack(stack))).toEqual({
      s3Config: { bucketName: expect.stringMatching(/^<StoreBucket/), keyPrefix: 'logs' },
      cloudWatchConfig: { logGroupName: expect.stringMatching(/^<StoreLogGroup/), roleArn: expect.stringMatching(/^<StoreRole.*\.Arn>$/) },
      ...ALL_OFF,
    });
    expect(logging).toMatchObject({ store, bucket: store.bucket, logGroup: store.logGroup, role: store.role });
  });

  test('names no bucket when logs go to CloudWatch Logs only', () => {
    const store = new InvocationLogStore(stack, 'Store', { destinations: [CLOUDWATCH_LOGS] });
    expect(configurationIn(templateOf({ store }))).toEqual({ cloudWatchConfig: expect.anything(), ...ALL_OFF });
  });

  test('carries tokens of an imported store', () => {
    const store = InvocationLogStore.fromInvocationLogStoreAttributes(stack, 'Store', {
      bucket: s3.Bucket.fromBucketName(stack, 'Bucket', `logs-${Aws.ACCOUNT_ID}`),
      keyPrefix: Aws.STACK_NAME,
    });
    expect(configurationIn(templateOf({ store }))).toEqual({
      s3Config: { bucketName: 'logs-<AWS::AccountId>', keyPrefix: '<AWS::StackName>' }, ...ALL_OFF,
    });
  });
});

describe('payload', () => {
  test.each([
    ['textDataDeliveryEnabled', 'payloadStoredText', 'prompts and completions'],
    ['imageDataDeliveryEnabled', 'payloadStoredImage', 'images'],
    ['embeddingDataDeliveryEnabled', 'payloadStoredEmbedding', 'embeddings and the texts'],
    ['videoDataDeliveryEnabled', 'payloadStoredVideo', 'videos'],
    ['audioDataDeliveryEnabled', 'payloadStoredAudio', 'audio'],
  ])('is delivered for %s alone, with a warning of what is stored', (flag, warning, stored) => {
    expect(configurationIn(templateOf({ [flag]: true }))).toMatchObject({ ...ALL_OFF, [flag]: true });
    Annotations.fromStack(stack).hasWarning('/Stack/Logging', Match.stringLikeRegexp(`${stored}.*bedrock-cost-attribution:${warning}`));
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toHaveLength(1);
  });

  test('is not delivered and not warned of when false is given', () => {
    expect(configurationIn(templateOf(ALL_OFF))).toMatchObject(ALL_OFF);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('the custom resource', () => {
  test('waits for the policies of bucket, role and handler', () => {
    const store = new InvocationLogStore(stack, 'Store', { destinations: [S3, CLOUDWATCH_LOGS], encryptionKey: new kms.Key(stack, 'Key') });
    const template = templateOf({ store });
    const [resource] = Object.values(template.findResources('Custom::BedrockInvocationLogging'));
    for (const needed of [/^StoreBucketPolicy/, /^StoreLogGroup/, /^StoreRoleDefaultPolicy/, /^LoggingProviderRole/, /^LoggingProviderHandler/]) {
      expect(resource.DependsOn).toContainEqual(expect.stringMatching(needed));
    }
  });

  test('waits for the policy of a bucket that is only handed in', () => {
    const bucket = new s3.Bucket(stack, 'Bucket', { enforceSSL: true });
    const template = templateOf({ store: InvocationLogStore.fromInvocationLogStoreAttributes(stack, 'Store', { bucket }) });
    template.hasResource('Custom::BedrockInvocationLogging', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^BucketPolicy')]) });
  });

  test('is answered within the time that CloudFormation waits, even when Lambda repeats the request', () => {
    const template = templateOf();
    const [resource] = Object.values(template.findResources('Custom::BedrockInvocationLogging'));
    const [handler] = Object.values(template.findResources('AWS::Lambda::Function'));
    const [repetition] = Object.values(template.findResources('AWS::Lambda::EventInvokeConfig'));
    const lastStart = Number(repetition.Properties.MaximumEventAgeInSeconds);
    expect(lastStart + Number(handler.Properties.Timeout)).toBeLessThanOrEqual(Number(resource.Properties.ServiceTimeout));
  });
});

describe('the handler', () => {
  test('may change the one setting, leave its name and write its own log, and nothing else, without a log group to deliver to', () => {
    templateOf().hasResourceProperties('AWS::IAM::Role', {
      Policies: [{
        PolicyDocument: {
          Statement: [
            Match.objectLike({ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] }),
            {
              Effect: 'Allow',
              Action: [
                'bedrock:DeleteModelInvocationLoggingConfiguration',
                'bedrock:GetModelInvocationLoggingConfiguration',
                'bedrock:PutModelInvocationLoggingConfiguration',
              ],
              Resource: '*',
            },
            {
              Effect: 'Allow',
              Action: ['ssm:DeleteParameter', 'ssm:GetParameter', 'ssm:PutParameter'],
              Resource: { 'Fn::Join': ['', [
                'arn:', { Ref: 'AWS::Partition' }, ':ssm:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' },
                ':parameter/bedrock-cost-attribution/invocation-logging/owner',
              ]] },
            },
          ],
        },
      }],
      ManagedPolicyArns: Match.absent(),
    });
  });

  test('may pass the logging role, to Bedrock only', () => {
    const store = new InvocationLogStore(stack, 'Store', { destinations: [CLOUDWATCH_LOGS] });
    templateOf({ store }).hasResourceProperties('AWS::IAM::Role', {
      Policies: [{
        PolicyDocument: {
          Statement: Match.arrayWith([{
            Effect: 'Allow',
            Action: 'iam:PassRole',
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^StoreRole'), 'Arn'] },
            Condition: { StringEqualsIfExists: { 'iam:PassedToService': 'bedrock.amazonaws.com' } },
          }]),
        },
      }],
    });
  });

  test('logs to a log group with a retention', () => {
    const template = templateOf();
    template.hasResourceProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: { Ref: Match.stringLikeRegexp('^LoggingProviderLogGroup') } } });
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  });
});

describe('fails', () => {
  test('with a second configuration for the account and Region of the stack, in a nested stack too', () => {
    new InvocationLogging(stack, 'Logging');
    expect(() => new InvocationLogging(new NestedStack(stack, 'Nested'), 'Second')).toThrow(/Stack\/Logging configures the same account and Region/);
    expect(() => new InvocationLogging(stack, 'Third')).toThrow('keep one of the two');
  });

  test('with a store of another account and Region, naming both problems', () => {
    const app = new App();
    const here = new Stack(app, 'Here', { env: { account: '111122223333', region: 'eu-west-1' } });
    const there = new Stack(app, 'There', { env: { account: '444455556666', region: 'us-east-1' } });
    const store = new InvocationLogStore(there, 'Store');
    expect(() => new InvocationLogging(here, 'Logging', { store })).toThrow(
      /2 problems[^]*account "444455556666" and the logging in "111122223333"[^]*region "us-east-1" and the logging in "eu-west-1"/);
  });
});

test('takes a store of another stack of the same account and Region', () => {
  const app = new App();
  const env = { account: '111122223333', region: 'eu-west-1' };
  const store = new InvocationLogStore(new Stack(app, 'Stores', { env }), 'Store', { destinations: [S3, CLOUDWATCH_LOGS] });
  const logging = new Stack(app, 'Logging', { env });
  new InvocationLogging(logging, 'Logging', { store });
  app.synth();
  expect(logging.dependencies.map(dependency => dependency.stackName)).toEqual(['Stores']);
});

test.each<[string, (scope: Stack) => InvocationLoggingProps]>([
  ['by default', () => ({})],
  ['with everything', scope => ({
    store: new InvocationLogStore(scope, 'Store', {
      destinations: [S3, CLOUDWATCH_LOGS],
      encryptionKey: new kms.Key(scope, 'Key', { enableKeyRotation: true }),
    }),
    textDataDeliveryEnabled: true,
  })],
  ['with data that may be destroyed', scope => ({ store: new InvocationLogStore(scope, 'Store', { removalPolicy: RemovalPolicy.DESTROY }) })],
  ['with an imported store', scope => ({
    store: InvocationLogStore.fromInvocationLogStoreAttributes(scope, 'Store', {
      logGroup: logs.LogGroup.fromLogGroupName(scope, 'LogGroup', 'logs'),
      role: iam.Role.fromRoleName(scope, 'Role', 'logs'),
    }),
  })],
])('has no finding of cdk-nag %s', (_case, props) => {
  new InvocationLogging(stack, 'Logging', props(stack));
  expect(new AwsSolutionsChecks().validateScope(stack).violations).toEqual([]);
});
