import { CfnParameter, Fn, Lazy, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as fc from 'fast-check';
import { AttributedInvocationPolicy, type AttributedInvocationPolicyProps, AttributionRequirement, InvocationTarget } from '../../lib/access';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import type { Statement } from '../support/evaluate-policy';
import { deployedCharacters, largeSchema, type SchemaSize } from './support/large-schemas';
import { ACCOUNT, ATTRIBUTION, documentsOf, makeStack, only, SCHEMA } from './support/policies';
import { profileTarget } from './support/targets';

const TYPE = 'AWS::IAM::ManagedPolicy';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/app`;
const LAMBDA = new iam.ServicePrincipal('lambda.amazonaws.com');

function make(props: Partial<AttributedInvocationPolicyProps> = {}, stack = makeStack()): AttributedInvocationPolicy {
  return new AttributedInvocationPolicy(stack, 'Policy', { schema: SCHEMA, ...props });
}

describe('attaching', () => {
  test('to a role that is made here: all policies are its own, and it has the tags', () => {
    const stack = makeStack();
    make({}, stack).attachToRole(new iam.Role(stack, 'Role', { assumedBy: LAMBDA }), { ...ATTRIBUTION, cost_center: 'cc-4711' });
    const template = Template.fromStack(stack);
    const [role] = Object.keys(template.findResources('AWS::IAM::Role'));
    template.allResourcesProperties(TYPE, { Roles: [{ Ref: role }] });
    template.hasResourceProperties('AWS::IAM::Role', {
      Tags: [{ Key: 'CostCenter', Value: 'cc-4711' }, { Key: 'env', Value: 'prod' }, { Key: 'service', Value: 'checkout' }, { Key: 'team', Value: 'payments' }],
    });
  });

  test('to a user that is made here: all policies are its own, and it has the tags', () => {
    const stack = makeStack();
    make({}, stack).attachToUser(new iam.User(stack, 'User'), ATTRIBUTION);
    const template = Template.fromStack(stack);
    const [user] = Object.keys(template.findResources('AWS::IAM::User'));
    template.allResourcesProperties(TYPE, { Users: [{ Ref: user }] });
    template.hasResourceProperties('AWS::IAM::User', { Tags: Match.arrayWith([{ Key: 'team', Value: 'payments' }]) });
  });

  test('to imported principals: all policies are theirs', () => {
    const stack = makeStack();
    const policy = make({}, stack);
    policy.attachToRole(iam.Role.fromRoleArn(stack, 'Role', ROLE));
    policy.attachToUser(iam.User.fromUserName(stack, 'User', 'alice'));
    policy.attachToGroup(iam.Group.fromGroupName(stack, 'Group', 'callers'));
    Template.fromStack(stack).allResourcesProperties(TYPE, { Roles: ['app'], Users: ['alice'], Groups: ['callers'] });
  });

  test('several policies are attached together', () => {
    const stack = makeStack();
    const policy = make({ schema: largeSchema({ keys: 5, values: 50, length: 16 }) }, stack);
    const group = new iam.Group(stack, 'Group');
    policy.attachToGroup(group);
    const template = Template.fromStack(stack);
    template.resourceCountIs(TYPE, policy.policies.length);
    template.allResourcesProperties(TYPE, { Groups: [stack.resolve(group.groupName)] });
    expect(policy.policies.length).toBeGreaterThan(1);
  });

  test('without attribution leaves the tags alone', () => {
    const stack = makeStack();
    make({}, stack).attachToRole(new iam.Role(stack, 'Role', { assumedBy: LAMBDA }));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', { Tags: Match.absent() });
  });

  test('values that are not known at synthesis pass', () => {
    const stack = makeStack();
    make({}, stack).attachToRole(new iam.Role(stack, 'Role', { assumedBy: LAMBDA }), { ...ATTRIBUTION, env: new CfnParameter(stack, 'Env').valueAsString });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', { Tags: Match.arrayWith([{ Key: 'env', Value: { Ref: 'Env' } }]) });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['without a required key', { team: 'payments', service: 'checkout' }, /the attribution of the principal has 1 problem:\n.*principalTag\.env.*the schema requires it/],
    ['with an illegal value and an unknown key', { ...ATTRIBUTION, env: 'qa', tema: 'x' }, /has 2 problems:(\n.*){2}/],
    ['with a value in another case', { ...ATTRIBUTION, env: 'Prod' }, /principalTag\.env.*"Prod".*"dev", "prod"/],
  ])('fails with attribution %s', (_, attribution, message) => {
    const stack = makeStack();
    const policy = make({}, stack);
    expect(() => {
      policy.attachToRole(new iam.Role(stack, 'Role', { assumedBy: LAMBDA }), attribution);
    }).toThrow(message);
    expect(() => {
      policy.attachToUser(new iam.User(stack, 'User'), attribution);
    }).toThrow(message);
  });

  test('fails with attribution for an imported principal, which cannot be tagged', () => {
    const stack = makeStack();
    const policy = make({}, stack);
    expect(() => {
      policy.attachToRole(iam.Role.fromRoleArn(stack, 'Role', ROLE), ATTRIBUTION);
    }).toThrow(/the principal is imported, so that it cannot be tagged from here: tag it where it is made, and leave attribution out/);
    expect(() => {
      policy.attachToUser(iam.User.fromUserName(stack, 'User', 'alice'), { tema: 'x' });
    }).toThrow(/has 5 problems:\n.*the principal is imported/);
  });
});

describe('what is wrong', () => {
  const { PROFILE, BOTH, PRINCIPAL_TAG } = AttributionRequirement;
  const onResources = new AttributionSchema({ version: 1, keys: [AttributionKey.of('team', { description: 'Who pays.', carriers: [Carrier.RESOURCE_TAG] })] });
  const rejected: [string, Partial<AttributedInvocationPolicyProps>, RegExp][] = [
    ['targets that are empty', { targets: [] }, /targets is empty: give at least one/],
    ['a malformed target', { targets: [InvocationTarget.systemProfile('x')] }, /targets has the system-defined profile "x"/],
    ['a compared key nobody knows', { comparedKeys: ['tema'] }, /comparedKeys has "tema", which is no key in use .*: use team, service, env, feature, cost_center, or change/],
    ['a compared key that callers do not have', { schema: onResources, require: PROFILE, comparedKeys: ['team'] }, /comparedKeys has "team".*no key of the schema is such: change the schema/],
    ['required tags that the schema does not have', { schema: onResources }, /require asks for tags of the caller, but the schema has no required key.*AttributionRequirement\.PROFILE/],
    ['a target that skips profiles where they are required', { require: BOTH, targets: [InvocationTarget.anyModel()] }, /targets has InvocationTarget\.anyModel\(\), but require asks for a profile/],
    ['a system-defined target where profiles are required', { require: PROFILE, targets: [InvocationTarget.systemProfile('eu.amazon.nova-lite-v1:0')] }, /targets has InvocationTarget\.systemProfile\(\), but require asks for a profile/],
    ['profiles that are not required', { require: PRINCIPAL_TAG, inferenceProfileArns: ['arn:*:bedrock:*:*:inference-profile/eu.*'] }, /inferenceProfileArns is given but require does not ask for a profile/],
    ['no profile at all', { require: PROFILE, inferenceProfileArns: [] }, /inferenceProfileArns is empty, so that no model could run/],
    ...['inference-profile/x', 'arn:aws:bedrock:eu-west-1::foundation-model/x', 'arn:aws:sagemaker:eu-west-1:1:inference-profile/x', '*'].map((arn): [string, Partial<AttributedInvocationPolicyProps>, RegExp] => (
      [`${arn} as a profile`, { require: PROFILE, inferenceProfileArns: [arn] }, /inferenceProfileArns has ".*": use the ARN of an inference profile/]
    )),
    ...['*', 'app', 'arn:aws:iam::*:role/*', 'arn:aws:iam::*:role/**', 'arn:*:iam::*:role/*/*', 'arn:*:iam::*:role/?*', 'arn:aws:iam::1:user/x', 'arn:aws:sts::1:assumed-role/x/y'].flatMap((arn): [string, Partial<AttributedInvocationPolicyProps>, RegExp][] => [
      [`${arn} as a provisioner`, { provisioners: [arn] }, /provisioners has ".*": use the ARN of a role.*one that fits all roles would switch the control off/],
      [`${arn} as a role for tagged sessions`, { approvedSessionRoles: [ROLE, arn] }, /has 1 problem:\n.*approvedSessionRoles has ".*": use the ARN of a role/],
    ]),
  ];

  test.each(rejected)('fails with %s', (_, props, message) => {
    expect(() => make(props)).toThrow(message);
  });

  test('fails when nothing is left of it', () => {
    const off = only([]);
    expect(() => make(off)).toThrow(/it allows nothing and denies nothing: give it targets, or leave a control on/);
    expect(() => make({ ...off, targets: [InvocationTarget.anyModel()] })).not.toThrow();
  });

  test('is told once', () => {
    expect(() => make({ targets: [], comparedKeys: ['tema', 'x'], provisioners: ['*'], inferenceProfileArns: [] }))
      .toThrow(/the attributed invocation policy has 6 problems:(\n  - .*){6}$/);
  });

  test.each(['arn:aws:iam::777788889999:role/app', 'arn:*:iam::*:role/cdk-*-cfn-exec-role-*', 'arn:aws:iam::*:role/path/*', 'arn:aws-us-gov:iam::777788889999:role/a/b/*-x'])('is nothing with the role %s', arn => {
    expect(() => make({ provisioners: [arn], approvedSessionRoles: [arn] })).not.toThrow();
  });
});

test('what is not known at synthesis passes, and is in the policy', () => {
  const stack = makeStack();
  const parameter = (id: string): string => new CfnParameter(stack, id).valueAsString;
  const policy = make({
    require: AttributionRequirement.BOTH,
    targets: [InvocationTarget.systemProfile(parameter('SystemProfile')), profileTarget(stack, parameter('ProfileId'))],
    provisioners: [parameter('Provisioner')],
    approvedSessionRoles: [Lazy.string({ produce: () => `${ROLE}-late` })],
    inferenceProfileArns: [Token.asString(Fn.importValue('Profile'))],
  }, stack);
  const text = JSON.stringify(documentsOf(policy.policies));
  expect(['SystemProfile', 'ProfileId', 'Provisioner'].filter(id => !text.includes(`{"Ref":"${id}"}`))).toEqual([]);
  expect(text).toContain(`${ROLE}-late`);
  expect(text).toContain('{"Fn::ImportValue":"Profile"}');
});

test('the description is the given one, or says what the policy is for', () => {
  const stack = makeStack();
  make({ description: 'Checkout' }, stack);
  new AttributedInvocationPolicy(stack, 'Other', { schema: SCHEMA });
  Template.fromStack(stack).hasResourceProperties(TYPE, { Description: 'Checkout' });
  Template.fromStack(stack).hasResourceProperties(TYPE, { Description: 'Calls Amazon Bedrock with attribution only' });
});

describe('splitting', () => {
  const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
  const size: fc.Arbitrary<SchemaSize> = fc.record({ keys: upTo(10), values: upTo(50), length: upTo(24, 3) });
  const targets = [InvocationTarget.matchingTags(), InvocationTarget.anyModel()];
  const documents = (given: SchemaSize, context?: Record<string, unknown>): Statement[][] => (
    documentsOf(make({ schema: largeSchema(given), targets }, makeStack(context)).policies)
  );
  const sids = (statements: Statement[]): unknown[] => statements.map(({ Sid }) => Sid);

  const characters = (Statement: Statement[]): number => deployedCharacters({ Statement, Version: '2012-10-17' });

  test('leaves no policy without statements or beyond 6,144 characters, and no statement in two', () => {
    fc.assert(fc.property(size, given => {
      const split = documents(given);
      const all = split.flatMap(sids);
      expect(split.filter(statements => statements.length === 0 || characters(statements) > 6144)).toEqual([]);
      expect(new Set(all).size).toBe(all.length);
    }), { endOnFailure: true, numRuns: 30 });
  });

  test('keeps all statements, in order', () => {
    const small = sids(documents({ keys: 4, values: 1, length: 3 }).flat());
    const large = documents({ keys: 4, values: 50, length: 20 });
    expect(large.length).toBeGreaterThan(1);
    expect(large.flatMap(sids)).toEqual(small);
  });

  test('makes the same policies of the same statements', () => {
    const given = { keys: 6, values: 30, length: 12 };
    expect(documents(given)).toEqual(documents(given));
  });

  test('is the same where the CDK minimizes policies, which puts lists in order and leaves statements as they are', () => {
    const given = { keys: 6, values: 30, length: 12 };
    const minimized = documents(given, { '@aws-cdk/aws-iam:minimizePolicies': true });
    expect(minimized.map(sids)).toEqual(documents(given).map(sids));
    expect(minimized.filter(statements => characters(statements) > 6144)).toEqual([]);
  });

  test('keeps the logical id of the first policy, so that one that grows is not replaced', () => {
    const idsOf = (given: SchemaSize): string[] => {
      const stack = makeStack();
      make({ schema: largeSchema(given) }, stack);
      return Object.keys(Template.fromStack(stack).findResources(TYPE));
    };
    const [small] = idsOf({ keys: 1, values: 1, length: 3 });
    expect(idsOf({ keys: 10, values: 50, length: 12 })[0]).toBe(small);
  });
});
