import { App } from 'aws-cdk-lib';
import { type AttributionControls, AttributionGuardrails, AttributionRequirement } from '../../../lib/access';
import { ACCOUNT, GATEWAY_ACCOUNT, iam, OPEN_REGIONS, OTHERS, OWN, REGION, STRANGE_ACCOUNT, type Tags } from './places';
import { type NamedPolicy, permissionSetOf, principalOf, type PolicyDocument, type Statement } from './principals';
import { type ResolvedResource, resolveTemplate } from './resolve-template';
import type { Scenario } from './scenario';
import { CONTROLS, GatewayAccount, PROVISIONER, SCHEMA, WorkloadAccount } from './workload-account';

/** Roles that were there before, and that trust everybody in the account. */
const OPEN_ROLES = ['other', 'approved', `cdk-hnb659fds-deploy-role-${ACCOUNT}-${REGION}`];

const TRUST_THE_ACCOUNT: NamedPolicy = {
  name: 'trust of the account',
  isGiven: true,
  policy: document({ Sid: 'TrustTheAccount', Effect: 'Allow', Principal: { AWS: iam('root') }, Action: ['sts:AssumeRole', 'sts:TagSession'] }),
};

/** What administrators have. */
const ADMINISTRATOR_ACCESS: NamedPolicy = {
  name: 'AdministratorAccess', isGiven: true, policy: document({ Sid: 'AdministratorAccess', Effect: 'Allow', Action: '*', Resource: '*' }),
};

function document(...Statement: Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement };
}

/** The session of a role. */
const session = (role: string, name = 'app', account = ACCOUNT): string => `arn:aws:sts::${account}:assumed-role/${role}/${name}`;

/** Somebody in the workload account, where some roles can be assumed by everybody. */
function scenario(about: string, caller: Pick<Scenario, 'principal'> & Partial<Scenario>): Scenario {
  const trusts = Object.fromEntries(OPEN_ROLES.map(name => [iam(`role/${name}`), TRUST_THE_ACCOUNT]));
  return { tags: {}, identity: [], guardrails: [], trusts, ...caller, about };
}

/** An administrator, as his tags and his place in the organization let him be. */
function administrator(about: string, caller: Partial<Scenario>): Scenario {
  return scenario(about, { principal: session('admin'), tags: OWN, identity: [ADMINISTRATOR_ACCESS], ...caller });
}

function guardrails(options: AttributionControls): NamedPolicy[] {
  return AttributionGuardrails.documents({ schema: SCHEMA, ...CONTROLS, ...options, allowedRegions: OPEN_REGIONS }).map((text, index) => (
    { name: `guardrails ${index + 1}`, policy: JSON.parse(text) as PolicyDocument }
  ));
}

/** Whoever holds what was made in the workload account. */
function members(workload: readonly ResolvedResource[]) {
  const alice = principalOf(workload, 'alice');
  const user = { principal: iam('user/alice'), tags: alice.tags, identity: alice.identity };
  const role = (about: string, name: string): Scenario => {
    const { tags, identity } = principalOf(workload, name);
    return scenario(about, { principal: session(name), tags, identity });
  };
  const existingRole = (about: string, name: string): Scenario => {
    const { tags, identity, boundary } = principalOf(workload, name);
    return administrator(about, { principal: session(name), tags, identity: [ADMINISTRATOR_ACCESS, ...identity], boundary });
  };
  return {
    'user of a group': scenario('IAM user in a BedrockUserGroup that may call any model, and the profiles and projects with its own tags.', user),
    'group, administrator': administrator('The same user, who may do everything by another policy.', {
      ...user, identity: [ADMINISTRATOR_ACCESS, ...user.identity],
    }),
    'service role, profiles': role('BedrockServiceRole with three profiles and a project by name.', 'service-role'),
    'service role, ABAC': role('BedrockServiceRole with matchingTags(): whatever has its team, service and env.', 'matching-role'),
    'service role, shared': role("BedrockServiceRole with matchingTags('team', 'env'): services of a team share profiles.", 'sharing-role'),
    'service role, wrapped': role('BedrockServiceRole with three profiles, and the system-defined profile behind one of them.', 'wrapped-role'),
    'role with grants': role('Role that was given grants.invoke() of three profiles and a project.', 'granted-role'),
    'EKS pod identity': scenario('The service that starts sessions of a BedrockServiceRole with matchingTags().', {
      principal: 'pods.eks.amazonaws.com', trusts: trustOf(workload, 'matching-role'),
    }),
    'policy, principalTag': existingRole('Existing administrator role with AttributedInvocationPolicy, by default.', 'tag-policy-role'),
    'policy, profile': existingRole("The same with require: 'profile'.", 'profile-policy-role'),
    'policy, both': existingRole("The same with require: 'both'.", 'both-policy-role'),
    'boundary': existingRole('Administrator role under AttributionBoundary, which compares team and env, checks values and knows no provisioners.', 'bounded-role'),
  } satisfies Record<string, Scenario>;
}

/** The trust policy of a role, as the only one that there is. */
function trustOf(resources: readonly ResolvedResource[], name: string): Scenario['trusts'] {
  const { trust } = principalOf(resources, name);
  return trust && { [iam(`role/${name}`)]: trust };
}

