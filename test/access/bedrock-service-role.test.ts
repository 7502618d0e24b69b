import { Aws, CfnParameter, Duration, Lazy, type Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as bedrock from 'aws-cdk-lib/aws-bedrock';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AttributionBoundary, BedrockServiceRole, type BedrockServiceRoleProps, InvocationTarget } from '../../lib/access';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import { isAllowed, type Authorization, type Statement } from '../support/evaluate-policy';
import { profile } from './simulation/places';
import { ACCOUNT, ATTRIBUTION, makeStack, SCHEMA } from './support/policies';
import { profileTarget, projectTarget } from './support/targets';

const TYPE = 'AWS::IAM::Role';
const EKS = 'pods.eks.amazonaws.com';

function make(stack: Stack, props: Partial<BedrockServiceRoleProps> = {}): BedrockServiceRole {
  return new BedrockServiceRole(stack, 'Role', {
    schema: SCHEMA, attribution: ATTRIBUTION, assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'), targets: props.targets ?? [profileTarget(stack)], ...props,
  });
}

function roleOf(stack: Stack): Record<string, unknown> {
  const [role] = Object.values(Template.fromStack(stack).findResources(TYPE));
  return role.Properties as Record<string, unknown>;
}

/** A schema of one key that is written on resources only, so that no tag of a caller reaches the bill. */
const ON_RESOURCES = new AttributionSchema({
  version: 1, keys: [AttributionKey.of('team', { description: 'Who pays.', carriers: [Carrier.RESOURCE_TAG] })],
});

describe('the trust policy', () => {
  function trustOf(assumedBy: iam.IPrincipal, schema = SCHEMA, attribution: Record<string, string> = ATTRIBUTION): Statement[] {
    const stack = makeStack();
    make(stack, { assumedBy, schema, attribution });
    return (roleOf(stack).AssumeRolePolicyDocument as { Statement: Statement[] }).Statement;
  }

  const role = `arn:aws:iam::${ACCOUNT}:role/service`;
  const assume = (principal: string, tagKeys: string[] = []): Authorization<string[]>[] => (
    ['sts:AssumeRole', ...tagKeys.length === 0 ? [] : ['sts:TagSession']]
      .map(action => ({ principal, action, resource: role, context: tagKeys.length === 0 ? undefined : { 'aws:TagKeys': tagKeys } }))
  );
  const podIdentity = new iam.SessionTagsPrincipal(new iam.ServicePrincipal(EKS));

  test('lets in whom it is told to, and nobody else', () => {
    const trust = trustOf(new iam.ServicePrincipal('lambda.amazonaws.com'));
    expect(isAllowed(trust, assume('lambda.amazonaws.com'))).toBe(true);
    expect(isAllowed(trust, assume(EKS))).toBe(false);
    expect(isAllowed(trust, assume('arn:aws:iam::444455556666:role/x'))).toBe(false);
  });

  test.each(['team', 'Team', 'TEAM', 'service', 'env', 'feature', 'CostCenter', 'costcenter'])('lets nobody tag a session with %s', key => {
    expect(isAllowed(trustOf(podIdentity), assume(EKS, [key]))).toBe(false);
    expect(isAllowed(trustOf(podIdentity), assume(EKS, ['kubernetes-namespace', key]))).toBe(false);
    const account = new iam.SessionTagsPrincipal(new iam.AccountPrincipal('444455556666'));
    expect(isAllowed(trustOf(account), assume('arn:aws:iam::444455556666:role/x', [key]))).toBe(false);
  });

  test('lets pod identity tag sessions with what attributes nothing', () => {
    const tags = ['eks-cluster-arn', 'kubernetes-namespace', 'kubernetes-service-account', 'kubernetes-pod-name'];
    expect(isAllowed(trustOf(podIdentity), assume(EKS, tags))).toBe(true);
  });

  test('lets nobody tag a session with a key that is deprecated, or spelled otherwise on sessions', () => {
    const schema = new AttributionSchema({
      version: 2,
      keys: [
        AttributionKey.of('team', { description: 'Who pays.', required: true, spellings: { sessionTag: 'SessionTeam' } }),
        AttributionKey.of('squad', { description: 'Who paid.', deprecatedInFavourOf: 'team' }),
      ],
    });
    const trust = trustOf(podIdentity, schema, { team: 'payments' });
    expect(['team', 'SessionTeam', 'Squad', 'owner'].filter(key => isAllowed(trust, assume(EKS, [key])))).toEqual(['owner']);
  });

  test('fails when it is too large, at synthesis and with all principals', () => {
    const stack = makeStack();
    const callers = Array.from({ length: 40 }, (_, index) => new iam.ArnPrincipal(`arn:aws:iam::${ACCOUNT}:role/caller-${index}`));
    make(stack, { assumedBy: new iam.CompositePrincipal(...callers) });
    expect(() => Template.fromStack(stack)).toThrow(/the trust policy has \d{4} characters, and it may have 2048: name fewer principals/);
  });
});

