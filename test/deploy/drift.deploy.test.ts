import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import type { Stack } from 'aws-cdk-lib';
import { invocationLogging } from '../../lib';
import { LocalAws } from './emulator/local-aws';
import { FaultTable } from './fault-table';
import { type Build, THEIRS, until, whose } from './region-world';

const { ALARM, REPAIR } = invocationLogging.OnDrift;
const table = new FaultTable('Changes behind the back of a stack');
const STACK = 'Guarded';

let aws: LocalAws;

const region = (): ReturnType<LocalAws['bedrock']['region']> => aws.bedrock.region('us-east-1');

/** The logging with a drift guard. */
const guarded = (onDrift: invocationLogging.OnDrift, options: invocationLogging.InvocationLoggingProps = {}): Build => (stack: Stack) => {
  const store = new invocationLogging.InvocationLogStore(stack, 'Store');
  const logging = new invocationLogging.InvocationLogging(stack, 'Logging', { store, ...options });
  new invocationLogging.InvocationLoggingDriftGuard(stack, 'DriftGuard', { logging, onDrift, maximumRepairs: 2 });
};

beforeAll(async () => {
  aws = await LocalAws.start();
});

afterAll(async () => {
  await aws.stop();
});

/** Changes the configuration as somebody else, and has CloudTrail tell. */
async function changeByHand(live: object | undefined): Promise<void> {
  region().live = live;
  const { FailedEntryCount } = await new EventBridgeClient(aws.clientOptions).send(new PutEventsCommand({ Entries: [{
    Source: 'aws.bedrock',
    DetailType: 'AWS API Call via CloudTrail',
    Detail: JSON.stringify({
      eventSource: 'bedrock.amazonaws.com',
      eventName: live === undefined ? 'DeleteModelInvocationLoggingConfiguration' : 'PutModelInvocationLoggingConfiguration',
      userIdentity: { arn: 'arn:aws:iam::111122223333:user/somebody' },
    }),
  }] }));
  expect(FailedEntryCount).toBe(0);
}

/** Runs the daily check, and returns what it found. */
async function dailyCheck(): Promise<string> {
  const lambda = new LambdaClient(aws.clientOptions);
  const { Functions } = await lambda.send(new ListFunctionsCommand({}));
  const guard = Functions?.find(({ Environment }) => Environment?.Variables?.ON_DRIFT !== undefined);
  const { Payload } = await lambda.send(new InvokeCommand({
    FunctionName: guard?.FunctionName, Payload: Buffer.from(JSON.stringify({ 'detail-type': 'Scheduled Event', 'detail': {} })),
  }));
  return JSON.parse(Buffer.from(Payload ?? []).toString()) as string;
}

describe('with a guard that repairs', () => {
  beforeAll(async () => {
    await aws.deploy(STACK, guarded(REPAIR));
  });

  afterAll(async () => {
    await aws.destroy(STACK, guarded(REPAIR));
  });

  table.fault('our configuration is changed by hand', async () => {
    await changeByHand(THEIRS);
    await until(() => whose(aws) === 'ours');
    return `on the event of CloudTrail; live: ${whose(aws)}`;
  });

  table.fault('our configuration is deleted by hand where CloudTrail does not tell', async () => {
    region().live = undefined;
    const finding = await dailyCheck();
    expect(finding).toBe('the expected configuration was put back');
    expect(whose(aws)).toBe('ours');
    return `regular check: ${finding}; live: ${whose(aws)}`;
  });

  table.fault('it is changed a third time, and two repairs are allowed', async () => {
    region().live = THEIRS;
    const finding = await dailyCheck();
    expect(finding).toBe('the live configuration is not the expected one, and was put back too often already');
    expect(await dailyCheck()).toBe(finding);
    expect(whose(aws)).toBe('theirs');
    return `regular check: ${finding}; live: ${whose(aws)}`;
  });
});

table.fault('it is changed by hand, and the guard only reports', async () => {
  region().reset();
  await aws.deploy(STACK, guarded(ALARM));
  region().live = THEIRS;
  const finding = await dailyCheck();
  expect(finding).toBe('the live configuration is not the expected one');
  expect(whose(aws)).toBe('theirs');
  await aws.destroy(STACK, guarded(ALARM));
  return `regular check: ${finding}; live: ${whose(aws)}`;
});

table.fault('an adopted configuration is deleted by its owner', async () => {
  region().reset();
  region().live = THEIRS;
  const build = guarded(REPAIR, { onForeignConfiguration: invocationLogging.OnForeignConfiguration.ADOPT });
  await aws.deploy(STACK, build);
  region().live = undefined;
  const finding = await dailyCheck();
  expect(finding).toBe('the live configuration is not the expected one');
  expect(whose(aws)).toBe('none');
  await aws.destroy(STACK, build);
  return `regular check: ${finding}; live: ${whose(aws)}`;
});

table.holdsAgainstDocument();
