import { AwsSolutionsPlugin } from '../../bin/aws-solutions-plugin';
import { FederatedUsersStack } from '../../examples/federated-users/federated-users-stack';
import { ACCOUNT, profile, type Tags } from '../access/simulation/places';
import { isAllowed } from '../access/simulation/simulate';
import { isAllowed as isTrusted } from '../support/evaluate-policy';
import { callModel, callProfile, callSystemProfile, requestTags } from './calls';
import { Example } from './example';

const example = new Example(FederatedUsersStack);
const person = { team: 'payments', CostCenter: 'cc-1234' };

interface SignIn {
  readonly tags?: Tags;
  readonly audience?: string;
  readonly sessionName?: string;
  readonly transitive?: string[];
}

/** Whether somebody gets a session of a role from an identity provider. */
function signsIn(role: 'AnalystRole' | 'DeveloperRole', { tags = person, audience, sessionName = 'subject-1', transitive }: SignIn = {}): boolean {
  const { arn, statements } = example.trust(role);
  const [provider, assume, claims] = role === 'AnalystRole'
    ? ['saml-provider/company', 'sts:AssumeRoleWithSAML', { 'SAML:aud': audience ?? 'https://signin.aws.amazon.com/saml' }] as const
    : ['oidc-provider/login.example.com', 'sts:AssumeRoleWithWebIdentity', {
      'login.example.com:aud': audience ?? 'coding-assistant', 'login.example.com:sub': 'subject-1',
    }] as const;
  const handedOn: Record<string, string[]> = transitive === undefined ? {} : { 'sts:TransitiveTagKeys': transitive };
  const context = { ...claims, ...requestTags(tags), ...handedOn, 'sts:RoleSessionName': sessionName };
  const principal = `arn:aws:iam::${ACCOUNT}:${provider}`;
  return isTrusted(statements, [assume, 'sts:TagSession'].map(action => ({ principal, action, resource: arn, context })));
}

test('AwsSolutions finds nothing', () => {
  expect(new AwsSolutionsPlugin(example.app).validate()).toEqual({ success: true, violations: [] });
});

describe.each(['AnalystRole', 'DeveloperRole'] as const)('%s', role => {
  test('is open to people of a team with a cost center', () => {
    expect(signsIn(role)).toBe(true);
  });

  test.each<[string, SignIn]>([
    ['without tags', { tags: {} }],
    ['without a team', { tags: { CostCenter: 'cc-1234' } }],
    ['without a cost center', { tags: { team: 'payments' } }],
    ['with an empty team', { tags: { ...person, team: '' } }],
    ['with a team that is not in the schema', { tags: { ...person, team: 'marketing' } }],
    ['with a cost center of another form', { tags: { ...person, CostCenter: '1234' } }],
    ['with another service', { tags: { ...person, service: 'search' } }],
    ['with tags of another case', { tags: { Team: 'payments', costcenter: 'cc-1234' } }],
    ['with tags to hand on', { transitive: ['team'] }],
    ['with a token for something else', { audience: 'another-application' }],
  ])('is closed to people %s', (_, signIn) => {
    expect(signsIn(role, signIn)).toBe(false);
  });
});

test('a name of the session is up to the provider: SAML signs it, and with OIDC it is the subject of the token', () => {
  expect(signsIn('AnalystRole', { sessionName: 'somebody' })).toBe(true);
  expect(signsIn('DeveloperRole', { sessionName: 'somebody' })).toBe(false);
});

describe.each([
  ['AnalystRole', example.caller('AnalystRole')],
  ['DeveloperRole', example.caller('DeveloperRole')],
  ['PermissionSet', example.permissionSet('PermissionSet')],
])('a session of %s', (_, role) => {
  const session = { ...role, tags: { ...role.tags, ...person } };
  const ofTeam = (team: string) => callProfile({ arn: profile(team), tags: { team, CostCenter: 'cc-1234' } });

  test('calls models, and what has its team', () => {
    expect([callModel, callSystemProfile, ofTeam('payments')].filter(call => !isAllowed(session, call))).toEqual([]);
  });

  test('calls nothing that has another team', () => {
    expect(isAllowed(session, ofTeam('research'))).toBe(false);
  });

  test.each<[string, Tags]>([
    ['no tags', {}],
    ['no cost center', { team: 'payments' }],
    ['a team that is not in the schema', { ...person, team: 'marketing' }],
  ])('calls nothing with %s', (_name, tags) => {
    const stray = { ...role, tags: { ...role.tags, ...tags } };
    expect([callModel, callSystemProfile, ofTeam('payments')].filter(call => isAllowed(stray, call))).toEqual([]);
  });
});

test('what a person works with is on the role, and not on that of a permission set', () => {
  expect(example.caller('AnalystRole').tags).toEqual({ service: 'notebooks' });
  expect(example.caller('DeveloperRole').tags).toEqual({ service: 'coding-assistant' });
  expect(example.permissionSet('PermissionSet').tags).toEqual({});
});
