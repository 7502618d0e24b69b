import {
  DeleteModelInvocationLoggingConfigurationCommand, GetModelInvocationLoggingConfigurationCommand,
  PutModelInvocationLoggingConfigurationCommand,
} from '@aws-sdk/client-bedrock';
import { PublishCommand } from '@aws-sdk/client-sns';
import { OWNER_PARAMETER, StackParameter } from '../../../lib/invocation-logging/handlers/constants';
import { OnForeignConfiguration } from '../../../lib/invocation-logging/handlers/enums';
import {
  createEvent, deleteEvent, type Extras, FOREIGN, HandlerWorld, OTHER_STACK_ID, OUR_EARLIER, OURS, PHYSICAL_ID, RUNBOOK, serviceError,
  STACK_ID, TOPIC_ARN, updateEvent,
} from './handler-world';

const FOREIGN_ROLE = 'arn:aws:iam::111122223333:role/theirs';
const FOREIGN_TO_LOGS = { cloudWatchConfig: { logGroupName: 'theirs', roleArn: FOREIGN_ROLE }, textDataDeliveryEnabled: true };
const OVERWRITE: Extras = { onForeign: OnForeignConfiguration.OVERWRITE };
const RESTORABLE: Extras = { ...OVERWRITE, restorableRoleArn: FOREIGN_ROLE };
const ADOPT: Extras = { onForeign: OnForeignConfiguration.ADOPT };

let world: HandlerWorld;

beforeEach(() => {
  world = new HandlerWorld();
});

afterEach(() => {
  world.restore();
});

const subjects = (): string[] => world.notices.map(({ subject }) => subject.replace('Bedrock invocation logging: ', ''));
const live = (): unknown => world.puts.at(-1);

describe('overwrite', () => {
  test('keeps what was there, puts its own and says so', async () => {
    world.serve(FOREIGN);
    expect(await world.request(createEvent(OURS, OVERWRITE))).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: PHYSICAL_ID });
    expect(world.puts).toEqual([OURS]);
    expect(world.memory(StackParameter.SNAPSHOT)).toEqual({ configuration: FOREIGN });
    expect(subjects()).toEqual(['a foreign configuration was overwritten']);
    expect(world.notices[0].topic).toBe(TOPIC_ARN);
  });

  test('keeps nothing where nothing is', async () => {
    world.serve();
    await world.request(createEvent(OURS, OVERWRITE));
    expect(world.memory(StackParameter.SNAPSHOT)).toBeUndefined();
    expect(world.notices).toEqual([]);
  });

  test('fails, touching nothing, when what is there cannot be kept', async () => {
    world.serve(FOREIGN);
    world.ssm.onAnyCommand().rejects(new Error('no parameters today'));
    expect((await world.request(createEvent(OURS, OVERWRITE))).Status).toBe('FAILED');
    expect(world.puts).toEqual([]);
  });

  test('succeeds when nobody can be told: what was done is in the log', async () => {
    world.serve(FOREIGN);
    world.sns.on(PublishCommand).rejects(new Error('no such topic'));
    expect((await world.request(createEvent(OURS, OVERWRITE))).Status).toBe('SUCCESS');
    expect(world.logged.join('\n')).toContain('a foreign configuration was overwritten');
    expect(world.logged.join('\n')).toContain('no such topic');
  });

  test.each([
    ['nothing had been kept before', undefined],
    ['another one had been kept before', { configuration: { s3Config: { bucketName: 'older' } } }],
  ])('leaves the memory as it was when the service refuses for good and %s', async (_case, before) => {
    world.serve(FOREIGN);
    if (before !== undefined) world.remember(StackParameter.SNAPSHOT, before);
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejects(serviceError('ValidationException', 'no'));
    const failed = await world.request(createEvent(OURS, OVERWRITE));
    expect(failed.Status).toBe('FAILED');
    expect(world.memory(StackParameter.SNAPSHOT)).toEqual(before);
    expect(world.owner).toBeUndefined();
    expect((await world.request(deleteEvent(OURS, failed.PhysicalResourceId, OVERWRITE))).Status).toBe('SUCCESS');
    expect(world.removals).toBe(0);
  });

  test('keeps the foreign one, not its own, when the function died after the put and runs again', async () => {
    world.serve(FOREIGN);
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).callsFake(() => {
      world.live(OURS);
      throw new Error('the function is gone');
    });
    await world.request(createEvent(OURS, OVERWRITE));
    expect((await world.request(createEvent(OURS, OVERWRITE))).Status).toBe('SUCCESS');
    expect(world.memory(StackParameter.SNAPSHOT)).toEqual({ configuration: FOREIGN });
    expect(subjects()).toEqual(['a foreign configuration was overwritten']);
  });

  test('remembers nothing, and leaves the name of the other stack, when the function died before the put and the creation is rolled back', async () => {
    world.serve(FOREIGN);
    world.ownedBy(OTHER_STACK_ID, FOREIGN);
    const before = [...world.parameters].map(([name, text]) => [name, JSON.parse(text) as unknown]);
    await new Promise<void>(died => {
      world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).callsFake(() => {
        died();
        return new Promise(() => undefined);
      });
      void world.request(createEvent(OURS, OVERWRITE));
    });
    world.serve(FOREIGN);
    await world.request(deleteEvent(OURS, 'an-id-made-up-by-cloudformation', OVERWRITE));
    expect([...world.parameters].map(([name, text]) => [name, JSON.parse(text) as unknown])).toEqual(before);
    expect(world.removals).toBe(0);
  });

  test('applies on an update too, also when nothing but the permission to overwrite has changed', async () => {
    world.serve();
    await world.request(createEvent());
    world.live(FOREIGN);
    expect((await world.request(updateEvent(OURS, OURS, OVERWRITE))).Status).toBe('SUCCESS');
    expect(live()).toEqual(OURS);
    expect(world.memory(StackParameter.SNAPSHOT)).toEqual({ configuration: FOREIGN });
  });

  test('fails on another configuration of the same stack, which is nothing to overwrite', async () => {
    world.serve();
    await world.request(createEvent(OUR_EARLIER));
    const renamed = { ...createEvent(OURS, OVERWRITE), LogicalResourceId: 'NewLogging' };
    expect((await world.request(renamed)).Status).toBe('FAILED');
    expect(world.memory(StackParameter.SNAPSHOT)).toBeUndefined();
  });
});

