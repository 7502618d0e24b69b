import { CfnParameter, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as bedrock from 'aws-cdk-lib/aws-bedrock';
import { CfnProject } from 'aws-cdk-lib/aws-bedrockmantle';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AttributedInvocationPolicy, BedrockServiceRole, InvocationTarget } from '../../lib/access';
import type { Statement } from '../support/evaluate-policy';
import { GEO_PROFILE, GLOBAL_PROFILE, profile } from './simulation/places';
import { ALLOW_ALL, ATTRIBUTION, type CallName, decide, documentsOf, makeStack, OWN, SCHEMA, type Tags } from './support/policies';
import { profileTarget, projectTarget } from './support/targets';

const anyModel = (): InvocationTarget => InvocationTarget.anyModel();
const matchingTags = (...keys: string[]): InvocationTarget => InvocationTarget.matchingTags(...keys);
const systemProfile = (id: string): InvocationTarget => InvocationTarget.systemProfile(id);

/** Calls that some target is for, and calls that none is for. */
const CALLED: CallName[] = [
  'own profile', 'own profile, streamed', 'own geo profile', 'own geo profile, wrapped named', 'own global profile', 'profile of another team',
  'profile of another service', 'profile without tags', 'geo profile directly', 'geo profile directly, streamed', 'global profile directly', 'model directly',
  'model directly, streamed', 'Responses on the runtime endpoint', 'mantle, own project', 'mantle, project of another team',
  'mantle, project of another service', 'mantle, project without tags', 'mantle, default project', 'own provisioned model', 'imported model',
  'custom model deployment', 'prompt router', 'default prompt router', 'agent', 'RetrieveAndGenerate', 'CreateModelInvocationJob, own tags',
  'StartAsyncInvoke, own tags', 'CreateInferenceProfile, own tags', 'tag a profile with an attribution key', 'tag a role with another key',
];

const OWN_PROFILES: CallName[] = ['own profile', 'own profile, streamed', 'own geo profile', 'own global profile'];
const DIRECT: CallName[] = [
  'geo profile directly', 'geo profile directly, streamed', 'global profile directly', 'model directly', 'model directly, streamed',
  'Responses on the runtime endpoint', 'mantle, default project',
];

/** Targets, with the calls that they allow. */
const TARGETS: [string, (stack: Stack) => InvocationTarget[], CallName[]][] = [
  ['a profile', stack => [profileTarget(stack)], ['own profile', 'own profile, streamed']],
  ['several profiles', stack => ['own-model', 'own-geo', 'own-global'].map(id => profileTarget(stack, id)), OWN_PROFILES],
  ['a system-defined profile', () => [systemProfile(GEO_PROFILE)], ['geo profile directly', 'geo profile directly, streamed']],
  ['a profile and the system-defined one behind it', stack => [profileTarget(stack, 'own-geo'), systemProfile(GEO_PROFILE)], [
    'own geo profile', 'own geo profile, wrapped named', 'geo profile directly', 'geo profile directly, streamed',
  ]],
  ['a project', stack => [projectTarget(stack)], ['mantle, own project']],
  ['a profile and a project', stack => [profileTarget(stack), projectTarget(stack)], ['own profile', 'own profile, streamed', 'mantle, own project']],
  ['own tags', () => [matchingTags()], [...OWN_PROFILES, 'mantle, own project']],
  ['own tags in some keys', () => [matchingTags('team', 'env')], [
    ...OWN_PROFILES, 'profile of another service', 'mantle, own project', 'mantle, project of another service',
  ]],
  ['own tags in either of two ways', () => [matchingTags('team'), matchingTags('service', 'env')], [
    ...OWN_PROFILES, 'profile of another team', 'profile of another service', 'mantle, own project', 'mantle, project of another team',
    'mantle, project of another service',
  ]],
  ['own tags and a profile of another team', stack => [matchingTags(), profileTarget(stack, 'other-team')], [
    ...OWN_PROFILES, 'profile of another team', 'mantle, own project',
  ]],
  ['own tags and a system-defined profile', () => [matchingTags(), systemProfile(GEO_PROFILE)], [
    ...OWN_PROFILES, 'own geo profile, wrapped named', 'geo profile directly', 'geo profile directly, streamed', 'mantle, own project',
  ]],
  ['any model', () => [anyModel()], DIRECT],
  ['any model, and own tags', () => [anyModel(), matchingTags()], [
    ...OWN_PROFILES, 'own geo profile, wrapped named', ...DIRECT, 'mantle, own project',
  ]],
  ['any model, and a profile and a project', stack => [profileTarget(stack), anyModel(), projectTarget(stack)], [
    'own profile', 'own profile, streamed', ...DIRECT, 'mantle, own project',
  ]],
];

function statementsOf(targets: (stack: Stack) => InvocationTarget[]): Statement[] {
  const stack = makeStack();
  new BedrockServiceRole(stack, 'Role', {
    schema: SCHEMA, attribution: ATTRIBUTION, assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'), targets: targets(stack),
  });
  const [role] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
  return role.Properties.Policies[0].PolicyDocument.Statement as Statement[];
}

function allowed(identity: Statement[], tags: Tags = OWN): CallName[] {
  return CALLED.filter(call => decide({ identity }, call, { tags }));
}

const inOrder = (calls: CallName[]): CallName[] => CALLED.filter(call => calls.includes(call));

