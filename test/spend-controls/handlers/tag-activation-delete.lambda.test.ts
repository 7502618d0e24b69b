import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { DAY_MS, LINKED, LOGICAL_ID, OTHER_STACK_ID, TagActivationWorld } from './tag-activation-world';

let world: TagActivationWorld;

beforeEach(async () => {
  world = await TagActivationWorld.start();
});

afterEach(() => world.stop());

describe('when the resource goes', () => {
  beforeEach(() => {
    world.list(['iamPrincipal/team']);
    world.list(['team'], 'Active');
  });

  test('all tags stay active unless it is asked for, and the record goes', async () => {
    await world.request('Create');
    expect(await world.request('Delete')).toMatchObject({ Status: 'SUCCESS', Reason: 'All tags stay as they are.' });
    expect(world.statuses).toEqual({ 'iamPrincipal/team': 'Active', 'team': 'Active' });
    expect(world.parameters.size).toBe(0);
  });

  const settings = { onDelete: 'deactivate' };

  test('only those that it has activated are deactivated, as far as they are still listed', async () => {
    world.list(['iamPrincipal/TEAM']);
    await world.request('Create', { settings });
    world.endpoint.tags = world.endpoint.tags.filter(({ TagKey }) => TagKey !== 'iamPrincipal/TEAM');
    expect((await world.request('Delete', { settings })).Reason).toContain('Deactivated');
    expect(world.statuses).toEqual({ 'iamPrincipal/team': 'Inactive', 'team': 'Active' });
    expect(world.endpoint.inputsOf('UpdateCostAllocationTagsStatus').at(-1)).toEqual({
      CostAllocationTagsStatus: [{ TagKey: 'iamPrincipal/team', Status: 'Inactive' }],
    });
    expect(world.parameters.size).toBe(0);
  });

  test('what somebody else has deactivated meanwhile is not deactivated again', async () => {
    await world.request('Create', { settings });
    world.endpoint.tags[0].Status = 'Inactive';
    const calls = world.count('UpdateCostAllocationTagsStatus');
    await world.request('Delete', { settings });
    expect(world.count('UpdateCostAllocationTagsStatus')).toBe(calls);
  });

  test('Cost Explorer is not called when nothing was activated here', async () => {
    world.endpoint.tags = [];
    await world.request('Create', { settings });
    const calls = world.endpoint.calls.length;
    expect(await world.request('Delete', { settings })).toMatchObject({ Status: 'SUCCESS', Reason: 'All tags stay as they are.' });
    expect(world.endpoint.calls).toHaveLength(calls);
  });

  test.each([
    ['listing is denied', 'ListCostAllocationTags', { code: 'AccessDeniedException', message: 'not authorized' }, 'may still be active'],
    ['the account pays no more', 'ListCostAllocationTags', LINKED, 'may still be active'],
    ['deactivating is throttled', 'UpdateCostAllocationTagsStatus', { code: 'LimitExceededException', message: 'slow' }, 'may still be active'],
  ])('succeeds and says what may be left when %s', async (_case, operation, failure, said) => {
    await world.request('Create', { settings });
    world.endpoint.fail(operation, failure);
    const { Status, Reason } = await world.request('Delete', { settings });
    expect({ Status, isSaid: Reason.includes(said) }).toEqual({ Status: 'SUCCESS', isSaid: true });
    expect(world.parameters.size).toBe(0);
  });

  test('succeeds and says which tag was refused', async () => {
    await world.request('Create', { settings });
    world.endpoint.refuseTag('iamPrincipal/team', 'TagKeysNotFoundException', 'gone');
    expect(await world.request('Delete', { settings })).toMatchObject({
      Status: 'SUCCESS', Reason: 'iamPrincipal/team stays active: TagKeysNotFoundException: gone',
    });
  });

  test('succeeds and says so when the record cannot be read', async () => {
    world.ssm.on(GetParameterCommand).rejects(new Error('no'));
    expect(await world.request('Delete')).toMatchObject({ Status: 'SUCCESS', Reason: 'The record could not be removed: no' });
  });

  test('a key that leaves the schema is treated the same', async () => {
    await world.request('Create', { settings });
    await world.request('Update', { settings: { ...settings, tagKeys: ['team'] } });
    expect(world.statuses).toEqual({ 'iamPrincipal/team': 'Inactive', 'team': 'Active' });
    expect(world.states).toEqual({ team: 'active' });

    await world.request('Update', { settings });
    expect(world.statuses['iamPrincipal/team']).toBe('Active');
    await world.request('Update', { settings: { tagKeys: ['team'] } });
    expect(world.statuses['iamPrincipal/team']).toBe('Active');
  });

  test('a check that still has the keys of before an update lets go of none', async () => {
    await world.request('Create', { settings });
    await world.check({ ...settings, tagKeys: ['team'] });
    expect(world.statuses['iamPrincipal/team']).toBe('Active');
    expect(world.states).toEqual({ 'iamPrincipal/team': 'active', 'team': 'active' });
  });

  test('an update that cannot deactivate succeeds and says so', async () => {
    await world.request('Create', { settings });
    world.endpoint.refuseTag('iamPrincipal/team', 'Nope', 'not now');
    expect(await world.request('Update', { settings: { ...settings, tagKeys: ['team'] } })).toMatchObject({
      Status: 'SUCCESS', Reason: '1 active, 0 pending, 0 refused. iamPrincipal/team stays active: Nope: not now',
    });
  });

  test('a renamed resource takes the tags over, and the former one leaves them alone', async () => {
    await world.request('Create', { settings });
    const since = world.record?.keys.team.since;
    world.now += DAY_MS;
    await world.request('Create', { settings, logicalId: 'Renamed' });
    expect((await world.request('Delete', { settings })).Reason).toContain('now those of the resource Renamed');
    expect(world.statuses['iamPrincipal/team']).toBe('Active');
    expect(world.record).toMatchObject({ owner: { stackName: 'payer', logicalId: 'Renamed' }, keys: { team: { since } } });
    expect(world.record?.owner).not.toHaveProperty('former');
    await world.request('Delete', { settings, logicalId: 'Renamed' });
    expect(world.statuses['iamPrincipal/team']).toBe('Inactive');
    expect(world.parameters.size).toBe(0);
  });

  test('a rename that is rolled back gives the tags back', async () => {
    await world.request('Create', { settings });
    await world.request('Create', { settings, logicalId: 'Renamed' });
    await world.request('Delete', { settings, logicalId: 'Renamed' });
    expect(world.statuses['iamPrincipal/team']).toBe('Active');
    expect(world.record?.owner).toEqual({ stackName: 'payer', logicalId: LOGICAL_ID });
  });

  test('a stack of the same name that comes later takes over what the former one could not remove', async () => {
    await world.request('Create', { settings });
    const again = await world.request('Create', { settings, stackId: OTHER_STACK_ID.replace('other', 'payer') });
    expect(again.Status).toBe('SUCCESS');
  });
});
