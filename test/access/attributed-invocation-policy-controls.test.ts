import * as fc from 'fast-check';
import { AttributionRequirement } from '../../lib/access';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import type { Authorization, Statement } from '../support/evaluate-policy';
import { bedrock, GEO_PROFILE, iam, mantle, profile } from './simulation/places';
import { TABLE } from './support/blocked-by';
import { type CallName, type Control, CONTROLS, denials, only, OWN, passes, type Tags } from './support/policies';

/** Provisioners write for others. */
const FORGIVEN: Control[] = ['denyCapacityPurchases', 'denyForeignCreation', 'denyResourceTagTampering', 'denyPrincipalTagTampering'];

const tagSession = (role: string, key = 'team'): Authorization<string | string[]>[] => [
  { action: 'sts:TagSession', resource: iam(`role/${role}`), context: { 'aws:TagKeys': [key], [`aws:RequestTag/${key}`]: 'payments' } },
];

/** Holds for whatever set of controls is on; one that blocks nothing here is always there, since a policy has to say something. */
function forEverySet(controls: Control[], check: (on: Control[], given: ReturnType<typeof only>) => void): void {
  fc.assert(fc.property(fc.subarray(controls).map(on => [...on, 'denyUnapprovedSessionTags' as const]), on => {
    check(on, only(on));
  }), { endOnFailure: true, numRuns: 12 });
}

describe('each control blocks what its name says and nothing else', () => {
  test.each(CONTROLS)('%s alone', control => {
    const denied = denials(only([control]));
    const blocked = TABLE.filter(([call]) => !passes(denied, call)).map(([call]) => call);
    expect(blocked).toEqual(TABLE.filter(([, by]) => by.includes(control)).map(([call]) => call));
  });

  test.each(CONTROLS)('all but %s', control => {
    const denied = denials(only(CONTROLS.filter(other => other !== control)));
    const passing = TABLE.filter(([call]) => passes(denied, call)).map(([call]) => call);
    expect(passing).toEqual(TABLE.filter(([, by]) => by.every(other => other === control)).map(([call]) => call));
  });

  test('in whatever company', () => {
    forEverySet(CONTROLS, (on, given) => {
      const denied = denials(given);
      const wrong = TABLE.filter(([call, by]) => passes(denied, call) === by.some(control => on.includes(control)));
      expect(wrong).toEqual([]);
    });
  });
});