/** Administrators of an account in the organization. */
function organization(byDefault: readonly NamedPolicy[]) {
  const attacker = (about: string, tags: Tags): Scenario => administrator(about, { principal: session('attacker'), tags, guardrails: byDefault });
  return {
    'SCP': administrator('Administrator in an account under AttributionGuardrails, by default and with two Regions.', { guardrails: byDefault }),
    'SCP, both': administrator("The same with require: 'both'.", { guardrails: guardrails({ require: AttributionRequirement.BOTH }) }),
    'provisioner': administrator('Execution role of CloudFormation under the same AttributionGuardrails, exempt by its ARN and without tags.', {
      principal: session(PROVISIONER, 'AWSCloudFormation'), tags: {}, guardrails: byDefault,
    }),
    'attacker, another team': attacker(
      'Administrator under the same AttributionGuardrails with the tags of another team, at the resources of this one.', OTHERS.team,
    ),
    'attacker, key in another case': attacker('The same with the tag Team instead of team: IAM takes them for one, the bill does not.', {
      Team: 'payments', service: 'checkout', env: 'prod',
    }),
    'attacker, value in another case': attacker('The same with team=Payments instead of payments: another value for everybody.', {
      ...OWN, team: 'Payments',
    }),
    'attacker, untagged': attacker('The same without any tag.', {}),
  } satisfies Record<string, Scenario>;
}

/** Whoever starts sessions of the tenants of a gateway, and the sessions. */
function gateways(workload: readonly ResolvedResource[], gateway: readonly ResolvedResource[], inOrganization: readonly NamedPolicy[]) {
  const trusts = { ...trustOf(workload, 'tenant'), ...trustOf(workload, 'plain-tenant') };
  const { identity } = principalOf(gateway, 'llm-gateway');
  const tenant = (about: string, name: string, sessionTags: Tags): Scenario => {
    const role = principalOf(workload, name);
    return scenario(about, { principal: session(name, 'payments'), tags: { ...role.tags, ...sessionTags }, identity: role.identity });
  };
  return {
    'gateway': scenario('Role of an LLM gateway in an account of its own under AttributionGuardrails, without tags.', {
      principal: session('llm-gateway', 'task', GATEWAY_ACCOUNT), identity, guardrails: inOrganization, trusts,
    }),
    'neighbour of the gateway': administrator('Administrator in the account of the gateway.', {
      principal: session('admin', 'app', GATEWAY_ACCOUNT), trusts,
    }),
    'stranger': administrator('Administrator in an account of somebody else.', { principal: session('admin', 'app', STRANGE_ACCOUNT), trusts }),
    'tenant session': tenant(
      "Session of a TenantSessionRole with matchingTags('team', 'env') and any model, for the team payments.", 'tenant',
      { team: 'payments', CostCenter: 'cc-4711' },
    ),
    'plain tenant session': tenant('The same by default, with any model.', 'plain-tenant', { team: 'payments' }),
  } satisfies Record<string, Scenario>;
}

/** Whoever vouches for people, and the sessions of those. */
function workforce(workload: readonly ResolvedResource[]) {
  const trusts = { ...trustOf(workload, 'workforce'), ...trustOf(workload, 'workforce-oidc') };
  const role = principalOf(workload, 'workforce');
  const oidcRole = principalOf(workload, 'workforce-oidc');
  const inSession = { principal: session('workforce', 'alice'), tags: { ...role.tags, team: 'payments', CostCenter: 'cc-4711' } };
  const inOidcSession = { principal: session('workforce-oidc', 'alice'), tags: { ...oidcRole.tags, team: 'payments' } };
  const assigned = { principal: session('AWSReservedSSO_Bedrock_0123456789abcdef', 'alice'), tags: OWN };
  const permissionSet = permissionSetOf(workload, 'Bedrock');
  return {
    'SAML provider': scenario('Provider of a FederatedRole whose sessions have a team and a cost center.', {
      principal: iam('saml-provider/okta'), trusts,
    }),
    'OIDC provider': scenario('Provider of a FederatedRole whose sessions have a team.', { principal: iam('oidc-provider/tokens'), trusts }),
    'another provider': scenario('Another SAML provider of the same account.', { principal: iam('saml-provider/other'), trusts }),
    'federated session': scenario("Session of a FederatedRole with matchingTags('team', 'env').", { ...inSession, identity: role.identity }),
    'federated session, administrator': administrator('The same session, which may do everything by another policy.', {
      ...inSession, identity: [ADMINISTRATOR_ACCESS, ...role.identity],
    }),
    'federated session, OIDC': scenario("Session of a FederatedRole for tokens with matchingTags('team', 'env').", {
      ...inOidcSession, identity: oidcRole.identity,
    }),
    'federated session, OIDC, administrator': administrator('The same session, which may do everything by another policy.', {
      ...inOidcSession, identity: [ADMINISTRATOR_ACCESS, ...oidcRole.identity],
    }),
    'permission set': scenario('Session of IAM Identity Center by a FederatedPermissionSet, which calls what has its own tags.', {
      ...assigned, identity: [permissionSet],
    }),
    'permission set, administrator': administrator('The same session, which may do everything by another policy.', {
      ...assigned, identity: [ADMINISTRATOR_ACCESS, permissionSet],
    }),
  } satisfies Record<string, Scenario>;
}

function makeWorld() {
  const app = new App();
  const gatewayAccount = new GatewayAccount(app);
  const workload = resolveTemplate(new WorkloadAccount(app, gatewayAccount.gateway));
  const byDefault = guardrails({});
  return {
    ...members(workload),
    ...workforce(workload),
    ...gateways(workload, resolveTemplate(gatewayAccount), byDefault),
    ...organization(byDefault),
  };
}

export type ScenarioName = keyof ReturnType<typeof makeWorld>;

let made: Record<ScenarioName, Scenario> | undefined;

/** All scenarios, synthesized once. */
export function world(): Record<ScenarioName, Scenario> {
  made ??= makeWorld();
  return made;
}
