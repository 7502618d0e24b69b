import type * as iam from 'aws-cdk-lib/aws-iam';

/**
 * Whom a budget action stops: principals of the budget's own account, or accounts of the organization.
 *
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-controls.html
 */
export class BudgetActionTarget {
  /**
   * Roles of the account that the budget is in. The action attaches a managed policy to each; nothing of them is changed before that, nor
   * at deployment, so that imported roles will do as well.
   *
   * @param roles 1 to 100 roles, such as `role` of a `BedrockServiceRole`
   * @param policy what is attached; by default an `InvocationStopPolicy` that belongs to the action alone, so that undoing one action
   *   leaves what another one did
   */
  public static roles(roles: iam.IRoleRef[], policy?: iam.IManagedPolicyRef): BudgetActionTarget {
    const principals = roles.map(role => ({ construct: role, name: role.roleRef.roleName, arn: role.roleRef.roleArn }));
    return new BudgetActionTarget({ kind: 'principals', noun: 'Role', principals, policy });
  }

  /**
   * Users of the account that the budget is in, for callers with access keys or long-term API keys.
   *
   * @param users 1 to 100 users
   * @param policy what is attached; by default an `InvocationStopPolicy` that belongs to the action alone
   */
  public static users(users: iam.IUserRef[], policy?: iam.IManagedPolicyRef): BudgetActionTarget {
    const principals = users.map(user => ({ construct: user, name: user.userRef.userName, arn: user.userRef.userArn }));
    return new BudgetActionTarget({ kind: 'principals', noun: 'User', principals, policy });
  }

  /**
   * Groups of users of the account that the budget is in, such as `group` of a `BedrockUserGroup`.
   *
   * @param groups 1 to 100 groups
   * @param policy what is attached; by default an `InvocationStopPolicy` that belongs to the action alone
   */
  public static groups(groups: iam.IGroupRef[], policy?: iam.IManagedPolicyRef): BudgetActionTarget {
    const principals = groups.map(group => ({ construct: group, name: group.groupRef.groupName, arn: group.groupRef.groupArn }));
    return new BudgetActionTarget({ kind: 'principals', noun: 'Group', principals, policy });
  }

  /**
   * Accounts and organizational units, for a budget of the organization's management account. The action attaches a service control policy
   * to each, which stops every role and user there but for service-linked roles. It never stops the management account itself, and Budgets
   * does not take the root of an organization.
   *
   * @param targetIds 1 to 100 ids of accounts (12 digits) and organizational units (`ou-…`)
   * @param policyId id of the service control policy (`p-…`), such as `attrId` of a `CfnPolicy`; by default one that denies the same as an
   *   `InvocationStopPolicy` and belongs to the action alone
   */
  public static organization(targetIds: string[], policyId?: string): BudgetActionTarget {
    return new BudgetActionTarget({ kind: 'organization', targetIds, policyId });
  }

  /** @internal */
  public readonly _is: PrincipalTarget | OrganizationTarget;

  private constructor(kind: PrincipalTarget | OrganizationTarget) {
    this._is = kind;
  }
}

interface PrincipalTarget {
  readonly kind: 'principals';
  /** What IAM calls them in the names of its actions. */
  readonly noun: 'Role' | 'User' | 'Group';
  readonly principals: Principal[];
  readonly policy?: iam.IManagedPolicyRef;
}

interface Principal {
  readonly construct: iam.IRoleRef | iam.IUserRef | iam.IGroupRef;
  readonly name: string;
  readonly arn: string;
}

interface OrganizationTarget {
  readonly kind: 'organization';
  readonly targetIds: string[];
  readonly policyId?: string;
}
