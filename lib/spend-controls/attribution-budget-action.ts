import { Names, Resource, Stack } from 'aws-cdk-lib';
import * as budgets from 'aws-cdk-lib/aws-budgets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as organizations from 'aws-cdk-lib/aws-organizations';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct, IConstruct } from 'constructs';
import { acknowledgeWildcard } from '../private/acknowledge';
import { throwProblems } from '../private/errors';
import {
  bindOrganization, bindPrincipals, type BoundTarget, organizationArn, type OrganizationTarget, type PrincipalTarget,
} from './bind-budget-action-target';
import type { BudgetActionTarget } from './budget-action-target';
import { BudgetActionThreshold } from './budget-action-threshold';
import { admitBudgets } from './budget-topic';
import { InvocationStopPolicy } from './invocation-stop-policy';
import { stopStatements } from './invocation-stop-statements';
import { actionProblems } from './validate-attribution-budget-action';

const WILDCARD_REASON = 'the id of the organization is not known before deployment, and an account is in one only';

/**
 * Who decides that a budget action is carried out.
 */
export enum BudgetActionApproval {
  /** Somebody who gets the message, in the console or with `aws budgets execute-budget-action`. Until then nothing is stopped. */
  MANUAL = 'MANUAL',

  /** Nobody: Budgets stops the target by itself. */
  AUTOMATIC = 'AUTOMATIC',
}

/**
 * Properties of a budget action.
 */
export interface AttributionBudgetActionProps {
  /** The budget, of the account that the action is made in. */
  readonly budget: budgets.IBudgetRef;

  /** Whom the action stops: roles, users or groups of this account, or accounts of the organization. */
  readonly target: BudgetActionTarget;

  /**
   * When the action is due.
   *
   * @default BudgetActionThreshold.actualPercent(100)
   */
  readonly threshold?: BudgetActionThreshold;

  /**
   * Who decides that the action is carried out.
   *
   * @default BudgetActionApproval.MANUAL
   */
  readonly approval?: BudgetActionApproval;

  /**
   * Addresses that hear when the action is due and when it was carried out, up to ten. At least one address or the topic is needed.
   *
   * @default - none
   */
  readonly emails?: string[];

  /**
   * Topic of this account that hears the same. Its policy, and that of its key, are told to let Budgets publish.
   *
   * @default - none
   */
  readonly topic?: sns.ITopic;

  /**
   * Role that Budgets assumes to attach and detach the policy. A given role has to trust `budgets.amazonaws.com`; unless it is imported as
   * immutable, it is allowed to attach and detach this policy on this target.
   *
   * @default - a role that may attach and detach this policy on this target, and nothing else
   */
  readonly executionRole?: iam.IRole;
}

/**
 * What happens when a budget is spent: callers of Amazon Bedrock are stopped, after somebody said so or at once.
 *
 * It has two homes, for a budget reaches IAM principals of its own account only:
 *
 * - in the **workload account**, next to a budget of that account, it attaches a policy to roles, users or groups;
 * - in the **management account** of the organization, it attaches a service control policy to other accounts and organizational units.
 *   Only this account can do that, and it cannot stop itself.
 *
 * It is a brake and no hard limit. Budgets looks at the bill up to three times a day, and the bill is 8 to 24 hours behind, 48 and more for
 * models that AWS Marketplace bills. What is spent meanwhile is spent, so set the threshold accordingly. A limit that no call may pass
 * needs a check before each call.
 *
 * Once carried out, the stop holds until somebody undoes it. AWS says that it is reset at the beginning of the next period of the budget;
 * look whether it was. Undone by hand, the action does nothing for the rest of the period unless it is reset as well.
 *
 * Attaching fails where a role, user or group has as many managed policies as its quota allows (10, unless raised), or an account or unit
 * its ten service control policies: leave room for one, and carry the action out once before you rely on it. Neither the policy nor what it
 * is attached to can be deleted meanwhile, so undo the action before you delete the stack.
 *
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-controls.html
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
 */
export class AttributionBudgetAction extends Resource {
  /** Id of the action, which `aws budgets execute-budget-action` asks for. */
  public readonly actionId: string;

  /** Role that Budgets assumes to attach and detach the policy. */
  public readonly executionRole: iam.IRole;

  /** The policy that is attached to roles, users or groups; none where the target is the organization. */
  public readonly managedPolicy?: iam.IManagedPolicyRef;

  /** Id of the service control policy that is attached to accounts; none where the target is principals of this account. */
  public readonly serviceControlPolicyId?: string;

