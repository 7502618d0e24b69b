import { App, Stack } from 'aws-cdk-lib';
import { CfnProject } from 'aws-cdk-lib/aws-bedrockmantle';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  AttributedInvocationPolicy, AttributionBoundary, type AttributionControls, AttributionGuardrails, AttributionRequirement, BedrockServiceRole, BedrockUserGroup,
  InvocationTarget,
} from '../../../lib/access';
import { ApplicationInferenceProfile, ModelSource } from '../../../lib/inference-profiles';
import { AttributionKey, AttributionSchema } from '../../../lib/schema';
import { ACCOUNT, GEO_PROFILE, GLOBAL_PROFILE, iam as iamArn, MODEL, OPEN_REGIONS, OTHERS, OWN, REGION, type Tags } from './places';
import { type NamedPolicy, principalOf, type PolicyDocument } from './principals';
import { resolveTemplate } from './resolve-template';
import type { Scenario } from './scenario';

/** Three required keys, one of them with a list of values, and an optional one with a pattern and a spelling of its own. */
export const SCHEMA = new AttributionSchema({
  version: 1,
  keys: [
    AttributionKey.TEAM,
    AttributionKey.SERVICE,
    AttributionKey.ENV.withAllowedValues(['dev', 'prod']),
    AttributionKey.FEATURE,
    AttributionKey.of('cost_center', {
      description: 'Cost center that is charged.', pattern: '^cc-[0-9]{4}$', spellings: { resourceTag: 'CostCenter', principalTag: 'CostCenter' },
    }),
  ],
});

/** The role by which CloudFormation deploys what the CDK synthesizes. */
export const PROVISIONER = `cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${REGION}`;

/** A role whose sessions may have attribution tags. */
const APPROVED = iamArn('role/approved');

const CONTROLS: AttributionControls = {
  provisioners: ['arn:*:iam::*:role/cdk-*-cfn-exec-role-*'],
  approvedSessionRoles: [iamArn('role/tenant'), iamArn('role/workforce'), APPROVED],
};

/** What an account has already: a role that may do everything. */
const ADMINISTRATOR = iam.ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess');
const ALLOW_ALL: PolicyDocument = { Version: '2012-10-17', Statement: [{ Sid: 'AdministratorAccess', Effect: 'Allow', Action: '*', Resource: '*' } as never] };
const ADMINISTRATOR_ACCESS: NamedPolicy = { name: 'AdministratorAccess', policy: ALLOW_ALL, isGiven: true };

/** Roles that were there before, and that trust everybody in the account. */
const OPEN_TRUSTS = Object.fromEntries(['other', 'approved', `cdk-hnb659fds-deploy-role-${ACCOUNT}-${REGION}`].map((name): [string, NamedPolicy] => [iamArn(`role/${name}`), {
  name: `trust of ${name}`, isGiven: true, policy: {
    Version: '2012-10-17',
    Statement: [{ Sid: 'TrustTheAccount', Effect: 'Allow', Principal: { AWS: iamArn('root') }, Action: ['sts:AssumeRole', 'sts:TagSession'] } as never],
  },
}]));

const session = (role: string, name = 'app'): string => `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`;

