import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { ListSubscriptionsCommand, SNSClient } from '@aws-sdk/client-sns';
import { assembleApp } from '../support/assemble-app';
import { ACCOUNT, LocalAws } from './emulator/local-aws';

const REGIONS = ['us-east-1', 'eu-west-1'] as const;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reference-app-'));

let aws: LocalAws;

beforeAll(async () => {
  aws = await LocalAws.start([...REGIONS]);
});

afterAll(async () => {
  await aws.stop();
  fs.rmSync(folder, { recursive: true });
});

/** What the emulator does not make and only records, so that nothing but order, references and properties is proven of it. */
const RECORDED = [
  'AWS::BCMDataExports::Export',
  'AWS::Bedrock::ApplicationInferenceProfile',
  'AWS::Budgets::Budget',
  'AWS::Budgets::BudgetsAction',
  'AWS::CE::AnomalyMonitor',
  'AWS::CE::AnomalySubscription',
  'AWS::CE::CostCategory',
  'AWS::CloudWatch::Alarm', // those on queries and expressions
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::Logs::QueryDefinition',
  'AWS::Organizations::Policy',
];

/** Types that are made and recorded. */
const MADE = ['AWS::S3::Bucket'];

/** What was asked since then, as `operation type`, each once. */
function asked(since: number): string[] {
  return [...new Set(aws.recorded.slice(since).map(({ operation, type }) => `${operation} ${type}`))].sort();
}

test('the whole reference app is deployed, deployed again without a change, updated, and destroyed', async () => {
  const before = assembleApp({ account: ACCOUNT, regions: REGIONS }, folder);
  expect(await aws.deployAssembly(before)).toMatchObject({ succeeded: true });
  expect((await aws.deployAssembly(before)).output).toContain('no changes');

  const deployed = aws.recorded.length;
  const after = assembleApp({
    account: ACCOUNT,
    regions: REGIONS,
    properties: `
      notifiedEmail: 'finops@example.com',
      monthlyLimits: { ...shipped.monthlyLimits, totalUsd: 20_000 },
      guardedTargets: ['ou-ab12-cdefgh34'],
    `,
  }, folder);
  expect(await aws.deployAssembly(after)).toMatchObject({ succeeded: true });
  // a limit is changed in place: nothing that tells or stops is replaced
  expect(asked(deployed)).toEqual(['create AWS::Organizations::Policy', 'update AWS::Budgets::Budget']);
  const { Subscriptions } = await new SNSClient(aws.clientOptions).send(new ListSubscriptionsCommand({}));
  expect(new Set(Subscriptions?.map(({ Endpoint }) => Endpoint))).toEqual(new Set(['finops@example.com']));

  expect(await aws.destroyAssembly(after)).toMatchObject({ succeeded: true });
  expect([...new Set(aws.recorded.map(({ type }) => type))].filter(type => !MADE.includes(type)).sort()).toEqual(RECORDED);
  for (const type of RECORDED) {
    const [made, gone] = ['create', 'delete'].map(operation => aws.recorded.filter(request => request.type === type && request.operation === operation));
    expect({ type, left: made.length - gone.length }).toEqual({ type, left: 0 });
  }
});
