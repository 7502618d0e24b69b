import { App, CfnParameter, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ApplicationInferenceProfile, ModelSource, type IApplicationInferenceProfile } from '../../lib/inference-profiles';
import { AttributionSchema } from '../../lib/schema';
import { isAllowed, type Authorization, type Statement } from '../support/evaluate-policy';

const PROFILE = { 'Fn::GetAtt': ['Profile', 'InferenceProfileArn'] };
const INVOKE = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];

function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
}

function makeProfile(stack: Stack, modelSource: ModelSource): IApplicationInferenceProfile {
  const profile = new ApplicationInferenceProfile(stack, 'Profile', {
    schema: AttributionSchema.starter(), attribution: { team: 't', service: 's', env: 'e' }, modelSource, publishParameter: false,
  });
  stack.renameLogicalId(stack.getLogicalId(profile.node.defaultChild as never), 'Profile');
  return profile;
}

/** ARNs as text, with the partition written as aws. */
function arns(resource: unknown): string[] {
  const list = Array.isArray(resource) ? resource as unknown[] : [resource];
  return list.map(item => typeof item === 'object' && item !== null && 'Fn::Join' in item
    ? (item['Fn::Join'] as [string, unknown[]])[1].map(part => typeof part === 'string' ? part : 'aws').join('')
    : JSON.stringify(item));
}

function granted(modelSource: ModelSource): Statement[] {
  const stack = makeStack();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  makeProfile(stack, modelSource).grants.invoke(role).assertSuccess();
  const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  return policy.Properties.PolicyDocument.Statement as Statement[];
}

test('a profile of a foundation model is granted with the model in its own Region only', () => {
  const [profile, model] = granted(ModelSource.foundationModel('amazon.nova-lite-v1:0'));
  expect(profile).toEqual({ Effect: 'Allow', Action: ['bedrock:GetInferenceProfile', ...INVOKE], Resource: PROFILE });
  expect(model).toMatchObject({ Effect: 'Allow', Action: INVOKE });
  expect(arns(model.Resource)).toEqual(['arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0']);
});

test.each(['eu.amazon.nova-lite-v1:0', 'global.amazon.nova-lite-v1:0'])('%s is granted with the profile behind it and the model in every Region and without one', profileId => {
  const [profiles, models] = granted(ModelSource.systemProfile(profileId));
  expect(arns(profiles.Resource)).toEqual([JSON.stringify(PROFILE), `arn:aws:bedrock:eu-west-1:111122223333:inference-profile/${profileId}`]);
  expect(arns(models.Resource)).toEqual([
    'arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0',
    'arn:aws:bedrock:::foundation-model/amazon.nova-lite-v1:0',
  ]);
});

test.each([
  ['foundation model', ModelSource.foundationModel('amazon.nova-lite-v1:0')],
  ['geographic profile', ModelSource.systemProfile('eu.amazon.nova-lite-v1:0')],
  ['global profile', ModelSource.systemProfile('global.amazon.nova-lite-v1:0')],
])('no statement about models goes without the condition on the profile: %s', (_, modelSource) => {
  const models = granted(modelSource).filter(({ Resource }) => arns(Resource).some(arn => arn.includes('foundation-model')));
  expect(models).toHaveLength(1);
  expect(models[0].Condition).toEqual({ StringEquals: { 'bedrock:InferenceProfileArn': PROFILE } });
});

describe.each(INVOKE)('%s', action => {
  test.each<[string, string[], string | undefined, boolean]>([
    ['through the profile', ['profile', 'system'], 'profile', true],
    ['of the system-defined profile', ['system'], 'system', false],
    ['of the bare model', [], undefined, false],
  ])('of calls %s, only those through the profile are allowed', (_, called, named, allowed) => {
    const arnOf: Record<string, string> = {
      profile: JSON.stringify(PROFILE), system: 'arn:aws:bedrock:eu-west-1:111122223333:inference-profile/global.amazon.nova-lite-v1:0',
    };
    const authorizations: Authorization[] = [
      ...called.map(name => ({ action, resource: arnOf[name] })),
      ...['eu-west-1', 'eu-north-1', ''].map(region => ({
        action,
        resource: `arn:aws:bedrock:${region}::foundation-model/amazon.nova-lite-v1:0`,
        context: named === undefined ? undefined : { 'bedrock:InferenceProfileArn': arnOf[named] },
      })),
    ];
    expect(isAllowed(granted(ModelSource.systemProfile('global.amazon.nova-lite-v1:0')), authorizations)).toBe(allowed);
  });
});

