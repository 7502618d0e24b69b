import {
  DescribeExecutionCommand, type DescribeExecutionOutput, GetExecutionHistoryCommand, ListStateMachinesCommand, SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Stack } from 'aws-cdk-lib';
import { analytics, invocationLogging, reconciliation } from '../../lib';
import { type AthenaAnswer, AthenaEndpoint } from '../support/athena-endpoint';
import { makeCatalog } from '../support/make-catalog';
import { LocalAws } from './emulator/local-aws';

const WORKGROUP = 'ledger';
const DATABASE = 'bedrock_cost_attribution';
const CORRUPT = 's3://example-logs-111122223333-us-east-1/AWSLogs/111122223333/BedrockModelInvocationLogs/us-east-1/2026/11/21/00/cut.json.gz';

/**
 * What the queries with an answer answer with, by a column of it: a ledger that is new, an hour in which nothing is wrong, and a month that
 * is settled and adds up.
 */
const answers = (explainingKeys: number): Readonly<Record<string, readonly (string | null)[]>> => ({
  last_run_at: [null, null, null, null],
  log_lines: ['10', '0', '0', '0', null],
  merged_records: ['10', '10', '2026-11-21 13:30:00.000', '0.5', '7', '1.5', '0'],
  billed_lines: ['3', '12.5', String(explainingKeys), '0.0', '0', '0'],
  changed_periods: ['0', null, null, '0.0'],
});

let aws: LocalAws;
let athena: AthenaEndpoint;
let statements: string[];
let keyCount: number;
let ready: Promise<void>;

beforeAll(async () => {
  athena = await AthenaEndpoint.start(answer, { workgroup: WORKGROUP, database: DATABASE });
  // waiting is all that a run would do here
  aws = await LocalAws.start(['us-east-1'], { env: { AWS_ENDPOINT_URL_ATHENA: athena.url, SFN_WAIT_SCALE: '0.005' } });
  expect(await aws.deploy('Ledger', buildLedger)).toMatchObject({ succeeded: true });
});

afterAll(async () => {
  await aws.stop();
  await athena.close();
});

beforeEach(() => {
  athena.reset();
  statements = [];
  ready = Promise.resolve();
});

async function answer(sql: string): Promise<AthenaAnswer> {
  statements.push(sql);
  await ready;
  const row = Object.entries(answers(keyCount)).find(([column]) => sql.includes(`AS ${column}`))?.[1];
  return { columns: [], rows: row === undefined ? [] : [row] };
}

function buildLedger(stack: Stack): void {
  const catalog = makeCatalog(stack);
  keyCount = catalog.spendKeys.length;
  const workGroup = new analytics.QueryWorkGroup(stack, 'Queries', { workGroupName: WORKGROUP });
  const notificationTopic = new invocationLogging.NotificationTopic(stack, 'Topic');
  const ledger = new analytics.UsageLedger(stack, 'Ledger', { catalog, workGroup, notificationTopic });
  new reconciliation.MonthlyClosing(stack, 'Closing', { catalog, ledger, workGroup, notificationTopic });
}

function stepFunctions(): SFNClient {
  return new SFNClient(aws.clientOptions);
}

async function start(input: object, construct = 'Ledger'): Promise<string> {
  const { stateMachines = [] } = await stepFunctions().send(new ListStateMachinesCommand({}));
  const found = stateMachines.find(({ name }) => name?.startsWith(`Ledger-${construct}`));
  const { executionArn = '' } = await stepFunctions().send(new StartExecutionCommand({
    stateMachineArn: found?.stateMachineArn, input: JSON.stringify(input),
  }));
  return executionArn;
}

/** How an execution ended. */
async function end(executionArn: string): Promise<DescribeExecutionOutput> {
  for (;;) {
    const execution = await stepFunctions().send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return execution;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

const run = async (input: object, construct?: string): Promise<DescribeExecutionOutput> => end(await start(input, construct));

/** The states that an execution entered last, the last one first. */
async function lastStates(executionArn: string): Promise<string[]> {
  const { events = [] } = await stepFunctions().send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 20 }));
  return events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
}