  constructor(scope: Construct, id: string, props: AttributionBudgetActionProps) {
    super(scope, id);
    throwProblems('InvalidAttributionBudgetAction', 'the budget action', actionProblems(this, props), this);
    const threshold = props.threshold ?? BudgetActionThreshold.actualPercent(100);

    const target = props.target._is;
    const bound = target.kind === 'principals' ? this.stopPrincipals(target) : this.stopOrganization(target);
    const role = props.executionRole ?? this.createExecutionRole();
    const permissions = bound.statements.map(statement => role.addToPrincipalPolicy(statement).policyDependable);
    this.acknowledgeOrganizationWildcards(role, bound.statements);
    const topicPolicy = props.topic && admitBudgets(props.topic, this);
    const action = new budgets.CfnBudgetsAction(this, 'Resource', {
      budgetName: props.budget.budgetRef.budgetId, // which is its name
      actionType: bound.actionType,
      definition: bound.definition,
      notificationType: threshold.notificationType,
      actionThreshold: { type: threshold.unit, value: threshold.amount },
      approvalModel: props.approval ?? BudgetActionApproval.MANUAL,
      executionRoleArn: role.roleArn,
      subscribers: subscribers(props),
    });
    // an action may be due as soon as it is made: then its role must be able to carry it out, and somebody must hear of it
    for (const policy of [...permissions, topicPolicy]) if (policy !== undefined) action.node.addDependency(policy);

    this.actionId = action.attrActionId;
    this.executionRole = role;
    this.managedPolicy = bound.managedPolicy;
    this.serviceControlPolicyId = bound.serviceControlPolicyId;
  }

  private stopPrincipals(target: PrincipalTarget): BoundTarget {
    return bindPrincipals(target, target.policy ?? new InvocationStopPolicy(this, 'StopPolicy'));
  }

  private stopOrganization(target: OrganizationTarget): BoundTarget {
    if (target.policyId !== undefined) {
      return bindOrganization(this, target, target.policyId, organizationArn(this, 'policy', `service_control_policy/${target.policyId}`));
    }
    const guardrail = new organizations.CfnPolicy(this, 'StopGuardrail', {
      // names are unique within an organization
      name: Names.uniqueResourceName(this, { maxLength: 120, separator: '-' }),
      description: 'Denies whatever is billed by Amazon Bedrock; has no target until a budget action attaches it',
      type: 'SERVICE_CONTROL_POLICY',
      content: new iam.PolicyDocument({ statements: stopStatements() }).toJSON() as object,
    });
    return bindOrganization(this, target, guardrail.attrId, guardrail.attrArn);
  }

  private createExecutionRole(): iam.Role {
    const stack = Stack.of(this);
    return new iam.Role(this, 'ExecutionRole', {
      description: 'Lets AWS Budgets attach and detach the policy that stops calls of Amazon Bedrock',
      assumedBy: new iam.ServicePrincipal('budgets.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          // Budgets wants this wildcard and nothing narrower:
          // https://docs.aws.amazon.com/cost-management/latest/userguide/cross-service-confused-deputy-prevention.html
          ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'budgets', region: '', resource: 'budget', resourceName: '*' }) },
        },
      }),
    });
  }

  private acknowledgeOrganizationWildcards(role: iam.IRole, statements: iam.PolicyStatement[]): void {
    const arns = statements.flatMap(({ resources }) => resources).filter(resource => resource.includes('/o-*/'));
    if (arns.length === 0) return;
    const acknowledgeAll = (policies: IConstruct[]): void => {
      for (const policy of policies) for (const arn of arns) acknowledgeWildcard(policy, arn, WILDCARD_REASON);
    };
    const policies = policiesOf(role);
    acknowledgeAll(policies);
    // of many targets, the CDK moves some to further policies of the role, at synthesis
    this.node.addValidation({
      validate: () => {
        acknowledgeAll(policiesOf(role).filter(policy => !policies.includes(policy)));
        return [];
      },
    });
  }
}

function policiesOf(role: iam.IRole): IConstruct[] {
  return role.node.children.filter(child => child instanceof iam.Policy || child instanceof iam.ManagedPolicy);
}

function subscribers({ emails, topic }: AttributionBudgetActionProps): budgets.CfnBudgetsAction.SubscriberProperty[] {
  return [
    ...(emails ?? []).map(address => ({ type: 'EMAIL', address })),
    ...topic === undefined ? [] : [{ type: 'SNS', address: topic.topicArn }],
  ];
}
