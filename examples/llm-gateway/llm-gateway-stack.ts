import { Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { access, inferenceProfiles, mantleProjects } from '../../lib';
import { keys } from './keys';
import { attributionOfGateway } from './schema';

const { InvocationTarget } = access;

/** Name of the role that the gateway takes on for each tenant: the guardrails approve it by name. */
export const TENANT_ROLE_NAME = 'llm-gateway-tenant';

/** A gateway that calls models in the name of its tenants: it cannot call in its own. */
export class LlmGatewayStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const attribution = attributionOfGateway;
    const assistant = new inferenceProfiles.ApplicationInferenceProfile(this, 'Assistant', {
      schema: keys, attribution, modelSource: inferenceProfiles.ModelSource.systemProfile('eu.amazon.nova-pro-v1:0'),
    });
    const project = new mantleProjects.MantleProject(this, 'Project', { schema: keys, attribution });

    const gateway = new iam.Role(this, 'GatewayTaskRole', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    const tenants = new access.TenantSessionRole(this, 'TenantRole', {
      schema: keys,
      gateway,
      attribution,
      sessionKeys: ['tenant'],
      targets: [InvocationTarget.profile(assistant), InvocationTarget.project(project)],
      roleName: TENANT_ROLE_NAME,
    });
    // the gateway asks for the ARN of the profile when it starts: a profile that is replaced has another one
    assistant.grants.readParameter(gateway);
    const policy = new access.AttributedInvocationPolicy(this, 'GatewayPolicy', { schema: keys, approvedSessionRoles: [tenants.role.roleArn] });
    policy.attachToRole(gateway);
  }
}
