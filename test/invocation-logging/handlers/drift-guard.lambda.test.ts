import { GetModelInvocationLoggingConfigurationCommand, PutModelInvocationLoggingConfigurationCommand } from '@aws-sdk/client-bedrock';
import { Finding } from '../../../lib/invocation-logging/handlers/check-drift.lambda-shared';
import { StackParameter } from '../../../lib/invocation-logging/handlers/constants';
import type { DriftGuardEvent } from '../../../lib/invocation-logging/handlers/drift-guard.lambda';
import { OnDrift, OnForeignConfiguration } from '../../../lib/invocation-logging/handlers/enums';
import { createEvent, deleteEvent, FOREIGN, HandlerWorld, OTHER_STACK_ID, OURS, RUNBOOK, serviceError, updateEvent } from './handler-world';

const WHO = 'arn:aws:sts::111122223333:assumed-role/Admin/jo';

const ENVELOPE = {
  id: '1', version: '0', account: '111122223333', region: 'eu-west-1', time: '2026-11-21T00:00:00Z', resources: [],
};

const CHANGED: DriftGuardEvent = {
  ...ENVELOPE,
  'source': 'aws.bedrock',
  'detail-type': 'AWS API Call via CloudTrail',
  'detail': { eventName: 'PutModelInvocationLoggingConfiguration', eventTime: '2026-11-21T00:00:00Z', userIdentity: { arn: WHO } },
};

const DAILY: DriftGuardEvent = { ...ENVELOPE, 'source': 'aws.events', 'detail-type': 'Scheduled Event', 'detail': {} };

const DAY_MS = 86_400_000;

let world: HandlerWorld;

beforeEach(async () => {
  world = new HandlerWorld();
  world.serve();
  await world.request(createEvent());
  world.bedrock.resetHistory();
});

afterEach(() => {
  world.restore();
});

/** The values that the drift metric was given. */
const metrics = (): unknown[] => world.logged.map(line => JSON.parse(line) as Record<string, unknown>)
  .filter(entry => '_aws' in entry).map(entry => entry.InvocationLoggingDrift);

test('finds its configuration in order, and says nothing about it', async () => {
  expect(await world.check(DAILY)).toBe(Finding.IN_ORDER);
  expect(world.puts).toEqual([]);
  expect(world.notices).toEqual([]);
  expect(metrics()).toEqual([0]);
});

test.each([
  ['changed', FOREIGN, CHANGED],
  ['deleted', undefined, CHANGED],
  ['changed where CloudTrail is off', FOREIGN, DAILY],
])('puts back a configuration that was %s, and says so', async (_case, live, event) => {
  world.live(live);
  expect(await world.check(event)).toBe(Finding.REPAIRED);
  expect(world.puts).toEqual([OURS]);
  expect(world.notices).toHaveLength(1);
  expect(world.notices[0].subject).toBe('Bedrock invocation logging: a change was undone');
  expect(world.notices[0].text).toContain('wanted "our-bucket"');
  expect(metrics()).toEqual([0]);
});

test('names who changed it, and what was found', async () => {
  world.live(FOREIGN);
  await world.check(CHANGED);
  expect(world.notices[0].text).toContain(`${WHO} called PutModelInvocationLoggingConfiguration at 2026-11-21T00:00:00Z.`);
  expect(world.notices[0].text).toContain('s3Config.bucketName: found "their-bucket", wanted "our-bucket"');
  expect(world.notices[0].text).toContain(`Runbook: ${RUNBOOK}`);
});

test.each([
  ['changed', FOREIGN, 'CHANGED'],
  ['deleted', undefined, 'DELETED, nothing is logged now'],
])('only reports a configuration that was %s when it is told to', async (_case, live, word) => {
  world.live(live);
  expect(await world.check(CHANGED, { onDrift: OnDrift.ALARM })).toBe(Finding.DRIFTED);
  expect(world.puts).toEqual([]);
  expect(world.notices[0].subject).toContain(word);
  expect(metrics()).toEqual([1]);
});

describe('never fights:', () => {
  const fight = async (times: number): Promise<Finding[]> => {
    const findings: Finding[] = [];
    for (let time = 0; time < times; time++) {
      world.live(FOREIGN);
      findings.push(await world.check(CHANGED));
    }
    return findings;
  };

  test('it makes three repairs in the window and then stops and alarms', async () => {
    expect(await fight(5)).toEqual([Finding.REPAIRED, Finding.REPAIRED, Finding.REPAIRED, Finding.STOPPED, Finding.STOPPED]);
    expect(world.puts).toHaveLength(3);
    expect(metrics()).toEqual([0, 0, 0, 1, 1]);
  });

  test('it says once that it has stopped, and reminds at the regular check', async () => {
    await fight(5);
    expect(world.notices).toHaveLength(4);
    expect(world.notices[3].text).toContain('It was put back too often lately, the last time at 2026-11-21T00:00:00.000Z');
    expect(await world.check(DAILY)).toBe(Finding.STOPPED);
    expect(world.notices).toHaveLength(5);
  });

  test('it goes on when it finds its configuration in order, but not with a new allowance', async () => {
    await fight(4);
    world.live(OURS);
    expect(await world.check(DAILY)).toBe(Finding.IN_ORDER);
    expect(await fight(1)).toEqual([Finding.STOPPED]);
    expect(world.puts).toHaveLength(3);
  });

  test('it may repair again when the earlier repairs are older than the window', async () => {
    await fight(3);
    world.now += DAY_MS;
    expect(await fight(1)).toEqual([Finding.REPAIRED]);
  });

  test('once it has stopped it stays so, however long, until its configuration is found live', async () => {
    await fight(4);
    world.now += DAY_MS;
    expect(await fight(2)).toEqual([Finding.STOPPED, Finding.STOPPED]);
    world.live(OURS);
    expect(await world.check(DAILY)).toBe(Finding.IN_ORDER);
    expect(await fight(1)).toEqual([Finding.REPAIRED]);
  });

  test('it counts a repair that the service refused', async () => {
    world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).rejects(serviceError('ValidationException', 'no'));
    world.live(FOREIGN);
    for (let time = 0; time < 3; time++) await expect(world.check(CHANGED)).rejects.toThrow('no');
    expect(await world.check(CHANGED)).toBe(Finding.STOPPED);
  });
});

