import { TOPIC_VARIABLE } from '../../../lib/private/handlers/constants';
import { ACCOUNT, DAY_MS, LINKED, OTHER_STACK_ID, PARAMETER, TagActivationWorld } from './tag-activation-world';

let world: TagActivationWorld;

beforeEach(async () => {
  world = await TagActivationWorld.start();
});

afterEach(() => world.stop());

const keys = (count: number): string[] => Array.from({ length: count }, (_none, index) => `key${index}`);

describe('activation', () => {
  test('day 0 to day 2: nothing is listed, then listed, then active, and the deployment never failed', async () => {
    expect(await world.request('Create')).toMatchObject({ Status: 'SUCCESS', Reason: '0 active, 2 pending, 0 refused.' });
    expect(world.states).toEqual({ 'iamPrincipal/team': 'pending', 'team': 'pending' });
    expect(world.notices).toEqual([]);

    await world.check();
    expect(world.metric('LongestPendingSeconds')).toEqual([0, DAY_MS / 1000]);

    world.list(['iamPrincipal/team']);
    await world.check();
    expect(world.statuses).toEqual({ 'iamPrincipal/team': 'Active' });
    expect(world.record?.keys['iamPrincipal/team']).toEqual({
      state: 'active', since: '2026-11-23T00:00:00Z', spellings: ['iamPrincipal/team'], activatedByUs: ['iamPrincipal/team'],
    });
    expect(world.record?.keys.team).toEqual({ state: 'pending', since: '2026-11-21T00:00:00Z', spellings: [] });
    expect(world.notices).toEqual([{
      subject: 'Bedrock cost allocation tags: 1 active, 1 pending, 0 refused',
      text: 'Cost allocation tags of the stack payer:\niamPrincipal/team is active.',
    }]);
    expect(world.metric('CostAllocationTagActive', 'iamPrincipal/team')).toEqual([0, 0, 1]);
    expect(world.metric('CostAllocationTagPendingSeconds', 'iamPrincipal/team')).toEqual([0, DAY_MS / 1000, 0]);
    expect(world.metric('CostAllocationTagPendingSeconds', 'team')).toEqual([0, DAY_MS / 1000, 2 * DAY_MS / 1000]);
    expect(world.metric('RefusedCostAllocationTags')).toEqual([0, 0, 0]);
  });

  test('a check that finds nothing new changes nothing and says nothing', async () => {
    world.list(['iamPrincipal/team', 'team']);
    await world.request('Create');
    const { changes, notices } = world;
    await world.check();
    await world.request('Update');
    expect(world.changes).toBe(changes);
    expect(world.notices).toEqual(notices);
  });

  test('reads all pages, and sends at most 20 keys at once', async () => {
    world.endpoint.pageSize = 7;
    world.list([...keys(45), 'somebody-elses']);
    expect((await world.request('Create', { settings: { tagKeys: keys(45) } })).Reason).toBe('45 active, 0 pending, 0 refused.');
    expect(world.count('ListCostAllocationTags')).toBe(7);
    expect(world.endpoint.inputsOf('UpdateCostAllocationTagsStatus').map(input => (input.CostAllocationTagsStatus as object[]).length)).toEqual([20, 20, 5]);
    expect(world.statuses['somebody-elses']).toBe('Inactive');
  });

  test('tags that are active already are left as they are, and are not ours', async () => {
    world.list(['iamPrincipal/team', 'team'], 'Active');
    await world.request('Create');
    expect(world.count('UpdateCostAllocationTagsStatus')).toBe(0);
    expect(world.record?.keys.team).not.toHaveProperty('activatedByUs');
    expect(world.notices[0].text).toContain('team is active.');
  });

  test('activates every spelling that is listed, and reports those that are not the own one', async () => {
    world.list(['TEAM', 'iamPrincipal/Team', 'user:iamPrincipal/team', 'aws:PrincipalTag/team', 'teams', 'iamPrincipal/teams']);
    await world.request('Create');
    expect(world.statuses).toEqual({
      'TEAM': 'Active', 'iamPrincipal/Team': 'Active', 'user:iamPrincipal/team': 'Active', 'aws:PrincipalTag/team': 'Active',
      'teams': 'Inactive', 'iamPrincipal/teams': 'Inactive',
    });
    expect(world.record?.keys.team.spellings).toEqual(['TEAM']);
    for (const spelling of ['TEAM', 'iamPrincipal/Team', 'user:iamPrincipal/team', 'aws:PrincipalTag/team']) {
      expect(world.notices[0].text).toContain(`\n${spelling} is listed too, or instead`);
    }
    world.list(['tEam']);
    await world.check();
    expect(world.notices[1].text.split('\n').slice(1)).toEqual([expect.stringContaining('tEam is listed too, or instead: it stands for team')]);
  });

  test('takes keys of a list that only the deployment knew, each tag once', async () => {
    await world.request('Create', { settings: { listedTagKeys: 'costcentre, Team,' } });
    expect(Object.keys(world.states)).toEqual(['iamPrincipal/team', 'team', 'costcentre']);
  });

  test('activates again what somebody has deactivated, and says so', async () => {
    world.list(['team']);
    await world.request('Create');
    world.endpoint.tags[0].Status = 'Inactive';
    await world.check();
    expect(world.statuses).toEqual({ team: 'Active' });
    expect(world.notices[1].text).toContain('team had been deactivated by somebody else and was activated again.');
  });

  test('a key that is no longer listed is pending again, from then on', async () => {
    world.list(['team']);
    await world.request('Create');
    world.endpoint.tags = [];
    await world.check();
    expect(world.record?.keys.team).toMatchObject({ state: 'pending', since: '2026-11-22T00:00:00Z' });
    expect(world.notices[1].text).toContain('team was active and is pending');
  });

  test('measures keys beyond ASCII under names that CloudWatch takes', async () => {
    await world.request('Create', { settings: { tagKeys: ['größe'] } });
    expect(world.metric('CostAllocationTagActive', 'gr%C3%B6%C3%9Fe')).toEqual([0]);
  });

  test('says nothing without a topic', async () => {
    world.variables[TOPIC_VARIABLE] = undefined;
    world.list(['team']);
    expect((await world.request('Create')).Status).toBe('SUCCESS');
    expect(world.notices).toEqual([]);
  });
});