describe('grantees', () => {
  const modelSource = ModelSource.systemProfile('eu.amazon.nova-lite-v1:0');

  test('an imported role gets a policy of its own', () => {
    const stack = makeStack();
    const role = iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/app');
    expect(makeProfile(stack, modelSource).grants.invoke(role).success).toBe(true);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: ['app'] });
  });

  test('a user gets a policy', () => {
    const stack = makeStack();
    expect(makeProfile(stack, modelSource).grants.invoke(new iam.User(stack, 'User')).success).toBe(true);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 1);
  });

  test('a service principal gets nothing, and the grant says so', () => {
    const stack = makeStack();
    const grant = makeProfile(stack, modelSource).grants.invoke(new iam.ServicePrincipal('lambda.amazonaws.com'));
    expect(grant.success).toBe(false);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('a group gets a policy', () => {
    const stack = makeStack();
    expect(makeProfile(stack, modelSource).grants.invoke(new iam.Group(stack, 'Group')).success).toBe(true);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Groups: [{ Ref: Match.stringLikeRegexp('^Group') }] });
  });
});

describe('an imported profile', () => {
  const place = 'us-east-1:444455556666';
  const imported = (stack: Stack, modelSource: ModelSource, inferenceProfileArn = `arn:aws:bedrock:${place}:application-inference-profile/abc`): Statement[] => {
    const profile = ApplicationInferenceProfile.fromApplicationInferenceProfileAttributes(stack, 'Import', { inferenceProfileArn, modelSource });
    profile.grants.invoke(new iam.User(stack, 'User')).assertSuccess();
    const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    return policy.Properties.PolicyDocument.Statement as Statement[];
  };

  test('of a system-defined profile is granted in its own account and Region', () => {
    const [profiles, models] = imported(makeStack(), ModelSource.systemProfile('us.amazon.nova-lite-v1:0'));
    expect(profiles.Action).toEqual(['bedrock:GetInferenceProfile', ...INVOKE]);
    expect(arns(profiles.Resource)).toEqual([
      JSON.stringify(`arn:aws:bedrock:${place}:application-inference-profile/abc`),
      `arn:aws:bedrock:${place}:inference-profile/us.amazon.nova-lite-v1:0`,
    ]);
    expect(arns(models.Resource)).toEqual([
      'arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0',
      'arn:aws:bedrock:::foundation-model/amazon.nova-lite-v1:0',
    ]);
    expect(models.Condition).toEqual({ StringEquals: { 'bedrock:InferenceProfileArn': `arn:aws:bedrock:${place}:application-inference-profile/abc` } });
  });

  test('of a foundation model is granted with the model in its own Region', () => {
    const [, models] = imported(makeStack(), ModelSource.foundationModel('amazon.nova-lite-v1:0'));
    expect(arns(models.Resource)).toEqual(['arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0']);
  });

  test('whose ARN is known at deployment only is granted where that ARN says', () => {
    const stack = makeStack();
    const arn = new CfnParameter(stack, 'Arn').valueAsString;
    const [profiles, models] = imported(stack, ModelSource.foundationModel('amazon.nova-lite-v1:0'), arn);
    expect(profiles.Resource).toEqual({ Ref: 'Arn' });
    expect(JSON.stringify(models.Resource)).toContain('{"Fn::Select":[3,{"Fn::Split":[":",{"Ref":"Arn"}]}]},"::foundation-model/amazon.nova-lite-v1:0"');
    expect(models.Condition).toEqual({ StringEquals: { 'bedrock:InferenceProfileArn': { Ref: 'Arn' } } });
  });
});

test('a model that is not known at synthesis is granted as any model, through the profile only', () => {
  const [, models] = granted(ModelSource.systemProfile(Lazy.string({ produce: () => 'eu.amazon.nova-lite-v1:0' })));
  expect(arns(models.Resource)).toEqual(['arn:aws:bedrock:*::foundation-model/*', 'arn:aws:bedrock:::foundation-model/*']);
  expect(models.Condition).toEqual({ StringEquals: { 'bedrock:InferenceProfileArn': PROFILE } });
});

