import { App, CfnParameter, Duration, Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { InvocationTarget, TenantSessionRole, type TenantSessionRoleProps } from '../../lib/access';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import { isAllowed } from '../support/evaluate-policy';
import { iam as iamArn } from './simulation/places';
import { largeSchema } from './support/large-schemas';
import { makeStack } from './support/policies';
import { modelCall, sessionRoleOf, startOf, type SessionRequest } from './support/sessions';

const GATEWAY = iamArn('role/gateway');

const SCHEMA = new AttributionSchema({
  version: 1,
  keys: [
    AttributionKey.TEAM,
    AttributionKey.of('tenant', { description: 'Who is served.', required: true, pattern: 'tenant-[a-z0-9]+' }),
    AttributionKey.of('plan', { description: 'What was sold.', allowedValues: ['free', 'paid'], spellings: { principalTag: 'Plan' } }),
  ],
});

function make(stack: Stack, props: Partial<TenantSessionRoleProps> = {}): TenantSessionRole {
  return new TenantSessionRole(stack, 'Tenants', {
    schema: SCHEMA,
    gateway: iam.Role.fromRoleArn(stack, 'Gateway', GATEWAY),
    attribution: { team: 'platform' },
    sessionKeys: ['tenant', 'plan'],
    targets: [InvocationTarget.anyModel()],
    ...props,
  });
}

const LEGAL: SessionRequest = {
  principal: GATEWAY, action: 'sts:AssumeRole', tags: { tenant: 'tenant-a1', Plan: 'paid' }, name: 'tenant-a1',
};

function starts(request: Partial<SessionRequest>, props: Partial<TenantSessionRoleProps> = {}): boolean {
  const stack = makeStack();
  make(stack, props);
  return isAllowed(sessionRoleOf(stack).trust, startOf({ ...LEGAL, ...request }));
}

describe('a session starts', () => {
  test('with all its tags and its own name', () => {
    expect(starts({})).toBe(true);
  });

  test.each<[string, Partial<SessionRequest>]>([
    ['by another role of the account', { principal: iamArn('role/neighbour') }],
    ['by the same role of another account', { principal: iamArn('role/gateway', '444455556666') }],
    ['by a service', { principal: 'lambda.amazonaws.com' }],
    ['by the web', { action: 'sts:AssumeRoleWithWebIdentity' }],
    ['without tags', { tags: {} }],
    ['without one of its tags', { tags: { tenant: 'tenant-a1' } }],
    ['with an empty tag', { tags: { tenant: '', Plan: 'paid' }, name: '' }],
    ['with a value that is not listed', { tags: { tenant: 'tenant-a1', Plan: 'gold' } }],
    ['with a value in another case', { tags: { tenant: 'tenant-a1', Plan: 'PAID' } }],
    ['with a value that does not begin like the pattern', { tags: { tenant: 'a1', Plan: 'paid' }, name: 'a1' }],
    ['with a tag that is spelled in another case', { tags: { tenant: 'tenant-a1', tier: 'paid' } }],
    ['with a tag of the role', { tags: { ...LEGAL.tags, team: 'risk' } }],
    ['with a tag of the role in another case', { tags: { ...LEGAL.tags, Team: 'risk' } }],
    ['with a tag that nobody knows', { tags: { ...LEGAL.tags, project: 'x' } }],
    ['with the name of another tenant', { name: 'tenant-b2' }],
    ['with its name in another case', { name: 'Tenant-a1' }],
    ['with a source identity that nobody asks for', { sourceIdentity: 'tenant-a1' }],
    ['with tags that stay', { transitive: ['tenant'] }],
  ])('not %s', (_, request) => {
    expect(starts(request)).toBe(false);
  });

  test('with the name of the key that is said to name it', () => {
    const props = { sessionNameKey: 'plan' };
    expect(starts({ name: 'paid' }, props)).toBe(true);
    expect(starts({ name: 'tenant-a1' }, props)).toBe(false);
  });

  test.each<[string, string | undefined, boolean]>([
    ['with its source identity', 'tenant-a1', true],
    ['not with that of another tenant', 'tenant-b2', false],
    ['not without one', undefined, false],
  ])('%s, where one is asked for', (_, sourceIdentity, expected) => {
    expect(starts({ sourceIdentity }, { sourceIdentityKey: 'tenant' })).toBe(expected);
  });

  test.each<[string, string[], boolean]>([
    ['with a tag that stays', ['tenant'], true],
    ['not with more that stay', ['tenant', 'Plan'], false],
    ['not with another that stays', ['Plan'], false],
    ['not without', [], false],
  ])('%s, where one is to stay', (_, transitive, expected) => {
    expect(starts({ transitive }, { transitiveKeys: ['tenant'] })).toBe(expected);
  });

  test('with all of the tags that are to stay, in their spelling', () => {
    expect(starts({ transitive: ['tenant', 'Plan'] }, { transitiveKeys: ['tenant', 'plan'] })).toBe(true);
  });

  test.each<[string, Record<string, string>, boolean]>([
    ['with its external id', { 'sts:ExternalId': 'agreed-4711' }, true],
    ['not with another one', { 'sts:ExternalId': 'agreed-4712' }, false],
    ['not without', {}, false],
  ])('%s, where one is agreed', (_, context, expected) => {
    expect(starts({ context }, { externalId: 'agreed-4711' })).toBe(expected);
  });

  test('with any value, and still with each, where the trust does not check values', () => {
    const props = { checkValuesInTrust: false };
    expect(starts({ tags: { tenant: 'x1', Plan: 'gold' }, name: 'x1' }, props)).toBe(true);
    expect(starts({ tags: { tenant: 'x1', Plan: '' }, name: 'x1' }, props)).toBe(false);
    expect(starts({ tags: { tenant: 'x1' }, name: 'x1' }, props)).toBe(false);
    expect(starts({ tags: { tenant: 'x1', Plan: 'gold', team: 'risk' }, name: 'x1' }, props)).toBe(false);
  });

  test('with the required keys that the role does not have, where nothing is said of keys', () => {
    const props = { sessionKeys: undefined };
    expect(starts({ tags: { tenant: 'tenant-a1' } }, props)).toBe(true);
    expect(starts({}, props)).toBe(false);
  });
});

describe('a session calls models', () => {
  const calls = (tags: Record<string, string>, props: Partial<TenantSessionRoleProps> = {}): boolean => {
    const stack = makeStack();
    make(stack, props);
    return isAllowed(sessionRoleOf(stack).permissions, modelCall(tags));
  };
  const tags = { team: 'platform', tenant: 'tenant-a1', Plan: 'paid' };

  test('with the tags of the role and its own', () => {
    expect(calls(tags)).toBe(true);
  });

  test.each<[string, Record<string, string>]>([
    ['without tags', {}],
    ['without its tenant', { team: 'platform', Plan: 'paid' }],
    ['with an illegal value, whatever the trust lets in', { ...tags, Plan: 'gold' }],
    ['without an optional key that it is to have', { team: 'platform', tenant: 'tenant-a1' }],
    ['with another team, which the gateway handed on', { ...tags, team: 'risk' }],
  ])('not %s', (_, given) => {
    expect(calls(given, { checkValuesInTrust: false })).toBe(false);
  });

  test('with a key that is spelled otherwise on sessions than on roles', () => {
    const schema = new AttributionSchema({
      version: 1,
      keys: [
        AttributionKey.TEAM,
        AttributionKey.of('tenant', { description: 'Who is served.', required: true, spellings: { principalTag: 'Tenant', sessionTag: 'SessionTenant' } }),
      ],
    });
    const props = { schema, sessionKeys: ['tenant'] };
    expect(starts({ tags: { SessionTenant: 'a1' }, name: 'a1' }, props)).toBe(true);
    expect(calls({ team: 'platform', SessionTenant: 'a1' }, props)).toBe(true);
    expect(calls({ team: 'platform', Tenant: 'a1' }, props)).toBe(false);
  });

  test('with values of the role that are not known at synthesis', () => {
    const stack = makeStack();
    make(stack, { attribution: { team: new CfnParameter(stack, 'Team').valueAsString } });
    const { permissions, properties } = sessionRoleOf(stack);
    expect(properties.Tags).toEqual([{ Key: 'team', Value: { Ref: 'Team' } }]);
    expect(permissions.find(({ Sid }) => Sid === 'CallOnlyWithTeam')?.Condition).toEqual({ StringNotEquals: { 'aws:PrincipalTag/team': [{ Ref: 'Team' }] } });
  });
});

describe('the gateway', () => {
  test('may start sessions, and nothing else', () => {
    const stack = makeStack();
    const gateway = new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    make(stack, { gateway });
    const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    expect(policies.map(policy => (policy.Properties as { PolicyDocument: unknown }).PolicyDocument)).toEqual([{
      Version: '2012-10-17',
      Statement: [{
        Effect: 'Allow',
        Action: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Tenants/), 'Arn'] },
      }],
    }]);
  });

  test('of a role that was made elsewhere is granted the same', () => {
    const stack = makeStack();
    const imported = TenantSessionRole.fromRoleArn(stack, 'Import', iamArn('role/tenants', '444455556666'));
    imported.grants.assume(new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Resource: iamArn('role/tenants', '444455556666') })] },
    });
  });

  test.each([
    ['that are known at synthesis', { account: '777788889999', region: 'eu-west-1' }],
    ['that are not', undefined],
  ])('of another stack is granted it without a circle of stacks, in an account and Region %s', (_, env) => {
    const app = new App();
    const [own, others] = [new Stack(app, 'Tenancy', { env }), new Stack(app, 'Service', { env })];
    const gateway = new iam.Role(others, 'Own', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    const tenants = make(own, { gateway });
    tenants.grants.assume(gateway);
    app.synth();

    expect(own.dependencies).toEqual([others]);
    Template.fromStack(others).resourceCountIs('AWS::IAM::Policy', 0);
    Template.fromStack(own).resourceCountIs('AWS::IAM::Policy', 1);
    Template.fromStack(own).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ 'Fn::ImportValue': Match.stringLikeRegexp('^Service:.*RefOwn') }],
      PolicyDocument: { Statement: [Match.objectLike({ Action: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'] })] },
    });
  });

  test('of another account of the app is granted it in its own stack', () => {
    const app = new App();
    const own = new Stack(app, 'Tenancy', { env: { account: '777788889999', region: 'eu-west-1' } });
    const others = new Stack(app, 'Service', { env: { account: '123456789012', region: 'eu-west-1' } });
    const gateway = new iam.Role(others, 'Own', { roleName: 'gateway', assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    make(own, { gateway, roleName: 'tenants' });
    app.synth();

    Template.fromStack(own).resourceCountIs('AWS::IAM::Policy', 0);
    Template.fromStack(others).resourceCountIs('AWS::IAM::Policy', 1);
  });

  test.each(['group', 'user'])('that runs as a %s can be granted it too', kind => {
    const stack = makeStack();
    const imported = TenantSessionRole.fromRoleArn(stack, 'Import', new CfnParameter(stack, 'Arn').valueAsString);
    imported.grants.assume(kind === 'user' ? new iam.User(stack, 'Own') : new iam.Group(stack, 'Own'));
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 1);
  });
});

