import { inferenceProfiles, mantleProjects, schema } from '../../lib';
import {
  accessWorld, asked, callIam, EXISTING_ROLE, landingZone, parameters, principals, PROFILE, PROJECT, tagsOf, timesWritten,
} from './access-world';
import { ACCOUNT, LocalAws, type Recorded } from './emulator/local-aws';
import { addRest } from './failing-resource';
import type { Build } from './region-world';

const ROOT = '/bedrock-cost-attribution/inference-profiles';
const CHECKOUT_GEO = `${ROOT}/payments/checkout/prod/us.amazon.nova-lite-v1_3a0`;
const SINGLE = `${ROOT}/discovery/search/prod/amazon.nova-micro-v1_3a0`;

let aws: LocalAws;

beforeAll(async () => {
  aws = await LocalAws.start();
  expect(await aws.deploy('LandingZone', landingZone)).toMatchObject({ succeeded: true });
});

afterAll(() => aws.stop());

/** Deploys a stack, lets a test work with it, and destroys it whatever comes of that. */
async function withStack(name: string, build: Build, work: () => Promise<void>): Promise<void> {
  let destroyed;
  try {
    expect(await aws.deploy(name, build)).toMatchObject({ succeeded: true });
    await work();
  } finally {
    destroyed = await aws.destroy(name, build);
  }
  expect(destroyed).toMatchObject({ succeeded: true });
}

/** Updates a stack, and answers with what was asked of profiles and projects. */
async function update(name: string, build: Build): Promise<Recorded[]> {
  const since = aws.recorded.length;
  expect(await aws.deploy(name, build)).toMatchObject({ succeeded: true });
  return asked(aws, since);
}

/** The last that was asked of profiles that are there. */
function profiles(): Map<string, Recorded> {
  const live = new Map<string, Recorded>();
  for (const request of aws.recorded.filter(({ type }) => type === PROFILE)) {
    live.delete(request.id);
    if (request.operation !== 'delete') live.set(request.id, request);
  }
  return live;
}

/** The only one of which something is so. */
function only<T>(all: readonly T[], isIt: (one: T) => boolean): T {
  const [first, ...more] = all.filter(isIt);
  expect(more).toEqual([]);
  expect(first).toBeDefined();
  return first;
}

test('everything is deployed, deployed again without a change, and destroyed but for its project', async () => {
  const NAME = 'Everything';
  const [since, before] = [aws.recorded.length, await principals(aws)];
  expect(await aws.deploy(NAME, accessWorld())).toMatchObject({ succeeded: true });
  expect(asked(aws, since).map(({ operation, type }) => `${operation} ${type}`).sort()).toEqual([
    ...Array<string>(5).fill(`create ${PROFILE}`), `create ${PROJECT}`,
  ]);
  const deployed = await principals(aws);

  expect((await aws.deploy(NAME, accessWorld())).output).toContain('no changes');
  expect(await principals(aws)).toEqual(deployed);
  expect(asked(aws, since)).toHaveLength(6);

  expect(await aws.destroy(NAME, accessWorld())).toMatchObject({ succeeded: true });
  expect(await aws.stackStatus(NAME)).toBeUndefined();
  expect(await principals(aws)).toEqual(before);
  expect(profiles().size).toBe(0);
  expect(await parameters(aws)).toEqual({});
  expect(asked(aws, since).filter(({ type }) => type === PROJECT).map(({ operation }) => operation)).toEqual(['create']);
});

