import { CfnParameter, type Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { BedrockApiKeys, BedrockUserGroup, type BedrockUserGroupProps, InvocationTarget } from '../../lib/access';
import type { Authorization, Statement } from '../support/evaluate-policy';
import { bedrock } from './simulation/places';
import { ATTRIBUTION, type CallName, decide, makeStack, SCHEMA, type Tags as TagSet } from './support/policies';

const LONG_TERM: CallName[] = ['long-term key, own profile', 'long-term key, mantle, own project', 'long-term key, model directly'];
const SHORT_TERM: CallName[] = ['short-term key, own profile', 'short-term key, mantle, own project', 'short-term key, model directly'];
const SIGNED: CallName[] = ['own profile', 'mantle, own project', 'model directly'];

function make(stack: Stack, props: Partial<BedrockUserGroupProps> = {}): BedrockUserGroup {
  return new BedrockUserGroup(stack, 'Group', { schema: SCHEMA, targets: [InvocationTarget.matchingTags(), InvocationTarget.anyModel()], ...props });
}

/** Everything that the members of a group are allowed and denied. */
function statementsOf(props: Partial<BedrockUserGroupProps> = {}): Statement[] {
  const stack = makeStack();
  make(stack, props);
  const template = Template.fromStack(stack);
  return ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy'].flatMap(type => Object.values(template.findResources(type)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[]);
}

function allowed(identity: Statement[], calls: CallName[], tags?: TagSet): CallName[] {
  return calls.filter(call => decide({ identity }, call, { tags }));
}

describe('API keys', () => {
  test.each<[string, BedrockApiKeys | undefined, CallName[]]>([
    ['by default, short-term ones', undefined, SHORT_TERM],
    ['short-term ones, when they are asked for', BedrockApiKeys.SHORT_TERM, SHORT_TERM],
    ['long-term ones as well, when they are asked for', BedrockApiKeys.LONG_TERM, [...SHORT_TERM, ...LONG_TERM]],
    ['none, when none are asked for', BedrockApiKeys.NONE, []],
  ])('call %s, and signed requests always do', (_, apiKeys, calls) => {
    expect(allowed(statementsOf({ apiKeys }), [...SIGNED, ...SHORT_TERM, ...LONG_TERM])).toEqual([...SIGNED, ...calls]);
  });

  test.each<[BedrockApiKeys, boolean]>([[BedrockApiKeys.NONE, false], [BedrockApiKeys.SHORT_TERM, false], [BedrockApiKeys.LONG_TERM, true]])('%s: an administrator in the group may make a long-term one: %p', (apiKeys, may) => {
    const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
    expect(decide({ identity: [everything, ...statementsOf({ apiKeys })] }, 'make a long-term key for Bedrock')).toBe(may);
  });

  test('cannot call for a user that may not call without them', () => {
    expect(allowed(statementsOf({ apiKeys: BedrockApiKeys.LONG_TERM }), [...SHORT_TERM, ...LONG_TERM], {})).toEqual([]);
  });

  test('fails where long-term ones are asked for and denied', () => {
    expect(() => statementsOf({ apiKeys: BedrockApiKeys.LONG_TERM, controls: { denyLongTermApiKeys: true } }))
      .toThrow(/the group of Bedrock users has 1 problem:\n.*apiKeys is BedrockApiKeys\.LONG_TERM but controls\.denyLongTermApiKeys is true: leave one of them out/);
  });

  test('of the long term stay without a denial if that is asked for, and need a policy of somebody else', () => {
    const identity = statementsOf({ controls: { denyLongTermApiKeys: false } });
    const bearer: Authorization[] = [{ action: 'bedrock:CallWithBearerToken', resource: '*', context: { 'bedrock:BearerTokenType': 'LONG_TERM' } }];
    expect(decide({ identity }, bearer)).toBe(false);
    expect(decide({ identity: [...identity, { Effect: 'Allow', Action: 'bedrock:CallWithBearerToken', Resource: '*' }] }, bearer)).toBe(true);
  });
});

describe('members', () => {
  test('with tags call what the group is for', () => {
    expect(allowed(statementsOf(), ['own profile', 'own geo profile', 'model directly', 'mantle, own project', 'mantle, default project'])).toHaveLength(5);
    expect(allowed(statementsOf(), ['profile of another team', 'mantle, project of another team', 'imported model', 'CreateProject, own tags'])).toEqual([]);
  });

  test('put in by hand cannot call without tags', () => {
    expect(allowed(statementsOf(), [...SIGNED, ...SHORT_TERM, 'geo profile directly', 'mantle, default project'], {})).toEqual([]);
    expect(allowed(statementsOf(), SIGNED, { team: 'payments', service: 'checkout', env: 'qa' })).toEqual([]);
  });

  test('have no more than the given controls leave', () => {
    const identity = statementsOf({ controls: { comparedKeys: ['team'], denyUnlistedValues: false } });
    expect(allowed(identity, SIGNED, { team: 'payments', service: 'x', env: 'qa' })).toEqual(['model directly']);
    expect(allowed(statementsOf({ targets: [InvocationTarget.matchingTags('team')], controls: { comparedKeys: ['team'] } }), ['profile of another service'])).toHaveLength(1);
  });
});

describe('a user that is made in the group', () => {
  test('is in the group and has its cost tags', () => {
    const stack = makeStack();
    const group = make(stack);
    group.addUser('Alice', { attribution: { ...ATTRIBUTION, cost_center: 'cc-4711' }, userName: 'alice' });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::User', {
      UserName: 'alice',
      Groups: [stack.resolve(group.group.groupName)],
      Tags: [{ Key: 'CostCenter', Value: 'cc-4711' }, { Key: 'env', Value: 'prod' }, { Key: 'service', Value: 'checkout' }, { Key: 'team', Value: 'payments' }],
    });
  });

  test('has a name of CloudFormation unless one is given, and an id among users only', () => {
    const stack = makeStack();
    const group = make(stack);
    const user = group.addUser('Policy', { attribution: ATTRIBUTION });
    expect(user.node.path).toBe('Stack/Group/Users/Policy');
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::User', { UserName: Match.absent() });
  });

  test('keeps its tags when the stack has others', () => {
    const stack = makeStack();
    make(stack).addUser('Alice', { attribution: ATTRIBUTION });
    Tags.of(stack).add('team', 'platform');
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::User', { Tags: Match.arrayWith([{ Key: 'team', Value: 'payments' }]) });
  });

  test('may have tags that are not known at synthesis', () => {
    const stack = makeStack();
    make(stack).addUser('Alice', { attribution: { ...ATTRIBUTION, env: new CfnParameter(stack, 'Env').valueAsString } });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::User', { Tags: Match.arrayWith([{ Key: 'env', Value: { Ref: 'Env' } }]) });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['without attribution', {}, /has 3 problems:(\n.*the schema requires it){3}/],
    ['without a required key', { team: 'payments', service: 'checkout' }, /has 1 problem:\n.*principalTag\.env/],
    ['with an illegal value', { ...ATTRIBUTION, env: 'qa' }, /has 1 problem:\n.*"qa"/],
    ['with an unknown key', { ...ATTRIBUTION, tema: 'x' }, /has 1 problem:\n.*"tema", which the schema does not know/],
  ])('fails %s', (_, attribution, message) => {
    expect(() => make(makeStack()).addUser('Alice', { attribution })).toThrow(message);
  });

  test('fails when its id is taken', () => {
    const group = make(makeStack());
    group.addUser('Alice', { attribution: ATTRIBUTION });
    expect(() => group.addUser('Alice', { attribution: ATTRIBUTION })).toThrow(/already a Construct with name 'Alice'/);
  });
});

