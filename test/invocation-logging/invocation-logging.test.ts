import { App, Aws, NestedStack, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { AwsSolutionsChecks } from 'cdk-nag';
import {
  InvocationLogArchive, InvocationLogDestination, InvocationLogging, InvocationLogStore, type InvocationLoggingProps, LiveLoggingAttribute,
  NotificationTopic, OnDrift, OnForeignConfiguration,
} from '../../lib/invocation-logging';

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
    ['embeddingDataDeliveryEnabled', 'payloadStoredEmbedding', 'embeddings and their source texts'],
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
    for (const needed of [/^StoreBucketPolicy/, /^StoreLogGroup/, /^StoreRoleDefaultPolicy/, /^LoggingFunctionRole/, /^LoggingFunctionHandler/]) {
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
  /** A policy as it stands in a template. */
  interface Policy { readonly PolicyDocument: { readonly Statement: { readonly Action: string | string[]; readonly Resource: unknown }[] } }

  /** Every action that the handler is allowed, with its resource. */
  const allowed = (template: Template): [string, string][] => {
    const ofHandler = (type: string): Record<string, unknown>[] => Object.entries(template.findResources(type))
      .filter(([id]) => id.startsWith('LoggingFunctionRole')).map(([, { Properties }]) => Properties as Record<string, unknown>);
    const policies = [...ofHandler('AWS::IAM::Role').flatMap(({ Policies }) => Policies), ...ofHandler('AWS::IAM::Policy')] as Policy[];
    return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).flatMap(({ Action, Resource }) => [Action].flat().flatMap(
      action => [Resource].flat().map((resource): [string, string] => [action, JSON.stringify(resource)])));
  };

  test('may change the one setting, remember, say what it did and write its own log, and nothing else, without a log group to deliver to', () => {
    const actions = allowed(templateOf());
    expect([...new Set(actions.map(([action]) => action))].sort()).toEqual([
      'bedrock:DeleteModelInvocationLoggingConfiguration', 'bedrock:GetModelInvocationLoggingConfiguration',
      'bedrock:PutModelInvocationLoggingConfiguration', 'logs:CreateLogStream', 'logs:PutLogEvents', 'sns:Publish',
      'ssm:DeleteParameter', 'ssm:GetParameter', 'ssm:PutParameter',
    ]);
    expect(actions.filter(([, resource]) => resource === '"*"').map(([action]) => action)).toEqual([
      'bedrock:DeleteModelInvocationLoggingConfiguration', 'bedrock:GetModelInvocationLoggingConfiguration',
      'bedrock:PutModelInvocationLoggingConfiguration',
    ]);
  });

  test('remembers in parameters of its own stack and in the one of the account and Region only', () => {
    const parameters = allowed(templateOf()).filter(([action]) => action === 'ssm:PutParameter').map(([, resource]) => resource);
    expect(parameters).toHaveLength(4);
    expect(parameters[0]).toContain(':parameter/bedrock-cost-attribution/invocation-logging/owner"');
    for (const parameter of parameters.slice(1)) {
      expect(parameter).toMatch(/invocation-logging\/(expected|snapshot|repairs)\/.*"Fn::Select":\[2,\{"Fn::Split":\["\/",\{"Ref":"AWS::StackId"\}/);
    }
  });

  test('may pass the role of what may be restored, and no other but that of the store', () => {
    const restorableRole = iam.Role.fromRoleArn(stack, 'Theirs', 'arn:aws:iam::111122223333:role/theirs');
    const store = new InvocationLogStore(stack, 'Store', { destinations: [CLOUDWATCH_LOGS] });
    const template = templateOf({ store, restorableRole, onForeignConfiguration: OnForeignConfiguration.OVERWRITE });
    const passable = allowed(template).filter(([action]) => action === 'iam:PassRole').map(([, resource]) => resource);
    expect(passable).toEqual([expect.stringMatching(/"StoreRole/), '"arn:aws:iam::111122223333:role/theirs"']);
    template.hasResourceProperties('Custom::BedrockInvocationLogging', {
      OnForeignConfiguration: 'overwrite', RestorableRoleArn: 'arn:aws:iam::111122223333:role/theirs',
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
    template.hasResourceProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: { Ref: Match.stringLikeRegexp('^LoggingFunctionLogGroup') } } });
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  });
});

describe('a foreign configuration', () => {
  test('makes the deployment fail by default', () => {
    templateOf().hasResourceProperties('Custom::BedrockInvocationLogging', { OnForeignConfiguration: 'fail', RestorableRoleArn: Match.absent() });
  });

  test('that may be overwritten but perhaps not restored is warned of', () => {
    templateOf({ onForeignConfiguration: OnForeignConfiguration.OVERWRITE });
    Annotations.fromStack(stack).hasWarning('/Stack/Logging', Match.stringLikeRegexp('restorableRole.*bedrock-cost-attribution:overwrittenMayNotReturn'));
  });
});

test.each<[string, InvocationLoggingProps]>([
  ['adoptedWithoutStore', { onForeignConfiguration: OnForeignConfiguration.ADOPT }],
  ['restorableRoleUnused', { restorableRole: iam.Role.fromRoleArn(new Stack(), 'Theirs', 'arn:aws:iam::111122223333:role/theirs') }],
])('warns with %s of what is given in vain', (id, props) => {
  templateOf(props);
  Annotations.fromStack(stack).hasWarning('/Stack/Logging', Match.stringLikeRegexp(`bedrock-cost-attribution:${id}`));
});

test('a logging in another stack below this one is no second configuration', () => {
  const [below] = InvocationLogging.inRegions(stack, 'Below', { regions: ['eu-west-1'] });
  expect(() => new InvocationLogging(stack, 'Logging')).not.toThrow();
  expect(Stack.of(below)).not.toBe(stack);
});

test('what the service reports can be read', () => {
  const logging = new InvocationLogging(stack, 'Logging');
  expect(stack.resolve(logging.liveAttribute(LiveLoggingAttribute.BUCKET_NAME))).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Logging/), 'BucketName'] });
});

