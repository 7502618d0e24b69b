import { App } from 'aws-cdk-lib';
import { type AttributionControls, AttributionGuardrails, AttributionRequirement } from '../../../lib/access';
import { ACCOUNT, iam, OPEN_REGIONS, OTHERS, OWN, REGION, type Tags } from './places';
import { type NamedPolicy, principalOf, type PolicyDocument, type Statement } from './principals';
import { type ResolvedResource, resolveTemplate } from './resolve-template';
import type { Scenario } from './scenario';
import { CONTROLS, PROVISIONER, SCHEMA, WorkloadAccount } from './workload-account';

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
const session = (role: string, name = 'app'): string => `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`;

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
    'boundary': existingRole('Administrator role under AttributionBoundary, which compares team and env and knows no provisioners.', 'bounded-role'),
  } satisfies Record<string, Scenario>;
}

/** The trust policy of a role, as the only one that there is. */
function trustOf(resources: readonly ResolvedResource[], name: string): Scenario['trusts'] {
  const { trust } = principalOf(resources, name);
  return trust && { [iam(`role/${name}`)]: trust };
}

/** Administrators of an account in the organization. */
function organization() {
  const byDefault = guardrails({});
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

function makeWorld() {
  const app = new App();
  const workload = resolveTemplate(new WorkloadAccount(app));
  return { ...members(workload), ...organization() };
}

export type ScenarioName = keyof ReturnType<typeof makeWorld>;

let made: Record<ScenarioName, Scenario> | undefined;

/** All scenarios, synthesized once. */
export function world(): Record<ScenarioName, Scenario> {
  made ??= makeWorld();
  return made;
}
