import { access } from '../../lib';
import { keys } from './keys';
import { TENANT_ROLE_NAME } from './llm-gateway-stack';

/** Service control policies as JSON, for whoever manages the organization. */
export const guardrails = access.AttributionGuardrails.documents({
  schema: keys,
  provisioners: ['arn:*:iam::*:role/cdk-hnb659fds-cfn-exec-role-*'],
  approvedSessionRoles: [`arn:*:iam::*:role/${TENANT_ROLE_NAME}`],
});
