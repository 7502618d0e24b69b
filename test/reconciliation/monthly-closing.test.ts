import { App, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { QueryWorkGroup, UsageLedger } from '../../lib/analytics';
import { MonthlyClosing, type MonthlyClosingProps } from '../../lib/reconciliation';
import { nagFindings } from '../nag/nag-findings';
import { makeCatalog } from '../support/make-catalog';

/** Made for CommonJS, and without types. */
const validateDefinition = jest.requireActual<(definition: unknown) => { errors: unknown[] }>('asl-validator');

function make(stack: Stack, props: Partial<MonthlyClosingProps> = {}): MonthlyClosing {
  const catalog = makeCatalog(stack);
  const workGroup = new QueryWorkGroup(stack, 'WorkGroup');
  const ledger = new UsageLedger(stack, 'Ledger', { catalog, workGroup });
  return new MonthlyClosing(stack, 'Closing', { catalog, ledger, workGroup, ...props });
}

const newStack = (): Stack => new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });

function templateOf(props: Partial<MonthlyClosingProps> = {}): Template {
  const stack = newStack();
  make(stack, props);
  return Template.fromStack(stack);
}

test.each([
  ['by default', undefined, 'cron(0 6 8-14 * ? *)'],
  ['on the first day that it may', 4, 'cron(0 6 4-10 * ? *)'],
  ['on the last day that it may', 21, 'cron(0 6 21-27 * ? *)'],
])('tries a week long, %s', (_, dayOfMonth, expression) => {
  templateOf({ dayOfMonth }).hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: expression, ScheduleExpressionTimezone: 'Etc/UTC' });
});

test('is a state machine that Step Functions takes, with and without somebody who listens', () => {
  for (const isHeard of [true, false]) {
    const stack = newStack();
    make(stack, { notificationTopic: isHeard ? sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:111122223333:topic') : undefined });
    const machines = Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
    const texts = machines.map(({ Properties }) => (Properties.DefinitionString as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1]
      .map(part => typeof part === 'string' ? part : 'aws').join(''));
    const definition = JSON.parse(texts.find(text => text.includes('Freezes what'))!) as object;
    expect(validateDefinition(definition).errors).toEqual([]);
    expect(JSON.stringify(definition).includes('sns:publish')).toBe(isHeard);
  }
});

test('has the role of the ledger, which has all that it needs', () => {
  const machines = Object.values(templateOf().findResources('AWS::StepFunctions::StateMachine'));
  expect(machines).toHaveLength(2);
  expect(machines[0].Properties.RoleArn).toEqual(machines[1].Properties.RoleArn);
});

test('each alarm names its page, and tells the topic when it begins and ends', () => {
  const stack = newStack();
  make(stack, { notificationTopic: sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:111122223333:topic') });
  const alarms = Object.entries(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')).filter(([id]) => id.startsWith('Closing'));
  expect(alarms.map(([, { Properties }]) => /Runbook: [^\"]*\/([a-z-]+)\.md/.exec(JSON.stringify(Properties.AlarmDescription))?.[1]).sort())
    .toEqual(['closed-month-changed', 'closing-failed']);
  for (const [, { Properties }] of alarms) {
    expect(Properties.AlarmActions).toEqual(['arn:aws:sns:us-east-1:111122223333:topic']);
    expect(Properties.OKActions).toEqual(['arn:aws:sns:us-east-1:111122223333:topic']);
  }
});

test.each([
  ['a day on which the month is not settled', 3, 'dayOfMonth is 3: use a whole number from 4'],
  ['a day that leaves no week', 22, 'dayOfMonth is 22'],
  ['half a day', 8.5, 'dayOfMonth is 8.5'],
  ['a day that is known at deployment only', Token.asNumber({ Ref: 'Day' }), 'dayOfMonth is known at deployment only'],
])('fails for %s', (_, dayOfMonth, message) => {
  expect(() => make(newStack(), { dayOfMonth })).toThrow(message);
});

test('a closing is clean', () => {
  expect(nagFindings(stack => make(stack))).toEqual([]);
});