/** What Athena was asked to do, each once, in the order in which it came. */
function verbs(): string[] {
  return [...new Set(statements.map(sql => /^(?:--.*\n|\s)*([A-Z]+(?: INTO| TABLE)?)/.exec(sql)?.[1] ?? sql))];
}

test('a run makes the tables, merges, loads the bill, records itself and compacts', async () => {
  const { status, error, cause } = await run({ kind: 'hourly' });
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED', error: undefined, cause: undefined });
  expect(verbs()).toEqual(['CREATE TABLE', 'SELECT', 'MERGE INTO', 'INSERT INTO', 'OPTIMIZE', 'VACUUM']);
});

test('a run that meets an older one is skipped, and the older one gets through', async () => {
  let release = (): void => undefined;
  ready = new Promise(resolve => {
    release = resolve;
  });
  const older = await start({ kind: 'hourly' });
  const newer = await start({ kind: 'hourly' });
  const { status } = await end(newer);
  release();
  expect(status).toBe('SUCCEEDED');
  expect((await lastStates(newer))[0]).toBe('Skipped');
  expect(await end(older)).toMatchObject({ status: 'SUCCEEDED' });
  expect((await lastStates(older))[0]).toBe('Done');
});

test.each([
  ['a kind that there is not', { kind: 'daily' }, 'kind is "daily": use "hourly", "backfill" or "maintenance"'],
  ['a day that there is not', { kind: 'backfill', from: '2026-02-30', to: '2026-03-01' }, 'from is 2026-02-30: use the first day of the backfill in UTC, as in 2026-10-01'],
  ['a range that ends before it begins', { kind: 'backfill', from: '2026-10-02', to: '2026-10-01' }, 'to is 2026-10-01, before from, which is 2026-10-02: exchange them'],
])('fails on %s, before it asks anybody', async (_, input, cause) => {
  expect(await run(input)).toMatchObject({ status: 'FAILED', error: 'InvalidInput', cause });
  expect(athena.calls).toEqual([]);
});

test('a log object that cannot be read is remembered and left out, and the run gets through', async () => {
  athena.end({ state: 'FAILED', reason: `HIVE_CURSOR_ERROR: unexpected end of stream: ${CORRUPT}`, when: /AS log_lines/, times: 1 });
  expect(await run({ kind: 'hourly' })).toMatchObject({ status: 'SUCCEEDED' });
  const [remembered] = statements.filter(sql => sql.startsWith('INSERT INTO quarantined_objects'));
  expect(remembered).toContain(`VALUES ('${CORRUPT}', 'HIVE_CURSOR_ERROR: unexpected end of stream: ${CORRUPT}'`);
  expect(statements.filter(sql => sql.includes('AS log_lines')).at(-1)).toContain(`"$path" NOT IN ('${CORRUPT}')`);
});

test('what Athena refuses for a moment is tried again', async () => {
  athena.fail('StartQueryExecution', { code: 'TooManyRequestsException', message: 'Rate exceeded', times: 2 });
  athena.end({ state: 'FAILED', reason: 'ICEBERG_COMMIT_ERROR: Failed to commit Iceberg update', when: /^MERGE|INSERT INTO ledger_health/, times: 2 });
  expect(await run({ kind: 'hourly' })).toMatchObject({ status: 'SUCCEEDED' });
});

test('fails when Athena cannot make the tables', async () => {
  athena.end({ state: 'FAILED', reason: 'SCHEMA_NOT_FOUND', when: /^CREATE TABLE/ });
  expect(await run({ kind: 'hourly' })).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
});

test('a month that is settled is closed, and looked at once more', async () => {
  const closed = await start({ period: '2026-10' }, 'Closing');
  const { status, error, cause } = await end(closed);
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED', error: undefined, cause: undefined });
  expect((await lastStates(closed))[0]).toBe('Done');
  expect(verbs()).toEqual(['WITH', 'MERGE INTO']);
  expect(statements.find(sql => sql.startsWith('MERGE INTO closing_statements'))).toContain('2026-10');
});

test('fails to close a month that there is not, before it asks anybody', async () => {
  expect(await run({ period: '2026-13' }, 'Closing')).toMatchObject({
    status: 'FAILED', error: 'InvalidInput', cause: 'period is "2026-13": use a month, as in 2026-10',
  });
  expect(athena.calls).toEqual([]);
});