describe('the notification topic', () => {
  test('is a new one that alarms of this account and Region may use, over TLS', () => {
    const template = templateOf();
    template.hasResourceProperties('AWS::SNS::TopicPolicy', { PolicyDocument: { Statement: Match.arrayWith([
      Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      Match.objectLike({ Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish' }),
    ]) } });
  });

  test('outlives the setting when the stack goes, with its subscribers', () => {
    const notificationTopic = new NotificationTopic(stack, 'Topic');
    new InvocationLogging(stack, 'Logging', { notificationTopic });
    notificationTopic.addSubscription(new EmailSubscription('finops@example.com'));
    Template.fromStack(stack).hasResource('Custom::BedrockInvocationLogging', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^Topic.*example')]),
    });
  });

  test('with a key lets alarms use the key', () => {
    new NotificationTopic(stack, 'Topic', { masterKey: new kms.Key(stack, 'Key') });
    Template.fromStack(stack).hasResourceProperties('AWS::KMS::Key', { KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } }, ArnLike: Match.anyValue() },
    })]) } });
  });

  test('is the given one', () => {
    const notificationTopic = sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:111122223333:ours');
    const template = templateOf({ notificationTopic });
    template.resourceCountIs('AWS::SNS::Topic', 0);
    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { NOTIFICATION_TOPIC_ARN: notificationTopic.topicArn } } });
  });
});