describe('what the service refuses within an answer that succeeds', () => {
  test('is told with code and message, and tried again', async () => {
    world.list(['iamPrincipal/team', 'team']);
    world.endpoint.refuseTag('team', 'LimitExceeded', 'You have 500 active keys.');
    expect(await world.request('Create')).toMatchObject({ Status: 'SUCCESS', Reason: '1 active, 0 pending, 1 refused.' });
    expect(world.record?.keys.team).toMatchObject({ state: 'refused', code: 'LimitExceeded', message: 'You have 500 active keys.' });
    expect(world.metric('RefusedCostAllocationTags')).toEqual([1]);
    expect(world.notices[0].text).toContain('team was refused: LimitExceeded: You have 500 active keys.');

    await world.check();
    expect(world.notices).toHaveLength(1);
    world.endpoint.recover();
    await world.check();
    expect(world.record?.keys.team).toEqual({
      state: 'active', since: '2026-11-23T00:00:00Z', spellings: ['team'], activatedByUs: ['team'],
    });
  });

  test('is pending when the service does not know the key after all', async () => {
    world.list(['team']);
    world.endpoint.refuseTag('team', 'TagKeysNotFoundException', 'Failed to update Cost Allocation Tag: team');
    await world.request('Create');
    expect(world.states.team).toBe('pending');
  });
});