describe.each(TARGETS)('%s', (_, targets, calls) => {
  test('allows its own calls and no others', () => {
    expect(allowed(statementsOf(targets))).toEqual(inOrder(calls));
  });

  test('allows the same as a policy that is attached to a role', () => {
    const stack = makeStack();
    const policy = new AttributedInvocationPolicy(stack, 'Policy', { schema: SCHEMA, targets: targets(stack), comparedKeys: [] });
    expect(allowed(documentsOf(policy.policies).flat())).toEqual(inOrder(calls));
  });
});

test.each<[string, (stack: Stack) => InvocationTarget[], CallName[]]>([
  ['profiles', stack => [profileTarget(stack)], ['own profile', 'own profile, streamed']],
  ['a system-defined profile', () => [systemProfile(GEO_PROFILE)], [
    'own geo profile, wrapped named', 'geo profile directly', 'geo profile directly, streamed', 'Responses on the runtime endpoint',
  ]],
  ['own tags', () => [matchingTags()], OWN_PROFILES],
  ['projects', stack => [projectTarget(stack)], []],
])('whatever is allowed later, %s leave no other way to run a model on the runtime endpoint', (_, targets, calls) => {
  const running: CallName[] = [...OWN_PROFILES, 'own geo profile, wrapped named', ...DIRECT.slice(0, -1)];
  const passing = allowed([...statementsOf(targets), ALLOW_ALL]);
  expect(passing.filter(call => running.includes(call))).toEqual(inOrder(calls));
});

test('whatever is allowed later passes with any model as a target', () => {
  expect(allowed([...statementsOf(() => [anyModel()]), ALLOW_ALL])).toEqual(CALLED);
});

test.each<[string, Tags]>([['no tags', {}], ['an empty team', { ...OWN, team: '' }], ['a team that has nothing', { ...OWN, team: 'research' }]])('with own tags a caller with %s calls nothing of theirs', (_, tags) => {
  expect(allowed(statementsOf(() => [matchingTags()]), tags)).toEqual([]);
});

test('a caller whose tag is missing does not match a resource whose tag is missing', () => {
  const identity = statementsOf(() => [matchingTags('team')]);
  expect(decide({ identity }, 'profile without tags', { tags: {} })).toBe(false);
  expect(decide({ identity }, 'mantle, project without tags', { tags: {} })).toBe(false);
});

test('the policy has the same size whatever the number of profiles and projects with own tags', () => {
  const sizeWith = (count: number): number => {
    const statements = statementsOf(stack => {
      for (let index = 0; index < count; index++) {
        new bedrock.CfnApplicationInferenceProfile(stack, `Profile${index}`, { inferenceProfileName: `p${index}` });
        new CfnProject(stack, `Project${index}`, { name: `p${index}` });
      }
      return [matchingTags()];
    });
    return JSON.stringify(statements).length;
  };
  expect(sizeWith(30)).toBe(sizeWith(0));
});

test.each([1, 2, 3])('each of %d ways to match has statements of its own', count => {
  const ways = [matchingTags(), matchingTags('team'), matchingTags('env')].slice(0, count);
  const sids = statementsOf(() => ways).map(({ Sid }) => Sid);
  expect(new Set(sids).size).toBe(sids.length);
  expect(sids.filter(sid => sid?.startsWith('CallProfilesOfOwnTags'))).toHaveLength(count);
  expect(sids.filter(sid => sid?.startsWith('CallProjectsOfOwnTags'))).toHaveLength(count);
});

test('the number of statements does not grow with profiles, projects and system-defined profiles', () => {
  const one = statementsOf(stack => [profileTarget(stack, 'a'), projectTarget(stack, 'proj_a'), systemProfile(GEO_PROFILE)]);
  const many = statementsOf(stack => [
    ...['a', 'b', 'c'].map(id => profileTarget(stack, id)), ...['proj_a', 'proj_b'].map(id => projectTarget(stack, id)), systemProfile(GEO_PROFILE),
    systemProfile(GLOBAL_PROFILE),
  ]);
  expect(many).toHaveLength(one.length);
});

describe('what is known at deployment only', () => {
  const resourcesOf = (statements: Statement[], sid: string): string => JSON.stringify(statements.find(({ Sid }) => Sid === sid));

  test('is known by reference: a profile and a project of the CDK', () => {
    const statements = statementsOf(stack => [
      InvocationTarget.profile(new bedrock.CfnApplicationInferenceProfile(stack, 'L1', { inferenceProfileName: 'l1' })),
      InvocationTarget.project(new CfnProject(stack, 'Project', { name: 'own' })),
    ]);
    expect(resourcesOf(statements, 'RunModelsThroughProfiles')).toContain('{"Fn::GetAtt":["L1","InferenceProfileArn"]}');
    expect(resourcesOf(statements, 'CallProjects')).toContain('"Resource":{"Fn::GetAtt":["Project","Arn"]}');
  });

  test('is known by reference: the id of a system-defined profile', () => {
    const statements = statementsOf(stack => [systemProfile(new CfnParameter(stack, 'Id').valueAsString)]);
    expect(resourcesOf(statements, 'RunModelsThroughProfiles')).toContain('{"Ref":"Id"}');
  });
});

test.each([
  ['an id', 'own-model'],
  ['an ARN', profile('own-model')],
])('a profile that is known by %s only gets its ARN from it', (_, identifier) => {
  const statements = statementsOf(stack => [profileTarget(stack, identifier)]);
  expect(allowed(statements)).toEqual(['own profile', 'own profile, streamed']);
});