describe('the tags of the caller', () => {
  const callers: [string, Tags, Control[]][] = [
    ['all tags', OWN, []],
    ['no tags', {}, ['denyUntaggedCallers']],
    ['no team', { service: 'checkout', env: 'prod' }, ['denyUntaggedCallers']],
    ['no env', { team: 'payments', service: 'checkout' }, ['denyUntaggedCallers']],
    ['an empty team', { ...OWN, team: '' }, ['denyUntaggedCallers']],
    ['an empty env', { ...OWN, env: '' }, ['denyUntaggedCallers', 'denyUnlistedValues']],
    ['a value that is not listed', { ...OWN, env: 'qa' }, ['denyUnlistedValues']],
    ['a value in another case', { ...OWN, env: 'Prod' }, ['denyUnlistedValues']],
    ['an optional value that the pattern refuses', { ...OWN, CostCenter: '4711' }, ['denyUnlistedValues']],
    ['an optional value that the pattern takes', { ...OWN, CostCenter: 'cc-4711' }, []],
    ['a tag key in another case', { Team: 'payments', service: 'checkout', env: 'prod' }, []],
  ];
  const spending: CallName[] = [
    'own profile', 'own profile, streamed', 'own global profile', 'geo profile directly', 'model directly', 'Responses on the runtime endpoint', 'agent',
    'flow', 'RetrieveAndGenerate', 'Rerank', 'OptimizePrompt', 'GenerateQuery', 'CreateModelCustomizationJob', 'CreateModelInvocationJob, own tags', 'StartAsyncInvoke, own tags',
    'mantle, own project', 'mantle, default project', 'mantle, fine-tuning in own project',
  ];
  const free: CallName[] = ['CreateInferenceProfile, own tags', 'CreateProject, own tags', 'tag a profile with another key', 'make a role without tags'];

  test.each(callers)('%s: spending is blocked by whom it should be, and nothing else', (_, tags, by) => {
    forEverySet(['denyUntaggedCallers', 'denyUnlistedValues'], (on, given) => {
      const denied = denials(given);
      const isBlocked = by.some(control => on.includes(control));
      expect(spending.filter(call => passes(denied, call, { tags }))).toEqual(isBlocked ? [] : spending);
      expect(free.filter(call => passes(denied, call, { tags }))).toEqual(free);
    });
  });

  test.each([
    'bedrock-mantle:CreateFineTuningJob', 'bedrock-mantle:CreateInference', 'bedrock:CreateEvaluationJob', 'bedrock:CreateModelCustomizationJob',
    'bedrock:CreateModelInvocationJob', 'bedrock:GenerateQuery', 'bedrock:InvokeAgent', 'bedrock:InvokeFlow', 'bedrock:InvokeModel',
    'bedrock:InvokeModelWithBidirectionalStream', 'bedrock:InvokeModelWithResponseStream', 'bedrock:OptimizePrompt', 'bedrock:Rerank', 'bedrock:Retrieve',
    'bedrock:RetrieveAndGenerate',
  ])('%s spends by itself', action => {
    const denied = denials(only(['denyUntaggedCallers']));
    expect(passes(denied, [{ action, resource: '*' }], { tags: {} })).toBe(false);
    expect(passes(denied, [{ action, resource: '*' }])).toBe(true);
  });

  test.each([
    'bedrock:GetInferenceProfile', 'bedrock:ListFoundationModels', 'bedrock:CreateInferenceProfile', 'bedrock:DeleteInferenceProfile', 'bedrock-mantle:ListModels',
    'bedrock-mantle:CreateProject', 'bedrock:TagResource',
  ])('%s does not spend', action => {
    expect(passes(denials(only(['denyUntaggedCallers'])), [{ action, resource: '*' }], { tags: {} })).toBe(true);
  });

  test('a caller without a compared tag has nothing that is its own', () => {
    const denied = denials(only(['denyForeignProfiles', 'denyForeignCreation']));
    const tags = { service: 'checkout', env: 'prod' };
    expect(passes(denied, 'own profile', { tags })).toBe(false);
    expect(passes(denied, 'mantle, own project', { tags })).toBe(false);
    expect(passes(denied, 'CreateProject, own tags', { tags })).toBe(false);
    expect(passes(denied, 'model directly', { tags })).toBe(true);
  });

  test.each<[string, string]>([['session tags', 'sessionTag'], ['principal tags', 'principalTag']])('a key that rides on %s only is required of callers', (_, carrier) => {
    const schema = new AttributionSchema({
      version: 1, keys: [AttributionKey.of('tenant', { description: 'Who pays.', required: true, carriers: [carrier as never], spellings: { [carrier]: 'Tenant' } })],
    });
    const denied = denials(only(['denyUntaggedCallers']), schema);
    expect(passes(denied, 'model directly', { tags: {} })).toBe(false);
    expect(passes(denied, 'model directly', { tags: { Tenant: 'a' } })).toBe(true);
  });

  test('a personal key is required, and its value, which arrives hashed, is not looked at', () => {
    const schema = new AttributionSchema({
      version: 1, keys: [AttributionKey.of('user', { description: 'Who calls.', required: true, personal: true, pattern: 'u-[0-9]+' })],
    });
    const denied = denials(only(['denyUntaggedCallers', 'denyUnlistedValues']), schema);
    expect(passes(denied, 'model directly', { tags: {} })).toBe(false);
    expect(passes(denied, 'model directly', { tags: { user: '3f2a' } })).toBe(true);
  });

  test('a deprecated key is not required but stays protected', () => {
    const schema = new AttributionSchema({
      version: 2, keys: [AttributionKey.TEAM, AttributionKey.of('squad', { description: 'Who paid.', required: true, deprecatedInFavourOf: 'team' })],
    });
    const denied = denials({}, schema);
    expect(passes(denied, 'model directly', { tags: { team: 'payments' } })).toBe(true);
    expect(passes(denied, tagSession('any', 'Squad'))).toBe(false);
  });
});

