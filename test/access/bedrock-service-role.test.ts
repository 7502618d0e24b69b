import { App, Aws, CfnParameter, Duration, Lazy, Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as bedrock from 'aws-cdk-lib/aws-bedrock';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { BedrockServiceRole, type BedrockServiceRoleProps } from '../../lib/access';
import { ApplicationInferenceProfile, ModelSource } from '../../lib/inference-profiles';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import { isAllowed, type Authorization, type Statement } from '../support/evaluate-policy';

const TYPE = 'AWS::IAM::Role';
const PROFILE_ARN = 'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc';
const schema = AttributionSchema.starter({ envs: ['dev', 'prod'] });
const attribution = { team: 'payments', service: 'checkout', env: 'prod' };
const assumedBy = new iam.ServicePrincipal('lambda.amazonaws.com');

function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
}

function importProfile(stack: Stack): bedrock.IApplicationInferenceProfileRef {
  return ApplicationInferenceProfile.fromApplicationInferenceProfileAttributes(stack, 'Profile', {
    inferenceProfileArn: PROFILE_ARN, modelSource: ModelSource.foundationModel('amazon.nova-lite-v1:0'),
  });
}

function make(stack: Stack, props: Partial<BedrockServiceRoleProps> = {}): BedrockServiceRole {
  return new BedrockServiceRole(stack, 'Role', { schema, attribution, assumedBy, profiles: props.profiles ?? [importProfile(stack)], ...props });
}

function statementsOf(stack: Stack): Statement[] {
  const [role] = Object.values(Template.fromStack(stack).findResources(TYPE));
  return role.Properties.Policies[0].PolicyDocument.Statement as Statement[];
}

function statements(): Statement[] {
  const stack = makeStack();
  make(stack);
  return statementsOf(stack);
}

describe('permissions', () => {
  test('models run on the condition that the call came through a profile of the service', () => {
    const models = statements().filter(({ Effect, Resource }) => Effect === 'Allow' && JSON.stringify(Resource).includes('foundation-model'));
    expect(models).toHaveLength(1);
    expect(models[0].Condition).toEqual({ StringEquals: { 'bedrock:InferenceProfileArn': [PROFILE_ARN] } });
  });

  test('models are denied in every other way, in every Region and without one', () => {
    const deny = statements().find(({ Effect }) => Effect === 'Deny');
    expect(deny).toMatchObject({
      Action: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'],
      Condition: { StringNotEquals: { 'bedrock:InferenceProfileArn': [PROFILE_ARN] } },
    });
    expect(JSON.stringify(deny!.Resource)).toContain(':bedrock:*::foundation-model/*');
    expect(JSON.stringify(deny!.Resource)).toContain(':bedrock:::foundation-model/*');
  });

  test('nothing but calling profiles and models is allowed', () => {
    const actions = new Set(statements().filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action));
    expect([...actions].sort()).toEqual(['bedrock:GetInferenceProfile', 'bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream']);
  });

  test('the number of statements does not grow with profiles', () => {
    const stack = makeStack();
    const profiles = ['A', 'B', 'C'].map(id => new bedrock.CfnApplicationInferenceProfile(stack, id, { inferenceProfileName: id }));
    make(stack, { profiles });
    expect(statementsOf(stack)).toHaveLength(statements().length);
  });
});

