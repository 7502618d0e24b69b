import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AttributionCatalog, InvocationLogSource, LedgerStore, QueryWorkGroup, UsageLedger, type UsageLedgerProps } from '../../lib/analytics';
import { CostAndUsageExport } from '../../lib/data-exports';
import { AttributionKey, AttributionSchema } from '../../lib/schema';
import { nagFindings } from '../nag/nag-findings';
import { makeCatalog } from '../support/make-catalog';

type Options = Partial<Omit<UsageLedgerProps, 'catalog' | 'workGroup'>>;

function makeLedger(stack: Stack, options: Options = {}, schema = AttributionSchema.starter(), store?: LedgerStore): UsageLedger {
  const catalog = new AttributionCatalog(stack, 'Catalog', {
    schema,
    store: store ?? LedgerStore.fromLedgerStoreAttributes(stack, 'Store', { bucketName: 'ledger' }),
    invocationLogs: InvocationLogSource.fromBucket(s3.Bucket.fromBucketName(stack, 'Logs', 'logs'), { accounts: ['111122223333'], regions: ['us-east-1'], keyPrefix: 'mil' }),
    bill: CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Bill', { exportName: 'bill', bucket: s3.Bucket.fromBucketName(stack, 'Bills', 'bills'), prefix: 'cur2' }),
  });
  return new UsageLedger(stack, 'Ledger', { catalog, workGroup: new QueryWorkGroup(stack, 'WorkGroup'), ...options });
}

function newStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
}

function templateOf(options: Options = {}): Template {
  const stack = newStack();
  makeLedger(stack, options);
  return Template.fromStack(stack);
}

test('runs every hour, one input for all of it', () => {
  templateOf().hasResourceProperties('AWS::Scheduler::Schedule', {
    ScheduleExpression: 'rate(1 hour)',
    Target: { Input: '{"kind":"hourly"}', RoleArn: Match.anyValue() },
  });
});

test('runs after each deployment of its catalog, whose views may name new columns', () => {
  templateOf().hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      'source': ['aws.cloudformation'],
      'detail-type': ['CloudFormation Stack Status Change'],
      'detail': { 'stack-id': [{ Ref: 'AWS::StackId' }], 'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE'] } },
    },
    Targets: [Match.objectLike({ Input: '{"kind":"hourly"}' })],
  });
});

test('calls services by the ARNs that Step Functions has for them', () => {
  const [machine] = Object.values(templateOf().findResources('AWS::StepFunctions::StateMachine'));
  const text = JSON.stringify(machine.Properties.DefinitionString);
  expect(text).toContain(':states:::athena:startQueryExecution.sync');
  expect(text).toContain(':states:::aws-sdk:sfn:listExecutions');
});

test('its role writes the tables where Lake Formation governs them', () => {
  const stack = newStack();
  const catalog = makeCatalog(stack, { lakeFormation: {} });
  new UsageLedger(stack, 'Ledger', { catalog, workGroup: new QueryWorkGroup(stack, 'WorkGroup') });
  Template.fromStack(stack).hasResourceProperties('AWS::LakeFormation::PrincipalPermissions', {
    Principal: { DataLakePrincipalIdentifier: { 'Fn::GetAtt': [Match.stringLikeRegexp('^LedgerRole'), 'Arn'] } },
    Permissions: ['CREATE_TABLE'],
  });
});

test('is a state machine that logs its errors and is traced', () => {
  templateOf().hasResourceProperties('AWS::StepFunctions::StateMachine', {
    LoggingConfiguration: { Level: 'ERROR' },
    TracingConfiguration: { Enabled: true },
  });
});

test('may write the folder of the ledger, and read logs, bill and dimensions', () => {
  const roles = Object.values(templateOf().findResources('AWS::IAM::Role'));
  const role = roles.find(({ Properties }) => Properties.Description === 'Keeps the ledger of Bedrock usage');
  const statements = role!.Properties.Policies[0].PolicyDocument.Statement as { Action: string | string[]; Resource: unknown }[];
  const resourcesOf = (action: string): string => (
    JSON.stringify(statements.filter(({ Action }) => [Action].flat().includes(action)).map(({ Resource }) => Resource))
  );
  expect(resourcesOf('s3:PutObject')).toContain(':s3:::ledger/ledger/*');
  expect(resourcesOf('s3:PutObject')).not.toMatch(/logs|bills|dimensions/);
  expect(resourcesOf('s3:DeleteObject')).not.toMatch(/logs|bills|dimensions/);
  for (const files of [':s3:::logs/mil/AWSLogs/*', ':s3:::bills/cur2/*', ':s3:::ledger/dimensions/*']) expect(resourcesOf('s3:GetObject')).toContain(files);
  expect(resourcesOf('glue:CreateTable')).toContain(':table/');
  expect(JSON.stringify(statements)).not.toContain('DeleteTable');
});

test('may list the executions of its own state machine only', () => {
  templateOf().hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: [{ Action: 'states:ListExecutions', Effect: 'Allow', Resource: { Ref: Match.stringLikeRegexp('^LedgerStateMachine') } }] },
  });
});