describe('creation', () => {
  test.each<[string, Control[], boolean]>([
    ['that nothing looks at passes', [], true],
    ['that must be tagged, with whatever, passes', ['denyUntaggedCreation'], true],
    ['that must be tagged with values of the schema is blocked', ['denyUntaggedCreation', 'denyUnlistedValues'], false],
    ["that must be the creator's own is blocked", ['denyForeignCreation'], false],
  ])('of an illegal env %s', (_, controls, allowed) => {
    const denied = denials(only([...controls, 'denyUnapprovedSessionTags']));
    const calls: CallName[] = [
      'CreateInferenceProfile, an illegal env', 'CreateProject, an illegal env', 'CreateProvisionedModelThroughput, an illegal env',
      'CreateModelInvocationJob, an illegal env', 'StartAsyncInvoke, an illegal env',
    ];
    expect(calls.filter(call => passes(denied, call))).toEqual(allowed ? calls : []);
  });
});

describe('provisioners', () => {
  const controls = { provisioners: [iam('role/cdk-*-cfn-exec-role-*')] };
  const provisioner = { role: 'cdk-hnb659fds-cfn-exec-role-1', tags: OWN };
  const written = TABLE.filter(([call]) => !call.startsWith('StartAsyncInvoke'));

  test('write other values than their own, and are under all other controls', () => {
    forEverySet(CONTROLS, (on, given) => {
      const denied = denials({ ...given, ...controls });
      const holding = on.filter(control => !FORGIVEN.includes(control));
      const wrong = written.filter(([call, by]) => passes(denied, call, provisioner) === by.some(control => holding.includes(control)));
      expect(wrong).toEqual([]);
    });
  });

  test('need no tags of their own to write tags for others', () => {
    const denied = denials({ ...only(['denyUntaggedCreation', ...FORGIVEN]), ...controls });
    expect(passes(denied, 'CreateInferenceProfile, own tags, tagging authorized', { ...provisioner, tags: {} })).toBe(true);
    expect(passes(denied, 'CreateInferenceProfile, no team', { ...provisioner, tags: {} })).toBe(false);
  });

  test('write values of the schema only, where values are looked at', () => {
    const writes = (looked: Control[]): boolean => (
      passes(denials({ ...only(['denyUntaggedCreation', 'denyForeignCreation', ...looked]), ...controls }), 'CreateProject, an illegal env', provisioner)
    );
    expect(writes(['denyUnlistedValues'])).toBe(false);
    expect(writes([])).toBe(true);
  });

  test('are not those whose name is only alike', () => {
    const denied = denials({ ...only(FORGIVEN), ...controls });
    expect(passes(denied, 'tag a role with an attribution key', provisioner)).toBe(true);
    expect(passes(denied, 'tag a role with an attribution key', { role: 'my-cdk-1-cfn-exec-role-1' })).toBe(false);
  });

  test('may not give tags to sessions', () => {
    expect(passes(denials(controls), tagSession('any'), provisioner)).toBe(false);
  });
});

describe('session tags', () => {
  test.each(['team', 'TEAM', 'CostCenter', 'costcenter', 'feature'])('%s is given to approved roles only', key => {
    const denied = denials({ ...only(['denyUnapprovedSessionTags']), approvedSessionRoles: [iam('role/tenant-*')] });
    expect(passes(denied, tagSession('tenant-a', key))).toBe(true);
    expect(passes(denied, tagSession('admin', key))).toBe(false);
  });

  test('go to nobody, if no role is approved', () => {
    expect(passes(denials({}), tagSession('tenant-a'))).toBe(false);
  });

  test('that attribute nothing go to every role', () => {
    expect(passes(denials({}), tagSession('admin', 'kubernetes-namespace'))).toBe(true);
  });

  test('go to every role, if the control is off', () => {
    expect(passes(denials({ denyUnapprovedSessionTags: false }), tagSession('admin'))).toBe(true);
  });
});