describe('permissions', () => {
  const makeWith = (count: number): void => {
    const stack = makeStack();
    make(stack, { targets: Array.from({ length: count }, (_, index) => profileTarget(stack, profile(`profile${1000 + index}`))) });
  };

  test('are one inline policy of the role, which nobody can detach', () => {
    const stack = makeStack();
    make(stack);
    expect(roleOf(stack).Policies).toHaveLength(1);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::ManagedPolicy', 0);
  });

  test('fit with thirty profiles by name', () => {
    expect(() => {
      makeWith(30);
    }).not.toThrow();
  });

  test.each<[number, RegExp]>([
    [60, /its 3 statements have \d{5} characters, and it may have 10240/],
    [200, /the statement CallProfiles has \d{5} characters, and a policy may have 10240/],
  ])('fail to fit with %d profiles by name', (count, message) => {
    expect(() => {
      makeWith(count);
    }).toThrow(message);
  });
});

describe('cost tags', () => {
  test('are on the role', () => {
    const stack = makeStack();
    make(stack);
    expect(roleOf(stack).Tags).toEqual([{ Key: 'env', Value: 'prod' }, { Key: 'service', Value: 'checkout' }, { Key: 'team', Value: 'payments' }]);
  });

  test('are spelled as the schema spells principal tags', () => {
    const stack = makeStack();
    make(stack, { attribution: { ...ATTRIBUTION, cost_center: 'cc-4711' } });
    expect(roleOf(stack).Tags).toContainEqual({ Key: 'CostCenter', Value: 'cc-4711' });
  });

  test('are not changed by a tag of the whole stack', () => {
    const stack = makeStack();
    make(stack);
    Tags.of(stack).add('team', 'platform');
    expect(roleOf(stack).Tags).toContainEqual({ Key: 'team', Value: 'payments' });
  });

  test('fails when the stack adds the same tag in another case', () => {
    const stack = makeStack();
    make(stack);
    Tags.of(stack).add('TEAM', 'payments');
    expect(() => Template.fromStack(stack)).toThrow(/principalTag\.TEAM/);
  });

  test('tags of the whole stack that are not known at synthesis pass', () => {
    const stack = makeStack();
    make(stack);
    Tags.of(stack).add('stack', Aws.STACK_NAME);
    Tags.of(stack).add('feature', Aws.STACK_NAME);
    expect(roleOf(stack).Tags).toContainEqual({ Key: 'stack', Value: { Ref: 'AWS::StackName' } });
  });

  test('values that are not known at synthesis pass', () => {
    const stack = makeStack();
    make(stack, { attribution: { team: Lazy.string({ produce: () => 't' }), service: 's', env: new CfnParameter(stack, 'Env').valueAsString } });
    expect(roleOf(stack).Tags).toEqual([{ Key: 'env', Value: { Ref: 'Env' } }, { Key: 'service', Value: 's' }, { Key: 'team', Value: 't' }]);
  });
});

