import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { RemovalPolicy } from 'aws-cdk-lib';
import { dataExports, invocationLogging, schema, spendControls } from '../../lib';
import { LocalAws, type Recorded } from './emulator/local-aws';
import { addRest } from './failing-resource';
import type { Build } from './region-world';

const keys = schema.AttributionSchema.starter();
const EXPORT = 'AWS::BCMDataExports::Export';
const BUDGET = 'AWS::Budgets::Budget';

let aws: LocalAws;

beforeAll(async () => {
  aws = await LocalAws.start();
});

afterAll(() => aws.stop());

beforeEach(() => {
  aws.billing.tags = [];
  aws.billing.calls.length = 0;
  aws.billing.recover();
});

/** What was asked of a resource type since then. */
function asked(type: string, since: number): Recorded[] {
  return aws.recorded.slice(since).filter(request => request.type === type);
}

/** Has the one schedule of a stack send what it sends, now. */
async function runSchedule(stackName: string): Promise<{ FunctionError?: string; text: string }> {
  const events = new EventBridgeClient(aws.clientOptions);
  const { Rules = [] } = await events.send(new ListRulesCommand({ NamePrefix: stackName }));
  const [rule, ...others] = Rules.filter(({ ScheduleExpression }) => ScheduleExpression !== undefined);
  expect(others).toEqual([]);
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: rule.Name! }));
  const { Arn, Input } = Targets![0];
  const answer = await new LambdaClient(aws.clientOptions).send(new InvokeCommand({ FunctionName: Arn, Payload: Buffer.from(Input ?? '{}') }));
  return { FunctionError: answer.FunctionError, text: Buffer.from(answer.Payload ?? []).toString() };
}

describe('the activation of tags', () => {
  const activation = (props: Partial<spendControls.CostAllocationTagActivationProps> = {}): Build => stack => {
    new spendControls.CostAllocationTagActivation(stack, 'Tags', { schema: keys, ...props });
  };
  const listed = (...tagKeys: string[]) => tagKeys.map(TagKey => ({ TagKey, Type: 'UserDefined' as const, Status: 'Inactive' as const }));
  const active = (): string[] => aws.billing.tags.filter(({ Status }) => Status === 'Active').map(({ TagKey }) => TagKey);

  async function states(stackName: string): Promise<Record<string, string> | undefined> {
    try {
      const Name = `/bedrock-cost-attribution/tag-activation/${stackName}`;
      const { Parameter } = await new SSMClient(aws.clientOptions).send(new GetParameterCommand({ Name }));
      const record = JSON.parse(Parameter!.Value!) as { keys: Record<string, { state: string }> };
      return Object.fromEntries(Object.entries(record.keys).map(([key, { state }]) => [key, state]));
    } catch (error) {
      if (String(error).includes('ParameterNotFound')) return undefined;
      throw error;
    }
  }

  test('is deployed on the first day, when no key is known, and finishes later, page by page', async () => {
    const NAME = 'TagsFirstDay';
    expect(await aws.deploy(NAME, activation())).toMatchObject({ succeeded: true });
    expect(new Set(Object.values((await states(NAME))!))).toEqual(new Set(['pending']));

    aws.billing.pageSize = 2;
    aws.billing.tags = listed('team', 'iamPrincipal/team', 'iamPrincipal/Service', 'unrelated', 'env');
    expect((await runSchedule(NAME)).FunctionError).toBeUndefined();
    expect(active()).toEqual(['team', 'iamPrincipal/team', 'iamPrincipal/Service', 'env']);
    expect(await states(NAME)).toMatchObject({ 'team': 'active', 'iamPrincipal/team': 'active', 'iamPrincipal/service': 'active', 'service': 'pending' });

    expect((await aws.deploy(NAME, activation())).output).toContain('no changes');
    expect(await aws.destroy(NAME, activation())).toMatchObject({ succeeded: true });
    expect(active()).toHaveLength(4);
    expect(await states(NAME)).toBeUndefined();
  });

  test('is taken back with the stack when that was asked for, but for what was active before', async () => {
    const NAME = 'TagsTakenBack';
    const props = { onDelete: spendControls.OnTagActivationDelete.DEACTIVATE };
    aws.billing.tags = [...listed('team', 'env'), { TagKey: 'service', Type: 'UserDefined', Status: 'Active' }];
    expect(await aws.deploy(NAME, activation(props))).toMatchObject({ succeeded: true });
    expect(active().sort()).toEqual(['env', 'service', 'team']);
    expect(await aws.destroy(NAME, activation(props))).toMatchObject({ succeeded: true });
    expect(active()).toEqual(['service']);
  });

  test('fails outside of the account that pays, says so, and is rolled back', async () => {
    const NAME = 'TagsMember';
    aws.billing.fail('ListCostAllocationTags', {
      code: 'AccessDeniedException', message: "Linked account doesn't have access to cost allocation tags.",
    });
    expect(await aws.deploy(NAME, activation())).toMatchObject({ succeeded: false });
    expect(await aws.stackStatus(NAME)).toBe('ROLLBACK_COMPLETE');
    const reasons = (await aws.reasons(NAME)).join('\n');
    expect(reasons).toMatch(/management|payer/);
    expect(reasons).not.toContain('on AWS the rollback would fail');
    await aws.destroy(NAME, activation());
  });

  test('leaves everything as it was when the rest of the stack fails', async () => {
    const NAME = 'TagsRollback';
    aws.billing.tags = [{ TagKey: 'team', Type: 'UserDefined', Status: 'Active' }];
    expect(await aws.deploy(NAME, stack => {
      const tags = new spendControls.CostAllocationTagActivation(stack, 'Tags', { schema: keys });
      addRest(stack, 'FAILED', tags);
    })).toMatchObject({ succeeded: false });
    expect(await aws.stackStatus(NAME)).toBe('ROLLBACK_COMPLETE');
    expect(active()).toEqual(['team']);
    expect(await states(NAME)).toBeUndefined();
    await aws.destroy(NAME, activation());
  });
});

