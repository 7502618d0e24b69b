import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import { InvocationLogDeliveryAlarms, type InvocationLogDeliveryAlarmsProps } from '../../lib/invocation-logging/invocation-log-delivery-alarms';
import { InvocationLogDestination } from '../../lib/invocation-logging/invocation-log-destination';
import { InvocationLogStore, type IInvocationLogStore } from '../../lib/invocation-logging/invocation-log-store';
import type { IInvocationLogging } from '../../lib/invocation-logging/invocation-logging';
import { NotificationTopic } from '../../lib/invocation-logging/notification-topic';
import { nagFindings } from '../nag/nag-findings';
import { isCompositeInAlarm, type Counted } from './alarm-engine';

const { S3, CLOUDWATCH_LOGS } = InvocationLogDestination;
const ENV = { account: '111122223333', region: 'us-east-1' };
const FAILURES = {
  s3: 'ModelInvocationLogsS3DeliveryFailure',
  cloudWatch: 'ModelInvocationLogsCloudWatchDeliveryFailure',
  largeData: 'ModelInvocationLargeDataS3DeliveryFailure',
};
const DELIVERIES = { s3: 'ModelInvocationLogsS3DeliverySuccess', cloudWatch: 'ModelInvocationLogsCloudWatchDeliverySuccess' };

/** Logging as the alarms see it. */
class Logging extends Construct implements IInvocationLogging {
  public readonly notificationTopic: sns.ITopic;

  public constructor(scope: Construct, public readonly store: IInvocationLogStore) {
    super(scope, 'Logging');
    this.notificationTopic = new NotificationTopic(this, 'Topic');
  }
}

type StoreOf = (stack: Stack) => IInvocationLogStore;

const toS3: StoreOf = stack => new InvocationLogStore(stack, 'Store');
const toCloudWatch: StoreOf = stack => new InvocationLogStore(stack, 'Store', { destinations: [CLOUDWATCH_LOGS] });
const toBoth: StoreOf = stack => new InvocationLogStore(stack, 'Store', { destinations: [S3, CLOUDWATCH_LOGS] });
const withLargeData: StoreOf = stack => new InvocationLogStore(stack, 'Store', {
  destinations: [CLOUDWATCH_LOGS],
  largeDataStore: new InvocationLogStore(stack, 'LargeData'),
});

function build(storeOf: StoreOf, props: Partial<InvocationLogDeliveryAlarmsProps> = {}, stack = new Stack(new App(), 'Stack', { env: ENV })): {
  readonly stack: Stack; readonly alarms: InvocationLogDeliveryAlarms;
} {
  const logging = new Logging(stack, storeOf(stack));
  return { stack, alarms: new InvocationLogDeliveryAlarms(stack, 'Alarms', { logging, ...props }) };
}

function templateOf(storeOf: StoreOf, props: Partial<InvocationLogDeliveryAlarmsProps> = {}): Template {
  return Template.fromStack(build(storeOf, props).stack);
}

function query(metric: string, period: number): object {
  return [{ Expression: `SELECT SUM(${metric}) FROM "AWS/Bedrock"`, Period: period, ReturnData: true }];
}

function alarmsOn(template: Template, metric: string): Record<string, unknown>[] {
  return Object.values(template.findResources('AWS::CloudWatch::Alarm'))
    .map(({ Properties }) => Properties as Record<string, unknown>)
    .filter(alarm => JSON.stringify(alarm).includes(metric));
}

describe('the alarms on failures', () => {
  test.each([
    ['S3', toS3, [FAILURES.s3]],
    ['CloudWatch Logs', toCloudWatch, [FAILURES.cloudWatch]],
    ['both', toBoth, [FAILURES.s3, FAILURES.cloudWatch]],
    ['CloudWatch Logs and a store for large data', withLargeData, [FAILURES.cloudWatch, FAILURES.largeData]],
  ])('are those of the destinations: %s', (_, storeOf, expected) => {
    const template = templateOf(storeOf);
    expect(Object.values(FAILURES).filter(metric => alarmsOn(template, metric).length > 0)).toEqual(expected);
  });

  test.each(Object.values(FAILURES))('go off by one failure, and not where there are none: %s', metric => {
    const storeOf = metric === FAILURES.s3 ? toS3 : withLargeData;
    templateOf(storeOf).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: query(metric, 300), Threshold: 0, ComparisonOperator: 'GreaterThanThreshold', DatapointsToAlarm: 1, TreatMissingData: 'notBreaching',
    });
  });
});

