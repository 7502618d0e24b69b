import { App, CfnParameter, Duration, Fn, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  CostAndUsageExport, CostAndUsageExportHealthCheck, type CostAndUsageExportHealthCheckProps, type ICostAndUsageExport,
} from '../../lib/data-exports';
import { nagFindings } from '../nag/nag-findings';

const env = { account: '111122223333', region: 'us-east-1' };
const FORMER = 'bedrock-cost-attribution-0a1b2c3d';

let app: App;
let stack: Stack;
let bill: ICostAndUsageExport;

beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Stack', { env });
  bill = new CostAndUsageExport(stack, 'Export', { formerExportNames: [FORMER] });
});

function makeCheck(props: Partial<CostAndUsageExportHealthCheckProps> = {}, scope = stack): CostAndUsageExportHealthCheck {
  return new CostAndUsageExportHealthCheck(scope, 'Health', { costAndUsageExport: bill, ...props });
}

function templateOf(props: Partial<CostAndUsageExportHealthCheckProps> = {}): Template {
  makeCheck(props);
  return Template.fromStack(stack);
}

const variables = (given: object): object => ({ Environment: { Variables: given } });

/** Statements of the function's role beside those on its log. */
function statementsOf(template: Template): object[] {
  const [role] = Object.values(template.findResources('AWS::IAM::Role', { Properties: { Description: Match.stringLikeRegexp('^Looks at how') } }));
  const [policy, ...others] = role.Properties.Policies as { PolicyDocument: { Statement: object[] } }[];
  expect(others).toEqual([]);
  return policy.PolicyDocument.Statement.slice(1);
}

const LIST = { Effect: 'Allow', Action: 'bcm-data-exports:ListExports', Resource: '*' };
const READ = {
  Effect: 'Allow',
  Action: ['bcm-data-exports:GetExport', 'bcm-data-exports:ListExecutions'],
  Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':bcm-data-exports:*:111122223333:export/*']] },
};

describe('the function', () => {
  test('looks every six hours by default', () => {
    templateOf().hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(6 hours)', Targets: [{ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^HealthFunction'), 'Arn'] } }],
    });
  });

  test.each([
    [Duration.minutes(1), 'rate(1 minute)'],
    [Duration.minutes(90), 'rate(90 minutes)'],
    [Duration.days(1), 'rate(1 day)'],
  ])('looks as often as it is told to: %s', (checkInterval, expression) => {
    templateOf({ checkInterval }).hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: expression });
  });

  test('knows the export, what tables read and where it lies', () => {
    templateOf({ otherExportNames: ['focus', 'carbon'] }).hasResourceProperties('AWS::Lambda::Function', variables({
      EXPORT_NAME: bill.exportName,
      READ_EXPORT_NAMES: `${bill.exportName},${FORMER}`,
      OTHER_EXPORT_NAMES: 'focus,carbon',
      EXPORT_BUCKET: { Ref: Match.stringLikeRegexp('^ExportBucket') },
      EXPORT_PREFIX: 'cur2',
    }));
  });

  test('may find the export, read how it fares and list the folder of exports, no more', () => {
    expect(statementsOf(templateOf())).toEqual([LIST, READ, {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^ExportBucket/), 'Arn'] },
      Condition: { StringLike: { 's3:prefix': 'cur2/*' } },
    }]);
  });

  test('has no right on the bucket, and does not know it, when it is not to look there', () => {
    const template = templateOf({ lookForUnreadExports: false });
    expect(statementsOf(template)).toEqual([LIST, READ]);
    template.hasResourceProperties('AWS::Lambda::Function', variables(Match.objectEquals({ EXPORT_NAME: bill.exportName })));
  });
});