test('every parameter leads to the profile or project that it stands for', async () => {
  await withStack('Parameters', accessWorld(), async () => {
    const all = await parameters(aws);
    expect(Object.keys(all).sort()).toEqual([
      `${ROOT}/discovery/search/prod/amazon.nova-micro-v1_3a0`,
      `${ROOT}/discovery/search/prod/global.amazon.nova-2-lite-v1_3a0`,
      `${ROOT}/discovery/search/prod/us.amazon.nova-lite-v1_3a0`,
      `${ROOT}/payments/checkout/prod/global.amazon.nova-2-lite-v1_3a0`,
      `${ROOT}/payments/checkout/prod/us.amazon.nova-lite-v1_3a0`,
      '/bedrock-cost-attribution/projects/payments/checkout/prod',
    ]);
    const { inferenceProfileArn } = all[CHECKOUT_GEO];
    expect(profiles().get(inferenceProfileArn)?.properties).toMatchObject({
      ModelSource: { CopyFrom: `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.amazon.nova-lite-v1:0` },
      Tags: expect.arrayContaining([{ Key: 'team', Value: 'payments' }, { Key: 'service', Value: 'checkout' }, { Key: 'env', Value: 'prod' }]),
    });
    const { projectArn, projectId } = all['/bedrock-cost-attribution/projects/payments/checkout/prod'];
    expect(asked(aws).filter(({ type }) => type === PROJECT).at(-1)?.id).toBe(projectArn);
    expect(projectArn.endsWith(`/${projectId}`)).toBe(true);
  });
});

