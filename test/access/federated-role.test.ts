import { CfnParameter, Duration, Stack, App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { FederatedIdentity, FederatedRole, InvocationTarget, type FederatedRoleProps, type OidcIdentityOptions, type SamlIdentityOptions } from '../../lib/access';
import { AttributionKey, AttributionSchema } from '../../lib/schema';
import { isAllowed } from '../support/evaluate-policy';
import { iam as iamArn, type Tags } from './simulation/places';
import { largeSchema } from './support/large-schemas';
import { makeStack } from './support/policies';
import { modelCall, sessionRoleOf, startOf, type SessionRequest } from './support/sessions';

const SAML_PROVIDER = iamArn('saml-provider/company');
const OIDC_PROVIDER = iamArn('oidc-provider/login.example.com');
const SIGN_IN = 'https://signin.aws.amazon.com/saml';

const SCHEMA = new AttributionSchema({
  version: 1,
  keys: [
    AttributionKey.TEAM.withAllowedValues(['payments', 'research']),
    AttributionKey.ENV,
    AttributionKey.of('cost_center', { description: 'Who is charged.', pattern: 'cc-[0-9]{4}', spellings: { principalTag: 'CostCenter' } }),
  ],
});

const saml = (stack: Stack, options?: SamlIdentityOptions): FederatedIdentity => (
  FederatedIdentity.saml(iam.SamlProvider.fromSamlProviderArn(stack, 'Saml', SAML_PROVIDER), options)
);

function oidc(stack: Stack, options: Partial<OidcIdentityOptions> = {}, providerArn = OIDC_PROVIDER): FederatedIdentity {
  const provider = iam.OpenIdConnectProvider.fromOpenIdConnectProviderArn(stack, 'Oidc', providerArn);
  return FederatedIdentity.oidc(provider, { issuer: 'https://login.example.com', audiences: ['assistant'], ...options });
}

type Identify = (stack: Stack) => FederatedIdentity;

function make(stack: Stack, identify: Identify, props: Partial<FederatedRoleProps> = {}): FederatedRole {
  return new FederatedRole(stack, 'People', {
    schema: SCHEMA, identity: identify(stack), attribution: { env: 'prod' }, targets: [InvocationTarget.anyModel()], ...props,
  });
}

const BY_SAML: SessionRequest = {
  principal: SAML_PROVIDER, action: 'sts:AssumeRoleWithSAML', tags: { team: 'payments' }, name: 'u4711', context: { 'saml:aud': SIGN_IN },
};
const BY_OIDC: SessionRequest = {
  principal: OIDC_PROVIDER,
  action: 'sts:AssumeRoleWithWebIdentity',
  tags: { team: 'payments' },
  name: 'u4711',
  context: { 'login.example.com:aud': 'assistant', 'login.example.com:sub': 'u4711' },
};

function starts(identify: Identify, request: SessionRequest, props: Partial<FederatedRoleProps> = {}): boolean {
  const stack = makeStack();
  make(stack, identify, props);
  return isAllowed(sessionRoleOf(stack).trust, startOf(request));
}

describe.each<[string, Identify, SessionRequest]>([
  ['SAML', saml, BY_SAML],
  ['OIDC', oidc, BY_OIDC],
])('a session by %s starts', (_, identify, legal) => {
  test('with its tags', () => {
    expect(starts(identify, legal)).toBe(true);
  });

  test.each<[string, Partial<SessionRequest>]>([
    ['by another provider', { principal: iamArn(`${legal === BY_SAML ? 'saml' : 'oidc'}-provider/other`) }],
    ['by a role', { principal: iamArn('role/x') }],
    ['by another way in', { action: 'sts:AssumeRole' }],
    ['without tags', { tags: {} }],
    ['with an empty tag', { tags: { team: '' } }],
    ['with a value that is not listed', { tags: { team: 'risk' } }],
    ['with a value in another case', { tags: { team: 'Payments' } }],
    ['with a key in another case', { tags: { Team: 'payments' } }],
    ['with a key of the role', { tags: { team: 'payments', env: 'dev' } }],
    ['with a key of the role in another case', { tags: { team: 'payments', Env: 'dev' } }],
    ['with a key that nobody asked for', { tags: { team: 'payments', CostCenter: 'cc-4711' } }],
    ['with tags that stay', { transitive: ['team'] }],
    ['with a source identity', { sourceIdentity: 'u4711' }],
    ['for another audience', { context: { ...legal.context, 'saml:aud': 'https://example.com', 'login.example.com:aud': 'billing' } }],
    ['for no audience', { context: { 'login.example.com:sub': 'u4711' } }],
  ])('not %s', (__, request) => {
    expect(starts(identify, { ...legal, ...request })).toBe(false);
  });

  test('with the name of the key that is said to name it', () => {
    const props = { sessionNameKey: 'team' };
    expect(starts(identify, { ...legal, name: 'payments' }, props)).toBe(true);
    expect(starts(identify, { ...legal, name: 'research' }, props)).toBe(false);
    expect(starts(identify, legal, props)).toBe(false);
  });

  test('with an optional key that is asked for, in its spelling', () => {
    const props = { sessionKeys: ['team', 'cost_center'] };
    expect(starts(identify, { ...legal, tags: { team: 'payments', CostCenter: 'cc-4711' } }, props)).toBe(true);
    expect(starts(identify, legal, props)).toBe(false);
    expect(starts(identify, { ...legal, tags: { team: 'payments', CostCenter: '4711' } }, props)).toBe(false);
  });

  test('with any value, where the trust does not check values', () => {
    expect(starts(identify, { ...legal, tags: { team: 'risk' } }, { checkValuesInTrust: false })).toBe(true);
    expect(starts(identify, { ...legal, tags: { team: '' } }, { checkValuesInTrust: false })).toBe(false);
  });

  test('and may then call with the tags of the role and its own only', () => {
    const stack = makeStack();
    make(stack, identify);
    const { permissions } = sessionRoleOf(stack);
    expect(isAllowed(permissions, modelCall({ env: 'prod', team: 'payments' }))).toBe(true);
    const others: Tags[] = [{}, { env: 'prod' }, { team: 'payments' }, { env: 'prod', team: 'risk' }, { env: 'dev', team: 'payments' }];
    for (const tags of others) {
      expect(isAllowed(permissions, modelCall(tags))).toBe(false);
    }
  });
});

describe('the name of a session', () => {
  test('is what the SAML provider asserts', () => {
    expect(starts(saml, { ...BY_SAML, name: 'anything' })).toBe(true);
  });

  test('is the subject of the OIDC token', () => {
    expect(starts(oidc, { ...BY_OIDC, name: 'u4712' })).toBe(false);
    expect(starts(oidc, { ...BY_OIDC, context: { 'login.example.com:aud': 'assistant' } })).toBe(false);
  });
});

describe('audiences', () => {
  const regional = 'https://eu-west-1.signin.aws.amazon.com/saml';

  test.each([[SIGN_IN, true], [regional, true], ['https://us-east-1.signin.aws.amazon.com/saml', false]])('of SAML are those given: %s is %s', (audience, expected) => {
    expect(starts(stack => saml(stack, { audiences: [SIGN_IN, regional] }), { ...BY_SAML, context: { 'saml:aud': audience } })).toBe(expected);
  });

  test('of SAML are the one of the partition, where none is given', () => {
    const stack = new Stack(new App(), 'China', { env: { account: '111122223333', region: 'cn-north-1' } });
    make(stack, saml);
    expect(JSON.stringify(sessionRoleOf(stack).trust)).toContain('https://signin.amazonaws.cn/saml');
  });

  test('of SAML are the global one, where the Region is not known', () => {
    const stack = new Stack();
    make(stack, saml);
    expect(JSON.stringify(sessionRoleOf(stack).trust)).toContain(SIGN_IN);
  });

  test.each([['assistant', true], ['notebooks', true], ['billing', false]])('of OIDC are those given: %s is %s', (audience, expected) => {
    const context = { 'login.example.com:aud': audience, 'login.example.com:sub': 'u4711' };
    expect(starts(stack => oidc(stack, { audiences: ['assistant', 'notebooks'] }), { ...BY_OIDC, context })).toBe(expected);
  });
});

test.each([
  ['https://login.example.com/oauth2/default', 'login.example.com/oauth2/default'],
  ['https://login.example.com/', 'login.example.com/'],
])('an issuer keeps its path, and the slash at its end: %s', (issuer, conditionPrefix) => {
  const stack = makeStack();
  make(stack, () => oidc(stack, { issuer }, iamArn(`oidc-provider/${conditionPrefix}`)));
  expect(sessionRoleOf(stack).trust[0].Condition?.StringEquals).toMatchObject({
    [`${conditionPrefix}:aud`]: ['assistant'], 'sts:RoleSessionName': `\${${conditionPrefix}:sub}`,
  });
});

test('a provider that is made in the same stack is trusted by reference', () => {
  const stack = makeStack();
  const provider = new iam.CfnOIDCProvider(stack, 'Provider', { url: 'https://login.example.com', clientIdList: ['assistant'] });
  make(stack, () => FederatedIdentity.oidc(provider, { issuer: 'https://login.example.com', audiences: ['assistant'] }));
  expect(sessionRoleOf(stack).trust).toMatchObject([
    { Principal: { Federated: { Ref: 'Provider' } } }, { Principal: { Federated: { Ref: 'Provider' } } },
  ]);
});

describe('sizes', () => {
  const makeLarge = (keys: number, values: number, checkValuesInTrust: boolean): void => {
    const stack = makeStack();
    make(stack, saml, { schema: largeSchema({ keys, values, length: 6 }), attribution: {}, checkValuesInTrust });
    Template.fromStack(stack);
  };

  test.each([[1, 50, true], [10, 5, true], [10, 50, false]])('%d keys with %d values fit, with values in the trust: %s', (keys, values, checkValuesInTrust) => {
    expect(() => {
      makeLarge(keys, values, checkValuesInTrust);
    }).not.toThrow();
  });

  test('fails where values do not fit in the trust, with what each key takes and what to do', () => {
    expect(() => {
      makeLarge(10, 50, true);
    }).toThrow(/the trust policy has \d{4} characters, and it may have 2048, of which dimension_0 takes \d+, .*: set checkValuesInTrust to false/);
  });
});

describe('what is wrong', () => {
  test.each<[string, Identify, Partial<FederatedRoleProps>, RegExp]>([
    ['without targets', saml, { targets: [] }, /targets is empty/],
    ['without session keys', saml, { sessionKeys: [], attribution: { team: 'payments', env: 'prod' } }, /sessionKeys is empty/],
    ['with a key that nobody knows', saml, { sessionKeys: ['team', 'tema'] }, /sessionKeys has "tema"/],
    ['with a key on role and session', saml, { sessionKeys: ['team', 'env'] }, /env is in sessionKeys and in attribution/],
    ['without a required key', saml, { sessionKeys: ['cost_center'] }, /principalTag\.team.*add team, the schema requires it/],
    ['with an illegal value', saml, { attribution: { env: 'prod', cost_center: '4711' } }, /principalTag\.CostCenter.*"4711"/],
    ['compared by a key that sessions do not have', saml, { targets: [InvocationTarget.matchingTags('cost_center')] }, /targets are compared by cost_center/],
    ['named by a key that is not given', saml, { sessionNameKey: 'env' }, /sessionNameKey is "env", which is not among sessionKeys: use one of team/],
    ['without SAML audiences', stack => saml(stack, { audiences: [] }), {}, /audiences is empty, so that nobody could sign in: leave it out/],
    ['without OIDC audiences', stack => oidc(stack, { audiences: [] }), {}, /audiences is empty, so that nobody could sign in: name at least one client id/],
    ['with an issuer that is known later', stack => oidc(stack, { issuer: new CfnParameter(stack, 'Issuer').valueAsString }), {}, /issuer is known at deployment only/],
    ['with an issuer without a scheme', stack => oidc(stack, { issuer: 'login.example.com' }), {}, /issuer is "login.example.com": use the https URL/],
    ['with an issuer that is not safe', stack => oidc(stack, { issuer: 'http://login.example.com' }), {}, /issuer is "http:.*use the https URL/],
    ['with an issuer with a query', stack => oidc(stack, { issuer: 'https://login.example.com?x=1' }), {}, /issuer is .*use the https URL/],
    ['with the issuer of another provider', stack => oidc(stack, { issuer: 'https://login.example.com/' }), {}, /issuer is "https:\/\/login.example.com\/", but the provider is "arn:.*login.example.com"/],
  ])('fails %s', (_, identify, props, message) => {
    expect(() => make(makeStack(), identify, props)).toThrow(message);
  });

  test('is told once', () => {
    expect(() => make(makeStack(), stack => oidc(stack, { audiences: [], issuer: 'x' }), { targets: [], sessionNameKey: 'env' }))
      .toThrow(/the federated role has 4 problems/);
  });
});

test.each([1, 12])('sessions may last %d hours', hours => {
  const stack = makeStack();
  make(stack, saml, { maxSessionDuration: Duration.hours(hours), roleName: 'people', description: 'People' });
  expect(sessionRoleOf(stack).properties).toMatchObject({ MaxSessionDuration: hours * 3600, RoleName: 'people', Description: 'People' });
});

test('what is left out is left to AWS', () => {
  const stack = makeStack();
  make(stack, saml);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
    RoleName: Match.absent(), MaxSessionDuration: Match.absent(), Description: 'Calls Amazon Bedrock for federated users',
  });
});

test('what all have in common is on the role', () => {
  const stack = makeStack();
  make(stack, saml, { attribution: { env: new CfnParameter(stack, 'Env').valueAsString } });
  expect(sessionRoleOf(stack).properties.Tags).toEqual([{ Key: 'env', Value: { Ref: 'Env' } }]);
});

test('a role, made here or imported, can be granted more', () => {
  const stack = makeStack();
  const bucket = new s3.Bucket(stack, 'Bucket');
  bucket.grantRead(make(stack, saml));
  bucket.grantRead(FederatedRole.fromRoleArn(stack, 'Import', iamArn('role/people')));
  bucket.grantRead(FederatedRole.fromRoleArn(stack, 'Later', new CfnParameter(stack, 'Arn').valueAsString));
  Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 3);
});