describe('what is wrong', () => {
  const anyProject = Object.assign(new s3.Bucket(makeStack(), 'Any'), {
    projectRef: { projectArn: 'arn:aws:bedrock-mantle:eu-west-1:111122223333:project/*' },
  });
  const defaultProject = Object.assign(new s3.Bucket(makeStack(), 'Other'), {
    projectRef: { projectArn: 'arn:aws:bedrock-mantle:eu-west-1:111122223333:project/default' },
  });
  const rejected: [string, Partial<BedrockServiceRoleProps>, RegExp][] = [
    ['without targets', { targets: [] }, /targets is empty: give at least one, such as InvocationTarget\.matchingTags\(\)/],
    ['with the ARN of a system-defined profile', { targets: [InvocationTarget.systemProfile('arn:aws:bedrock:eu-west-1:111122223333:inference-profile/x')] }, /targets has the system-defined profile "arn:.*": use its id/],
    ['with the id of a model', { targets: [InvocationTarget.systemProfile('amazon.nova-lite')] }, /targets has the system-defined profile "amazon.nova-lite": use its id/],
    ['with projects by a wildcard', { targets: [InvocationTarget.project(anyProject)] }, /targets has ".*:project\/\*", which stands for more than one: name each/],
    ['with the default project', { targets: [InvocationTarget.project(defaultProject)] }, /targets has the project ".*:project\/default", the default one, which has no tags: make a project/],
    ['with an empty id', { targets: [InvocationTarget.systemProfile('')] }, /targets has the system-defined profile "": use its id/],
    ['with the default project, which has no tags', { targets: [projectTarget(makeStack(), 'default')] }, /targets has the project "arn:.*:project\/default", the default one, which has no tags/],
    ['without a required key', { attribution: { team: 'payments', service: 'checkout' } }, /principalTag\.env.*add env, the schema requires it/],
    ['with a value that the schema does not know', { attribution: { ...ATTRIBUTION, env: 'qa' } }, /principalTag\.env.*"qa".*"dev", "prod"/],
    ['with a value that the pattern refuses', { attribution: { ...ATTRIBUTION, cost_center: '4711' } }, /principalTag\.CostCenter.*"4711"/],
    ['with a key that the schema does not know', { attribution: { ...ATTRIBUTION, tema: 'x' } }, /attribution has the key "tema", which the schema does not know/],
    ['with a key that rides on other carriers only', { schema: ON_RESOURCES, attribution: { team: 'payments' } }, /"team", which does not ride on principalTag: change the schema/],
    ['that is compared by a key it does not have', { targets: [InvocationTarget.matchingTags('cost_center')] }, /targets are compared by cost_center, which attribution does not have/],
    ['that is compared by a key nobody knows', { targets: [InvocationTarget.matchingTags('tema')] }, /matchingTags\(\) has "tema".*use team, service, env, feature, cost_center/],
    ['that is compared by nothing', { schema: ON_RESOURCES, attribution: {}, targets: [InvocationTarget.matchingTags()] }, /matchingTags\(\) names no key, and the schema has no required and enforced key/],
    ['that calls any model without a tag', { schema: ON_RESOURCES, attribution: {}, targets: [InvocationTarget.anyModel()] }, /would go unattributed/],
    ['that calls a system-defined profile without a tag', { schema: ON_RESOURCES, attribution: {}, targets: [InvocationTarget.systemProfile('eu.amazon.nova-lite-v1:0')] }, /would go unattributed/],
  ];

  test.each(rejected)('fails %s', (_, props, message) => {
    expect(() => make(makeStack(), props)).toThrow(message);
  });

  test('is told once, with all that is missing, illegal and unknown', () => {
    expect(() => make(makeStack(), { attribution: { env: 'qa', tema: 'x' }, targets: [InvocationTarget.matchingTags('tema'), InvocationTarget.systemProfile('x')] }))
      .toThrow(/the Bedrock service role has 6 problems/);
  });

  test('is nothing where a caller without tags calls profiles only', () => {
    expect(() => make(makeStack(), { schema: ON_RESOURCES, attribution: {} })).not.toThrow();
  });
});

test('all properties reach the role', () => {
  const stack = makeStack();
  const { policy } = new AttributionBoundary(stack, 'Boundary', { schema: SCHEMA });
  make(stack, { roleName: 'checkout', description: 'Checkout', maxSessionDuration: Duration.hours(2), permissionsBoundary: policy });
  Template.fromStack(stack).hasResourceProperties(TYPE, {
    RoleName: 'checkout', Description: 'Checkout', MaxSessionDuration: 7200, PermissionsBoundary: stack.resolve(policy.managedPolicyArn) as object,
  });
});

test('what is left out is left to AWS', () => {
  const stack = makeStack();
  make(stack);
  Template.fromStack(stack).hasResourceProperties(TYPE, {
    RoleName: Match.absent(), MaxSessionDuration: Match.absent(), PermissionsBoundary: Match.absent(), Description: 'Calls Amazon Bedrock through its own inference profiles',
  });
});

test('the role can be given to a function and be granted more', () => {
  const stack = makeStack();
  const service = make(stack);
  new lambda.Function(stack, 'Function', {
    role: service.role, runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('exports.handler = () => {}'),
  });
  new s3.Bucket(stack, 'Bucket').grantRead(service);
  Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 1);
});

test('an imported role can be granted more', () => {
  const stack = makeStack();
  const imported = BedrockServiceRole.fromRoleArn(stack, 'Import', 'arn:aws:iam::777788889999:role/checkout');
  new s3.Bucket(stack, 'Bucket').grantRead(imported);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: ['checkout'] });
});

test('an imported role whose ARN is not known at synthesis passes', () => {
  const stack = makeStack();
  const imported = BedrockServiceRole.fromRoleArn(stack, 'Import', new CfnParameter(stack, 'Arn').valueAsString);
  new s3.Bucket(stack, 'Bucket').grantRead(imported);
  Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 1);
});

test('profiles of the same stack are called by reference', () => {
  const stack = makeStack();
  make(stack, { targets: [InvocationTarget.profile(new bedrock.CfnApplicationInferenceProfile(stack, 'L1', { inferenceProfileName: 'l1' }))] });
  expect(JSON.stringify(roleOf(stack).Policies)).toContain('{"Fn::GetAtt":["L1","InferenceProfileArn"]}');
});
