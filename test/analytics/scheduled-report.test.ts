import { App, CfnParameter, Duration, Fn, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  AnalystData, AttributionCatalog, LedgerStore, QueryWorkGroup, ReportPeriod, ScheduledReport, type ScheduledReportProps,
} from '../../lib/analytics';
import { AttributionKey, AttributionSchema } from '../../lib/schema';
import { nagFindings } from '../nag/nag-findings';

const env = { account: '111122223333', region: 'eu-west-1' };
const schema = new AttributionSchema({
  version: 1,
  keys: [
    AttributionKey.of('team', { description: 'Who answers.', spellings: { resourceTag: 'Team', principalTag: 'CostTeam' } }),
    AttributionKey.of('service', { description: 'What runs.' }),
  ],
});

let stack: Stack;

beforeEach(() => { stack = new Stack(new App(), 'Stack', { env }); });

function makeReport(props: Partial<ScheduledReportProps> = {}, scope = stack): ScheduledReport {
  return new ScheduledReport(scope, 'Report', {
    schema,
    catalog: AttributionCatalog.fromDatabaseName(scope, 'Catalog', 'costs'),
    workGroup: new QueryWorkGroup(scope, 'WorkGroup'),
    store: LedgerStore.fromLedgerStoreAttributes(scope, 'Store', { bucketName: 'the-ledger' }),
    notificationTopic: sns.Topic.fromTopicArn(scope, 'Topic', 'arn:aws:sns:eu-west-1:111122223333:news'),
    ...props,
  });
}

function templateOf(props: Partial<ScheduledReportProps> = {}): Template {
  makeReport(props);
  return Template.fromStack(stack);
}

function variablesOf(template: Template): Record<string, unknown> {
  const [{ Properties }] = Object.values(template.findResources('AWS::Lambda::Function', { Properties: { Handler: 'index.handler' } }));
  return Properties.Environment.Variables as Record<string, unknown>;
}

interface Right {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

interface Document {
  readonly PolicyDocument: { readonly Statement: Right[] };
}

/** Everything that the role of the function may do. */
function rights(template: Template): Right[] {
  const inline = Object.values(template.findResources('AWS::IAM::Role')).flatMap(({ Properties }) => (Properties as { Policies?: Document[] }).Policies ?? []);
  const attached = Object.values(template.findResources('AWS::IAM::Policy')).map(({ Properties }) => Properties as Document);
  return [...inline, ...attached].flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

test('reports the last week by team and service, three days after its end, looking for it every morning', () => {
  const template = templateOf();
  expect(variablesOf(template)).toMatchObject({
    DATABASE: 'costs', BUCKET: 'the-ledger', BY: 'team,service', PERIOD: 'week', SETTLING_DAYS: '3',
    NOTIFICATION_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:news',
  });
  expect(JSON.parse(variablesOf(template).TAG_NAMES as string)).toEqual(expect.arrayContaining(['iamPrincipal/CostTeam', 'resourceTags/Team']));
  template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'cron(0 6 * * ? *)', State: 'ENABLED' });
  template.hasResourceProperties('AWS::Lambda::Function', { Timeout: 900, Handler: 'index.handler' });
});

test('takes what is asked for', () => {
  const template = templateOf({ by: ['team'], period: ReportPeriod.MONTH, settlingTime: Duration.days(5), hour: 23 });
  expect(variablesOf(template)).toMatchObject({ BY: 'team', PERIOD: 'month', SETTLING_DAYS: '5' });
  template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'cron(0 23 * * ? *)' });
});

test('writes below reports/ only, reads the ledger and the dimensions, and publishes', () => {
  const template = templateOf();
  const writing = rights(template).filter(({ Action, Resource }) => (
    [Action].flat().some(action => /^s3:(Put|Delete)/.test(action)) && JSON.stringify(Resource).includes('the-ledger')
  ));
  expect(writing).toHaveLength(1);
  expect(JSON.stringify(writing[0].Resource)).toContain('the-ledger/reports/*');
  expect(rights(template)).toContainEqual({ Effect: 'Allow', Action: 'sns:Publish', Resource: 'arn:aws:sns:eu-west-1:111122223333:news' });
  expect(JSON.stringify(rights(template))).toContain('the-ledger/ledger/*');
  const actions = rights(template).flatMap(({ Action }) => Action);
  expect(actions.filter(action => /^(lakeformation|glue:(?!Get|BatchGet)|s3:Delete)/.test(action))).toEqual([]);
});

test('sees one database only', () => {
  const glue = rights(templateOf()).filter(({ Action }) => [Action].flat().includes('glue:GetTable'));
  expect(glue).toHaveLength(1);
  expect(JSON.stringify(glue)).toContain(':table/costs/*');
  expect(JSON.stringify(glue)).not.toContain(':table/*');
});