describe('calls', () => {
  const SYSTEM_PROFILE = 'arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0';
  const OTHER_PROFILE = 'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/other';
  const MODELS = ['eu-west-1', 'eu-north-1', ''].map(region => `arn:aws:bedrock:${region}::foundation-model/amazon.nova-lite-v1:0`);

  /** What IAM decides about on a call: the things called, and the model wherever it may run, with the profile that the condition names. */
  const call = (called: string[], named?: string, action = 'bedrock:InvokeModel'): Authorization[] => [
    ...called.map(resource => ({ action, resource })),
    ...MODELS.map(resource => ({ action, resource, context: named === undefined ? undefined : { 'bedrock:InferenceProfileArn': named } })),
  ];

  const cases: [string, Authorization[], boolean, boolean][] = [
    ['through the profile', call([PROFILE_ARN], PROFILE_ARN), true, true],
    ['that stream through the profile', call([PROFILE_ARN], PROFILE_ARN, 'bedrock:InvokeModelWithResponseStream'), true, true],
    ['through the profile and the system-defined one behind it', call([PROFILE_ARN, SYSTEM_PROFILE], PROFILE_ARN), true, true],
    ['through the profile, should IAM name the system-defined one', call([PROFILE_ARN, SYSTEM_PROFILE], SYSTEM_PROFILE), false, true],
    ['of the system-defined profile', call([SYSTEM_PROFILE], SYSTEM_PROFILE), false, true],
    ['of another system-defined profile', call([`${SYSTEM_PROFILE}-other`], `${SYSTEM_PROFILE}-other`), false, false],
    ['of the bare model', call([]), false, false],
    ['through a profile of somebody else', call([OTHER_PROFILE], OTHER_PROFILE), false, false],
    ['of a batch job', call([], PROFILE_ARN, 'bedrock:CreateModelInvocationJob'), false, false],
  ];

  test.each(cases)('%s are decided about as they should be', (_, authorizations, byDefault, withWrapped) => {
    const stack = makeStack();
    make(stack, { wrappedSystemProfiles: ['eu.amazon.nova-lite-v1:0'] });
    expect(isAllowed(statements(), authorizations)).toBe(byDefault);
    expect(isAllowed(statementsOf(stack), authorizations)).toBe(withWrapped);
  });

  test('of the bare model stay denied, whatever is granted later', () => {
    const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
    expect(isAllowed([everything], call([]))).toBe(true);
    expect(isAllowed([...statements(), everything], call([]))).toBe(false);
    expect(isAllowed([...statements(), everything], call([SYSTEM_PROFILE], SYSTEM_PROFILE))).toBe(false);
  });

  test.each(['arn:aws:bedrock:eu-west-1:111122223333:inference-profile/x', 'amazon.nova-lite', ''])('fails with the wrapped profile %j', id => {
    expect(() => make(makeStack(), { wrappedSystemProfiles: [id] })).toThrow(/wrappedSystemProfiles has ".*": use the id of a system-defined profile/);
  });

  test('fails when direct calls of a wrapped profile would have no cost tag', () => {
    const untagged = new AttributionSchema({ version: 1, keys: [AttributionKey.of('team', { description: 'Who pays.', carriers: [Carrier.RESOURCE_TAG] })] });
    const props = { schema: untagged, attribution: {} };
    expect(() => make(makeStack(), { ...props, wrappedSystemProfiles: ['eu.amazon.nova-lite-v1:0'] })).toThrow(/would go unattributed/);
    expect(() => make(makeStack(), props)).not.toThrow();
  });

  test('a wrapped profile that is not known at synthesis passes', () => {
    const stack = makeStack();
    make(stack, { wrappedSystemProfiles: [new CfnParameter(stack, 'Id').valueAsString] });
    expect(JSON.stringify(statementsOf(stack)[1].Condition)).toContain('{"Ref":"Id"}');
  });
});

describe('profiles', () => {
  test('one that the CDK makes without this library is known by its ARN', () => {
    const stack = makeStack();
    make(stack, { profiles: [new bedrock.CfnApplicationInferenceProfile(stack, 'L1', { inferenceProfileName: 'l1' })] });
    expect(statementsOf(stack)[1].Condition).toEqual({ StringEquals: { 'bedrock:InferenceProfileArn': [{ 'Fn::GetAtt': ['L1', 'InferenceProfileArn'] }] } });
  });

  test.each([
    ['an id', 'abc', ':bedrock:eu-west-1:111122223333:application-inference-profile/abc'],
    ['an ARN', PROFILE_ARN, PROFILE_ARN],
  ])('one that is known by %s only gets its ARN from it', (_, inferenceProfileIdentifier, expected) => {
    const stack = makeStack();
    const reference = Object.assign(new s3.Bucket(stack, 'Other'), { applicationInferenceProfileRef: { inferenceProfileIdentifier } });
    make(stack, { profiles: [reference] });
    expect(JSON.stringify(statementsOf(stack)[1].Condition)).toContain(expected);
  });

  test('fails without any', () => {
    expect(() => make(makeStack(), { profiles: [] })).toThrow(/profiles is empty: give at least one/);
  });
});

