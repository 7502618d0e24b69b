import {
  type BedrockClient, type BedrockClientConfig, DeleteModelInvocationLoggingConfigurationCommand,
  type DeleteModelInvocationLoggingConfigurationCommandInput as DeleteInput, GetModelInvocationLoggingConfigurationCommand,
  type GetModelInvocationLoggingConfigurationCommandInput as GetInput, PutModelInvocationLoggingConfigurationCommand,
  type PutModelInvocationLoggingConfigurationCommandInput as PutInput,
} from '@aws-sdk/client-bedrock';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { Finding } from '../../../lib/invocation-logging/handlers/check-drift.lambda-shared';
import { StackParameter } from '../../../lib/invocation-logging/handlers/constants';
import type { DriftGuardEvent } from '../../../lib/invocation-logging/handlers/drift-guard.lambda';
import { OnForeignConfiguration } from '../../../lib/invocation-logging/handlers/enums';
import { CLIENT_OPTIONS } from '../../../lib/private/handlers/real-world.lambda-shared';
import {
  BedrockLoggingEndpoint, type Failure, invalid, LOST_CONNECTION, LOST_CONNECTION_AFTER, type LoggingRegion, type Operation,
  permissionsForBucket, permissionsForLogGroup, SERVER_FAULT, THROTTLED,
} from '../../support/bedrock-logging-endpoint';
import {
  createEvent, deleteEvent, type Extras, HandlerWorld, OTHER_STACK_ID, OUR_EARLIER, OURS, PHYSICAL_ID, STACK_ID, updateEvent,
} from './handler-world';
import { WAYS, wireClient } from './wire-client';

const ROLE = 'arn:aws:iam::111122223333:role/logs';
const TO_LOG_GROUP = { ...OURS, cloudWatchConfig: { logGroupName: 'logs', roleArn: ROLE } };
const FOREIGN = { s3Config: { bucketName: 'their-bucket', keyPrefix: 'theirs/' }, textDataDeliveryEnabled: true };
const ADOPT: Extras = { onForeign: OnForeignConfiguration.ADOPT };
const OVERWRITE: Extras = { onForeign: OnForeignConfiguration.OVERWRITE };
const DAILY = { 'detail-type': 'Scheduled Event', 'detail': {} } as DriftGuardEvent;

let endpoint: BedrockLoggingEndpoint;
let region: LoggingRegion;
let world: HandlerWorld;

/** Sends commands over the wire, as a client that is not mocked does. */
let send: BedrockClient['send'];

beforeAll(async () => {
  endpoint = await BedrockLoggingEndpoint.start();
  region = endpoint.region('eu-west-1');
});

beforeEach(() => {
  region.reset();
  connect({ maxAttempts: 1 });
});

afterEach(() => {
  world.restore();
});

afterAll(() => endpoint.stop());

/** Makes a world in which the calls of the handlers go over the wire. */
function connect(options: BedrockClientConfig): void {
  const client = wireClient(endpoint.url, options);
  send = client.send.bind(client); // before the world mocks what all clients send
  world = new HandlerWorld();
  forward();
}

/** Comes between a call of the handlers and the wire. */
type Interception = (operation: Operation, call: () => Promise<object>) => Promise<object>;

/** Has the calls of the handlers sent by the client that is not mocked. */
function forward(intercept: Interception = (_operation, call) => call()): void {
  world.bedrock.on(GetModelInvocationLoggingConfigurationCommand)
    .callsFake((input: GetInput) => intercept('Get', () => send(new GetModelInvocationLoggingConfigurationCommand(input))));
  world.bedrock.on(PutModelInvocationLoggingConfigurationCommand)
    .callsFake((input: PutInput) => intercept('Put', () => send(new PutModelInvocationLoggingConfigurationCommand(input))));
  world.bedrock.on(DeleteModelInvocationLoggingConfigurationCommand)
    .callsFake((input: DeleteInput) => intercept('Delete', () => send(new DeleteModelInvocationLoggingConfigurationCommand(input))));
}

