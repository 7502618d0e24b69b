import { AwsSolutionsPlugin } from '../../bin/aws-solutions-plugin';
import { guardrails } from '../../examples/llm-gateway/guardrails';
import { LlmGatewayStack } from '../../examples/llm-gateway/llm-gateway-stack';
import { ACCOUNT, mantle, type Tags } from '../access/simulation/places';
import type { PolicyDocument } from '../access/simulation/principals';
import type { Scenario } from '../access/simulation/scenario';
import { isAllowed } from '../access/simulation/simulate';
import { act, assume, callGeoProfile, callModel, callProject, callSystemProfile, changeTags } from './calls';
import { Example, withAdministratorAccess } from './example';

const example = new Example(LlmGatewayStack);
const trust = example.trust('TenantRole');
const gateway: Scenario = { ...example.caller('GatewayTaskRole'), trusts: { [trust.arn]: trust.policy } };
const assistant = callGeoProfile(example.callable('Assistant'));
const project = callProject(example.callable('Project'));

/** A session of the tenant role, as the trust policy lets it start. */
function tenant(name: string): Scenario {
  const role = example.caller('TenantRole');
  return { ...role, principal: role.principal.replace('/session', `/${name}`), tags: { ...role.tags, tenant: name } };
}

/** Whether the gateway, or somebody else, gets a session of the tenant role. */
function opens(tags: Tags, sessionName = tags.tenant, caller = gateway): boolean {
  return isAllowed(caller, assume(trust.arn, sessionName, tags));
}

test('AwsSolutions finds nothing', () => {
  expect(new AwsSolutionsPlugin(example.app).validate()).toEqual({ success: true, violations: [] });
});

describe('a tenant', () => {
  test('has its own tag on the bill, and those of the gateway', () => {
    expect(tenant('tenant-a1').tags).toEqual({ team: 'platform', service: 'gateway', env: 'prod', tenant: 'tenant-a1' });
  });

  test('calls the profile and the project', () => {
    expect(isAllowed(tenant('tenant-a1'), assistant)).toBe(true);
    expect(isAllowed(tenant('tenant-a1'), project)).toBe(true);
  });

  test.each([
    ['a model directly', callModel],
    ['a system-defined profile', callSystemProfile],
    ['another project', callProject({ arn: mantle('project/proj_other'), tags: { team: 'platform' } })],
    ['the default project', callProject({ arn: mantle('project/default'), tags: {} })],
  ])('does not call %s', (_, call) => {
    expect(isAllowed(tenant('tenant-a1'), call)).toBe(false);
  });

  test.each<Tags>([{}, { tenant: '' }, { tenant: 'somebody' }])('is refused with the tags %j, however the session was opened', tags => {
    const { team, service, env } = tenant('tenant-a1').tags;
    expect(isAllowed({ ...tenant('tenant-a1'), tags: { team, service, env, ...tags } }, assistant)).toBe(false);
  });
});

test('a tag that the session of a gateway hands on, in place of one of the role, makes its tenants refused', () => {
  const session = tenant('tenant-a1');
  expect(isAllowed({ ...session, tags: { ...session.tags, team: 'payments' } }, assistant)).toBe(false);
});

describe('the gateway', () => {
  test('opens a session for a tenant', () => {
    expect(opens({ tenant: 'tenant-a1' })).toBe(true);
  });

  test.each<[string, Tags, string]>([
    ['no tenant', {}, 'tenant-a1'],
    ['an empty tenant', { tenant: '' }, 'tenant-a1'],
    ['a tenant that is not in the schema', { tenant: 'somebody' }, 'somebody'],
    ['the name of another tenant', { tenant: 'tenant-a1' }, 'tenant-b2'],
    ['another team', { tenant: 'tenant-a1', team: 'payments' }, 'tenant-a1'],
    ['another team in another case', { tenant: 'tenant-a1', Team: 'payments' }, 'tenant-a1'],
    ['the tenant in another case', { Tenant: 'tenant-a1' }, 'tenant-a1'],
  ])('opens none with %s', (_, tags, sessionName) => {
    expect(opens(tags, sessionName)).toBe(false);
  });

  test('calls nothing in its own name, even when somebody makes it an administrator', () => {
    for (const caller of [gateway, withAdministratorAccess(gateway)]) {
      expect([assistant, project, callModel, callSystemProfile].filter(call => isAllowed(caller, call))).toEqual([]);
    }
  });

  test('gives attribution tags to sessions of no other role, even as an administrator', () => {
    const other = `arn:aws:iam::${ACCOUNT}:role/other`;
    expect(isAllowed(withAdministratorAccess(gateway), changeTags('sts:TagSession', other, { tenant: 'tenant-a1' }))).toBe(false);
    expect(isAllowed(withAdministratorAccess(gateway), act('sts:AssumeRole', other))).toBe(true);
  });
});

describe('somebody else', () => {
  const administrator = { ...withAdministratorAccess(gateway), principal: `arn:aws:sts::${ACCOUNT}:assumed-role/admin/session` };
  const policies = guardrails.map((document, index) => ({ name: `guardrails ${index + 1}`, policy: JSON.parse(document) as PolicyDocument }));

  test('opens no session of the tenant role', () => {
    expect(opens({ tenant: 'tenant-a1' }, 'tenant-a1', administrator)).toBe(false);
  });

  test('gives no attribution tags to other sessions under the guardrails, which let the gateway open its own', () => {
    const other = `arn:aws:iam::${ACCOUNT}:role/other`;
    const outsider = { ...administrator, identity: administrator.identity.slice(0, 1), guardrails: policies };
    expect(isAllowed(outsider, changeTags('sts:TagSession', other, { team: 'payments' }))).toBe(false);
    expect(opens({ tenant: 'tenant-a1' }, 'tenant-a1', { ...gateway, guardrails: policies })).toBe(true);
    expect(isAllowed({ ...tenant('tenant-a1'), guardrails: policies }, assistant)).toBe(true);
  });
});