describe('cost tags', () => {
  test('are on the role', () => {
    const stack = makeStack();
    make(stack);
    Template.fromStack(stack).hasResourceProperties(TYPE, {
      Tags: [{ Key: 'env', Value: 'prod' }, { Key: 'service', Value: 'checkout' }, { Key: 'team', Value: 'payments' }],
    });
  });

  test('are spelled as the schema spells principal tags', () => {
    const stack = makeStack();
    const spelled = new AttributionSchema({
      version: 1,
      keys: [AttributionKey.of('cost_center', { description: 'Who pays.', required: true, spellings: { resourceTag: 'CostCenter', principalTag: 'cc' } })],
    });
    make(stack, { schema: spelled, attribution: { cost_center: '4711' } });
    Template.fromStack(stack).hasResourceProperties(TYPE, { Tags: [{ Key: 'cc', Value: '4711' }] });
  });

  test('are not changed by a tag of the whole stack', () => {
    const stack = makeStack();
    make(stack);
    Tags.of(stack).add('team', 'platform');
    Template.fromStack(stack).hasResourceProperties(TYPE, { Tags: Match.arrayWith([{ Key: 'team', Value: 'payments' }]) });
  });

  test('fails when the stack adds the same tag in another case', () => {
    const stack = makeStack();
    make(stack);
    Tags.of(stack).add('TEAM', 'payments');
    expect(() => Template.fromStack(stack)).toThrow(/principalTag\.TEAM/);
  });

  test('fails once with all that is missing, illegal and unknown', () => {
    expect(() => make(makeStack(), { attribution: { env: 'qa', tema: 'x' }, profiles: [] })).toThrow(/the Bedrock service role has 5 problems/);
  });

  test('fails with a key that rides on other carriers only', () => {
    const onResources = new AttributionSchema({ version: 1, keys: [AttributionKey.of('team', { description: 'Who pays.', carriers: [Carrier.RESOURCE_TAG] })] });
    expect(() => make(makeStack(), { schema: onResources, attribution: { team: 'payments' } })).toThrow(/"team", which does not ride on principalTag: change the schema/);
  });

  test('tags of the whole stack that are not known at synthesis pass', () => {
    const stack = makeStack();
    make(stack);
    Tags.of(stack).add('stack', Aws.STACK_NAME);
    Tags.of(stack).add('feature', Aws.STACK_NAME);
    Template.fromStack(stack).hasResourceProperties(TYPE, { Tags: Match.arrayWith([{ Key: 'stack', Value: { Ref: 'AWS::StackName' } }]) });
  });

  test('values that are not known at synthesis pass', () => {
    const stack = makeStack();
    make(stack, { attribution: { team: Lazy.string({ produce: () => 't' }), service: 's', env: new CfnParameter(stack, 'Env').valueAsString } });
    Template.fromStack(stack).hasResourceProperties(TYPE, { Tags: Match.arrayWith([{ Key: 'env', Value: { Ref: 'Env' } }]) });
  });
});

test('all properties reach the role', () => {
  const stack = makeStack();
  make(stack, { roleName: 'checkout', description: 'Checkout', maxSessionDuration: Duration.hours(2) });
  Template.fromStack(stack).hasResourceProperties(TYPE, { RoleName: 'checkout', Description: 'Checkout', MaxSessionDuration: 7200 });
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
  const imported = BedrockServiceRole.fromRoleArn(stack, 'Import', 'arn:aws:iam::111122223333:role/checkout');
  new s3.Bucket(stack, 'Bucket').grantRead(imported);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: ['checkout'] });
});