test('IAM has the roles, users and policies, with their tags', async () => {
  const NAME = 'Principals';
  const named = (id: string) => (name: string): boolean => name.startsWith(`${NAME}-${id}`);
  await withStack(NAME, accessWorld(), async () => {
    const { UserDetailList, GroupDetailList, RoleDetailList, Policies } = await principals(aws);
    const role = (id: string) => only(RoleDetailList, ({ RoleName }) => named(id)(RoleName));

    // the role of one service: its tags, its profiles by name and its boundary
    expect(tagsOf(role('Named'))).toEqual({ team: 'payments', service: 'checkout', env: 'prod' });
    const { inferenceProfileArn } = (await parameters(aws))[CHECKOUT_GEO];
    expect(JSON.stringify(role('Named').RolePolicyList)).toContain(inferenceProfileArn);
    const boundary = only(Policies, ({ PolicyName }) => named('Boundary')(PolicyName)).Arn;
    const { Role } = await callIam<{ Role: object }>(aws, 'get_role', { RoleName: role('Named').RoleName });
    expect(Role).toMatchObject({ PermissionsBoundary: { PermissionsBoundaryArn: boundary } });

    // the role that calls what is tagged like itself names no profile
    expect(tagsOf(role('Matching'))).toEqual({ team: 'discovery', service: 'search', env: 'prod' });
    expect(JSON.stringify(role('Matching').RolePolicyList)).not.toContain(inferenceProfileArn);

    // sessions bring what the roles lack
    expect(tagsOf(role('Tenants'))).toEqual({ team: 'discovery', env: 'prod' });
    expect(tagsOf(role('Federated'))).toEqual({});

    // the role that was there has the policy and may start sessions of tenants
    const existing = only(RoleDetailList, ({ RoleName }) => RoleName === EXISTING_ROLE);
    expect(existing.AttachedManagedPolicies.map(({ PolicyArn }) => PolicyArn).sort()).toEqual(
      Policies.filter(({ PolicyName }) => named('Policy')(PolicyName)).map(({ Arn }) => Arn).sort(),
    );
    const tenants = `arn:aws:iam::${ACCOUNT}:role/${role('Tenants').RoleName}`;
    expect(existing.RolePolicyList.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)).toEqual([
      expect.objectContaining({ Action: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'], Resource: tenants }),
    ]);
    expect(JSON.stringify(role('Tenants').AssumeRolePolicyDocument)).toContain(`arn:aws:iam::${ACCOUNT}:role/${EXISTING_ROLE}`);

    const group = only(GroupDetailList, ({ GroupName }) => named('Users')(GroupName));
    expect(group.AttachedManagedPolicies.length).toBeGreaterThan(0);
    expect(group.GroupPolicyList).toHaveLength(1);
    const alice = only(UserDetailList, ({ UserName }) => named('Users')(UserName));
    expect(alice.GroupList).toEqual([group.GroupName]);
    expect(tagsOf(alice)).toEqual({ team: 'payments', service: 'prototypes', env: 'dev' });
  });
});

describe('an update', () => {
  test('changes a team in the tags of profiles, projects and roles, and has the parameters follow', async () => {
    const NAME = 'Team';
    const changed = accessWorld({ team: 'discovery' });
    await withStack(NAME, accessWorld(), async () => {
      const { inferenceProfileArn } = (await parameters(aws))[CHECKOUT_GEO];
      const requests = await update(NAME, changed);
      expect(requests.map(({ operation, type }) => `${operation} ${type}`).sort()).toEqual([
        `update ${PROFILE}`, `update ${PROFILE}`, `update ${PROJECT}`,
      ]);
      for (const { properties } of requests) expect(tagsOf(properties)).toEqual({ team: 'discovery', service: 'checkout', env: 'prod' });

      const after = await parameters(aws);
      expect(after[CHECKOUT_GEO.replace('payments', 'discovery')].inferenceProfileArn).toBe(inferenceProfileArn);
      expect(Object.keys(after).filter(name => name.includes('payments'))).toEqual([]);
      expect(Object.keys(after)).toHaveLength(6);
      const { RoleDetailList } = await principals(aws);
      expect(tagsOf(only(RoleDetailList, ({ RoleName }) => RoleName.startsWith(`${NAME}-Named`)))).toMatchObject({ team: 'discovery' });
    });
  });

  test('replaces a profile whose description changes, under a name that nobody has', async () => {
    const NAME = 'Description';
    await withStack(NAME, accessWorld(), async () => {
      const { inferenceProfileArn: before } = (await parameters(aws))[SINGLE];
      const requests = await update(NAME, accessWorld({ description: 'Ranks what was found' }));
      const { inferenceProfileArn: after } = (await parameters(aws))[SINGLE];
      expect(requests.map(({ operation, id }) => [operation, id])).toEqual([['create', after], ['delete', before]]);
      const [made, deleted] = requests.map(({ properties }) => properties.InferenceProfileName);
      expect(made).not.toBe(deleted);
      expect(await timesWritten(aws, SINGLE)).toBe(2);
    });
  });

  test('replaces a profile whose model changes, and gives those who call it the new one', async () => {
    const NAME = 'Model';
    await withStack(NAME, accessWorld(), async () => {
      const { inferenceProfileArn: before } = (await parameters(aws))[SINGLE];
      const requests = await update(NAME, accessWorld({ model: 'amazon.nova-pro-v1:0' }));
      const all = await parameters(aws);
      const { inferenceProfileArn: after } = all[SINGLE.replace('micro', 'pro')];
      expect(requests.map(({ operation, id }) => [operation, id])).toEqual([['create', after], ['delete', before]]);
      expect(all[SINGLE]).toBeUndefined();

      const { RoleDetailList } = await principals(aws);
      const callers = JSON.stringify(only(RoleDetailList, ({ RoleName }) => RoleName.startsWith(`${NAME}-Tenants`)).RolePolicyList);
      expect(callers).toContain(after);
      expect(callers).not.toContain(before);
    });
  });

  test('adds a service before the others and touches nothing else', async () => {
    const NAME = 'Added';
    await withStack(NAME, accessWorld(), async () => {
      const [parametersBefore, principalsBefore] = [await parameters(aws), await principals(aws)];
      const requests = await update(NAME, accessWorld({ moreServices: { Ads: { attribution: { team: 'discovery', service: 'ads', env: 'prod' } } } }));
      expect(requests.map(({ operation, type }) => `${operation} ${type}`)).toEqual([`create ${PROFILE}`, `create ${PROFILE}`]);
      for (const { properties } of requests) expect(tagsOf(properties)).toMatchObject({ service: 'ads' });

      const all = await parameters(aws);
      expect(all).toMatchObject(parametersBefore);
      expect(Object.keys(all)).toHaveLength(8);
      for (const name of Object.keys(parametersBefore)) expect(await timesWritten(aws, name)).toBe(1);
      expect(await principals(aws)).toEqual(principalsBefore);
    });
  });

  test('that fails leaves the profile that it would have replaced', async () => {
    const NAME = 'RolledBack';
    const failing: Build = stack => {
      accessWorld({ description: 'Ranks what was found' })(stack);
      addRest(stack, 'FAILED', stack.node.findChild('Single'));
    };
    await withStack(NAME, accessWorld(), async () => {
      const before = (await parameters(aws))[SINGLE];
      const live = [...profiles().keys()].sort();
      expect(await aws.deploy(NAME, failing)).toMatchObject({ succeeded: false });
      expect(await aws.stackStatus(NAME)).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect((await parameters(aws))[SINGLE]).toEqual(before);
      expect([...profiles().keys()].sort()).toEqual(live);
    });
  });
});

test('a project whose creation failed does not stand in the way of the next attempt', async () => {
  const NAME = 'SecondAttempt';
  const failing: Build = stack => {
    accessWorld()(stack);
    addRest(stack, 'FAILED', stack.node.findChild('Project'));
  };
  expect(await aws.deploy(NAME, failing)).toMatchObject({ succeeded: false });
  await withStack(NAME, accessWorld(), async () => {
    expect(await aws.stackStatus(NAME)).toBe('CREATE_COMPLETE');
  });
});

describe('with names that are taken', () => {
  const keys = schema.AttributionSchema.starter();
  const attribution = { team: 'payments', service: 'checkout', env: 'prod' };
  const modelSource = inferenceProfiles.ModelSource.foundationModel('amazon.nova-lite-v1:0');

  test('an update that replaces a profile and keeps a name of its own fails, and leaves the profile', async () => {
    const NAME = 'OwnName';
    const described = (description: string): Build => stack => {
      new inferenceProfiles.ApplicationInferenceProfile(stack, 'Profile', {
        schema: keys, attribution, modelSource, description, inferenceProfileName: 'checkout',
      });
    };
    await withStack(NAME, described('before'), async () => {
      const live = [...profiles().keys()];
      expect(await aws.deploy(NAME, described('after'))).toMatchObject({ succeeded: false });
      expect(await aws.reasons(NAME)).toContainEqual(expect.stringContaining('ConflictException: the name checkout is taken'));
      expect([...profiles().keys()]).toEqual(live);
    });
  });

  test('a project that has stayed makes the next deployment of its stack fail', async () => {
    const NAME = 'Stayed';
    const project: Build = stack => { new mantleProjects.MantleProject(stack, 'Project', { schema: keys, attribution }); };
    await withStack(NAME, project, async () => { await Promise.resolve(); });
    expect(await aws.deploy(NAME, project)).toMatchObject({ succeeded: false });
    expect(await aws.reasons(NAME)).toContainEqual(expect.stringContaining('ConflictException'));
    await aws.destroy(NAME, project);
  });

  /** A fleet of one service. */
  const fleet = (id: string, publishParameters = true, nestedStacks?: number): Build => stack => {
    new inferenceProfiles.InferenceProfileFleet(stack, 'Fleet', {
      schema: keys, nestedStacks, models: { Lite: modelSource }, services: { [id]: { attribution, publishParameters } },
    });
  };

  test('a service that gets another id fails while its parameters are there', async () => {
    const NAME = 'Renamed';
    await withStack(NAME, fleet('Checkout'), async () => {
      const before = await parameters(aws);
      expect(await aws.deploy(NAME, fleet('Shop'))).toMatchObject({ succeeded: false });
      expect(await aws.reasons(NAME)).toContainEqual(expect.stringContaining('ParameterAlreadyExists'));
      expect(await aws.stackStatus(NAME)).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(await parameters(aws)).toEqual(before);
    });
  });

  test.each([
    ['gets another id', 'RenamedInSteps', fleet('Shop')],
    ['moves to a nested stack', 'MovedInSteps', fleet('Checkout', true, 1)],
  ])('a service that %s after a deployment without parameters has them again', async (_case, name, moved) => {
    await withStack(name, fleet('Checkout'), async () => {
      await update(name, fleet('Checkout', false));
      expect(await parameters(aws)).toEqual({});
      await update(name, moved);
      const found = Object.values(await parameters(aws)).map(({ inferenceProfileArn }) => inferenceProfileArn);
      expect(found).toEqual([...profiles().keys()]);
      expect(found).toHaveLength(1);
    });
  });
});