/** Everything that is deployed to the workload account. */
class WorkloadAccount extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { env: { account: ACCOUNT, region: REGION } });
    const profile = (name: string, modelSource: ModelSource): InvocationTarget => InvocationTarget.profile(
      new ApplicationInferenceProfile(this, name, { schema: SCHEMA, attribution: OWN, modelSource }),
    );
    const profiles = [
      profile('OwnModel', ModelSource.foundationModel(MODEL)),
      profile('OwnGeo', ModelSource.systemProfile(GEO_PROFILE)),
      profile('OwnGlobal', ModelSource.systemProfile(GLOBAL_PROFILE)),
    ];
    const project = InvocationTarget.project(new CfnProject(this, 'Own', { name: 'own' }));
    this.serviceRole('ServiceRole', [...profiles, project]);
    const pods = new iam.SessionTagsPrincipal(new iam.ServicePrincipal('pods.eks.amazonaws.com'));
    this.serviceRole('MatchingRole', [InvocationTarget.matchingTags()], pods);
    this.serviceRole('SharingRole', [InvocationTarget.matchingTags('team', 'env')]);
    this.serviceRole('WrappedRole', [...profiles, InvocationTarget.systemProfile(GEO_PROFILE)]);

    new BedrockUserGroup(this, 'Group', {
      schema: SCHEMA, targets: [InvocationTarget.matchingTags(), InvocationTarget.anyModel()],
    }).addUser('Alice', { attribution: OWN, userName: 'alice' });

    this.existingRole('TagPolicyRole', AttributionRequirement.PRINCIPAL_TAG);
    this.existingRole('ProfilePolicyRole', AttributionRequirement.PROFILE);
    this.existingRole('BothPolicyRole', AttributionRequirement.BOTH);

    const boundary = new AttributionBoundary(this, 'Boundary', { schema: SCHEMA, comparedKeys: ['team', 'env'], approvedSessionRoles: [APPROVED] });
    const bounded = this.role('BoundedRole');
    iam.PermissionsBoundary.of(bounded).apply(boundary.policy);
  }

  private role(id: string): iam.Role {
    return new iam.Role(this, id, { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'), managedPolicies: [ADMINISTRATOR] });
  }

  private serviceRole(id: string, targets: InvocationTarget[], assumedBy: iam.IPrincipal = new iam.ServicePrincipal('ecs-tasks.amazonaws.com')): void {
    new BedrockServiceRole(this, id, { schema: SCHEMA, attribution: OWN, targets, assumedBy });
  }

  /** A role that was there before, and that may do everything but what the policy denies. */
  private existingRole(id: string, require: AttributionRequirement): void {
    const controls = { ...CONTROLS, require };
    new AttributedInvocationPolicy(this, `${id}Policy`, { schema: SCHEMA, ...controls }).attachToRole(this.role(id), OWN);
  }
}

function guardrails(options: AttributionControls): NamedPolicy[] {
  return AttributionGuardrails.documents({ schema: SCHEMA, ...CONTROLS, ...options, allowedRegions: OPEN_REGIONS }).map((document, index) => (
    { name: `guardrails ${index + 1}`, policy: JSON.parse(document) as PolicyDocument }
  ));
}

/** Administrators under the guardrails whose tags are not what they should be. */
function attackers(organization: NamedPolicy[]) {
  const attacker = (about: string, tags: Tags): Scenario => ({ about, tags, principal: session('attacker'), identity: [ADMINISTRATOR_ACCESS], guardrails: organization, trusts: OPEN_TRUSTS });
  return {
    'attacker, another team': attacker('Administrator under the same AttributionGuardrails with the tags of another team, at the resources of this one.', OTHERS.team),
    'attacker, key in another case': attacker('The same with the tag Team instead of team: IAM takes them for one, the bill does not.', {
      Team: 'payments', service: 'checkout', env: 'prod',
    }),
    'attacker, value in another case': attacker('The same with team=Payments instead of payments: another value for everybody.', { ...OWN, team: 'Payments' }),
    'attacker, untagged': attacker('The same without any tag.', {}),
  } satisfies Record<string, Scenario>;
}

function makeWorld() {
  const app = new App();
  const workload = resolveTemplate(new WorkloadAccount(app, 'Workload'));
  const ofRole = (name: string): Omit<Scenario, 'about'> => {
    const { tags, identity, boundary } = principalOf(workload, name);
    return { principal: session(name), tags, identity, boundary, guardrails: [], trusts: OPEN_TRUSTS };
  };
  const existing = (name: string): Omit<Scenario, 'about'> => {
    const { identity, ...rest } = ofRole(name);
    return { ...rest, identity: [ADMINISTRATOR_ACCESS, ...identity] };
  };
  const trustOf = (name: string): Scenario['trusts'] => {
    const { trust } = principalOf(workload, name);
    return trust === undefined ? {} : { [iamArn(`role/${name}`)]: trust };
  };
  const organization = guardrails({});
  const strict = guardrails({ require: AttributionRequirement.BOTH });
  const admin = { principal: session('admin'), tags: OWN, identity: [ADMINISTRATOR_ACCESS] };
  const alice = principalOf(workload, 'alice');
  return {
    'user of a group': {
      about: 'IAM user in a BedrockUserGroup that may call any model, and the profiles and projects with its own tags.',
      principal: iamArn('user/alice'), tags: alice.tags, identity: alice.identity, guardrails: [], trusts: OPEN_TRUSTS,
    },
    'group, administrator': {
      about: 'The same user, who may do everything by another policy.',
      principal: iamArn('user/alice'), tags: alice.tags, identity: [ADMINISTRATOR_ACCESS, ...alice.identity], guardrails: [], trusts: OPEN_TRUSTS,
    },
    'service role, profiles': { about: 'BedrockServiceRole with three profiles and a project by name.', ...ofRole('service-role') },
    'service role, ABAC': { about: 'BedrockServiceRole with matchingTags(): whatever has its team, service and env.', ...ofRole('matching-role') },
    'service role, shared': { about: "BedrockServiceRole with matchingTags('team', 'env'): services of a team share profiles.", ...ofRole('sharing-role') },
    'service role, wrapped': { about: 'BedrockServiceRole with three profiles, and the system-defined profile behind one of them.', ...ofRole('wrapped-role') },
    'EKS pod identity': {
      about: 'The service that starts sessions of a BedrockServiceRole with matchingTags().',
      principal: 'pods.eks.amazonaws.com', tags: {}, identity: [], guardrails: [], trusts: trustOf('matching-role'),
    },
    'policy, principalTag': { about: 'Existing administrator role with AttributedInvocationPolicy, by default.', ...existing('tag-policy-role') },
    'policy, profile': { about: "The same with require: 'profile'.", ...existing('profile-policy-role') },
    'policy, both': { about: "The same with require: 'both'.", ...existing('both-policy-role') },
    'boundary': { about: "Administrator role under AttributionBoundary, which compares team and env and knows no provisioners.", ...existing('bounded-role'), tags: OWN },
    'SCP': { about: 'Administrator in an account under AttributionGuardrails, by default and with two Regions.', ...admin, guardrails: organization, trusts: OPEN_TRUSTS },
    'SCP, both': { about: "The same with require: 'both'.", ...admin, guardrails: strict, trusts: OPEN_TRUSTS },
    'provisioner': {
      about: 'Execution role of CloudFormation under the same AttributionGuardrails, exempt by its ARN and without tags.',
      principal: session(PROVISIONER, 'AWSCloudFormation'), tags: {}, identity: [ADMINISTRATOR_ACCESS], guardrails: organization, trusts: OPEN_TRUSTS,
    },
    ...attackers(organization),
  } satisfies Record<string, Scenario>;
}

export type ScenarioName = keyof ReturnType<typeof makeWorld>;

let made: Record<ScenarioName, Scenario> | undefined;

/** All scenarios, synthesized once. */
export function world(): Record<ScenarioName, Scenario> {
  made ??= makeWorld();
  return made;
}
