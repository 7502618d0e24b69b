import { Names, Stack } from 'aws-cdk-lib';
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
   * The role itself trusts the gateway that it was made for and nobody else, whoever is given this. A gateway of another stack of the same
   * account is given a policy that lies in the stack of this role; one of another account that was imported is given nothing.
   *
   * @param grantee the role of the gateway
   */
  public assume(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee: this.holderFor(grantee),
      actions: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
      resourceArns: [this.tenants.role.roleArn],
    });
  }

  /**
   * What the permission is written to. The trust policy refers to the gateway: in the default policy of a gateway of another stack, which
   * lies there, the permission would make each of the two stacks depend on the other.
   */
  private holderFor(grantee: iam.IGrantable): iam.IGrantable {
    const { grantPrincipal } = grantee;
    const { stack, env, node } = this.tenants;
    const isElsewhere = iam.Role.isRole(grantPrincipal) && Stack.of(grantPrincipal) !== stack && grantPrincipal.env.account === env.account;
    if (!isElsewhere) return grantee;

    const id = `Assume${Names.nodeUniqueId(node)}By${Names.nodeUniqueId(grantPrincipal.node)}`;
    const existing = stack.node.tryFindChild(id) as iam.Policy | undefined;
    return existing ?? new iam.Policy(stack, id, { roles: [grantPrincipal] });
  }
}
