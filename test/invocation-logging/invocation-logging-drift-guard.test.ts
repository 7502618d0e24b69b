import { App, CfnParameter, Duration, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  InvocationLogDestination, InvocationLogging, InvocationLoggingDriftGuard, type InvocationLoggingDriftGuardProps, InvocationLogStore,
  OnDrift,
} from '../../lib/invocation-logging';
import { nagFindings } from '../nag/nag-findings';

let stack: Stack;
let app: App;
let logging: InvocationLogging;

beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Stack');
  logging = new InvocationLogging(stack, 'Logging');
});

function templateOf(props: Partial<InvocationLoggingDriftGuardProps> = {}): Template {
  new InvocationLoggingDriftGuard(stack, 'Guard', { logging, ...props });
  return Template.fromStack(stack);
}

const guardVariables = (variables: object): object => ({ Environment: { Variables: Match.objectLike(variables) } });

test('listens to the calls that change the configuration, other than those that were refused', () => {
  templateOf().hasResourceProperties('AWS::Events::Rule', { EventPattern: {
    'source': ['aws.bedrock'],
    'detail-type': ['AWS API Call via CloudTrail'],
    'detail': {
      eventSource: ['bedrock.amazonaws.com'],
      eventName: ['PutModelInvocationLoggingConfiguration', 'DeleteModelInvocationLoggingConfiguration'],
      errorCode: [{ exists: false }],
    },
  } });
});

test.each([
  ['once a day by default', undefined, 'rate(1 day)'],
  ['as often as it is told to', Duration.hours(6), 'rate(6 hours)'],
])('looks %s whatever CloudTrail reports', (_case, checkInterval, expression) => {
  templateOf({ checkInterval }).hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: expression });
});

test('repairs three times a day at most, by default', () => {
  templateOf().hasResourceProperties('AWS::Lambda::Function', guardVariables({
    LOGGING_STACK_ID: { Ref: 'AWS::StackId' }, ON_DRIFT: 'repair', MAXIMUM_REPAIRS: '3', REPAIR_WINDOW_SECONDS: '86400',
  }));
});

test('may change nothing when it only reports', () => {
  const template = JSON.stringify(templateOf({ onDrift: OnDrift.ALARM }).findResources('AWS::IAM::Role', {
    Properties: { Description: Match.stringLikeRegexp('^Looks after') },
  }));
  expect(template).toContain('bedrock:GetModelInvocationLoggingConfiguration');
  expect(template).not.toMatch(/bedrock:(Put|Delete)|iam:PassRole/);
});

test('takes other values', () => {
  templateOf({ onDrift: OnDrift.ALARM, maximumRepairs: 50, repairWindow: Duration.hours(1) }).hasResourceProperties(
    'AWS::Lambda::Function', guardVariables({ ON_DRIFT: 'alarm', MAXIMUM_REPAIRS: '50', REPAIR_WINDOW_SECONDS: '3600' }));
});

test('takes tokens', () => {
  const parameter = new CfnParameter(stack, 'Number', { type: 'Number' });
  const maximumRepairs = Token.asNumber(parameter.value);
  templateOf({ maximumRepairs, repairWindow: Duration.seconds(maximumRepairs) }).hasResourceProperties(
    'AWS::Lambda::Function', guardVariables({ MAXIMUM_REPAIRS: { Ref: 'Number' }, REPAIR_WINDOW_SECONDS: { Ref: 'Number' } }));
});

test('watches the configuration of the stack of the logging from another stack', () => {
  const guards = new Stack(app, 'Guards');
  new InvocationLoggingDriftGuard(guards, 'Guard', { logging });
  Template.fromStack(guards).hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'InvocationLoggingDrift', Dimensions: [{ Name: 'StackName', Value: 'Stack' }],
  });
});

test('loses no event: what the function or the rule could not handle lies in a queue with an alarm', () => {
  const template = templateOf();
  const deadLetters = { 'Fn::GetAtt': [Match.stringLikeRegexp('^GuardDeadLetters'), 'Arn'] };
  template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { DestinationConfig: { OnFailure: { Destination: deadLetters } } });
  for (const rule of Object.values(template.findResources('AWS::Events::Rule'))) {
    expect(rule).toMatchObject({ Properties: { Targets: [{ DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^GuardDeadLetters/), 'Arn'] } } }] } });
  }
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'ApproximateNumberOfMessagesVisible' });
});

test.each([
  ['of the logging by default', 'LoggingNotificationTopic', false],
  ['that is given', 'Topic', true],
])('tells the topic %s of all three alarms and of what it did', (_case, id, given) => {
  const topic = given ? new sns.Topic(stack, 'Topic') : undefined;
  const template = templateOf({ topic });
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
  expect(alarms).toHaveLength(3);
  for (const alarm of alarms) {
    const action = { Ref: expect.stringMatching(new RegExp(`^${id}`)) as string };
    expect(alarm).toMatchObject({ Properties: { AlarmActions: [action], OKActions: [action] } });
  }
  template.hasResourceProperties('AWS::Lambda::Function', guardVariables({
    ON_DRIFT: 'repair', NOTIFICATION_TOPIC_ARN: { Ref: Match.stringLikeRegexp(`^${id}`) },
  }));
});

test('the drift alarm stays as it is between two checks', () => {
  templateOf().hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'InvocationLoggingDrift', TreatMissingData: 'ignore' });
});

test.each([0, 51, 1.5, -1, NaN])('fails with %p as maximumRepairs', maximumRepairs => {
  expect(() => templateOf({ maximumRepairs })).toThrow(`maximumRepairs is ${maximumRepairs}; give a whole number from 1 to 50`);
});

test('fails for a logging of another account and Region, naming both', () => {
  const there = new Stack(app, 'There', { env: { account: '111122223333', region: 'us-east-1' } });
  const here = new Stack(app, 'Here', { env: { account: '444455556666', region: 'eu-west-1' } });
  expect(() => new InvocationLoggingDriftGuard(here, 'Guard', { logging: new InvocationLogging(there, 'Logging') })).toThrow(
    /2 problems[^]*account "111122223333" and its drift guard in "444455556666"[^]*region "us-east-1" and its drift guard in "eu-west-1"/);
});

test('fails with everything that is wrong at once', () => {
  expect(() => templateOf({ maximumRepairs: 0, repairWindow: Duration.seconds(59), checkInterval: Duration.seconds(59) })).toThrow(
    /3 problems[^]*maximumRepairs[^]*repairWindow is 59 seconds[^]*checkInterval is 59 seconds/);
});

test.each([
  ['S3', InvocationLogDestination.S3],
  ['CloudWatch Logs', InvocationLogDestination.CLOUDWATCH_LOGS],
])('has no finding of cdk-nag with logs in %s', (_case, destination) => {
  expect(nagFindings(scope => {
    const store = new InvocationLogStore(scope, 'Store', { destinations: [destination] });
    new InvocationLoggingDriftGuard(scope, 'Guard', { logging: new InvocationLogging(scope, 'Logging', { store }) });
  })).toEqual([]);
});
