import { Stack, Token } from 'aws-cdk-lib';
import type { IEnvironmentAware } from 'aws-cdk-lib/interfaces';
import type { IConstruct } from 'constructs';
import { AttributionBudget } from './attribution-budget';
import type { AttributionBudgetActionProps } from './attribution-budget-action';
import type { OrganizationTarget, PrincipalTarget } from './bind-budget-action-target';
import { BudgetPeriod } from './budget-period';
import { budgetTopicProblems } from './budget-topic';
import { emailsProblems, thresholdProblems } from './validate-budget-notices';

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_IamActionDefinition.html */
const MOST_PRINCIPALS = 100;

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_ScpActionDefinition.html */
const MOST_TARGETS = 100;

const WORKLOAD_HOME = 'a budget attaches IAM policies in its own account only, so put a budget for this service and its action into the workload account, or use BudgetActionTarget.organization() in the payer account';

/** All that is wrong with an action. What is known at deployment only counts as right. */
export function actionProblems(scope: IConstruct, props: AttributionBudgetActionProps): string[] {
  const target = props.target._is;
  return [
    ...awayProblems(scope, 'budget', props.budget.env.account, 'an action belongs into the account of its budget, so put both into one'),
    ...target.kind === 'principals' ? principalProblems(scope, target) : organizationProblems(scope, target),
    ...props.threshold === undefined ? [] : thresholdProblems('threshold', props.threshold.unit, props.threshold.amount),
    ...forecastProblems(props),
    ...subscriberProblems(scope, props),
    ...awayProblems(scope, 'executionRole', props.executionRole?.env.account, 'Budgets assumes roles of its own account only, so give one of that, or leave it out'),
  ];
}

function principalProblems(scope: IConstruct, { noun, principals, policy }: PrincipalTarget): string[] {
  const list = `${noun.toLowerCase()}s`;
  return [
    ...principals.length >= 1 && principals.length <= MOST_PRINCIPALS ? [] : [
      `${list} has ${principals.length} entries: name 1 to ${MOST_PRINCIPALS}`,
    ],
    ...principals.flatMap(({ construct, arn }) => (
      awayProblems(scope, `${noun.toLowerCase()} ${construct.node.path}`, accountOf(arn, construct), WORKLOAD_HOME)
    )),
    ...policy === undefined ? [] : awayProblems(scope, 'policy', accountOf(policy.managedPolicyRef.policyArn, policy), WORKLOAD_HOME),
  ];
}

/** The account of something of IAM; none where it belongs to AWS, as a policy may that every account can attach. */
function accountOf(arn: string, construct: IEnvironmentAware): string | undefined {
  // what AWS owns has no environment, and says so with an error
  if (arn.includes(':iam::aws:')) return undefined;
  return Token.isUnresolved(arn) ? construct.env.account : /:iam::(\d{12}):/.exec(arn)?.[1];
}

function organizationProblems(scope: IConstruct, { targetIds, policyId }: OrganizationTarget): string[] {
  const ids = Token.isUnresolved(targetIds) ? [] : targetIds.filter(id => !Token.isUnresolved(id));
  const isCounted = Token.isUnresolved(targetIds) || (targetIds.length >= 1 && targetIds.length <= MOST_TARGETS);
  return [
    ...isCounted ? [] : [`targetIds has ${targetIds.length} entries: name 1 to ${MOST_TARGETS}`],
    ...ids.filter(id => !/^(\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/.test(id)).map(id => (
      `targetIds has ${JSON.stringify(id)}: use the id of an account (12 digits) or an organizational unit (ou-…)${id.startsWith('r-') ? '; Budgets does not take a root' : ''}`
    )),
    ...ids.filter(id => id === Stack.of(scope).account).map(id => (
      `targetIds has ${JSON.stringify(id)}, the account of the budget: service control policies hold for members of an organization and not for its management account, which is where this action belongs; to stop roles of this account use BudgetActionTarget.roles()`
    )),
    ...policyId === undefined || Token.isUnresolved(policyId) || /^p-[0-9a-zA-Z_]{8,128}$/.test(policyId) ? [] : [
      `policyId is ${JSON.stringify(policyId)}: use the id of a service control policy (p-…)`,
    ],
  ];
}

/** Such an action would never be due. */
function forecastProblems({ budget, threshold }: AttributionBudgetActionProps): string[] {
  const isOfDays = budget instanceof AttributionBudget && budget.period === BudgetPeriod.DAILY;
  return isOfDays && threshold?.notificationType === 'FORECASTED'
    ? ['threshold is a forecast, which AWS does not make for days; give the budget a longer period, or use actual spend'] : [];
}

function subscriberProblems(scope: IConstruct, { emails = [], topic }: AttributionBudgetActionProps): string[] {
  return [
    ...topic === undefined && !Token.isUnresolved(emails) && emails.length === 0 ? ['nobody would hear of the action: give emails or a topic'] : [],
    ...emailsProblems(emails),
    ...budgetTopicProblems(topic, scope),
  ];
}

function awayProblems(scope: IConstruct, what: string, account: string | undefined, advice: string): string[] {
  const own = Stack.of(scope).account;
  return account === undefined || Token.isUnresolved(account) || Token.isUnresolved(own) || account === own ? [] : [
    `${what} is in account ${JSON.stringify(account)} and the action in ${JSON.stringify(own)}: ${advice}`,
  ];
}
