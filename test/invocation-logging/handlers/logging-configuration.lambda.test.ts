import {
  DeleteModelInvocationLoggingConfigurationCommand, GetModelInvocationLoggingConfigurationCommand,
  PutModelInvocationLoggingConfigurationCommand,
} from '@aws-sdk/client-bedrock';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { OWNER_PARAMETER } from '../../../lib/invocation-logging/handlers/constants';
import {
  createEvent, deleteEvent, FOREIGN, HandlerWorld, OTHER_STACK_ID, OUR_EARLIER, OURS, PHYSICAL_ID, serviceError, STACK_ID,
  updateEvent,
} from './handler-world';

const LOG_GROUP_REFUSED = serviceError('ValidationException',
  'Failed to validate permissions for log group: logs, with role: role. Verify the IAM role permissions are correct.');
const BUCKET_REFUSED = serviceError('ValidationException', 'Failed to validate permissions for bucket our-bucket. Verify the S3 bucket policy.');
const TO_LOG_GROUP = { ...OURS, cloudWatchConfig: { logGroupName: 'logs', roleArn: 'role' } };
const THROTTLED = serviceError('ThrottlingException', 'Rate exceeded');

let world: HandlerWorld;

beforeEach(() => {
  world = new HandlerWorld();
  world.live(undefined);
  world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).resolves({});
  world.bedrock.on(DeleteModelInvocationLoggingConfigurationCommand).resolves({});
});

afterEach(() => {
  world.restore();
});

