import type { Fields } from '../../support/billing-endpoint';
import { DAY_MS, TagActivationWorld } from './tag-activation-world';

let world: TagActivationWorld;

beforeEach(async () => {
  world = await TagActivationWorld.start();
  world.list(['team']);
});

afterEach(() => world.stop());

const settings = { backfillFrom: '2026-05' };

/** The months that the service was asked for. */
const requests = (): unknown[] => world.endpoint.inputsOf('StartCostAllocationTagBackfill').map(input => input.BackfillFrom as string);

/** A backfill in the history of the account. */
const past = (from: string, requestedAt: string, BackfillStatus = 'SUCCEEDED'): Fields =>
  ({ BackfillFrom: `${from}-01T00:00:00Z`, RequestedAt: requestedAt, BackfillStatus });

test('is asked for once, of what was activated here, and never again for the same keys', async () => {
  expect((await world.request('Create', { settings })).Reason).toContain('a backfill from 2026-05 was asked for, of team.');
  expect(requests()).toEqual(['2026-05-01T00:00:00Z']);
  expect(world.record?.keys.team.backfilledFrom).toBe('2026-05');
  const { changes } = world;
  await world.check(settings);
  await world.check(settings, 30);
  expect(world.changes).toBe(changes);
});

test('is not asked for unless it is wanted', async () => {
  await world.request('Create');
  expect(world.count('ListCostAllocationTagBackfillHistory') + requests().length).toBe(0);
});

test.each([
  ['nothing is listed', (): void => { world.endpoint.tags = []; }],
  ['all was active before', (): void => { world.endpoint.tags[0].Status = 'Active'; }],
])('is not asked for when %s', async (_case, prepare) => {
  prepare();
  await world.request('Create', { settings });
  expect(requests()).toEqual([]);
});

test('of a key that comes up later is asked for a day after the one before at the earliest', async () => {
  await world.request('Create', { settings });
  world.endpoint.backfills[0].RequestedAt = new Date(world.now).toISOString();
  world.endpoint.backfills[0].BackfillStatus = 'SUCCEEDED';
  world.list(['iamPrincipal/team']);
  await world.check(settings, 0.5);
  expect(world.logged.filter(entry => entry.message === 'checked').at(-1)?.notes).toEqual([
    'a backfill from 2026-05 will be asked for at a later check: the service takes one request in 24 hours.',
  ]);
  expect(requests()).toHaveLength(1);
  await world.check(settings, 0.5);
  expect(requests()).toHaveLength(2);
  expect(world.record?.keys['iamPrincipal/team'].backfilledFrom).toBe('2026-05');
});

test('waits for one that is in progress', async () => {
  world.endpoint.backfills = [past('2026-10', '2026-11-01T00:00:00Z', 'PROCESSING')];
  expect((await world.request('Create', { settings })).Reason).toContain('at a later check');
  world.endpoint.backfills[0].BackfillStatus = 'SUCCEEDED';
  await world.check(settings);
  expect(requests()).toHaveLength(1);
});

test('of more months is asked for when an earlier month is wanted, and not for a later one', async () => {
  await world.request('Create', { settings });
  world.endpoint.backfills = [];
  world.now += DAY_MS;
  await world.request('Update', { settings: { backfillFrom: '2026-07' } });
  await world.request('Update', { settings: { backfillFrom: '2026-02' } });
  expect(requests()).toEqual(['2026-05-01T00:00:00Z', '2026-02-01T00:00:00Z']);
});

test('is found in the history where the function ended before it could note it', async () => {
  await world.request('Create');
  world.endpoint.backfills = [past('2026-05', '2026-11-21T00:00:30Z')];
  await world.check(settings, 2);
  expect(requests()).toEqual([]);
  expect(world.record?.keys.team.backfilledFrom).toBe('2026-05');
});

test.each([
  ['one that failed', past('2026-05', '2026-11-21T00:00:30Z', 'FAILED')],
  ['one of fewer months', past('2026-06', '2026-11-21T00:00:30Z')],
  ['one that was asked for before the activation', past('2026-05', '2026-11-20T00:00:00Z')],
])('is not taken for done because of %s', async (_case, backfill) => {
  await world.request('Create');
  world.endpoint.backfills = [backfill];
  await world.check(settings, 2);
  expect(requests()).toEqual(['2026-05-01T00:00:00Z']);
});

test.each([
  ['2025-10', '2025-11-01T00:00:00Z'],
  ['2025-11', '2025-11-01T00:00:00Z'],
  ['2026-11', '2026-11-01T00:00:00Z'],
])('from %s is asked for from %s in November 2026: AWS goes back twelve months', async (backfillFrom, asked) => {
  await world.request('Create', { settings: { backfillFrom } });
  expect(requests()).toEqual([asked]);
});

test('from a month that has not begun waits for it', async () => {
  expect((await world.request('Create', { settings: { backfillFrom: '2026-12' } })).Reason).toContain('waits for that month to begin');
  await world.check({ backfillFrom: '2026-12' }, 10);
  expect(requests()).toEqual(['2026-12-01T00:00:00Z']);
});

test.each(['BackfillLimitExceededException', 'LimitExceededException'])('is asked for again after a %s, which is no error', async code => {
  world.endpoint.fail('StartCostAllocationTagBackfill', { code, message: 'not yet', times: 1 });
  expect(await world.request('Create', { settings })).toMatchObject({ Status: 'SUCCESS', Reason: expect.stringContaining('at a later check') as string });
  expect(world.record?.keys.team).not.toHaveProperty('backfilledFrom');
  await world.check(settings);
  expect(world.record?.keys.team.backfilledFrom).toBe('2026-05');
});

test('that is denied fails no deployment, but the check', async () => {
  world.endpoint.fail('StartCostAllocationTagBackfill', { code: 'ValidationException', message: 'bad month' });
  const { Status, Reason } = await world.request('Create', { settings });
  expect({ Status, isSaid: Reason.includes('The backfill from 2026-05 could not be asked for') }).toEqual({ Status: 'SUCCESS', isSaid: true });
  await expect(world.check(settings)).rejects.toThrow('StartCostAllocationTagBackfill in account 111122223333 failed: bad month');
  expect(world.states.team).toBe('active');
});

test('is asked for anew of a key of which another spelling was activated since', async () => {
  await world.request('Create', { settings });
  world.endpoint.backfills = [];
  world.list(['Team']);
  await world.check(settings);
  expect(requests()).toHaveLength(2);
});
