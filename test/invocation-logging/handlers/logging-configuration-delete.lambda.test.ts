import { DeleteModelInvocationLoggingConfigurationCommand, PutModelInvocationLoggingConfigurationCommand } from '@aws-sdk/client-bedrock';
import { DeleteParameterCommand, GetParameterCommand, ParameterNotFound } from '@aws-sdk/client-ssm';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import {
  createEvent, deleteEvent, FOREIGN, HandlerWorld, OTHER_STACK_ID, OUR_EARLIER, OURS, PHYSICAL_ID, serviceError, STACK_ID,
} from './handler-world';

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

describe('delete', () => {
  beforeEach(() => {
    world.ownedBy(STACK_ID, OURS);
  });

  test('removes the configuration that is still its own', async () => {
    // as the service may report it: switches that are off left out, the prefix with a slash
    world.live({ s3Config: { bucketName: 'our-bucket', keyPrefix: 'logs/' } });
    expect(await world.request(deleteEvent())).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: PHYSICAL_ID });
    expect(world.removals).toBe(1);
  });

  test.each([
    ['none', undefined],
    ['a foreign one', FOREIGN],
    ['one that was changed by hand', { ...OURS, audioDataDeliveryEnabled: true }],
    ['one with a destination more', { ...OURS, cloudWatchConfig: { logGroupName: 'logs', roleArn: 'role' } }],
  ])('leaves the account as it is when the live configuration is %s', async (_case, live) => {
    world.live(live);
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(world.removals).toBe(0);
  });

  test('leaves the same configuration of another stack, and the name of that stack', async () => {
    world.live(OURS);
    world.ownedBy(OTHER_STACK_ID, OURS);
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(world.removals).toBe(0);
    expect(world.owner).toContain(OTHER_STACK_ID);
  });

  test.each([
    ['was still there', OURS],
    ['is in other hands', FOREIGN],
  ])('takes its own name away when the setting %s', async (_case, live) => {
    world.live(live);
    world.ownedBy(STACK_ID, OURS);
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(world.owner).toBeUndefined();
  });

  test('succeeds when its name is gone by the time it takes it away', async () => {
    world.live(OURS);
    world.ownedBy(STACK_ID, OURS);
    world.ssm.on(DeleteParameterCommand).rejects(new ParameterNotFound({ message: 'no such parameter', $metadata: {} }));
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
  });

  test('says that it removed the configuration when only taking its name away needed a second attempt', async () => {
    world.live(OURS);
    world.ownedBy(STACK_ID, OURS);
    world.bedrock.on(DeleteModelInvocationLoggingConfigurationCommand).callsFake(() => {
      world.live(undefined);
      return {};
    });
    world.ssm.on(DeleteParameterCommand).rejectsOnce(serviceError('TooManyUpdates', 'wait')).resolves({});
    expect(await world.request(deleteEvent())).toMatchObject({ Status: 'SUCCESS', Reason: 'the configuration was removed' });
    expect(world.removals).toBe(1);
  });

  test('fails, removing nothing, when it cannot learn whose the configuration is', async () => {
    world.live(OURS);
    world.ssm.on(GetParameterCommand).rejects(new Error('socket hang up'));
    expect(await world.request(deleteEvent())).toMatchObject({ Status: 'FAILED', Reason: 'socket hang up' });
    expect(world.removals).toBe(0);
  });

  test('fails when its name cannot be taken away', async () => {
    world.live(OURS);
    world.ownedBy(STACK_ID, OURS);
    world.ssm.on(DeleteParameterCommand).rejects(new Error('socket hang up'));
    expect((await world.request(deleteEvent())).Status).toBe('FAILED');
  });

  test('succeeds without touching anything when the property cannot be read', async () => {
    world.live(OURS);
    expect((await world.request(deleteEvent('{'))).Status).toBe('SUCCESS');
    expect(world.removals).toBe(0);
  });

  test('tries again when it is throttled', async () => {
    world.live(OURS);
    world.bedrock.on(DeleteModelInvocationLoggingConfigurationCommand).rejectsOnce(THROTTLED).resolves({});
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(world.removals).toBe(2);
  });

  test('fails with the reason, never silently, when the service keeps refusing', async () => {
    world.live(OURS);
    world.bedrock.on(DeleteModelInvocationLoggingConfigurationCommand).rejects(serviceError('AccessDeniedException', 'explicit deny'));
    const answer = await world.request(deleteEvent());
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: PHYSICAL_ID });
    expect(answer.Reason).toContain('explicit deny');
  });
});

describe('a construct with another id or path, which is another resource to CloudFormation,', () => {
  const ofNew = (event: CloudFormationCustomResourceEvent): CloudFormationCustomResourceEvent => ({ ...event, LogicalResourceId: 'NewLogging' });

  beforeEach(async () => {
    await world.request(createEvent());
    world.live(OURS);
    expect((await world.request(ofNew(createEvent()))).Status).toBe('SUCCESS');
  });

  test('keeps logging on when the former resource is deleted afterwards', async () => {
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(world.removals).toBe(0);
    expect(JSON.parse(world.owner ?? '')).toEqual({ stackId: STACK_ID, logicalId: 'NewLogging', fingerprint: expect.any(String) });
  });

  test('removes the configuration when it is deleted itself, after the former resource is gone', async () => {
    await world.request(deleteEvent());
    expect((await world.request(ofNew(deleteEvent()))).Status).toBe('SUCCESS');
    expect(world.removals).toBe(1);
    expect(world.owner).toBeUndefined();
  });

  test('gives the configuration back when the update is rolled back', async () => {
    expect((await world.request(ofNew(deleteEvent()))).Status).toBe('SUCCESS');
    expect(world.removals).toBe(0);
    expect((await world.request(deleteEvent())).Status).toBe('SUCCESS');
    expect(world.removals).toBe(1);
  });

  test('still gives it back when Lambda ran the creation twice', async () => {
    await world.request(ofNew(createEvent()));
    await world.request(ofNew(deleteEvent()));
    expect(world.removals).toBe(0);
  });

  test('fails when it wants another configuration, naming the former resource and the ways out', async () => {
    const answer = await world.request({ ...createEvent(OUR_EARLIER), LogicalResourceId: 'ThirdLogging' });
    expect(answer.Status).toBe('FAILED');
    expect(answer.Reason).toMatch(/put by the resource NewLogging of this stack.*former id and path/);
    expect(world.puts).toEqual([OURS]);
  });
});