describe('large data', () => {
  test('goes to the bucket and prefix of the store for it', () => {
    const largeDataStore = new InvocationLogStore(stack, 'Large', { keyPrefix: 'large' });
    const store = new InvocationLogStore(stack, 'Store', { destinations: [CLOUDWATCH_LOGS], largeDataStore });
    expect(configurationIn(templateOf({ store, textDataDeliveryEnabled: true }))).toMatchObject({
      cloudWatchConfig: { largeDataDeliveryS3Config: { bucketName: expect.stringMatching(/^<LargeBucket/), keyPrefix: 'large' } },
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('largeDataNotStored'));
  });

  test('is warned of when payload goes to a log group without such a store', () => {
    templateOf({ store: new InvocationLogStore(stack, 'Store', { destinations: [CLOUDWATCH_LOGS] }), textDataDeliveryEnabled: true });
    Annotations.fromStack(stack).hasWarning('/Stack/Logging', Match.stringLikeRegexp('largeDataStore.*bedrock-cost-attribution:largeDataNotStored'));
  });
});

describe('an archive', () => {
  const archived = (): InvocationLogStore => new InvocationLogStore(stack, 'Store', {
    archive: InvocationLogArchive.fromInvocationLogArchiveAttributes(stack, 'Archive', {
      bucket: s3.Bucket.fromBucketName(stack, 'ArchiveBucket', 'archive'), account: '444455556666', region: 'eu-central-1',
    }),
  });

  test('fails with payload that nobody wanted copied, naming what', () => {
    const props = { store: archived(), textDataDeliveryEnabled: true, imageDataDeliveryEnabled: true };
    expect(() => templateOf(props)).toThrow(/textDataDeliveryEnabled, imageDataDeliveryEnabled are true[^]*archivePayloads: true/);
  });

  test.each([
    ['no payload', {}],
    ['payload that may be copied', { textDataDeliveryEnabled: true, archivePayloads: true }],
  ])('takes %s', (_case, props) => {
    expect(() => templateOf({ store: archived(), ...props })).not.toThrow();
  });
});

describe('in several Regions', () => {
  const regions = ['us-east-1', 'eu-west-1'];

  test('makes a stack for each, with a named bucket, a drift guard and alarms', () => {
    const app = new App();
    const all = InvocationLogging.inRegions(app, 'Logging', { regions, account: '111122223333', bucketNamePrefix: 'acme-logs', onDrift: OnDrift.ALARM });
    expect(all.map(logging => Stack.of(logging).region)).toEqual(regions);
    const template = Template.fromStack(Stack.of(all[1]));
    template.hasResourceProperties('AWS::S3::Bucket', { BucketName: 'acme-logs-111122223333-eu-west-1' });
    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: Match.objectLike({ ON_DRIFT: 'alarm' }) } });
    expect(Object.keys(template.findResources('AWS::CloudWatch::CompositeAlarm'))).toHaveLength(1);
    expect(app.synth().stacks.map(({ stackName }) => stackName)).toEqual(['Logging-eu-west-1', 'Logging-us-east-1']);
  });

  test('says of all of them what is stored', () => {
    const [logging] = InvocationLogging.inRegions(new App(), 'Logging', { regions, textDataDeliveryEnabled: true });
    expect(configurationIn(Template.fromStack(Stack.of(logging)))).toMatchObject({ textDataDeliveryEnabled: true });
  });

  test('fails on all that is wrong at once', () => {
    expect(() => InvocationLogging.inRegions(new App(), 'Logging', {
      regions: ['us-east-1', 'us-east-1', 'us east 1', Aws.REGION], bucketNamePrefix: 'acme', destinations: [CLOUDWATCH_LOGS],
    })).toThrow(/5 problems[^]*is a token[^]*"us east 1"; give[^]*lacks S3[^]*"us-east-1" twice[^]*without account/);
    expect(() => InvocationLogging.inRegions(new App(), 'Logging', { regions: ['us-east-1'], account: '123' })).toThrow('account is "123"');
    expect(() => InvocationLogging.inRegions(new App(), 'Logging', { regions: [] })).toThrow(/regions is \[\]/);
  });
});

test.each(['cn-north-1', 'us-gov-west-1'])('has no ARN of another partition in %s', region => {
  stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region } });
  const store = new InvocationLogStore(stack, 'Store', { destinations: [S3, CLOUDWATCH_LOGS] });
  expect(JSON.stringify(templateOf({ store }).toJSON())).not.toContain('arn:aws:');
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