describe('reading the parameter', () => {
  const PATH = 'arn:aws:ssm:eu-west-1:111122223333:parameter/bedrock-cost-attribution/inference-profiles/t/s/e';
  const NOVA = `${PATH}/amazon.nova-lite-v1_3a0`;

  function published(stack: Stack, options: { parameterName?: string; modelId?: string } = {}): ApplicationInferenceProfile {
    const { parameterName, modelId = 'amazon.nova-lite-v1:0' } = options;
    return new ApplicationInferenceProfile(stack, `Profile${modelId}`, {
      schema: AttributionSchema.starter(),
      attribution: { team: 't', service: 's', env: 'e' },
      modelSource: ModelSource.foundationModel(modelId),
      parameterName,
    });
  }

  /** Statements of a role that may read these profiles, with ARNs as text. */
  function readable(make: (stack: Stack) => IApplicationInferenceProfile[]): Statement[] {
    const stack = makeStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    for (const profile of make(stack)) profile.grants.readParameter(role).assertSuccess();
    const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    const statements = policy.Properties.PolicyDocument.Statement as Statement[];
    return statements.map(statement => ({ ...statement, Resource: arns(statement.Resource) }));
  }

  test('is granted on the parameter, and on its path without recursion', () => {
    expect(readable(stack => [published(stack)])).toEqual([
      { Effect: 'Allow', Action: ['ssm:GetParameter', 'ssm:GetParameters'], Resource: [NOVA] },
      { Effect: 'Allow', Action: 'ssm:GetParametersByPath', Resource: [PATH], Condition: { StringNotEquals: { 'ssm:Recursive': 'true' } } },
    ]);
  });

  test.each<[string, Authorization, boolean]>([
    ['the path', { action: 'ssm:GetParametersByPath', resource: PATH, context: { 'ssm:Recursive': 'false' } }, true],
    ['the path, without a word about recursion', { action: 'ssm:GetParametersByPath', resource: PATH }, true],
    ['the path and all below', { action: 'ssm:GetParametersByPath', resource: PATH, context: { 'ssm:Recursive': 'true' } }, false],
    ['a path above', { action: 'ssm:GetParametersByPath', resource: PATH.slice(0, -2) }, false],
    ['a path beside', { action: 'ssm:GetParametersByPath', resource: `${PATH}2` }, false],
    ['the parameter', { action: 'ssm:GetParameter', resource: NOVA }, true],
    ['a parameter beside', { action: 'ssm:GetParameter', resource: `${PATH}/other` }, false],
    ['the history of the parameter', { action: 'ssm:GetParameterHistory', resource: NOVA }, false],
    ['the parameter to change it', { action: 'ssm:PutParameter', resource: NOVA }, false],
    ['the model', { action: 'bedrock:InvokeModel', resource: 'arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0' }, false],
  ])('opens %s: %j is %p', (_, authorization, allowed) => {
    expect(isAllowed(readable(stack => [published(stack)]), [authorization])).toBe(allowed);
  });

  test('of the other profiles of a service needs the path once', () => {
    const statements = readable(stack => [published(stack), published(stack, { modelId: 'amazon.nova-pro-v1:0' })]);
    expect(statements.filter(({ Action }) => Action === 'ssm:GetParametersByPath')).toHaveLength(1);
  });

  test.each(['/mine/profile', '/mine', '/bedrock-cost-attribution/other/profile'])('by the name %s of your own opens nothing beside it', parameterName => {
    expect(readable(stack => [published(stack, { parameterName })])).toEqual([
      { Effect: 'Allow', Action: ['ssm:GetParameter', 'ssm:GetParameters'], Resource: [`arn:aws:ssm:eu-west-1:111122223333:parameter${parameterName}`] },
    ]);
  });

  test('by a name that is known at deployment only is granted on that name', () => {
    const stack = makeStack();
    const parameterName = new CfnParameter(stack, 'Name').valueAsString;
    published(stack, { parameterName }).grants.readParameter(new iam.User(stack, 'User'));
    const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    const statements = policy.Properties.PolicyDocument.Statement as Statement[];
    expect(statements).toHaveLength(1);
    expect(statements[0].Resource).toEqual({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ssm:eu-west-1:111122223333:parameter', { Ref: 'Name' }]] });
  });

  test('by a service principal is not granted, and the grant says so', () => {
    expect(published(makeStack()).grants.readParameter(new iam.ServicePrincipal('lambda.amazonaws.com')).success).toBe(false);
  });

  test('fails for a profile that is not published', () => {
    const stack = makeStack();
    const profile = makeProfile(stack, ModelSource.foundationModel('amazon.nova-lite-v1:0'));
    expect(() => profile.grants.readParameter(new iam.User(stack, 'User'))).toThrow(/has no parameter that is known here: publish it with publishParameter/);
  });

  test('fails for a profile that was made elsewhere', () => {
    const stack = makeStack();
    const profile = ApplicationInferenceProfile.fromApplicationInferenceProfileAttributes(stack, 'Import', {
      inferenceProfileArn: 'arn:aws:bedrock:us-east-1:444455556666:application-inference-profile/abc',
      modelSource: ModelSource.foundationModel('amazon.nova-lite-v1:0'),
    });
    expect(profile.parameterName).toBeUndefined();
    expect(() => profile.grants.readParameter(new iam.User(stack, 'User'))).toThrow(/has no parameter that is known here/);
  });
});