describe('the alarms for silence', () => {
  test.each([
    ['S3', toS3, [DELIVERIES.s3]],
    ['CloudWatch Logs', toCloudWatch, [DELIVERIES.cloudWatch]],
    ['both', toBoth, [DELIVERIES.s3, DELIVERIES.cloudWatch]],
    ['not of the store for large data', withLargeData, [DELIVERIES.cloudWatch]],
  ])('are those of the destinations: %s', (_, storeOf, expected) => {
    const template = templateOf(storeOf);
    template.resourceCountIs('AWS::CloudWatch::CompositeAlarm', expected.length);
    expect(Object.values(DELIVERIES).filter(metric => alarmsOn(template, metric).length > 0)).toEqual(expected);
  });

  test('two destinations share the alarm on calls', () => {
    expect(alarmsOn(templateOf(toBoth), 'SUM(Invocations)')).toHaveLength(1);
  });

  test('the alarms that they are made of tell nobody, because each alone is no fault', () => {
    const template = templateOf(toBoth);
    const parts = ['SUM(Invocations)', ...Object.values(DELIVERIES)].flatMap(metric => alarmsOn(template, metric));
    expect(parts).toHaveLength(3);
    expect(parts.filter(part => 'AlarmActions' in part || 'OKActions' in part)).toEqual([]);
  });

  test.each([[undefined, 3600], [Duration.minutes(1), 60], [Duration.minutes(90), 5400]])('a period of %s is taken', (silencePeriod, seconds) => {
    const template = templateOf(toS3, { silencePeriod });
    for (const metric of ['Invocations', DELIVERIES.s3]) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', { Metrics: query(metric, seconds) });
    }
  });

  test('a period that is a token is taken', () => {
    const silencePeriod = Duration.seconds(Lazy.number({ produce: () => 1800 }));
    templateOf(toS3, { silencePeriod }).hasResourceProperties('AWS::CloudWatch::Alarm', { Metrics: query(DELIVERIES.s3, 1800) });
  });

  test.each([
    ['0 minutes', Duration.minutes(0)],
    ['91 minutes', Duration.minutes(91)],
    ['90 seconds', Duration.seconds(90)],
    ['a millisecond', Duration.millis(1)],
  ])('fails for a period of %s', (_, silencePeriod) => {
    expect(() => build(toS3, { silencePeriod })).toThrow('give whole minutes from 1 to 90');
  });

  test('fails for a period that is a token together with dimensions, which the CDK cannot take', () => {
    const silencePeriod = Duration.seconds(Lazy.number({ produce: () => 1800 }));
    expect(() => build(toS3, { silencePeriod, deliveryMetricDimensions: {} })).toThrow('silencePeriod is known only at deployment');
  });
});

describe('what the alarms for silence do', () => {
  const HOUR = 60;
  const template = templateOf(toS3);
  const [compositeId] = Object.keys(template.findResources('AWS::CloudWatch::CompositeAlarm'));
  const isSilent = (calls: number[], deliveries: number[], now: number, lookBack: number): boolean => {
    const counted: Counted = { Invocations: calls, [DELIVERIES.s3]: deliveries };
    return isCompositeInAlarm(template, compositeId, counted, now, lookBack);
  };

  test('a call at 10:59 that is delivered at 11:01 raises no alarm, whenever one looks', () => {
    const minutes = Array.from({ length: 240 }, (_, minute) => 10 * HOUR + minute);
    expect(minutes.filter(now => isSilent([10 * HOUR + 59], [11 * HOUR + 1].filter(time => time < now), now, 1))).toEqual([]);
  });

  test('calls that are all delivered within an hour raise no alarm, whenever one looks', () => {
    const call = fc.record({ at: fc.integer({ min: 0, max: 12 * HOUR }), takes: fc.integer({ min: 0, max: HOUR - 1 }) });
    fc.assert(fc.property(fc.array(call, { maxLength: 20 }), fc.integer({ min: 0, max: 14 * HOUR }), fc.nat(3), (calls, now, lookBack) => {
      const made = calls.filter(({ at }) => at < now);
      const delivered = made.map(({ at, takes }) => at + takes).filter(time => time < now);
      return !isSilent(made.map(({ at }) => at), delivered, now, lookBack);
    }), { numRuns: 2000 });
  });

  test('a Region that is not called raises no alarm', () => {
    expect(isSilent([], [], 12 * HOUR, 1)).toBe(false);
  });

  test('calls in two hours without any delivery raise an alarm', () => {
    expect(isSilent([10 * HOUR, 11 * HOUR], [], 12 * HOUR, 1)).toBe(true);
  });

  test('calls that go on raise an alarm once deliveries have stopped for the time that CloudWatch looks back', () => {
    fc.assert(fc.property(fc.nat(3), fc.integer({ min: 0, max: HOUR - 1 }), (lookBack, offset) => {
      const calls = Array.from({ length: 48 }, (_, half) => half * 30 + offset % 30);
      const deliveries = calls.filter(time => time < 12 * HOUR);
      return isSilent(calls, deliveries, 12 * HOUR + (2 + lookBack) * HOUR, lookBack);
    }));
  });

  test('a delivery ends the alarm', () => {
    expect(isSilent([10 * HOUR, 11 * HOUR], [11 * HOUR + 59], 12 * HOUR, 1)).toBe(false);
  });
});

