import { AwsSolutionsPlugin } from '../../bin/aws-solutions-plugin';
import { UsersAndApiKeysStack } from '../../examples/users-and-api-keys/users-and-api-keys-stack';
import { ACCOUNT, mantle } from '../access/simulation/places';
import { isAllowed } from '../access/simulation/simulate';
import { callModel, callProfile, callProject, callSystemProfile, callWithKey, changeTags, makeKey } from './calls';
import { Example, withAdministratorAccess } from './example';

const example = new Example(UsersAndApiKeysStack);
const alice = example.caller('UsersAlice');
const bob = example.caller('UsersBob');
const self = `arn:aws:iam::${ACCOUNT}:user/alice`;
const summaries = callProfile(example.callable('Summaries'));

test('AwsSolutions finds nothing', () => {
  expect(new AwsSolutionsPlugin(example.app).validate()).toEqual({ success: true, violations: [] });
});

test('a user has the tags that the bill shows', () => {
  expect(alice.tags).toEqual({ team: 'payments', service: 'prototypes', env: 'dev' });
});

test.each([
  ['a model directly', callModel],
  ['a system-defined profile', callSystemProfile],
  ['the profile of the own team', summaries],
  ['a short-term key', callWithKey('bedrock', 'SHORT_TERM')],
  ['a short-term key on the mantle endpoint', callWithKey('bedrock-mantle', 'SHORT_TERM')],
])('a user calls with %s', (_, call) => {
  expect(isAllowed(alice, call)).toBe(true);
});

test('a user of another team calls models as well, but no profile or project of the first team', () => {
  const project = callProject({ arn: mantle('project/proj_payments'), tags: alice.tags });
  expect(isAllowed(bob, callModel)).toBe(true);
  expect([summaries, project].filter(call => !isAllowed(alice, call))).toEqual([]);
  expect([summaries, project].filter(call => isAllowed(bob, call))).toEqual([]);
});

test.each([
  ['without tags', {}],
  ['without a team', { service: 'prototypes', env: 'dev' }],
  ['without a service', { team: 'payments', env: 'dev' }],
  ['with a team that the schema does not know', { ...alice.tags, team: 'marketing' }],
  ['with a stage that the schema does not know', { ...alice.tags, env: 'qa' }],
])('a user %s who is put into the group by hand cannot call', (_, tags) => {
  expect(isAllowed({ ...alice, tags }, callModel)).toBe(false);
  expect(isAllowed({ ...alice, tags }, summaries)).toBe(false);
});

test.each(['bedrock', 'bedrock-mantle'] as const)('a long-term key is refused by %s', endpoint => {
  expect(isAllowed(alice, callWithKey(endpoint, 'LONG_TERM'))).toBe(false);
});

test('a user with more permissions can still not make a long-term key, and neither can it be made to work', () => {
  const administrator = withAdministratorAccess(alice);
  const make = (service: string): boolean => isAllowed(administrator, makeKey(self, service));
  expect(make('bedrock.amazonaws.com')).toBe(false);
  expect(make('codecommit.amazonaws.com')).toBe(true);
  expect(isAllowed(administrator, callWithKey('bedrock', 'LONG_TERM'))).toBe(false);
});

test('a user with more permissions can still not become somebody else', () => {
  const administrator = withAdministratorAccess(alice);
  expect(isAllowed(administrator, changeTags('iam:TagUser', self, { owner: 'alice' }))).toBe(true);
  expect(isAllowed(administrator, changeTags('iam:TagUser', self, { team: 'research' }))).toBe(false);
  expect(isAllowed(administrator, changeTags('iam:TagUser', self, { Team: 'research' }))).toBe(false);
  expect(isAllowed(administrator, changeTags('iam:UntagUser', self, { team: 'payments' }))).toBe(false);
});