describe('the export of the bill', () => {
  const bill = (props: dataExports.CostAndUsageExportProps = {}): Build => stack => {
    new dataExports.CostAndUsageExport(stack, 'Bill', props);
  };
  const definitionOf = ({ properties }: Recorded) => properties.Export as { Name: string; DestinationConfigurations: object };

  test('a flag that is toggled makes a new export under a new name before the former one goes, into the same bucket', async () => {
    const NAME = 'BillToggled';
    const since = aws.recorded.length;
    expect(await aws.deploy(NAME, bill())).toMatchObject({ succeeded: true });
    expect(await aws.deploy(NAME, bill({ includeResources: false }))).toMatchObject({ succeeded: true });
    const requests = asked(EXPORT, since);
    expect(requests.map(({ operation }) => operation)).toEqual(['create', 'create', 'delete']);
    const [before, after, gone] = requests.map(definitionOf);
    expect(after.Name).not.toBe(before.Name);
    expect(after.DestinationConfigurations).toEqual(before.DestinationConfigurations);
    expect(gone.Name).toBe(before.Name);
    expect(await aws.destroy(NAME, bill({ includeResources: false }))).toMatchObject({ succeeded: true });
  });

  test('a bucket that holds a bill is kept, whoever destroys the stack', async () => {
    const NAME = 'BillKept';
    const s3 = new S3Client({ ...aws.clientOptions, forcePathStyle: true });
    for (const [bucketName, removalPolicy, succeeded] of [
      ['bill-retained', undefined, true], ['bill-destroyed', RemovalPolicy.DESTROY, false],
    ] as const) {
      const build = bill({ bucketName, removalPolicy });
      expect(await aws.deploy(NAME, build)).toMatchObject({ succeeded: true });
      await s3.send(new PutObjectCommand({ Bucket: bucketName, Key: 'aws-programmatic-access-test-object', Body: 'test' }));
      expect(await aws.destroy(NAME, build)).toMatchObject({ succeeded });
      await s3.send(new HeadBucketCommand({ Bucket: bucketName }));
      if (!succeeded) expect((await aws.reasons(NAME)).join('\n')).toContain('is not empty');
    }
  });
});

