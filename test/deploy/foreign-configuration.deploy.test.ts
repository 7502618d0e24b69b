import { GetParameterCommand, GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { invocationLogging } from '../../lib';
import { invalid } from '../support/bedrock-logging-endpoint';
import type { LocalAws } from './emulator/local-aws';
import { addRest } from './failing-resource';
import { FaultTable } from './fault-table';
import { type Build, calls, logging, outcome, THEIRS, useLocalAws, whose } from './region-world';

const { ADOPT, OVERWRITE } = invocationLogging.OnForeignConfiguration;
const THEIR_ROLE = 'arn:aws:iam::111122223333:role/their-role';
const THEIRS_TO_LOGS = { cloudWatchConfig: { logGroupName: 'their-logs', roleArn: THEIR_ROLE }, textDataDeliveryEnabled: true };
const table = new FaultTable('Somebody else\'s configuration');
const STACK = 'Ours';

let aws: LocalAws;

useLocalAws(started => {
  aws = started;
});

const region = (): ReturnType<LocalAws['bedrock']['region']> => aws.bedrock.region('us-east-1');

/** The logging that may overwrite, and may hand their role back. */
const restorable: Build = (stack: Stack) => {
  const restorableRole = iam.Role.fromRoleArn(stack, 'TheirRole', THEIR_ROLE);
  logging({ onForeignConfiguration: OVERWRITE, restorableRole })(stack);
};

/** The names of all that is remembered below a folder. */
async function remembered(folder: string): Promise<string[]> {
  const { Parameters } = await new SSMClient(aws.clientOptions).send(new GetParametersByPathCommand({
    Path: `/bedrock-cost-attribution/invocation-logging/${folder}`, Recursive: true,
  }));
  return (Parameters ?? []).map(({ Name }) => Name ?? '');
}

table.fault('a foreign configuration is there, and nothing is said about it', async () => {
  region().live = THEIRS;
  expect(await aws.deploy(STACK, logging())).toMatchObject({ succeeded: false });
  const observed = await outcome(aws, STACK);
  const reason = (await aws.reasons(STACK)).find(text => text.includes('three ways out')) ?? '';
  expect(reason).toMatch(/bucketName: found "their-bucket", wanted "\S+"/);
  await aws.destroy(STACK, logging());
  expect(region().live).toEqual(THEIRS);
  expect(observed).toBe('ROLLBACK_COMPLETE; live: theirs; 0 put, 0 deleted');
  return `${observed}; the error shows both and three ways out`;
});

table.fault('a foreign configuration is there, and is to be adopted', async () => {
  region().live = THEIRS;
  const build = logging({ onForeignConfiguration: ADOPT });
  expect(await aws.deploy(STACK, build)).toMatchObject({ succeeded: true });
  const observed = await outcome(aws, STACK);
  await aws.destroy(STACK, build);
  expect(region().live).toEqual(THEIRS);
  expect(observed).toBe('CREATE_COMPLETE; live: theirs; 0 put, 0 deleted');
  return `${observed}; destroying the stack: ${await outcome(aws, STACK)}`;
});

table.fault('a foreign configuration is there, and may be overwritten', async () => {
  region().live = THEIRS;
  const build = logging({ onForeignConfiguration: OVERWRITE });
  expect(await aws.deploy(STACK, build)).toMatchObject({ succeeded: true });
  const observed = await outcome(aws, STACK);
  expect(await aws.destroy(STACK, build)).toMatchObject({ succeeded: true });
  expect(region().live).toEqual(THEIRS);
  expect(await remembered('')).toEqual([]);
  expect(observed).toBe('CREATE_COMPLETE; live: ours; 1 put, 0 deleted');
  return `${observed}; destroying the stack: ${await outcome(aws, STACK)}`;
});

table.fault('a foreign configuration with a role is overwritten, and the role was named', async () => {
  region().live = THEIRS_TO_LOGS;
  expect(await aws.deploy(STACK, restorable)).toMatchObject({ succeeded: true });
  expect(await aws.destroy(STACK, restorable)).toMatchObject({ succeeded: true });
  const observed = await outcome(aws, STACK);
  expect(region().live).toEqual(THEIRS_TO_LOGS);
  expect(observed).toBe('no stack; live: theirs; 2 put, 0 deleted');
  return `destroying the stack: ${observed}`;
});

table.fault('a foreign configuration with a role is overwritten, and the role was not named', async () => {
  region().live = THEIRS_TO_LOGS;
  const build = logging({ onForeignConfiguration: OVERWRITE });
  await aws.deploy(STACK, build);
  expect(await aws.destroy(STACK, build)).toMatchObject({ succeeded: true });
  const observed = await outcome(aws, STACK);
  const [snapshot] = await remembered('snapshot');
  const { Parameter } = await new SSMClient(aws.clientOptions).send(new GetParameterCommand({ Name: snapshot }));
  expect(JSON.parse(Parameter?.Value ?? '')).toEqual({ configuration: THEIRS_TO_LOGS });
  expect(observed).toBe('no stack; live: none; 1 put, 1 deleted');
  return `destroying the stack: ${observed}; theirs is kept in an SSM parameter`;
});

table.fault('a foreign configuration is overwritten, and the service does not take it back', async () => {
  region().live = THEIRS;
  const build = logging({ onForeignConfiguration: OVERWRITE });
  await aws.deploy(STACK, build);
  region().fail('Put', invalid('The bucket does not exist.'), Infinity);
  expect(await aws.destroy(STACK, build)).toMatchObject({ succeeded: true });
  const observed = await outcome(aws, STACK);
  expect(observed).toBe('no stack; live: none; 2 put, 1 deleted');
  return `destroying the stack: ${observed}; theirs is kept in an SSM parameter`;
});

table.fault('a foreign configuration is overwritten, and then another resource of the new stack fails', async () => {
  region().live = THEIRS;
  const build: Build = stack => {
    const store = new invocationLogging.InvocationLogStore(stack, 'Store');
    addRest(stack, 'FAILED', new invocationLogging.InvocationLogging(stack, 'Logging', { store, onForeignConfiguration: OVERWRITE }));
  };
  expect(await aws.deploy(STACK, build)).toMatchObject({ succeeded: false });
  const observed = await outcome(aws, STACK);
  await aws.destroy(STACK, build);
  expect(region().live).toEqual(THEIRS);
  expect(observed).toBe('ROLLBACK_COMPLETE; live: theirs; 2 put, 0 deleted');
  return `${observed}: the account is as it was`;
});

table.fault('our own configuration was changed by hand before an update', async () => {
  await aws.deploy(STACK, logging({}, { keyPrefix: 'before' }));
  region().live = THEIRS;
  expect(await aws.deploy(STACK, logging({}, { keyPrefix: 'after' }))).toMatchObject({ succeeded: false });
  const observed = await outcome(aws, STACK);
  expect(observed).toBe('UPDATE_ROLLBACK_COMPLETE; live: theirs; 1 put, 0 deleted');
  await aws.destroy(STACK, logging());
  return observed;
});

table.fault('a foreign tool took the Region over before the stack is destroyed', async () => {
  await aws.deploy(STACK, logging());
  region().live = THEIRS;
  expect(await aws.destroy(STACK, logging())).toMatchObject({ succeeded: true });
  const observed = await outcome(aws, STACK);
  expect(region().live).toEqual(THEIRS);
  expect(observed).toBe('no stack; live: theirs; 1 put, 0 deleted');
  return observed;
});

table.fault('two stacks want to log in one Region', async () => {
  await aws.deploy(STACK, logging());
  expect(await aws.deploy('Second', logging())).toMatchObject({ succeeded: false });
  const observed = await outcome(aws, 'Second');
  const reasons = (await aws.reasons('Second')).join('\n');
  expect(reasons).toMatch(/It was put by the stack arn:aws:cloudformation:us-east-1:111122223333:stack\/Ours\//);
  await aws.destroy('Second', logging());
  expect(whose(aws)).toBe('ours');
  expect(calls(aws, 'Delete')).toBe(0);
  await aws.destroy(STACK, logging());
  expect(whose(aws)).toBe('none');
  return `the second one: ${observed}; the error names the first one, which keeps its configuration`;
});

table.holdsAgainstDocument();