describe('sizes', () => {
  const makeLarge = (keys: number, values: number, length: number, props: Partial<TenantSessionRoleProps> = {}): void => {
    const stack = makeStack();
    make(stack, { schema: largeSchema({ keys, values, length }), attribution: {}, sessionKeys: undefined, ...props });
    Template.fromStack(stack);
  };

  test.each([[1, 50, 10], [2, 50, 6], [10, 5, 6]])('%d keys with %d values of %d characters fit in the trust', (keys, values, length) => {
    expect(() => {
      makeLarge(keys, values, length);
    }).not.toThrow();
  });

  test('ten keys with fifty values fit where the trust does not check them', () => {
    expect(() => {
      makeLarge(10, 50, 6, { checkValuesInTrust: false });
    }).not.toThrow();
  });

  test('fails where values do not fit in the trust, with what each key takes and what to do', () => {
    expect(() => {
      makeLarge(10, 50, 6);
    }).toThrow(/the trust policy has \d{4} characters, and it may have 2048, of which dimension_0 takes \d+, .*dimension_9 takes \d+: set checkValuesInTrust to false/);
  });

  test('fails where not even the keys fit in the trust', () => {
    expect(() => {
      makeLarge(10, 1, 2, { checkValuesInTrust: false, externalId: 'x'.repeat(1224) });
    }).toThrow(/dimension_9 takes \d+: name fewer sessionKeys/);
  });

  test('fails where values do not fit in the permissions either', () => {
    expect(() => {
      makeLarge(10, 50, 40, { checkValuesInTrust: false });
    }).toThrow(/the policy has 1 problem:\n.*characters, and it may have 10240/);
  });
});