describe('the alarms', () => {
  const metric = (name: string): object => ({
    Namespace: 'BedrockCostAttribution',
    MetricName: name,
    Dimensions: [{ Name: 'ExportName', Value: bill.exportName }],
    Statistic: 'Maximum',
    EvaluationPeriods: 1,
    TreatMissingData: 'ignore',
  });

  test('an unhealthy export sets off an alarm', () => {
    templateOf().hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...metric('ExportUnhealthy'), Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
  });

  test.each([
    ['two days by default', undefined, 172_800],
    ['as long as is said, a day at least', Duration.days(1), 86_400],
    ['as long as is said', Duration.hours(100), 360_000],
  ])('a delivery that is older than it may be sets off an alarm: %s', (_case, maxDeliveryAge, seconds) => {
    templateOf({ maxDeliveryAge }).hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...metric('SecondsSinceDelivery'), Threshold: seconds, ComparisonOperator: 'GreaterThanThreshold',
    });
  });

  test('an export that no table reads sets off an alarm, which says what to do', () => {
    templateOf().hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...metric('UnreadExports'), Threshold: 1, AlarmDescription: Match.stringLikeRegexp('add its name to formerExportNames'),
    });
  });

  test('there is no alarm for what is not looked for', () => {
    const check = makeCheck({ lookForUnreadExports: false });
    expect(check.unreadExportsAlarm).toBeUndefined();
    Template.fromStack(stack).resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { MetricName: 'UnreadExports' }, 0);
  });

  test.each([
    ['six hours', undefined, 21_600],
    ['what is said', Duration.days(1), 86_400],
  ])('checks that fail or do not run set off an alarm after two intervals of %s', (_case, checkInterval, Period) => {
    const ofFunction = (MetricName: string): object => Match.objectLike({ MetricStat: {
      Metric: { Namespace: 'AWS/Lambda', MetricName, Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp('^HealthFunction') } }] },
      Period,
      Stat: 'Sum',
    } });
    templateOf({ checkInterval }).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([Match.objectLike({ Expression: 'FILL(invocations, 0) - FILL(errors, 0)' }), ofFunction('Invocations'), ofFunction('Errors')]),
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 2,
      TreatMissingData: 'breaching',
    });
  });

  test('each names its runbook', () => {
    const pages = Object.values(templateOf().findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) =>
      /Runbook: .*\/([a-z-]+)\.md$/.exec(Properties.AlarmDescription as string)?.[1]);
    expect(pages.sort()).toEqual(['bill-check-errors', 'bill-delivery-late', 'bill-export-unhealthy', 'bill-unread-exports']);
  });

  test('all of them tell the topic, when they go off and when they are over', () => {
    const template = templateOf({ topic: new sns.Topic(stack, 'Topic') });
    const action = { Ref: expect.stringMatching(/^Topic/) as string };
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
    expect(alarms).toHaveLength(4);
    for (const alarm of alarms) expect(alarm).toMatchObject({ Properties: { AlarmActions: [action], OKActions: [action] } });
  });

  test('they tell nobody without a topic', () => {
    templateOf().resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { AlarmActions: Match.absent(), OKActions: Match.absent() }, 4);
  });
});

describe('places', () => {
  test('watches an export that was made elsewhere', () => {
    const imported = CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Imported', {
      exportName: 'theirs', bucket: s3.Bucket.fromBucketName(stack, 'Theirs', 'their-bills'), prefix: 'finance/cur2',
    });
    const template = templateOf({ costAndUsageExport: imported });
    template.hasResourceProperties('AWS::Lambda::Function', variables({
      EXPORT_NAME: 'theirs', READ_EXPORT_NAMES: 'theirs', EXPORT_BUCKET: 'their-bills', EXPORT_PREFIX: 'finance/cur2',
    }));
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('the bucket is in account'));
  });

  test('watches an export of another Region, whose ARN it need not know', () => {
    const bucket = new s3.Bucket(stack, 'Bills', { bucketName: 'bills-of-ours' });
    const there = new CostAndUsageExport(stack, 'There', { bucket, prefix: 'there' });
    const here = new Stack(app, 'Here', { env: { ...env, region: 'eu-central-1' } });
    makeCheck({ costAndUsageExport: there }, here);
    Template.fromStack(here).hasResourceProperties('AWS::Lambda::Function', variables(Match.objectLike({
      EXPORT_NAME: there.exportName, EXPORT_BUCKET: 'bills-of-ours',
    })));
  });

  test('warns that a bucket of another account has to admit the function', () => {
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Theirs', { bucketName: 'their-bills', account: '444455556666' });
    bill = CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Imported', { exportName: 'theirs', bucket, prefix: 'cur2' });
    makeCheck();
    Annotations.fromStack(stack).hasWarning('/Stack/Health', Match.stringLikeRegexp(
      'the bucket is in account "444455556666": allow the role of this health check to s3:ListBucket .*exportBucketOfAnotherAccount'));
  });

  test('does not warn of it where the bucket is not looked at', () => {
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Theirs', { bucketName: 'their-bills', account: '444455556666' });
    bill = CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Imported', { exportName: 'theirs', bucket, prefix: 'cur2' });
    makeCheck({ lookForUnreadExports: false });
    Annotations.fromStack(stack).hasNoWarning('/Stack/Health', Match.anyValue());
  });

  test('fails in another account, naming both', () => {
    const here = new Stack(app, 'Here', { env: { ...env, account: '444455556666' } });
    expect(() => makeCheck({}, here)).toThrow('the export is in account "111122223333" and its health check in "444455556666"');
  });

  test('an account that is known at deployment only may be the same', () => {
    expect(() => makeCheck({}, new Stack(app, 'Anywhere', { env: { region: 'us-east-1' } }))).not.toThrow();
  });
});