test('reads by way of Lake Formation where that is asked for', () => {
  const all = JSON.stringify(rights(templateOf({ data: [AnalystData.lakeFormation()] })));
  expect(all).toContain('lakeformation:GetDataAccess');
  expect(all).not.toContain('the-ledger/ledger/*');
});

test('uses the key of the store', () => {
  const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/one');
  const store = LedgerStore.fromLedgerStoreAttributes(stack, 'OtherStore', { bucketName: 'the-ledger', encryptionKey });
  expect(rights(templateOf({ store }))).toContainEqual({
    Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: 'arn:aws:kms:eu-west-1:111122223333:key/one',
  });
});

test('queries in its workgroup', () => {
  const starting = rights(templateOf()).filter(({ Action }) => [Action].flat().includes('athena:StartQueryExecution'));
  expect(starting).toHaveLength(1);
  expect(JSON.stringify(starting[0].Resource)).toContain('workgroup/');
});

test('tells of reports that fail, and of days on which nobody looked', () => {
  const template = templateOf();
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'Errors', Threshold: 1, AlarmActions: ['arn:aws:sns:eu-west-1:111122223333:news'],
    AlarmDescription: Match.stringLikeRegexp('docs/runbooks/scheduled-report-errors\\.md$'),
  });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'Invocations', TreatMissingData: 'breaching', Period: 3600, EvaluationPeriods: 49,
    AlarmDescription: Match.stringLikeRegexp('docs/runbooks/scheduled-report-errors\\.md$'),
  });
});

test('exposes what it made', () => {
  const report = makeReport();
  expect([report.function, report.errorAlarm, report.silenceAlarm].map(({ node }) => node.path.startsWith('Stack/Report/'))).toEqual([true, true, true]);
});

test.each([
  ['no keys', { by: [] }, 'by is empty'],
  ['a key that the schema lacks', { by: ['team', 'planet'] }, 'by has "planet": use keys of the schema, which has team, service'],
  ['a key twice', { by: ['team', 'team'] }, 'by has "team" twice'],
  ['hours of settling', { settlingTime: Duration.hours(36) }, 'settlingTime is 1 day 12 hours: use whole days, 31 at most'],
  ['too long a settling', { settlingTime: Duration.days(32) }, 'settlingTime is 32 days'],
  ['an hour before midnight', { hour: -1 }, 'hour is -1: use a whole number from 0 to 23'],
  ['an hour that is none', { hour: 24 }, 'hour is 24'],
  ['half an hour', { hour: 6.5 }, 'hour is 6.5'],
])('fails with %s', (_, props, message) => {
  expect(() => makeReport(props)).toThrow(message);
});

test.each([[0, 0], [31, 23]])('takes %d days of settling and hour %d', (days, hour) => {
  expect(variablesOf(templateOf({ settlingTime: Duration.days(days), hour }))).toMatchObject({ SETTLING_DAYS: String(days) });
});

test('names all problems together', () => {
  expect(() => makeReport({ by: [], hour: 24 })).toThrow('has 2 problems');
});

test('takes names that are known at deployment', () => {
  const name = new CfnParameter(stack, 'Bucket').valueAsString;
  const template = templateOf({
    by: [Token.asString(Fn.ref('Team'))],
    store: LedgerStore.fromLedgerStoreAttributes(stack, 'OtherStore', { bucketName: name }),
    workGroup: QueryWorkGroup.fromWorkGroupName(stack, 'OtherWorkGroup', new CfnParameter(stack, 'Group').valueAsString),
  });
  expect(variablesOf(template)).toMatchObject({ BUCKET: { Ref: 'Bucket' }, WORKGROUP: { Ref: 'Group' } });
});

test('two reports stand in one stack', () => {
  makeReport();
  new ScheduledReport(stack, 'Monthly', {
    schema,
    period: ReportPeriod.MONTH,
    catalog: AttributionCatalog.fromDatabaseName(stack, 'Catalog2', 'costs'),
    workGroup: QueryWorkGroup.fromWorkGroupName(stack, 'WorkGroup2', 'primary'),
    store: LedgerStore.fromLedgerStoreAttributes(stack, 'Store2', { bucketName: 'the-ledger' }),
    notificationTopic: new sns.Topic(stack, 'Topic2'),
  });
  Template.fromStack(stack).resourceCountIs('AWS::Events::Rule', 2);
});

test('is clean', () => {
  expect(nagFindings((scope) => {
    const store = new LedgerStore(scope, 'TheStore');
    const topic = new sns.Topic(scope, 'TheTopic', { enforceSSL: true });
    topic.addToResourcePolicy(new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')], actions: ['sns:Publish'], resources: [topic.topicArn],
    }));
    makeReport({ store, notificationTopic: topic }, scope);
  })).toEqual([]);
});