describe('the end of a stack that has overwritten', () => {
  test.each([
    ['without a role', FOREIGN, OVERWRITE],
    ['with the role that was named', FOREIGN_TO_LOGS, RESTORABLE],
  ])('puts back a configuration %s and forgets it', async (_case, foreign, extras) => {
    world.serve(foreign);
    await world.request(createEvent(OURS, extras));
    expect((await world.request(deleteEvent(OURS, PHYSICAL_ID, extras))).Status).toBe('SUCCESS');
    expect(live()).toEqual(foreign);
    expect(world.removals).toBe(0);
    expect(world.parameters.size).toBe(0);
    expect(subjects()).toEqual(['a foreign configuration was overwritten', 'the former configuration is back']);
  });

  test('gives the configuration of another stack back with the name of that stack', async () => {
    world.serve(FOREIGN);
    world.ownedBy(OTHER_STACK_ID, FOREIGN);
    const name = world.owner;
    await world.request(createEvent(OURS, OVERWRITE));
    await world.request(deleteEvent(OURS, PHYSICAL_ID, OVERWRITE));
    expect(JSON.parse(world.owner ?? '')).toEqual(JSON.parse(name ?? ''));
  });

  test('forgets the copy when the function died after the restoring put and runs again', async () => {
    world.serve(FOREIGN);
    await world.request(createEvent(OURS, OVERWRITE));
    world.live(FOREIGN);
    expect((await world.request(deleteEvent(OURS, PHYSICAL_ID, OVERWRITE))).Status).toBe('SUCCESS');
    expect(world.parameters.size).toBe(0);
  });

  test('does not switch on what its owner had off, where the service takes what is left out for on', async () => {
    world.serve(FOREIGN);
    await world.request(createEvent(OURS, OVERWRITE));
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).callsFake(({ loggingConfig }: { loggingConfig: object }) => {
      world.live({ videoDataDeliveryEnabled: true, ...loggingConfig });
      return {};
    });
    await world.request(deleteEvent(OURS, PHYSICAL_ID, OVERWRITE));
    expect(live()).toEqual({ ...OURS, s3Config: FOREIGN.s3Config, textDataDeliveryEnabled: true });
  });

  test('removes its own, keeps the copy and alarms, without asking the service, when the role was not named', async () => {
    world.serve(FOREIGN_TO_LOGS);
    await world.request(createEvent(OURS, OVERWRITE));
    const answer = await world.request(deleteEvent(OURS, PHYSICAL_ID, OVERWRITE));
    expect(answer).toMatchObject({ Status: 'SUCCESS', Reason: expect.stringContaining('could not be put back') });
    expect(world.puts).toEqual([OURS]);
    expect(world.removals).toBe(1);
    expect(world.memory(StackParameter.SNAPSHOT)).toEqual({ configuration: FOREIGN_TO_LOGS });
    expect(subjects().at(-1)).toBe('RESTORE FAILED, nothing is logged now');
    expect(world.notices.at(-1)?.text).toContain('/bedrock-cost-attribution/invocation-logging/snapshot/0a1b');
    expect(world.notices.at(-1)?.text).toContain('restorableRole');
    expect(world.notices.at(-1)?.text).toContain(`Runbook: ${RUNBOOK}`);
  });

  test('removes its own, keeps the copy and alarms when the service refuses to take the former one back', async () => {
    world.serve(FOREIGN_TO_LOGS);
    await world.request(createEvent(OURS, RESTORABLE));
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejects(serviceError('AccessDeniedException', 'no PassRole'));
    expect((await world.request(deleteEvent(OURS, PHYSICAL_ID, RESTORABLE))).Status).toBe('SUCCESS');
    expect(world.removals).toBe(1);
    expect(world.memory(StackParameter.SNAPSHOT)).toEqual({ configuration: FOREIGN_TO_LOGS });
    expect(world.notices.at(-1)?.text).toContain('no PassRole');
  });

  test('succeeds when the service neither takes the former one back nor, at first, lets go of the present one', async () => {
    world.serve(FOREIGN);
    await world.request(createEvent(OURS, OVERWRITE));
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejects(serviceError('AccessDeniedException', 'no'));
    let refusals = 2;
    world.bedrock.on(DeleteModelInvocationLoggingConfigurationCommand).callsFake(() => {
      if (refusals-- > 0) throw serviceError('ThrottlingException', 'Rate exceeded');
      world.live(undefined);
      return {};
    });
    expect((await world.request(deleteEvent(OURS, PHYSICAL_ID, OVERWRITE))).Status).toBe('SUCCESS');
    expect(world.removals).toBe(3);
  });

  test('touches nothing, and keeps the copy, when somebody else has taken over', async () => {
    world.serve(FOREIGN);
    await world.request(createEvent(OURS, OVERWRITE));
    world.live({ s3Config: { bucketName: 'third' } });
    expect((await world.request(deleteEvent(OURS, PHYSICAL_ID, OVERWRITE))).Status).toBe('SUCCESS');
    expect(world.puts).toEqual([OURS]);
    expect(world.removals).toBe(0);
    expect(world.memory(StackParameter.SNAPSHOT)).toEqual({ configuration: FOREIGN });
  });

  test('is the same for a creation that is rolled back: the account is as it was', async () => {
    world.serve(FOREIGN);
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).callsFake(() => {
      world.live(OURS);
      throw new Error('socket hang up');
    });
    const failed = await world.request(createEvent(OURS, OVERWRITE));
    world.serve(OURS);
    expect(failed).toMatchObject({ Status: 'FAILED', PhysicalResourceId: PHYSICAL_ID });
    await world.request(deleteEvent(OURS, failed.PhysicalResourceId, OVERWRITE));
    expect(live()).toEqual(FOREIGN);
  });
});