describe('compared keys', () => {
  const calls: CallName[] = ['profile of another service', 'mantle, project of another service', 'CreateProject, another service'];
  const foreign: CallName[] = ['profile of another team', 'mantle, project of another team', 'CreateProject, another team'];

  test('others may differ', () => {
    const denied = denials({ comparedKeys: ['team', 'env'] });
    expect(calls.filter(call => passes(denied, call))).toEqual(calls);
    expect(foreign.filter(call => passes(denied, call))).toEqual([]);
  });

  test('all may differ where none is compared', () => {
    const denied = denials({ comparedKeys: [] });
    expect([...calls, ...foreign].filter(call => passes(denied, call))).toEqual([...calls, ...foreign]);
  });

  test('are by default the required keys that the schema enforces', () => {
    const schema = new AttributionSchema({
      version: 1,
      keys: [AttributionKey.TEAM, AttributionKey.of('service', { description: 'Declared only.', required: true })],
    });
    const denied = denials({}, schema);
    expect(passes(denied, 'profile of another service')).toBe(true);
    expect(passes(denied, 'profile of another team')).toBe(false);
  });

  test('are compared in the spelling that each carrier has', () => {
    const denied = denials({ ...only(['denyForeignProfiles']), comparedKeys: ['cost_center'] });
    const call = (value: string): Authorization[] => [{ action: 'bedrock:InvokeModel', resource: profile('x'), context: { 'aws:ResourceTag/CostCenter': value } }];
    expect(passes(denied, call('cc-1'), { tags: { CostCenter: 'cc-1' } })).toBe(true);
    expect(passes(denied, call('cc-2'), { tags: { CostCenter: 'cc-1' } })).toBe(false);
  });
});

