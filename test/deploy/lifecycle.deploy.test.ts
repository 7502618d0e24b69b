import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { invocationLogging } from '../../lib';
import type { LocalAws } from './emulator/local-aws';
import { addRest } from './failing-resource';
import { FaultTable } from './fault-table';
import { type Build, calls, logging, outcome, useLocalAws, whose } from './region-world';

const { CLOUDWATCH_LOGS, S3 } = invocationLogging.InvocationLogDestination;
const table = new FaultTable('The life of one stack');
const STACK = 'Lifecycle';

let aws: LocalAws;

useLocalAws(started => {
  aws = started;
});

/** The whole of what a Region has. */
const everything: Build = stack => {
  const archive = new invocationLogging.InvocationLogArchive(stack, 'Archive', {
    sources: invocationLogging.ArchivedAccounts.fromAccounts([stack.account]), removalPolicy: RemovalPolicy.DESTROY,
  });
  const notificationTopic = new invocationLogging.NotificationTopic(stack, 'Notifications');
  const store = new invocationLogging.InvocationLogStore(stack, 'Store', {
    destinations: [S3, CLOUDWATCH_LOGS], archive, replication: { alarmTopic: notificationTopic }, removalPolicy: RemovalPolicy.DESTROY,
  });
  const all = new invocationLogging.InvocationLogging(stack, 'Logging', { store, notificationTopic });
  new invocationLogging.InvocationLoggingDriftGuard(stack, 'DriftGuard', { logging: all });
  new invocationLogging.InvocationLogDeliveryAlarms(stack, 'Alarms', { logging: all });
};

test('everything is deployed, deployed again without a change, and destroyed', async () => {
  expect(await aws.deploy(STACK, everything)).toMatchObject({ succeeded: true });
  expect(aws.bedrock.region('us-east-1').live).toEqual({
    s3Config: { bucketName: expect.any(String) },
    cloudWatchConfig: { logGroupName: expect.any(String), roleArn: expect.stringMatching(/^arn:aws:iam::111122223333:role\//) },
    textDataDeliveryEnabled: false,
    imageDataDeliveryEnabled: false,
    embeddingDataDeliveryEnabled: false,
    videoDataDeliveryEnabled: false,
    audioDataDeliveryEnabled: false,
  });
  expect((await aws.deploy(STACK, everything)).output).toContain('no changes');
  expect(calls(aws, 'Put')).toBe(1);
  expect(await aws.destroy(STACK, everything)).toMatchObject({ succeeded: true });
  expect(await aws.stackStatus(STACK)).toBeUndefined();
  expect(whose(aws)).toBe('none');
});

test('an update puts the new configuration', async () => {
  await aws.deploy(STACK, logging());
  expect(await aws.deploy(STACK, logging({}, { keyPrefix: 'calls' }))).toMatchObject({ succeeded: true });
  expect(aws.bedrock.region('us-east-1').live).toMatchObject({ s3Config: { keyPrefix: 'calls' } });
  await aws.destroy(STACK, logging());
});

/** The logging, and a resource after it that succeeds or fails. */
const withRest = (answer: 'SUCCESS' | 'FAILED', keyPrefix?: string): Build => (stack: Stack) => {
  const store = new invocationLogging.InvocationLogStore(stack, 'Store', { keyPrefix });
  addRest(stack, answer, new invocationLogging.InvocationLogging(stack, 'Logging', { store }));
};

table.fault('another resource of the stack fails after the logging was created', async () => {
  expect(await aws.deploy(STACK, withRest('FAILED'))).toMatchObject({ succeeded: false });
  const observed = await outcome(aws, STACK);
  await aws.destroy(STACK, withRest('FAILED'));
  expect(observed).toBe('ROLLBACK_COMPLETE; live: none; 1 put, 1 deleted');
  return observed;
});

table.fault('another resource of the stack fails after the logging was updated', async () => {
  await aws.deploy(STACK, withRest('SUCCESS', 'before'));
  expect(await aws.deploy(STACK, withRest('FAILED', 'after'))).toMatchObject({ succeeded: false });
  expect(aws.bedrock.region('us-east-1').live).toMatchObject({ s3Config: { keyPrefix: 'before' } });
  const observed = await outcome(aws, STACK);
  await aws.destroy(STACK, withRest('SUCCESS', 'before'));
  expect(observed).toBe('UPDATE_ROLLBACK_COMPLETE; live: ours; 3 put, 0 deleted');
  return `${observed}; the configuration is the one from before the update`;
});

/** The logging under a construct id. */
const named = (id: string): Build => (stack: Stack) => {
  new invocationLogging.InvocationLogging(stack, id, { store: new invocationLogging.InvocationLogStore(stack, 'Store') });
};

table.fault('the resource is replaced, because the construct got another id', async () => {
  await aws.deploy(STACK, named('Before'));
  expect(await aws.deploy(STACK, named('After'))).toMatchObject({ succeeded: true });
  const observed = await outcome(aws, STACK);
  expect(observed).toBe('UPDATE_COMPLETE; live: ours; 1 put, 0 deleted');
  await aws.destroy(STACK, named('After'));
  expect(whose(aws)).toBe('none');
  return observed;
});

table.fault('the configuration was deleted by hand before the stack is destroyed', async () => {
  await aws.deploy(STACK, logging());
  aws.bedrock.region('us-east-1').live = undefined;
  expect(await aws.destroy(STACK, logging())).toMatchObject({ succeeded: true });
  const observed = await outcome(aws, STACK);
  expect(observed).toBe('no stack; live: none; 1 put, 0 deleted');
  return observed;
});

table.holdsAgainstDocument();