describe('what is wrong', () => {
  test.each<[string, Partial<TenantSessionRoleProps>, RegExp]>([
    ['without targets', { targets: [] }, /targets is empty/],
    ['without session keys', { sessionKeys: [] }, /sessionKeys is empty/],
    ['without session keys that are left over', { sessionKeys: undefined, attribution: { team: 'platform', tenant: 'tenant-a1' } }, /sessionKeys is empty, and attribution has all required keys/],
    ['with a key twice', { sessionKeys: ['tenant', 'tenant'] }, /sessionKeys has "tenant" more than once/],
    ['with a key that nobody knows', { sessionKeys: ['tenant', 'tennant'] }, /sessionKeys has "tennant", which is no key in use.*use team, tenant, plan/],
    ['with a key on role and session', { sessionKeys: ['tenant', 'team'] }, /team is in sessionKeys and in attribution/],
    ['without a required key', { sessionKeys: ['plan'] }, /principalTag\.tenant.*add tenant, the schema requires it/],
    ['with attribution that the schema does not know', { attribution: { team: 'platform', tema: 'x' } }, /attribution has the key "tema"/],
    ['compared by a key that sessions do not have', { sessionKeys: ['tenant'], targets: [InvocationTarget.matchingTags('plan')] }, /targets are compared by plan/],
    ['named by a key that is not given', { sessionNameKey: 'team' }, /sessionNameKey is "team", which is not among sessionKeys: use one of tenant, plan/],
    ['with a source from a key that is not given', { sourceIdentityKey: 'team' }, /sourceIdentityKey is "team", which is not among sessionKeys/],
    ['handing on a key that is not given', { transitiveKeys: ['team'] }, /transitiveKeys has "team", which is not among sessionKeys: use one of tenant, plan/],
    ['for more than an hour', { maxSessionDuration: Duration.hours(2) }, /maxSessionDuration is 2 hours: use 1 hour, the most that a role may start sessions of another role for/],
    ['for less than an hour', { maxSessionDuration: Duration.minutes(59) }, /maxSessionDuration is 59 minutes: use 1 hour/],
    ['with a short external id', { externalId: 'x' }, /externalId is "x": use 2 to 1224/],
    ['with an external id of other characters', { externalId: 'agreed id' }, /externalId is "agreed id"/],
    ['with a long external id', { externalId: 'x'.repeat(1225) }, /externalId is "x+"/],
  ])('fails %s', (_, props, message) => {
    expect(() => make(makeStack(), props)).toThrow(message);
  });

  test.each<[string, string]>([
    ['with a space', 'team a'], ['with a colon', 'team:a'], ['of one character', 'a'], ['of 65 characters', 'a'.repeat(65)],
  ])('fails with an allowed value %s, which cannot name a session', (_, value) => {
    const schema = new AttributionSchema({ version: 1, keys: [AttributionKey.of('tenant', { description: 'Who is served.', allowedValues: ['ok', value] })] });
    expect(() => make(makeStack(), { schema, attribution: {}, sessionKeys: ['tenant'] })).toThrow(/not all its allowedValues can name a session/);
  });

  test('fails with a key that rides on other carriers only', () => {
    const schema = new AttributionSchema({
      version: 1, keys: [AttributionKey.of('tenant', { description: 'Who is served.' }), AttributionKey.of('x', { description: 'X.', carriers: [Carrier.RESOURCE_TAG] })],
    });
    expect(() => make(makeStack(), { schema, attribution: {}, sessionKeys: ['x'] })).toThrow(/sessionKeys has "x", which is no key in use that rides on session tags: use tenant/);
  });

  test('is told once', () => {
    expect(() => make(makeStack(), { targets: [], maxSessionDuration: Duration.hours(2), externalId: 'x', transitiveKeys: ['team'] }))
      .toThrow(/the tenant session role has 4 problems/);
  });

  test('fails when the stack adds a tag of a session to the role', () => {
    const stack = makeStack();
    make(stack);
    Tags.of(stack).add('TENANT', 'tenant-a1');
    expect(() => Template.fromStack(stack)).toThrow(/principalTag\.TENANT/);
  });
});

test('values that are not known at synthesis pass', () => {
  const stack = makeStack();
  make(stack, {
    externalId: new CfnParameter(stack, 'ExternalId').valueAsString,
    roleName: new CfnParameter(stack, 'Name').valueAsString,
  });
  expect(sessionRoleOf(stack).properties).toMatchObject({ RoleName: { Ref: 'Name' } });
});

test('all properties reach the role', () => {
  const stack = makeStack();
  make(stack, { roleName: 'tenants', description: 'Tenants', maxSessionDuration: Duration.hours(1) });
  expect(sessionRoleOf(stack).properties).toMatchObject({ RoleName: 'tenants', Description: 'Tenants', MaxSessionDuration: 3600 });
});

test('what is left out is left to AWS', () => {
  const stack = makeStack();
  make(stack);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
    RoleName: Match.absent(), MaxSessionDuration: Match.absent(), Description: 'Calls Amazon Bedrock for the tenants of a gateway',
  });
});