describe('what attributes a call', () => {
  const { PRINCIPAL_TAG, PROFILE, BOTH } = AttributionRequirement;
  const direct: CallName[] = ['model directly', 'model directly, streamed', 'geo profile directly', 'global profile directly'];
  const unbilled: CallName[] = ['mantle, default project', 'Responses on the runtime endpoint', 'prompt router', 'default prompt router', 'custom model deployment'];
  const attributed: CallName[] = ['own profile', 'own profile, streamed', 'own geo profile', 'own global profile', 'mantle, own project'];
  const passing = (denied: Statement[], calls: CallName[], tags?: Tags): CallName[] => calls.filter(call => passes(denied, call, { tags }));

  test.each([['by default', undefined], ['asked for', PRINCIPAL_TAG]])('the tags of the caller, %s: a tagged caller calls whatever it likes', (_, require) => {
    const denied = denials({ require });
    expect(passing(denied, [...direct, ...unbilled, ...attributed])).toEqual([...direct, ...unbilled, ...attributed]);
    expect(passing(denied, ['imported model', 'Marketplace endpoint', 'long-term key, own profile', 'profile of another team'])).toEqual([]);
    expect(passing(denied, [...direct, ...unbilled, ...attributed], { ...OWN, env: 'qa' })).toEqual([]);
    expect(passing(denied, [...direct, ...unbilled, ...attributed], {})).toEqual([]);
  });

  test('the profile: models run through profiles only, whatever the caller has', () => {
    const denied = denials({ require: PROFILE });
    expect(passing(denied, [...direct, ...unbilled])).toEqual([]);
    expect(passing(denied, attributed)).toEqual(attributed);
    expect(passing(denials({ require: PROFILE, comparedKeys: [] }), attributed, {})).toEqual(attributed);
    expect(passing(denials({ require: PROFILE, comparedKeys: ['team'] }), attributed, { ...OWN, env: 'qa' })).toEqual(attributed);
  });

  test.each([
    ['where no key is compared', []],
    ['where others are compared', ['service', 'env']],
  ])('the profile: without a required tag it attributes nothing, %s', (_, comparedKeys) => {
    const { team, ...withoutTeam } = OWN;
    const calls: Authorization[][] = [
      [{ action: 'bedrock:InvokeModel', resource: profile('old') }],
      [{ action: 'bedrock:InvokeModelWithResponseStream', resource: profile('old') }],
      [{ action: 'bedrock-mantle:CreateInference', resource: mantle('project/proj_old') }],
    ];
    const tagged = (tags: Tags): Authorization[][] => calls.map(call => call.map(authorization => (
      { ...authorization, context: Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value])) }
    )));
    for (const require of [PROFILE, BOTH]) {
      const denied = denials({ require, comparedKeys });
      expect(tagged({ ...withoutTeam, team }).every(call => passes(denied, call))).toBe(true);
      expect(tagged(withoutTeam).some(call => passes(denied, call))).toBe(false);
      expect(tagged({ ...withoutTeam, team: '' }).some(call => passes(denied, call))).toBe(false);
      expect(calls.some(call => passes(denied, call))).toBe(false);
    }
    expect(tagged(withoutTeam).every(call => passes(denials({ comparedKeys }), call))).toBe(true);
  });

  test('the profile: a schema without tags of callers asks for those of profiles', () => {
    const schema = new AttributionSchema({
      version: 1, keys: [AttributionKey.of('team', { description: 'Team that pays.', required: true, carriers: [Carrier.RESOURCE_TAG] })],
    });
    const denied = denials({ require: PROFILE }, schema);
    expect(passing(denied, attributed, {})).toEqual(attributed);
    expect(passes(denied, 'profile without tags', { tags: {} })).toBe(false);
    expect(passes(denied, 'mantle, project without tags', { tags: {} })).toBe(false);
  });

  test('the default project trains no models where it answers no calls', () => {
    const training = [{ action: 'bedrock-mantle:CreateFineTuningJob', resource: mantle('project/default') }];
    expect(passes(denials({ require: PROFILE }), training)).toBe(false);
    expect(passes(denials({ denyDefaultProjects: true }), training)).toBe(false);
    expect(passes(denials({}), training)).toBe(true);
  });

  test('the profile: its values are looked at when it is made, and those of the caller are not when it calls', () => {
    const denied = denials({ require: PROFILE, comparedKeys: [] });
    expect(passing(denied, ['CreateInferenceProfile, an illegal env', 'CreateProject, an illegal env'])).toEqual([]);
    expect(passing(denied, ['CreateInferenceProfile, own tags', 'CreateProject, another team'])).toHaveLength(2);
    expect(passing(denied, attributed, { ...OWN, env: 'qa' })).toEqual(attributed);
  });

  test('both', () => {
    const denied = denials({ require: BOTH });
    expect(passing(denied, [...direct, ...unbilled])).toEqual([]);
    expect(passing(denied, attributed)).toEqual(attributed);
    expect(passing(denials({ require: BOTH, comparedKeys: [] }), attributed, {})).toEqual([]);
  });

  test.each<[string, string[] | undefined, boolean, boolean]>([
    ['any application profile, by default', undefined, true, false],
    ['application profiles of some name', [bedrock('application-inference-profile/own-*')], true, false],
    ['application profiles of some name and a system-defined one', [bedrock('application-inference-profile/own-*'), bedrock(`inference-profile/${GEO_PROFILE}`, '*')], true, true],
    ['a system-defined profile only', [bedrock(`inference-profile/${GEO_PROFILE}`)], false, true],
    ['application profiles of another name', [bedrock('application-inference-profile/others-*')], false, false],
  ])('a model may run through %s', (_, inferenceProfileArns, application, wrapped) => {
    const denied = denials({ require: PROFILE, inferenceProfileArns });
    expect(passes(denied, 'own geo profile')).toBe(application);
    expect(passes(denied, 'own geo profile, wrapped named')).toBe(wrapped);
    expect(passes(denied, 'geo profile directly')).toBe(wrapped);
    expect(passes(denied, 'model directly')).toBe(false);
  });
});