test.each([['the given name', 'callers', 'callers'], ['a name of CloudFormation', undefined, Match.absent()]])('the group has %s', (_, groupName, expected) => {
  const stack = makeStack();
  make(stack, { groupName });
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Group', { GroupName: expected });
});

test('every policy is attached to the group and to nothing else', () => {
  const stack = makeStack();
  const group = make(stack);
  const attached = { Groups: [stack.resolve(group.group.groupName) as unknown], Users: Match.absent(), Roles: Match.absent() };
  Template.fromStack(stack).allResourcesProperties('AWS::IAM::ManagedPolicy', attached);
  Template.fromStack(stack).allResourcesProperties('AWS::IAM::Policy', attached);
});

test('a group without API keys has no policy for them', () => {
  const stack = makeStack();
  make(stack, { apiKeys: BedrockApiKeys.NONE });
  Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
});

test('fails with the problems of its targets and controls', () => {
  expect(() => statementsOf({ targets: [], controls: { comparedKeys: ['tema'] } })).toThrow(/has 2 problems:\n.*targets is empty.*\n.*comparedKeys has "tema"/);
});

test('a profile by name is called by its members only through that profile', () => {
  const identity = statementsOf({ targets: [InvocationTarget.systemProfile('eu.amazon.nova-lite-v1:0')] });
  const call = (id: string): Authorization[] => [{ action: 'bedrock:InvokeModel', resource: bedrock(`inference-profile/${id}`) }];
  expect(allowed(identity, ['geo profile directly'])).toHaveLength(1);
  expect(allowed(identity, ['model directly', 'global profile directly'])).toEqual([]);
  expect(decide({ identity }, call('eu.amazon.nova-lite-v1:0'))).toBe(true);
});