describe('create', () => {
  test('puts the configuration, booleans as booleans, where none is', async () => {
    const answer = await world.request(createEvent());
    expect(world.puts).toEqual([OURS]);
    expect(answer).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: PHYSICAL_ID,
      StackId: STACK_ID,
      RequestId: 'request-1',
      LogicalResourceId: 'Logging',
    });
  });

  test('leaves its own configuration alone when the request is repeated', async () => {
    world.live(OURS);
    world.ownedBy(STACK_ID, OURS);
    expect(await world.request(createEvent())).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: PHYSICAL_ID });
    expect(world.puts).toEqual([]);
  });

  test('recognises its own configuration after the function died in the middle of the put', async () => {
    world.serve();
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).callsFake(() => {
      world.live(OURS);
      throw new Error('the function is gone');
    });
    await world.request(createEvent());
    expect(await world.request(createEvent())).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: PHYSICAL_ID });
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(world.removals).toBe(1);
  });

  test('fails on a configuration that is just as wanted, but that nobody of this stack has put', async () => {
    world.live(OURS);
    expect((await world.request(createEvent())).Status).toBe('FAILED');
    expect(world.owner).toBeUndefined();
  });

  test('tells CloudFormation what the service reports', async () => {
    world.serve();
    const { Data } = await world.request(createEvent());
    expect(Data).toMatchObject({ BucketName: 'our-bucket', KeyPrefix: 'logs', TextDataDeliveryEnabled: 'false', LogGroupName: '' });
  });

  test('fails on a foreign configuration, showing both and the ways out, and touches nothing', async () => {
    world.live(FOREIGN);
    const answer = await world.request(createEvent());
    expect(answer.Status).toBe('FAILED');
    expect(answer.Reason).toContain('s3Config.bucketName: found "their-bucket", wanted "our-bucket"');
    expect(answer.Reason).toContain('s3Config.keyPrefix: found nothing, wanted "logs"');
    expect(answer.Reason).toContain('textDataDeliveryEnabled: found true, wanted false');
    expect(answer.Reason).toMatch(/1\. .*ADOPT/);
    expect(answer.Reason).toMatch(/2\. .*OVERWRITE/);
    expect(answer.Reason).toContain('aws bedrock delete-model-invocation-logging-configuration');
    expect(world.puts).toEqual([]);
    expect(world.removals).toBe(0);
    expect(world.sleeps).toEqual([]);
  });

  test('fails on the configuration of another stack, naming it, even when both want the same', async () => {
    world.live(OURS);
    world.ownedBy(OTHER_STACK_ID, OURS);
    const failed = await world.request(createEvent());
    expect(failed.Status).toBe('FAILED');
    expect(failed.Reason).toContain(`It was put by the stack ${OTHER_STACK_ID}.`);
    expect(world.puts).toEqual([]);
  });

  test('takes over where the configuration that another stack had put is gone', async () => {
    world.ownedBy(OTHER_STACK_ID, OURS);
    expect((await world.request(createEvent())).Status).toBe('SUCCESS');
    expect(world.owner).toContain(STACK_ID);
  });

  test('leaves its name, over a name that cannot be read too', async () => {
    world.parameters.set(OWNER_PARAMETER, 'unreadable');
    await world.request(createEvent());
    expect(JSON.parse(world.owner ?? '')).toEqual({ stackId: STACK_ID, logicalId: 'Logging', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test('fails, putting nothing, when its name could not be left', async () => {
    world.ssm.on(PutParameterCommand).rejects(new Error('socket hang up'));
    expect(await world.request(createEvent())).toMatchObject({ Status: 'FAILED', PhysicalResourceId: `${PHYSICAL_ID}-never-created` });
    expect(world.puts).toEqual([]);
  });

  test('fails, keeping the rollback able to clean up, when the configuration was put but what to expect could not be noted', async () => {
    world.ssm.on(PutParameterCommand, { Name: '/bedrock-cost-attribution/invocation-logging/expected/0a1b' }).rejects(new Error('socket hang up'));
    expect(await world.request(createEvent())).toMatchObject({ Status: 'FAILED', PhysicalResourceId: PHYSICAL_ID });
  });

  test('fails, leaving no name, when the service refuses for good', async () => {
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejects(serviceError('ValidationException', 'no'));
    await world.request(createEvent());
    expect(world.parameters.size).toBe(0);
  });

  test('fails on a foreign configuration that appears while it waits for permissions', async () => {
    world.bedrock.on(GetModelInvocationLoggingConfigurationCommand)
      .resolvesOnce({}).resolvesOnce({}).resolves({ loggingConfig: FOREIGN });
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejects(LOG_GROUP_REFUSED);
    expect((await world.request(createEvent())).Reason).toContain('their-bucket');
    expect(world.puts).toHaveLength(2);
  });

  test.each([
    ['the log group message', LOG_GROUP_REFUSED],
    ['the bucket message', BUCKET_REFUSED],
    ['throttling', THROTTLED],
    ['a policy of its own that has not arrived yet', serviceError('AccessDeniedException', 'not authorized')],
    ['a fault of the service', serviceError('InternalServerException', 'oops', 'server')],
  ])('tries again after %s until it works', async (_case, error) => {
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejectsOnce(error).rejectsOnce(error).rejectsOnce(error).resolves({});
    expect(await world.request(createEvent())).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: PHYSICAL_ID });
    expect(world.puts).toHaveLength(4);
    expect(world.sleeps).toEqual([1_500, 3_000, 6_000]);
  });

  test.each([
    ['the log group', LOG_GROUP_REFUSED, 'the log group does not exist'],
    ['the bucket', BUCKET_REFUSED, 'KMS key policy'],
  ])('fails after three minutes of refusals for %s and says what else the message may mean', async (_case, error, cause) => {
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejects(error);
    const answer = await world.request(createEvent());
    expect(answer.Status).toBe('FAILED');
    expect(answer.Reason).toContain(error.message);
    expect(answer.Reason).toContain(cause);
    const waited = world.sleeps.reduce((sum, sleep) => sum + sleep, 0);
    expect(waited).toBeGreaterThan(120_000);
    expect(waited).toBeLessThanOrEqual(180_000);
  });

  test.each([
    ['exists', [{ logGroupName: 'logs' }], 'The log group logs exists.'],
    ['is missing', [], 'The log group logs does not exist.'],
    ['is missing, but one with a longer name is there', [{ logGroupName: 'logs-of-others' }], 'The log group logs does not exist.'],
  ])('says, when the log group %s, just that', async (_case, logGroups, sentence) => {
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejects(LOG_GROUP_REFUSED);
    world.logs.on(DescribeLogGroupsCommand).resolves({ logGroups });
    expect((await world.request(createEvent(TO_LOG_GROUP))).Reason).toContain(sentence);
  });

  test('says so when it could not find out whether the log group exists', async () => {
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejects(LOG_GROUP_REFUSED);
    world.logs.on(DescribeLogGroupsCommand).rejects(new Error('denied'));
    expect((await world.request(createEvent(TO_LOG_GROUP))).Reason).toContain('Whether the log group logs exists could not be found out.');
  });

  test('fails at once, with a sentence, in a Region without Bedrock', async () => {
    const error = Object.assign(new Error('getaddrinfo ENOTFOUND bedrock.xx-nowhere-1.amazonaws.com'), { code: 'ENOTFOUND' });
    world.bedrock.on(GetModelInvocationLoggingConfigurationCommand).rejects(error);
    const answer = await world.request(createEvent());
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: `${PHYSICAL_ID}-never-created` });
    expect(answer.Reason).toContain('Amazon Bedrock has no endpoint in this Region');
    expect(world.sleeps).toEqual([]);
  });

  test('tries again after a lost connection', async () => {
    world.serve();
    const lost = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    world.bedrock.on(GetModelInvocationLoggingConfigurationCommand).rejectsOnce(lost).resolves({});
    expect((await world.request(createEvent())).Status).toBe('SUCCESS');
  });

  test('says nothing about permissions when it gives up on throttling', async () => {
    world.bedrock.on(GetModelInvocationLoggingConfigurationCommand).rejects(THROTTLED);
    expect((await world.request(createEvent())).Reason).toMatch(/^gave up after \d+ attempts in \d+ s: Rate exceeded$/);
  });

  test.each([
    ['an invalid configuration', serviceError('ValidationException', 'bucketName is too short')],
    ['an error that is none of the service', new TypeError('unexpected')],
  ])('fails at once on %s', async (_case, error) => {
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejects(error);
    expect(await world.request(createEvent())).toMatchObject({ Status: 'FAILED', Reason: error.message });
    expect(world.sleeps).toEqual([]);
  });

  test.each([
    ['no JSON', '{'],
    ['missing', undefined],
  ])('fails when the property is %s', async (_case, text) => {
    const event = createEvent();
    event.ResourceProperties.LoggingConfiguration = text;
    expect((await world.request(event)).Status).toBe('FAILED');
    expect(world.bedrock.calls()).toHaveLength(0);
  });
});

