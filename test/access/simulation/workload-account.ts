import { type App, Stack, Tags } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  AttributedInvocationPolicy, AttributionBoundary, type AttributionControls, AttributionRequirement, BedrockServiceRole, BedrockUserGroup,
  FederatedIdentity, FederatedPermissionSet, FederatedRole, InvocationTarget, TenantSessionRole,
} from '../../../lib/access';
import { ApplicationInferenceProfile, ModelSource } from '../../../lib/inference-profiles';
import { MantleProject } from '../../../lib/mantle-projects';
import { AttributionKey, AttributionSchema } from '../../../lib/schema';
import { ACCOUNT, GATEWAY_ACCOUNT, GEO_PROFILE, GLOBAL_PROFILE, iam as iamArn, MODEL, OIDC_ISSUER, OWN, REGION } from './places';

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

/** Who is exempt from what. */
export const CONTROLS: AttributionControls = {
  provisioners: ['arn:*:iam::*:role/cdk-*-cfn-exec-role-*'],
  approvedSessionRoles: [iamArn('role/*tenant'), iamArn('role/workforce'), APPROVED],
};

const ECS = new iam.ServicePrincipal('ecs-tasks.amazonaws.com');
const ADMINISTRATOR = iam.ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess');

/** The account of a gateway that calls models for tenants in the workload account. */
export class GatewayAccount extends Stack {
  /** What the gateway runs with. */
  public readonly gateway: iam.IRole;

  constructor(app: App) {
    super(app, 'Gateway', { env: { account: GATEWAY_ACCOUNT, region: REGION } });
    this.gateway = new iam.Role(this, 'Gateway', { roleName: 'llm-gateway', assumedBy: ECS });
  }
}

/** Everything that is deployed to the workload account. */
export class WorkloadAccount extends Stack {
  constructor(app: App, gateway: iam.IRole) {
    super(app, 'Workload', { env: { account: ACCOUNT, region: REGION } });
    const attributed = { schema: SCHEMA, attribution: OWN };
    const made = [
      new ApplicationInferenceProfile(this, 'OwnModel', { ...attributed, modelSource: ModelSource.foundationModel(MODEL) }),
      new ApplicationInferenceProfile(this, 'OwnGeo', { ...attributed, modelSource: ModelSource.systemProfile(GEO_PROFILE) }),
      new ApplicationInferenceProfile(this, 'OwnGlobal', { ...attributed, modelSource: ModelSource.systemProfile(GLOBAL_PROFILE) }),
    ];
    const project = new MantleProject(this, 'Own', attributed);
    const profiles = made.map(profile => InvocationTarget.profile(profile));
    this.serviceRole('ServiceRole', [...profiles, InvocationTarget.project(project)]);
    const granted = new iam.Role(this, 'GrantedRole', { assumedBy: ECS });
    for (const { grants } of [...made, project]) grants.invoke(granted);
    const pods = new iam.SessionTagsPrincipal(new iam.ServicePrincipal('pods.eks.amazonaws.com'));
    this.serviceRole('MatchingRole', [InvocationTarget.matchingTags()], pods);
    this.serviceRole('SharingRole', [InvocationTarget.matchingTags('team', 'env')]);
    this.serviceRole('WrappedRole', [...profiles, InvocationTarget.systemProfile(GEO_PROFILE)]);

    new BedrockUserGroup(this, 'Group', {
      schema: SCHEMA, targets: [InvocationTarget.matchingTags(), InvocationTarget.anyModel()],
    }).addUser('Alice', { attribution: OWN, userName: 'alice' });

    new TenantSessionRole(this, 'Tenant', {
      schema: SCHEMA,
      gateway,
      roleName: 'tenant',
      attribution: { service: 'gateway', env: 'prod' },
      sessionKeys: ['team', 'cost_center'],
      sourceIdentityKey: 'team',
      transitiveKeys: ['team'],
      externalId: 'llm-gateway',
      targets: [InvocationTarget.matchingTags('team', 'env'), InvocationTarget.anyModel()],
    });
    new TenantSessionRole(this, 'PlainTenant', {
      schema: SCHEMA, gateway, roleName: 'plain-tenant', attribution: { service: 'gateway', env: 'prod' }, targets: [InvocationTarget.anyModel()],
    });

    const workforce = { ...attributed, attribution: { service: 'assistant', env: 'prod' }, targets: [InvocationTarget.matchingTags('team', 'env')] };
    new FederatedRole(this, 'Workforce', {
      ...workforce,
      roleName: 'workforce',
      identity: FederatedIdentity.saml(new iam.CfnSAMLProvider(this, 'Okta')),
      sessionKeys: ['team', 'cost_center'],
    });
    const tokens = new iam.CfnOIDCProvider(this, 'Tokens', { url: `https://${OIDC_ISSUER}` });
    new FederatedRole(this, 'WorkforceOidc', {
      ...workforce, roleName: 'workforce-oidc', identity: FederatedIdentity.oidc(tokens, { issuer: `https://${OIDC_ISSUER}`, audiences: ['bedrock'] }),
    });
    new FederatedPermissionSet(this, 'PermissionSet', {
      schema: SCHEMA, instanceArn: 'arn:aws:sso:::instance/ssoins-0123456789abcdef', permissionSetName: 'Bedrock',
    });

    this.existingRole('TagPolicyRole', AttributionRequirement.PRINCIPAL_TAG);
    this.existingRole('ProfilePolicyRole', AttributionRequirement.PROFILE);
    this.existingRole('BothPolicyRole', AttributionRequirement.BOTH);

    const boundary = new AttributionBoundary(this, 'Boundary', {
      schema: SCHEMA, comparedKeys: ['team', 'env'], approvedSessionRoles: [APPROVED], denyUnlistedValues: true,
    });
    const bounded = this.role('BoundedRole');
    iam.PermissionsBoundary.of(bounded).apply(boundary.policy);
    for (const [key, value] of Object.entries(OWN)) Tags.of(bounded).add(key, value);
  }

  private role(id: string): iam.Role {
    return new iam.Role(this, id, { assumedBy: ECS, managedPolicies: [ADMINISTRATOR] });
  }

  private serviceRole(id: string, targets: InvocationTarget[], assumedBy: iam.IPrincipal = ECS): void {
    new BedrockServiceRole(this, id, { schema: SCHEMA, attribution: OWN, targets, assumedBy });
  }

  /** A role that was there before, and that may do everything but what the policy denies. */
  private existingRole(id: string, require: AttributionRequirement): void {
    const controls = { ...CONTROLS, require };
    new AttributedInvocationPolicy(this, `${id}Policy`, { schema: SCHEMA, ...controls }).attachToRole(this.role(id), OWN);
  }
}