describe('dimensions that are given', () => {
  test.each([
    ['some', { Scope: 'Across all model IDs' }, [{ Name: 'Scope', Value: 'Across all model IDs' }]],
    ['none', {}, undefined],
  ])('make plain metric alarms: %s', (_, deliveryMetricDimensions, expected) => {
    const template = templateOf(withLargeData, { deliveryMetricDimensions });
    for (const metric of [FAILURES.cloudWatch, FAILURES.largeData, DELIVERIES.cloudWatch]) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        Namespace: 'AWS/Bedrock', MetricName: metric, Statistic: 'Sum', Metrics: Match.absent(), Dimensions: expected ?? Match.absent(),
      });
    }
  });

  test('leave the query over calls, which have a series per model', () => {
    const template = templateOf(toS3, { deliveryMetricDimensions: { Scope: 'Across all model IDs' } });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { Metrics: query('Invocations', 3600) });
  });
});

describe('every alarm', () => {
  const all = (template: Template): Record<string, unknown>[] => ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm']
    .flatMap(type => Object.values(template.findResources(type))).map(({ Properties }) => Properties as Record<string, unknown>);

  test('says what is the matter and where to read on', () => {
    const alarms = all(templateOf(withLargeData));
    expect(alarms).toHaveLength(5);
    for (const { AlarmDescription } of alarms) {
      expect(AlarmDescription).toMatch(/^[A-Z][^.]+\. Runbook: https:\/\/github\.com\/[\w/-]+\/docs\/runbooks\/[a-z0-9-]+\.md$/);
    }
  });

  test('tells the topic of the logging when it starts and when it ends', () => {
    const { stack, alarms } = build(withLargeData);
    const ids = [alarms.cloudWatchFailureAlarm, alarms.cloudWatchSilenceAlarm, alarms.largeDataFailureAlarm]
      .map(alarm => stack.getLogicalId(alarm!.node.defaultChild as never));
    const { Resources } = Template.fromStack(stack).toJSON() as { Resources: Record<string, { Properties: Record<string, unknown> }> };
    const topic = [{ Ref: Object.keys(Resources).find(id => id.startsWith('LoggingTopic')) }];
    for (const id of ids) expect(Resources[id].Properties).toMatchObject({ AlarmActions: topic, OKActions: topic });
  });

  test('tells another topic where one is given', () => {
    const stack = new Stack(new App(), 'Stack', { env: ENV });
    const { alarms } = build(toS3, { topic: new sns.Topic(stack, 'Other') }, stack);
    expect(alarms.s3FailureAlarm).toBeDefined();
    const actions = all(Template.fromStack(stack)).flatMap(alarm => alarm.AlarmActions ?? []);
    expect(actions).toEqual([{ Ref: expect.stringMatching(/^Other/) }, { Ref: expect.stringMatching(/^Other/) }]);
  });

  test('is named by CloudFormation or the CDK, so that two stacks can stand side by side', () => {
    expect(all(templateOf(withLargeData)).map(({ AlarmName }) => AlarmName).filter(name => name !== undefined)).toEqual([
      expect.stringMatching(/^StackAlarmsCloudWatchSilence[0-9A-F]{8}$/),
    ]);
  });
});

test('alarms of destinations that the store lacks are undefined', () => {
  const { alarms } = build(toS3);
  expect(alarms).toMatchObject({ s3FailureAlarm: expect.anything(), s3SilenceAlarm: expect.anything() });
  const others = [alarms.cloudWatchFailureAlarm, alarms.cloudWatchSilenceAlarm, alarms.largeDataFailureAlarm];
  expect(others.filter(alarm => alarm !== undefined)).toEqual([]);
});

test('an imported store is watched like one of our own', () => {
  const imported: StoreOf = stack => InvocationLogStore.fromInvocationLogStoreAttributes(stack, 'Store', {
    bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'logs-bucket'),
    logGroup: logs.LogGroup.fromLogGroupName(stack, 'LogGroup', 'logs'),
    role: iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/logging'),
  });
  const template = templateOf(imported);
  template.resourceCountIs('AWS::CloudWatch::Alarm', 5);
  template.resourceCountIs('AWS::CloudWatch::CompositeAlarm', 2);
});

test('fails away from the logging, naming account and Region together', () => {
  const app = new App();
  const home = new Stack(app, 'Home', { env: ENV });
  const away = new Stack(app, 'Away', { env: { account: '444455556666', region: 'eu-west-1' } });
  const make = (): unknown => new InvocationLogDeliveryAlarms(away, 'Alarms', { logging: new Logging(home, toS3(home)) });
  expect(make).toThrow(/2 problems.*\n.*"111122223333".*"444455556666".*\n.*"us-east-1".*"eu-west-1"/);
});

test('a stack that is not bound to an account and Region is taken', () => {
  expect(build(toS3, {}, new Stack(new App(), 'Anywhere')).alarms.s3SilenceAlarm).toBeDefined();
});

test('the template names no Region and no partition', () => {
  const stack = new Stack(new App(), 'China', { env: { account: '111122223333', region: 'cn-north-1' } });
  build(withLargeData, {}, stack);
  const alarms = Object.entries(Template.fromStack(stack).toJSON().Resources as Record<string, { Type: string }>)
    .filter(([, { Type }]) => Type.startsWith('AWS::CloudWatch::'));
  expect(JSON.stringify(alarms)).not.toMatch(/arn:aws|cn-north-1/);
});

test('the alarms are clean', () => {
  expect(nagFindings(stack => build(withLargeData, {}, stack))).toEqual([]);
});