/** Runs a request until the function is killed during an operation: before its call has left, or before the answer to it has come. */
async function killDuring(operation: Operation, moment: 'before' | 'after', event: CloudFormationCustomResourceEvent): Promise<void> {
  await new Promise<void>((killed, survived) => {
    forward(async (called, call) => {
      if (called !== operation) return call();
      if (moment === 'after') await call();
      killed();
      return new Promise<never>(() => undefined);
    });
    world.request(event).then(answer => { survived(new Error(answer.Reason)); }, survived);
  });
  forward();
}

const calls = (operation: Operation): number => region.calls.filter(call => call.operation === operation).length;
const report = async (): Promise<unknown> => (await send(new GetModelInvocationLoggingConfigurationCommand({}))).loggingConfig;
const ofStack = (StackId: string, event: CloudFormationCustomResourceEvent): CloudFormationCustomResourceEvent => ({ ...event, StackId });
const ofResource = (LogicalResourceId: string, event: CloudFormationCustomResourceEvent): CloudFormationCustomResourceEvent =>
  ({ ...event, LogicalResourceId });

describe.each(WAYS)('where the service reports false: $reportsFalse, unsent as true: $reportsUnsentAsTrue, prefixes $reportsPrefix,', undocumented => {
  beforeEach(() => {
    region.undocumented = undocumented;
  });

  /** Deploys our configuration where nothing is. */
  const deploy = async (configuration: object = OURS): Promise<void> => {
    expect(await world.request(createEvent(configuration))).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: PHYSICAL_ID });
    expect(region.live).toEqual(configuration);
  };

  test('a configuration comes, is in order, is kept by an update that changes nothing, and goes', async () => {
    await deploy();
    expect(await world.check(DAILY)).toBe(Finding.IN_ORDER);
    expect(await world.request(updateEvent(OURS, OURS))).toMatchObject({ Status: 'SUCCESS', Data: { BucketName: 'our-bucket' } });
    expect(calls('Put')).toBe(1);
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(region.live).toBeUndefined();
    expect(world.parameters.size).toBe(0);
  });

  describe('a foreign configuration', () => {
    let reported: unknown;

    beforeEach(async () => {
      region.live = FOREIGN;
      reported = await report();
    });

    test('fails a creation and stays, also when that is rolled back', async () => {
      const answer = await world.request(createEvent());
      expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/found "their-bucket", wanted "our-bucket"/) });
      expect((await world.request(deleteEvent(OURS, answer.PhysicalResourceId))).Status).toBe('SUCCESS');
      expect(region.live).toBe(FOREIGN);
      expect(calls('Put') + calls('Delete')).toBe(0);
    });

    test('is adopted and stays, also when the stack goes', async () => {
      expect(await world.request(createEvent(OURS, ADOPT))).toMatchObject({ Status: 'SUCCESS', Data: { BucketName: 'their-bucket' } });
      expect(await world.check(DAILY)).toBe(Finding.IN_ORDER);
      expect((await world.request(deleteEvent(OURS, PHYSICAL_ID, ADOPT))).Status).toBe('SUCCESS');
      expect(region.live).toBe(FOREIGN);
      expect(calls('Put') + calls('Delete')).toBe(0);
    });

    test('is overwritten, and is back when the stack goes', async () => {
      expect((await world.request(createEvent(OURS, OVERWRITE))).Status).toBe('SUCCESS');
      expect(region.live).toEqual(OURS);
      expect((await world.request(deleteEvent(OURS, PHYSICAL_ID, OVERWRITE))).Status).toBe('SUCCESS');
      expect(await report()).toEqual(reported);
      expect(calls('Delete')).toBe(0);
      expect(world.parameters.size).toBe(0);
    });

    test.each(['before', 'after'] as const)('is kept, not ours, when the function is killed %s its put is done, and is run again', async moment => {
      await killDuring('Put', moment, createEvent(OURS, OVERWRITE));
      expect((await world.request(createEvent(OURS, OVERWRITE))).Status).toBe('SUCCESS');
      expect(region.live).toEqual(OURS);
      expect(world.memory(StackParameter.SNAPSHOT)).toEqual({ configuration: reported });
      await world.request(deleteEvent(OURS, PHYSICAL_ID, OVERWRITE));
      expect(await report()).toEqual(reported);
    });

    test('is back when the answer to its restoration is lost', async () => {
      await world.request(createEvent(OURS, OVERWRITE));
      region.fail('Put', LOST_CONNECTION_AFTER, 1);
      expect((await world.request(deleteEvent(OURS, PHYSICAL_ID, OVERWRITE))).Status).toBe('SUCCESS');
      expect(await report()).toEqual(reported);
      expect(world.parameters.size).toBe(0);
    });
  });

  test('our configuration, changed by hand, fails an update, is put back by the drift guard, and then takes the update', async () => {
    await deploy(OUR_EARLIER);
    region.live = { ...OUR_EARLIER, textDataDeliveryEnabled: true };
    expect(await world.request(updateEvent(OURS, OUR_EARLIER)))
      .toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('textDataDeliveryEnabled: found true, wanted false') });
    expect((await world.request(updateEvent(OUR_EARLIER, OURS))).Status).toBe('SUCCESS');
    expect(await world.check(DAILY)).toBe(Finding.REPAIRED);
    expect(region.live).toEqual(OUR_EARLIER);
    expect((await world.request(updateEvent(OURS, OUR_EARLIER))).Status).toBe('SUCCESS');
    expect(region.live).toEqual(OURS);
  });

  test('our configuration, changed by hand, stays when the stack goes', async () => {
    await deploy();
    const changed = { ...OURS, audioDataDeliveryEnabled: true };
    region.live = changed;
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(region.live).toBe(changed);
  });

  test('our configuration, deleted by hand, is put back by the drift guard', async () => {
    await deploy();
    region.live = undefined;
    expect(await world.check(DAILY)).toBe(Finding.REPAIRED);
    expect(region.live).toEqual(OURS);
  });

  test('our configuration, deleted by hand, is put by an update, and its end is none', async () => {
    await deploy();
    region.live = undefined;
    expect((await world.request(updateEvent(OUR_EARLIER, OURS))).Status).toBe('SUCCESS');
    expect(region.live).toEqual(OUR_EARLIER);
    region.live = undefined;
    expect((await world.request(deleteEvent(OUR_EARLIER))).Status).toBe('SUCCESS');
    expect(calls('Delete')).toBe(0);
  });

  describe.each<[string, Failure]>([
    ['the bucket', permissionsForBucket('our-bucket')],
    ['the log group', permissionsForLogGroup('logs', ROLE)],
  ])('a refusal of %s', (_case, refusal) => {
    test('that passes after five times delays a creation and an update', async () => {
      region.fail('Put', refusal, 5);
      await deploy(TO_LOG_GROUP);
      expect(calls('Put')).toBe(6);
      region.fail('Put', refusal, 5);
      expect((await world.request(updateEvent(OUR_EARLIER, TO_LOG_GROUP))).Status).toBe('SUCCESS');
      expect(calls('Put')).toBe(12);
      expect(world.sleeps).toHaveLength(10);
    });

    test('that passes after two minutes delays a creation', async () => {
      const then = world.now + 120_000;
      region.validate = () => world.now < then ? refusal : undefined;
      await deploy(TO_LOG_GROUP);
    });

    test('that never passes fails a creation, which leaves nothing', async () => {
      region.fail('Put', refusal, Infinity);
      const answer = await world.request(createEvent(TO_LOG_GROUP));
      expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(refusal.message) });
      expect(answer.Reason).toContain('KMS key');
      expect((await world.request(deleteEvent(TO_LOG_GROUP, answer.PhysicalResourceId))).Status).toBe('SUCCESS');
      expect(world.parameters.size).toBe(0);
      expect(calls('Delete')).toBe(0);
    });
  });

  test.each([
    ['The log group logs exists.', [{ logGroupName: 'logs' }]],
    ['The log group logs does not exist.', []],
  ])('a refusal of the log group that never passes is explained: %s', async (sentence, logGroups) => {
    world.logs.on(DescribeLogGroupsCommand).resolves({ logGroups });
    region.validate = () => permissionsForLogGroup('logs', ROLE);
    expect(await world.request(createEvent(TO_LOG_GROUP))).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(sentence) });
  });

  test.each([
    ['throttling', THROTTLED],
    ['faults of the service', SERVER_FAULT],
    ['connections that break before anything is done', LOST_CONNECTION],
  ])('%s delay a creation and a deletion', async (_case, failure) => {
    for (const operation of ['Get', 'Put', 'Delete'] as const) region.fail(operation, failure, 2);
    await deploy();
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(region.live).toBeUndefined();
    expect(world.sleeps).toHaveLength(6);
  });

  test('a put whose answer is lost is recognised, not repeated', async () => {
    region.fail('Put', LOST_CONNECTION_AFTER, 1);
    await deploy();
    expect(calls('Put')).toBe(1);
  });

  test('a put whose answer is lost, and after which the service fails, is undone by the rollback', async () => {
    region.validate = () => {
      region.fail('Get', SERVER_FAULT, Infinity);
      return LOST_CONNECTION_AFTER;
    };
    const answer = await world.request(createEvent());
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: PHYSICAL_ID });
    region.recover();
    expect(region.live).toEqual(OURS);
    expect((await world.request(deleteEvent(OURS, answer.PhysicalResourceId))).Status).toBe('SUCCESS');
    expect(region.live).toBeUndefined();
    expect(world.parameters.size).toBe(0);
  });

  test('a deletion whose answer is lost succeeds and leaves nothing', async () => {
    await deploy();
    region.fail('Delete', LOST_CONNECTION_AFTER, 1);
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(region.live).toBeUndefined();
    expect(world.parameters.size).toBe(0);
  });

  test.each(['before', 'after'] as const)('a function that is killed %s its put is done knows its own when it is run again', async moment => {
    await killDuring('Put', moment, createEvent());
    await deploy();
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(region.live).toBeUndefined();
    expect(world.parameters.size).toBe(0);
  });

  test.each(['before', 'after'] as const)('a function that is killed %s its put is done, and is not run again, is rolled back', async moment => {
    await killDuring('Put', moment, createEvent());
    // CloudFormation got no answer, and has made up an id
    expect((await world.request(deleteEvent(OURS, 'logging-Logging-1A2B3C'))).Status).toBe('SUCCESS');
    expect(region.live).toBeUndefined();
    expect(world.parameters.size).toBe(0);
  });

  test.each(['before', 'after'] as const)('a function that is killed %s its deletion is done leaves nothing when it is run again', async moment => {
    await deploy();
    await killDuring('Delete', moment, deleteEvent());
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(region.live).toBeUndefined();
    expect(world.parameters.size).toBe(0);
  });

  test.each(['before', 'after'] as const)('a function that is killed %s the put of an update is done can be rolled back', async moment => {
    await deploy(OUR_EARLIER);
    await killDuring('Put', moment, updateEvent(OURS, OUR_EARLIER));
    expect((await world.request(updateEvent(OUR_EARLIER, OURS))).Status).toBe('SUCCESS');
    expect(region.live).toEqual(OUR_EARLIER);
  });

  test('an update that the service refuses is rolled back', async () => {
    await deploy(OUR_EARLIER);
    region.fail('Put', invalid('The bucket name is not valid.'), 1);
    expect(await world.request(updateEvent(OURS, OUR_EARLIER))).toMatchObject({ Status: 'FAILED', Reason: 'The bucket name is not valid.' });
    expect((await world.request(updateEvent(OUR_EARLIER, OURS))).Status).toBe('SUCCESS');
    expect(region.live).toEqual(OUR_EARLIER);
    expect(await world.check(DAILY)).toBe(Finding.IN_ORDER);
  });

  test('an update that was applied is rolled back', async () => {
    await deploy(OUR_EARLIER);
    expect((await world.request(updateEvent(OURS, OUR_EARLIER))).Status).toBe('SUCCESS');
    expect((await world.request(updateEvent(OUR_EARLIER, OURS))).Status).toBe('SUCCESS');
    expect(region.live).toEqual(OUR_EARLIER);
    expect(await world.check(DAILY)).toBe(Finding.IN_ORDER);
  });

  test('a resource that replaces another keeps logging on, and ends it when it goes itself', async () => {
    await deploy();
    expect((await world.request(ofResource('NewLogging', createEvent()))).Status).toBe('SUCCESS');
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(region.live).toEqual(OURS);
    expect(await world.check(DAILY)).toBe(Finding.IN_ORDER);
    expect((await world.request(ofResource('NewLogging', deleteEvent()))).Status).toBe('SUCCESS');
    expect(region.live).toBeUndefined();
  });

  test('a foreign tool that took over keeps its configuration when the stack goes', async () => {
    await deploy();
    region.live = FOREIGN;
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(region.live).toBe(FOREIGN);
    expect(world.parameters.size).toBe(0);
  });

  test.each([
    ['another configuration', OUR_EARLIER],
    ['the very same configuration', OURS],
  ])('a second stack that wants %s fails, naming the first one, which keeps its own', async (_case, configuration) => {
    await deploy();
    const answer = await world.request(ofStack(OTHER_STACK_ID, createEvent(configuration)));
    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(`It was put by the stack ${STACK_ID}.`) });
    expect((await world.request(ofStack(OTHER_STACK_ID, deleteEvent(configuration, answer.PhysicalResourceId)))).Status).toBe('SUCCESS');
    expect(region.live).toEqual(OURS);
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(region.live).toBeUndefined();
  });

  describe('prefixes', () => {
    const withPrefixes = (keyPrefix: string): object => ({
      ...OURS,
      s3Config: { bucketName: 'our-bucket', keyPrefix },
      cloudWatchConfig: { logGroupName: 'logs', roleArn: ROLE, largeDataDeliveryS3Config: { bucketName: 'our-bucket', keyPrefix } },
    });

    test.each([
      ['of the longest length', 'p'.repeat(1024)],
      ['of the longest length, in characters that JSON writes with two', '"'.repeat(1024)],
      ['with a slash at the end', 'calls/'],
      ['that are empty', ''],
    ])('%s come, are in order and go', async (_case, keyPrefix) => {
      const configuration = withPrefixes(keyPrefix);
      await deploy(configuration);
      expect(await world.check(DAILY)).toBe(Finding.IN_ORDER);
      expect((await world.request(deleteEvent(configuration))).Status).toBe('SUCCESS');
      expect(region.live).toBeUndefined();
    });

    test('that are too long fail at once, with the reason of the service, and leave nothing', async () => {
      const answer = await world.request(createEvent(withPrefixes('p'.repeat(1025))));
      expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('keyPrefix failed to satisfy a constraint') });
      expect(world.sleeps).toEqual([]);
      expect(world.parameters.size).toBe(0);
    });
  });
});

test('the retries of the client, as the function builds it, and those of the handler end well together', async () => {
  world.restore();
  connect(CLIENT_OPTIONS);
  region.fail('Put', THROTTLED, 4);
  expect((await world.request(createEvent())).Status).toBe('SUCCESS');
  expect(calls('Put')).toBe(5);
  expect(world.sleeps).toHaveLength(1);
});
