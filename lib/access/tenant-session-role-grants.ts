import * as iam from 'aws-cdk-lib/aws-iam';
import type { ITenantSessionRole } from './tenant-session-role';

/**
 * Permissions on a tenant session role.
 */
export class TenantSessionRoleGrants {
  /**
   * The permissions that can be given on a role.
   */
  public static fromTenantSessionRole(role: ITenantSessionRole): TenantSessionRoleGrants {
    return new TenantSessionRoleGrants(role);
  }

  private constructor(private readonly tenants: ITenantSessionRole) {}

  /**
   * Lets a gateway start tagged sessions: `sts:AssumeRole`, `sts:SetSourceIdentity` and `sts:TagSession` on the role.
   *
   * The role itself trusts the gateway that it was made for and nobody else, whoever is given this.
   *
   * @param grantee the role of the gateway
   */
  public assume(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
      resourceArns: [this.tenants.role.roleArn],
    });
  }
}