describe('rollback of a failed create', () => {
  test('does nothing when the service refused the configuration', async () => {
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejects(serviceError('ValidationException', 'no'));
    const failed = await world.request(createEvent());
    world.bedrock.resetHistory();
    world.live(OURS); // even if somebody has put the very same in the meantime
    expect((await world.request(deleteEvent(OURS, failed.PhysicalResourceId))).Status).toBe('SUCCESS');
    expect(world.bedrock.calls()).toHaveLength(0);
  });

  test('does nothing to a foreign configuration', async () => {
    world.live(FOREIGN);
    const failed = await world.request(createEvent());
    expect((await world.request(deleteEvent(OURS, failed.PhysicalResourceId))).Status).toBe('SUCCESS');
    expect(world.removals).toBe(0);
  });

  test('removes a configuration that the service took although the connection broke', async () => {
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejects(new Error('socket hang up'));
    const failed = await world.request(createEvent());
    world.live(OURS);
    expect(failed).toMatchObject({ Status: 'FAILED', PhysicalResourceId: PHYSICAL_ID });
    expect((await world.request(deleteEvent(OURS, failed.PhysicalResourceId))).Status).toBe('SUCCESS');
    expect(world.removals).toBe(1);
  });
});

describe('update', () => {
  test.each([
    ['its earlier configuration', OUR_EARLIER],
    ['nothing, as after a deletion by hand', undefined],
  ])('puts the new configuration over %s', async (_case, live) => {
    world.live(live);
    expect(await world.request(updateEvent(OURS, OUR_EARLIER))).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: PHYSICAL_ID });
    expect(world.puts).toEqual([OURS]);
  });

  test('keeps the new configuration when it is there already', async () => {
    world.live(OURS);
    expect((await world.request(updateEvent(OURS, OUR_EARLIER))).Status).toBe('SUCCESS');
    expect(world.puts).toEqual([]);
  });

  test('fails on a foreign configuration and keeps its physical id', async () => {
    world.live(FOREIGN);
    expect(await world.request(updateEvent(OURS, OUR_EARLIER))).toMatchObject({ Status: 'FAILED', PhysicalResourceId: PHYSICAL_ID });
    expect(world.puts).toEqual([]);
  });

  test('that was refused can be rolled back, leaving the foreign configuration', async () => {
    await world.request(createEvent(OUR_EARLIER));
    world.live(FOREIGN);
    expect((await world.request(updateEvent(OURS, OUR_EARLIER))).Status).toBe('FAILED');
    // what CloudFormation sends then: the same with the configurations exchanged
    const rollback = await world.request(updateEvent(OUR_EARLIER, OURS));
    expect(rollback).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: PHYSICAL_ID });
    expect(world.puts).toEqual([OUR_EARLIER]);
    expect((await world.request(updateEvent(OURS, OUR_EARLIER))).Status).toBe('FAILED');
  });

  test('that was applied is rolled back by putting the earlier configuration', async () => {
    world.live(OUR_EARLIER);
    await world.request(updateEvent(OURS, OUR_EARLIER));
    world.live(OURS);
    expect((await world.request(updateEvent(OUR_EARLIER, OURS))).Status).toBe('SUCCESS');
    expect(world.puts).toEqual([OURS, OUR_EARLIER]);
  });

  test('that was applied can be rolled back when somebody else took the Region over in between, leaving his', async () => {
    world.serve();
    await world.request(createEvent(OUR_EARLIER));
    await world.request(updateEvent(OURS, OUR_EARLIER));
    world.live(FOREIGN);
    const rollback = await world.request(updateEvent(OUR_EARLIER, OURS));
    expect(rollback).toMatchObject({ Status: 'SUCCESS', Reason: expect.stringContaining('a foreign configuration is live') });
    expect(world.puts).toEqual([OUR_EARLIER, OURS]);
    expect(world.notices.map(notice => notice.subject)).toEqual(['Bedrock invocation logging: a foreign configuration is live']);
  });

  test('fails when its own configuration was changed by hand', async () => {
    world.live({ ...OUR_EARLIER, textDataDeliveryEnabled: true });
    expect((await world.request(updateEvent(OURS, OUR_EARLIER))).Status).toBe('FAILED');
    expect(world.puts).toEqual([]);
  });

  test('tries again after a refusal that passes', async () => {
    world.live(OUR_EARLIER);
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejectsOnce(BUCKET_REFUSED).resolves({});
    expect((await world.request(updateEvent(OURS, OUR_EARLIER))).Status).toBe('SUCCESS');
    expect(world.sleeps).toHaveLength(1);
  });
});