describe('input', () => {
  test('takes tokens', () => {
    const text = (id: string): string => new CfnParameter(stack, id).valueAsString;
    bill = CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Imported', {
      exportName: text('Name'), bucket: s3.Bucket.fromBucketName(stack, 'Theirs', text('Bucket')), prefix: text('Prefix'),
    });
    const number = Token.asNumber(new CfnParameter(stack, 'Number', { type: 'Number' }).value);
    const template = templateOf({
      checkInterval: Duration.hours(number), maxDeliveryAge: Duration.seconds(number), otherExportNames: Fn.split(',', text('Others')),
    });
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: { 'Fn::Join': ['', ['rate(', { Ref: 'Number' }, ' hours)']] } });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'SecondsSinceDelivery', Threshold: { Ref: 'Number' } });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([Match.objectLike({ MetricStat: Match.objectLike({ Period: 86_400 }) })]),
    });
    template.hasResourceProperties('AWS::Lambda::Function', variables({
      EXPORT_NAME: { Ref: 'Name' },
      READ_EXPORT_NAMES: { Ref: 'Name' },
      OTHER_EXPORT_NAMES: { 'Fn::Join': [',', { 'Fn::Split': [',', { Ref: 'Others' }] }] },
      EXPORT_BUCKET: { Ref: 'Bucket' },
      EXPORT_PREFIX: { Ref: 'Prefix' },
    }));
  });

  test('takes a single other name that is a token', () => {
    const other = new CfnParameter(stack, 'Other').valueAsString;
    expect(() => templateOf({ otherExportNames: [other] })).not.toThrow();
  });

  test.each([
    [Duration.seconds(0), '0 seconds'],
    [Duration.seconds(59), '59 seconds'],
    [Duration.seconds(90), '1 minute 30 seconds'],
    [Duration.minutes(24 * 60 + 1), '1 day 1 minute'],
  ])('fails with %s as checkInterval', (checkInterval, text) => {
    expect(() => templateOf({ checkInterval })).toThrow(`checkInterval is ${text}; give whole minutes, from 1 minute to 1 day`);
  });

  test('fails with a maxDeliveryAge of less than a day', () => {
    expect(() => templateOf({ maxDeliveryAge: Duration.minutes(24 * 60 - 1) })).toThrow('maxDeliveryAge is 23 hours 59 minutes; give at least 1 day');
  });

  test.each(['', 'a,b', 'a b', 'x'.repeat(129)])('fails with %p among otherExportNames', name => {
    expect(() => templateOf({ otherExportNames: ['fine', name] })).toThrow(`otherExportNames[1] is ${JSON.stringify(name)}; give the name of an export`);
  });

  test('fails with a former name of the export among otherExportNames', () => {
    expect(() => templateOf({ otherExportNames: [FORMER] })).toThrow(`otherExportNames[0] is "${FORMER}", which is a name of the export itself`);
  });

  test('fails with otherExportNames that are not looked for', () => {
    expect(() => templateOf({ lookForUnreadExports: false, otherExportNames: ['focus'] })).toThrow(
      'otherExportNames is ["focus"] while lookForUnreadExports is false');
  });

  test('fails with everything that is wrong at once', () => {
    const here = new Stack(app, 'Here', { env: { ...env, account: '444455556666' } });
    const props = { checkInterval: Duration.seconds(1), maxDeliveryAge: Duration.hours(1), otherExportNames: ['a b', FORMER] };
    expect(() => makeCheck(props, here)).toThrow(
      /health check of the cost and usage export has 5 problems[^]*account[^]*checkInterval[^]*maxDeliveryAge[^]*Names\[0\][^]*Names\[1\]/);
  });
});

test.each([
  ['the bucket', true],
  ['Data Exports only', false],
])('has no finding of cdk-nag when it looks at %s', (_case, lookForUnreadExports) => {
  expect(nagFindings(scope => {
    const costAndUsageExport = new CostAndUsageExport(scope, 'Export');
    new CostAndUsageExportHealthCheck(scope, 'Health', { costAndUsageExport, lookForUnreadExports, topic: new sns.Topic(scope, 'Topic', { enforceSSL: true }) });
  })).toEqual([]);
});