describe('the health check of the export', () => {
  const watched: Build = stack => {
    const bill = new dataExports.CostAndUsageExport(stack, 'Bill', { bucketName: 'bill-watched', removalPolicy: RemovalPolicy.DESTROY });
    new dataExports.CostAndUsageExportHealthCheck(stack, 'Health', { costAndUsageExport: bill });
  };

  test('finds the export by its name, measures its delivery, and fails when it is gone', async () => {
    const NAME = 'BillHealth';
    const since = aws.recorded.length;
    expect(await aws.deploy(NAME, watched)).toMatchObject({ succeeded: true });
    const [{ id, properties }] = asked(EXPORT, since);
    expect(await runSchedule(NAME)).toMatchObject({ FunctionError: 'Unhandled' });

    aws.billing.exports.set(id, {
      Export: { ExportArn: id, ...properties.Export as { Name: string } },
      ExportStatus: { StatusCode: 'HEALTHY', CreatedAt: '2026-11-01T00:00:00Z' },
    });
    aws.billing.executions.set(id, [{ ExecutionId: '1', ExecutionStatus: { StatusCode: 'DELIVERY_SUCCESS', CompletedAt: new Date().toISOString() } }]);
    expect((await runSchedule(NAME)).FunctionError).toBeUndefined();
    expect(await aws.destroy(NAME, watched)).toMatchObject({ succeeded: true });
  });
});

describe('the watch of services', () => {
  const watch: Build = stack => {
    const budget = new spendControls.AttributionBudget(stack, 'Total', {
      schema: keys, scope: spendControls.BudgetScope.total(), limitUsd: 100, notifications: [],
    });
    new spendControls.BedrockServiceWatch(stack, 'Watch', { budgets: [budget] });
  };

  test('adds a service that is new on the bill to the budget, once', async () => {
    const NAME = 'Watch';
    const since = aws.recorded.length;
    expect(await aws.deploy(NAME, watch)).toMatchObject({ succeeded: true });
    const [{ id, properties }] = asked(BUDGET, since);
    aws.billing.budgets.set(id, properties.Budget as Record<string, unknown>);
    aws.billing.services = ['Amazon Bedrock', 'Amazon Simple Storage Service', 'Example 9 (Amazon Bedrock Edition)'];

    expect((await runSchedule(NAME)).FunctionError).toBeUndefined();
    expect(JSON.stringify(aws.billing.budgets.get(id)?.FilterExpression)).toContain('Example 9 (Amazon Bedrock Edition)');
    expect((await runSchedule(NAME)).FunctionError).toBeUndefined();
    expect(aws.billing.inputsOf('UpdateBudget')).toHaveLength(1);
    expect(await aws.destroy(NAME, watch)).toMatchObject({ succeeded: true });
  });
});

describe('budgets', () => {
  const budget = (limitUsd: number, percent: number): Build => stack => {
    const topic = new invocationLogging.NotificationTopic(stack, 'Topic');
    new spendControls.AttributionBudget(stack, 'Team', {
      schema: keys,
      scope: spendControls.BudgetScope.keyValue('team', 'payments'),
      limitUsd,
      notifications: [spendControls.BudgetNotification.actualPercent(percent)],
      topic,
    });
  };

  test('a limit is changed in place, and a notification by a budget of another name', async () => {
    const NAME = 'Budgets';
    const since = aws.recorded.length;
    for (const [limitUsd, percent] of [[100, 80], [200, 80], [200, 90]] as const) {
      expect(await aws.deploy(NAME, budget(limitUsd, percent))).toMatchObject({ succeeded: true });
    }
    expect(asked(BUDGET, since).map(({ operation }) => operation)).toEqual(['create', 'update', 'create', 'delete']);
    expect(await aws.destroy(NAME, budget(200, 90))).toMatchObject({ succeeded: true });
  });
});