describe('what fails', () => {
  test('throttling and faults of the service are waited for', async () => {
    world.list(['team']);
    world.endpoint.fail('ListCostAllocationTags', { code: 'LimitExceededException', message: 'slow down', times: 2 });
    world.endpoint.fail('UpdateCostAllocationTagsStatus', { code: 'InternalFailure', message: 'oops', status: 500, times: 1 });
    expect((await world.request('Create')).Status).toBe('SUCCESS');
    expect(world.states.team).toBe('active');
  });

  test('fails after three minutes of throttling, which leave no trace', async () => {
    world.endpoint.fail('ListCostAllocationTags', { code: 'LimitExceededException', message: 'slow down' });
    const started = world.now;
    const { Status, Reason } = await world.request('Create');
    expect({ Status, isShort: world.now - started <= 180_000 }).toEqual({ Status: 'FAILED', isShort: true });
    expect(Reason).toMatch(/^ListCostAllocationTags in account 111122223333 failed: slow down \(given up after \d+ attempts in \d+ s\)$/);
    expect(world.parameters.size).toBe(0);
    expect(await world.request('Delete')).toMatchObject({ Status: 'SUCCESS', Reason: 'There is no record of any tag, so nothing was deactivated.' });
  });

  test('fails at once in a member account, with what to do, and rolls back without a call', async () => {
    world.endpoint.fail('ListCostAllocationTags', LINKED);
    const { Status, Reason } = await world.request('Create', { settings: { onDelete: 'deactivate' } });
    expect(Status).toBe('FAILED');
    expect(Reason).toContain(`ListCostAllocationTags in account ${ACCOUNT} failed: ${LINKED.message}`);
    expect(Reason).toMatch(/only the management \(payer\) account of an organization.*111122223333 is a member account.*Move CostAllocationTagActivation/);
    expect(world.count('ListCostAllocationTags')).toBe(1);
    expect((await world.request('Delete', { settings: { onDelete: 'deactivate' } })).Status).toBe('SUCCESS');
    expect(world.count('ListCostAllocationTags')).toBe(1);
  });

  test('a missing right is waited for, and told apart from a member account', async () => {
    const denied = { code: 'AccessDeniedException', message: 'User: x is not authorized to perform: ce:ListCostAllocationTags' };
    world.endpoint.fail('ListCostAllocationTags', { ...denied, times: 3 });
    expect((await world.request('Create')).Status).toBe('SUCCESS');
    world.endpoint.fail('ListCostAllocationTags', denied);
    const { Status, Reason } = await world.request('Update');
    expect(Status).toBe('FAILED');
    expect(Reason).toMatch(/is not authorized.*its role allows ce:ListCostAllocationTags, so look for a service control policy/);
    expect(Reason).not.toContain('management');
  });

  test('fails the daily check, which the error alarm counts, and keeps the states', async () => {
    await world.request('Create');
    world.endpoint.fail('ListCostAllocationTags', LINKED);
    await expect(world.check()).rejects.toThrow('only the management (payer) account');
    expect(world.states.team).toBe('pending');
  });

  test('what was activated before a call failed is remembered as ours, and goes with the rollback', async () => {
    world.list([...keys(25), 'team']);
    const settings = { tagKeys: keys(25), onDelete: 'deactivate', backfillFrom: '2026-05' };
    world.failFrom(2, 'UpdateCostAllocationTagsStatus', { code: 'ValidationException', message: 'no', times: 1 });
    expect(await world.request('Create', { settings })).toMatchObject({
      Status: 'FAILED', Reason: `UpdateCostAllocationTagsStatus in account ${ACCOUNT} failed: no`,
    });
    expect(Object.values(world.states).filter(state => state === 'active')).toHaveLength(20);
    expect(Object.values(world.states).filter(state => state === 'pending')).toHaveLength(5);
    expect(world.count('StartCostAllocationTagBackfill')).toBe(0);
    expect((await world.request('Delete', { settings })).Status).toBe('SUCCESS');
    expect(new Set(Object.values(world.statuses))).toEqual(new Set(['Inactive']));
    expect(world.parameters.size).toBe(0);
  });

  test('an update that fails lets go of nothing, so that its rollback finds all as it was', async () => {
    world.list([...keys(2), 'team']);
    await world.request('Create', { settings: { tagKeys: keys(1), onDelete: 'deactivate' } });
    world.endpoint.fail('UpdateCostAllocationTagsStatus', { code: 'ValidationException', message: 'no', times: 1 });
    expect((await world.request('Update', { settings: { tagKeys: ['key1'], onDelete: 'deactivate' } })).Status).toBe('FAILED');
    expect(world.statuses.key0).toBe('Active');
    await world.request('Update', { settings: { tagKeys: keys(1), onDelete: 'deactivate' } });
    expect(world.states).toEqual({ key0: 'active' });
    expect(world.record?.keys.key0.activatedByUs).toEqual(['key0']);
  });

  test.each([
    ['without settings', {}, 'Settings must be JSON text, got undefined'],
    ['with settings that are no text', { Settings: 1 }, 'Settings must be JSON text, got number'],
  ])('fails for a request %s, whose deletion then succeeds', async (_case, properties, message) => {
    expect(await world.requestWith('Create', properties)).toMatchObject({ Status: 'FAILED', Reason: message });
    expect(await world.requestWith('Delete', properties)).toMatchObject({ Status: 'SUCCESS' });
  });

  test('fails rather than write over a parameter that is not its own, and leaves it when the resource goes', async () => {
    world.parameters.set(PARAMETER, 'a secret of somebody else');
    expect((await world.request('Create')).Reason).toMatch(/holds something else than a record.*give another parameterName/);
    expect((await world.request('Delete')).Status).toBe('SUCCESS');
    expect(world.parameters.get(PARAMETER)).toBe('a secret of somebody else');
  });

  test('fails for a parameter that another stack keeps its record in, and leaves that when the resource goes', async () => {
    world.list(['team']);
    await world.request('Create', { stackId: OTHER_STACK_ID });
    expect((await world.request('Create')).Reason).toContain('is that of the stack other: give this stack another parameterName');
    const { record, changes } = world;
    expect((await world.request('Delete', { settings: { onDelete: 'deactivate' } })).Status).toBe('SUCCESS');
    expect(world.record).toEqual(record);
    expect(world.changes).toBe(changes);
    expect(world.statuses).toEqual({ team: 'Active' });
  });
});
