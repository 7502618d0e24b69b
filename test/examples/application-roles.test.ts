import { AwsSolutionsPlugin } from '../../bin/aws-solutions-plugin';
import { ApplicationRolesStack } from '../../examples/application-roles/application-roles-stack';
import { bedrock, mantle, model, type Tags } from '../access/simulation/places';
import { isAllowed } from '../access/simulation/simulate';
import { isAllowed as isTrusted } from '../support/evaluate-policy';
import { act, callGeoProfile, callModel, callProfile, callSystemProfile, callWithKey, changeTags, create, requestTags } from './calls';
import { Example, withAdministratorAccess } from './example';

const example = new Example(ApplicationRolesStack);
const services = [
  ['Checkout', 'CheckoutRole'],
  ['Search', 'SearchTaskRole'],
  ['Ranking', 'RankingPodRole'],
  ['Invoices', 'InvoicesPodRole'],
].map(([service, role]) => ({
  service,
  caller: example.caller(role),
  assistant: callGeoProfile(example.callable(`ProfilesServices${service}Assistant`)),
  classifier: callProfile(example.callable(`ProfilesServices${service}Classifier`)),
}));

test('AwsSolutions finds nothing', () => {
  expect(new AwsSolutionsPlugin(example.app).validate()).toEqual({ success: true, violations: [] });
});

test.each(services)('$service has the tags of its profiles', ({ service, caller }) => {
  expect(caller.tags).toEqual(example.callable(`ProfilesServices${service}Assistant`).tags);
  expect(caller.tags).toMatchObject({ service: service.toLowerCase(), env: 'prod' });
});

describe.each(services)('$service', ({ service, caller, assistant, classifier }) => {
  const others = services.filter(other => other.service !== service);

  test('calls its own profiles, in one Region and in several', () => {
    expect(isAllowed(caller, classifier)).toBe(true);
    expect(isAllowed(caller, assistant)).toBe(true);
  });

  test('calls the profiles of no other service, those of its own team among them', () => {
    expect(others.filter(other => isAllowed(caller, other.classifier) || isAllowed(caller, other.assistant))).toEqual([]);
  });

  test('calls no model without a profile, and no system-defined profile', () => {
    expect(isAllowed(caller, callModel)).toBe(false);
    expect(isAllowed(caller, callSystemProfile)).toBe(false);
  });

  test('can do no more of this when somebody makes it an administrator', () => {
    const administrator = withAdministratorAccess(caller);
    expect(isAllowed(administrator, classifier)).toBe(true);
    const around = [callModel, callSystemProfile, ...others.flatMap(other => [other.assistant, other.classifier])];
    expect(around.filter(call => isAllowed(administrator, call))).toEqual([]);
  });

  test('cannot call once somebody has taken a tag away, or given it a stage that there is not', () => {
    const { team, env } = caller.tags;
    const stray: Tags[] = [{}, { team, env }, { ...caller.tags, env: 'qa' }];
    expect(stray.filter(tags => isAllowed({ ...caller, tags }, classifier))).toEqual([]);
  });

  test('cannot give itself other tags', () => {
    const administrator = withAdministratorAccess(caller);
    const [, role] = caller.principal.split('/');
    expect(isAllowed(administrator, changeTags('iam:TagRole', `arn:aws:iam::777788889999:role/${role}`, { service: 'search' }))).toBe(false);
  });
});

describe('the boundary', () => {
  const administrator = withAdministratorAccess(services[0].caller);

  test.each([
    ['the default project of the mantle endpoint', act('bedrock-mantle:CreateInference', mantle('project/default'))],
    ['the default project of the runtime endpoint', act('bedrock:InvokeModel', bedrock('project/default'))],
    ['a prompt router', act('bedrock:InvokeModel', bedrock('prompt-router/router'))],
    ['a batch job without tags', act('bedrock:CreateModelInvocationJob', model())],
    ['a profile without tags', create({})],
    ['a profile of another team', create({ ...administrator.tags, team: 'discovery' })],
    ['a long-term key', callWithKey('bedrock', 'LONG_TERM')],
    ['a long-term key on the mantle endpoint', callWithKey('bedrock-mantle', 'LONG_TERM')],
  ])('refuses %s, which the role by itself would not be denied', (_, call) => {
    expect(isAllowed({ ...administrator, boundary: undefined }, call)).toBe(true);
    expect(isAllowed(administrator, call)).toBe(false);
  });
});

describe('sessions', () => {
  const open = (role: string, principal: string, tags: Record<string, string>): boolean => {
    const { arn, statements } = example.trust(role);
    return isTrusted(statements, ['sts:AssumeRole', 'sts:TagSession'].map(action => ({ principal, action, resource: arn, context: requestTags(tags) })));
  };

  test('pod identity opens them with the tags that EKS gives', () => {
    expect(open('RankingPodRole', 'pods.eks.amazonaws.com', { 'eks-cluster-name': 'main', 'kubernetes-namespace': 'search' })).toBe(true);
  });

  test('nobody opens them with other attribution tags, which would take the place of those of the role', () => {
    expect(open('RankingPodRole', 'pods.eks.amazonaws.com', { team: 'payments' })).toBe(false);
    expect(open('RankingPodRole', 'pods.eks.amazonaws.com', { Team: 'payments' })).toBe(false);
  });
});