test('leaves a configuration that another stack has put', async () => {
  world.live(FOREIGN);
  world.ownedBy(OTHER_STACK_ID, FOREIGN);
  expect(await world.check(CHANGED)).toBe(Finding.DRIFTED);
  expect(world.puts).toEqual([]);
  expect(world.notices[0].text).toContain(OTHER_STACK_ID);
});

test('watches an adopted configuration and never repairs it', async () => {
  world = new HandlerWorld();
  world.serve(FOREIGN);
  await world.request(createEvent(OURS, { onForeign: OnForeignConfiguration.ADOPT }));
  expect(await world.check(DAILY)).toBe(Finding.IN_ORDER);
  world.live(undefined);
  expect(await world.check(CHANGED)).toBe(Finding.DRIFTED);
  expect(world.puts).toEqual([]);
  expect(world.notices.at(-1)?.text).toContain('adopted');
});

test('says once what the owner of an adopted configuration made of it, and watches that', async () => {
  world = new HandlerWorld();
  world.serve(FOREIGN);
  await world.request(createEvent(OURS, { onForeign: OnForeignConfiguration.ADOPT }));
  world.live({ s3Config: { bucketName: 'their-next-bucket' } });
  expect(await world.check(CHANGED)).toBe(Finding.OWNER_CHANGED);
  expect(await world.check(DAILY)).toBe(Finding.IN_ORDER);
  expect(metrics()).toEqual([0, 0]);
  expect(world.notices.filter(({ text }) => text.includes('their-next-bucket'))).toHaveLength(1);
});

test('follows an update, and does not undo it', async () => {
  const next = { ...OURS, s3Config: { bucketName: 'next' } };
  await world.request(updateEvent(next, OURS));
  world.bedrock.resetHistory();
  expect(await world.check(CHANGED)).toBe(Finding.IN_ORDER);
  expect(world.puts).toEqual([]);
});

test('does not put back what its stack has removed', async () => {
  await world.request(deleteEvent());
  expect(await world.check(CHANGED)).toBe(Finding.NOTHING_EXPECTED);
  expect(world.puts).toEqual([]);
  expect(world.memory(StackParameter.REPAIRS)).toBeUndefined();
});

test('does not put back what its stack gives up while it waits for the service', async () => {
  world.live(undefined);
  world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).callsFakeOnce(() => {
    world.parameters.clear(); // the stack is destroyed
    throw serviceError('ThrottlingException', 'Rate exceeded');
  });
  expect(await world.check(DAILY)).toBe(Finding.NOTHING_EXPECTED);
  expect(world.puts).toHaveLength(1);
});

test('removes what it has just put when its stack gave it up in that very moment', async () => {
  world.live(undefined);
  world.bedrock.on(PutModelInvocationLoggingConfigurationCommand).callsFake(({ loggingConfig }: { loggingConfig: object }) => {
    world.parameters.clear(); // the stack is destroyed
    world.live(loggingConfig);
    return {};
  });
  await world.check(DAILY);
  expect(world.removals).toBe(1);
});

test('counts one repair, however often the service has to be asked', async () => {
  world.live(FOREIGN);
  world.bedrock.on(PutModelInvocationLoggingConfigurationCommand)
    .rejectsOnce(serviceError('ThrottlingException', 'Rate exceeded')).rejectsOnce(serviceError('ThrottlingException', 'Rate exceeded')).resolves({});
  expect(await world.check(CHANGED)).toBe(Finding.REPAIRED);
  expect(world.memory(StackParameter.REPAIRS)).toMatchObject({ at: [expect.any(String)] });
});

test('fails, for its alarm, when it cannot read the live configuration', async () => {
  world.bedrock.on(GetModelInvocationLoggingConfigurationCommand).rejects(serviceError('AccessDeniedException', 'denied by an SCP'));
  await expect(world.check(DAILY)).rejects.toThrow('denied by an SCP');
});

test('names somebody unknown where CloudTrail does not say who it was', async () => {
  world.live(FOREIGN);
  await world.check({ ...CHANGED, detail: {} });
  expect(world.notices[0].text).toContain('somebody unknown called an operation at an unknown time.');
});