describe('adopt', () => {
  test('leaves a foreign configuration, remembers it and says so once', async () => {
    world.serve(FOREIGN);
    const answer = await world.request(createEvent(OURS, ADOPT));
    await world.request(updateEvent(OURS, OURS, ADOPT));
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { BucketName: 'their-bucket' } });
    expect(world.puts).toEqual([]);
    expect(world.memory(StackParameter.EXPECTED)).toMatchObject({ configuration: FOREIGN, adopted: true });
    expect(subjects()).toEqual(['a foreign configuration is watched']);
  });

  test('puts its own, as its own, where nothing is', async () => {
    world.serve();
    await world.request(createEvent(OURS, ADOPT));
    expect(live()).toEqual(OURS);
    await world.request(deleteEvent(OURS, PHYSICAL_ID, ADOPT));
    expect(world.removals).toBe(1);
  });

  test.each([['another one', FOREIGN], ['the very same as its own', OURS]])(
    'never removes a foreign configuration, be it %s', async (_case, foreign) => {
      world.serve(foreign);
      await world.request(createEvent(OURS, ADOPT));
      expect((await world.request(deleteEvent(OURS, PHYSICAL_ID, ADOPT))).Status).toBe('SUCCESS');
      expect(world.removals).toBe(0);
      expect(world.parameters.size).toBe(0);
    });

  test('never removes a configuration just like its own, when the construct was renamed, that rolled back, and the stack destroyed', async () => {
    world.serve(OURS);
    await world.request(createEvent(OURS, ADOPT));
    await world.request({ ...createEvent(OURS, ADOPT), LogicalResourceId: 'NewLogging' });
    await world.request({ ...deleteEvent(OURS, PHYSICAL_ID, ADOPT), LogicalResourceId: 'NewLogging' });
    expect(world.memory(StackParameter.EXPECTED)).toMatchObject({ adopted: true, logicalId: 'Logging' });
    await world.request(deleteEvent(OURS, PHYSICAL_ID, ADOPT));
    expect(world.removals).toBe(0);
    expect(world.parameters.size).toBe(0);
  });

  test('never removes a configuration just like its own when the deletion dies half-way and runs again', async () => {
    world.serve(OURS);
    await world.request(createEvent(OURS, ADOPT));
    world.bedrock.on(GetModelInvocationLoggingConfigurationCommand).rejectsOnce(new Error('the function is gone')).resolves({ loggingConfig: OURS });
    await world.request(deleteEvent(OURS, PHYSICAL_ID, ADOPT));
    await world.request(deleteEvent(OURS, PHYSICAL_ID, ADOPT));
    expect(world.removals).toBe(0);
  });

  test('never replaces a foreign configuration, not even one that was the very same as its own before an update', async () => {
    world.serve(OURS);
    await world.request(createEvent(OURS, ADOPT));
    expect((await world.request(updateEvent(OUR_EARLIER, OURS, ADOPT, ADOPT))).Status).toBe('SUCCESS');
    expect(world.puts).toEqual([]);
  });

  test('leaves the name of the other stack', async () => {
    world.serve(OURS);
    world.ownedBy(OTHER_STACK_ID, OURS);
    await world.request(createEvent(OURS, ADOPT));
    await world.request(deleteEvent(OURS, PHYSICAL_ID, ADOPT));
    expect(world.owner).toContain(OTHER_STACK_ID);
  });

  test('can be rolled back to what was before it', async () => {
    world.serve();
    await world.request(createEvent());
    world.live(FOREIGN);
    await world.request(updateEvent(OURS, OURS, ADOPT));
    expect((await world.request(updateEvent(OURS, OURS, {}, ADOPT))).Status).toBe('SUCCESS');
    expect(world.puts).toEqual([OURS]);
  });

  test('ends when the configuration may be overwritten', async () => {
    world.serve(FOREIGN);
    await world.request(createEvent(OURS, ADOPT));
    await world.request(updateEvent(OURS, OURS, OVERWRITE, ADOPT));
    expect(live()).toEqual(OURS);
    expect(world.memory(StackParameter.EXPECTED)).toMatchObject({ adopted: false });
  });

  test('fails when adoption is taken back while the foreign configuration is live', async () => {
    world.serve(FOREIGN);
    await world.request(createEvent(OURS, ADOPT));
    expect((await world.request(updateEvent(OURS, OURS, {}, ADOPT))).Status).toBe('FAILED');
    expect(world.puts).toEqual([]);
  });
});

test('an unknown wish about foreign configurations counts as fail', async () => {
  world.serve(FOREIGN);
  const event = createEvent();
  event.ResourceProperties.OnForeignConfiguration = 'destroy';
  expect((await world.request(event)).Status).toBe('FAILED');
  expect(world.puts).toEqual([]);
});

test('the name of a stack is left before its configuration is put', async () => {
  world.serve();
  world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).callsFake(() => {
    expect(world.parameters.get(OWNER_PARAMETER)).toContain(STACK_ID);
    return {};
  });
  await world.request(createEvent());
  expect(world.puts).toHaveLength(1);
});