test('uses the keys of the store and of what it reads', () => {
  const stack = newStack();
  const key = new kms.Key(stack, 'StoreKey');
  makeLedger(stack, { decryptionKeys: [kms.Key.fromKeyArn(stack, 'LogKey', 'arn:aws:kms:us-east-1:111122223333:key/logs')] },
    undefined, new LedgerStore(stack, 'KeyedStore', { encryptionKey: key }));
  const policies = JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Role'));
  expect(policies).toContain('"Action":"kms:Decrypt","Effect":"Allow","Resource":"arn:aws:kms:us-east-1:111122223333:key/logs"');
  expect(policies).toContain('"Action":["kms:Decrypt","kms:GenerateDataKey"]');
});

test('where each account and Region has a bucket of its own, the role may read those of that name', () => {
  const stack = newStack();
  const catalog = new AttributionCatalog(stack, 'Catalog', {
    schema: AttributionSchema.starter(),
    store: LedgerStore.fromLedgerStoreAttributes(stack, 'Store', { bucketName: 'ledger' }),
    invocationLogs: InvocationLogSource.fromBucketPerAccountAndRegion('mil', { accounts: ['111122223333'], regions: ['us-east-1'] }),
    bill: CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Bill', { exportName: 'bill', bucket: s3.Bucket.fromBucketName(stack, 'Bills', 'bills'), prefix: 'cur2' }),
  });
  new UsageLedger(stack, 'Ledger', { catalog, workGroup: new QueryWorkGroup(stack, 'WorkGroup') });
  expect(JSON.stringify(Template.fromStack(stack).toJSON())).toContain(':s3:::mil-*-*/AWSLogs/*');
});

test('alarms tell the topic, each with its page', () => {
  const stack = newStack();
  makeLedger(stack, { notificationTopic: new sns.Topic(stack, 'Topic'), lagThreshold: Duration.hours(48), interval: Duration.hours(2) });
  const template = Template.fromStack(stack);
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).filter(({ Properties }) => JSON.stringify(Properties.AlarmDescription).includes('usage ledger'));
  expect(alarms).toHaveLength(5);
  for (const { Properties } of alarms) {
    expect(Properties.AlarmActions).toHaveLength(1);
    expect(JSON.stringify(Properties.AlarmDescription)).toMatch(/docs\/runbooks\/ledger-[a-z-]+\.md/);
  }
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'LedgerLagHours', Threshold: 48 });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'MalformedLines', Statistic: 'SampleCount', EvaluationPeriods: 7, TreatMissingData: 'breaching' });
  const [machine] = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
  expect(JSON.stringify(machine)).toContain('sns:publish');
});

test.each<[Options, string]>([
  [{ interval: Duration.minutes(14) }, 'interval is 14 minutes: use 15 to 1440 minutes, in whole minutes'],
  [{ interval: Duration.days(2) }, 'interval is 2 days'],
  [{ billInterval: Duration.minutes(90) }, 'billInterval is 1 hour 30 minutes: use 60 to 1440 minutes, in whole hours'],
  [{ billInterval: Duration.hours(Lazy.number({ produce: () => 6 })) }, 'billInterval is known at deployment only'],
  [{ lagThreshold: Duration.minutes(59) }, 'lagThreshold is 59 minutes: use at least 60 minutes'],
  [{ overlapDays: -1 }, 'overlapDays is -1: use a whole number from 0 to 14'],
  [{ overlapDays: 15 }, 'overlapDays is 15'],
  [{ overlapDays: 1.5 }, 'overlapDays is 1.5'],
  [{ backfillSliceDays: 32 }, 'backfillSliceDays is 32: use a whole number from 1 to 31'],
  [{ billingPeriods: 0 }, 'billingPeriods is 0: use a whole number from 1 to 12'],
  [{ maintenanceHour: 24 }, 'maintenanceHour is 24: use a whole number from 0 to 23'],
])('fails with %j', (options, message) => {
  expect(() => templateOf(options)).toThrow(message);
});

test('fails with a key that is named like a column, and says of which table', () => {
  const schema = AttributionSchema.starter();
  const named = new AttributionSchema({ version: 1, keys: [...schema.keys, AttributionKey.of('unpriced_requests', { description: 'a name of ours' })] });
  expect(() => { makeLedger(newStack(), {}, named); }).toThrow('the attribution key "unpriced_requests" is named like another column of usage_daily');
});

test('takes the bounds', () => {
  expect(() => templateOf({
    interval: Duration.minutes(15), overlapDays: 14, backfillSliceDays: 31, billingPeriods: 12, billInterval: Duration.days(1),
    maintenanceHour: 23,
  })).not.toThrow();
  expect(() => templateOf({
    interval: Duration.days(1), overlapDays: 0, backfillSliceDays: 1, billingPeriods: 1, billInterval: Duration.hours(1),
    maintenanceHour: 0,
  })).not.toThrow();
});

test('is clean to AwsSolutions', () => {
  expect(nagFindings(stack => { makeLedger(stack, { notificationTopic: sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:111122223333:topic') }); })).toEqual([]);
});
