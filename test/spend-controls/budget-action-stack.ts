import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as budgets from 'aws-cdk-lib/aws-budgets';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AttributionBudgetAction, type AttributionBudgetActionProps, BudgetActionTarget } from '../../lib/spend-controls';

export const TYPE = 'AWS::Budgets::BudgetsAction';
export const ACCOUNT = '111122223333';
export const OTHER = '444455556666';
export const EMAILS = ['finops@example.com'];

/** A stack of the account that budget, action and principals belong into. */
export function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: ACCOUNT, region: 'us-east-1' } });
}

export function makeBudget(stack: Stack): budgets.CfnBudget {
  return new budgets.CfnBudget(stack, 'Budget', { budget: { budgetType: 'COST', timeUnit: 'MONTHLY', budgetLimit: { amount: 100, unit: 'USD' } } });
}

export function makeRole(stack: Stack, id = 'Role'): iam.Role {
  return new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
}

/** An action that stops a role of the stack, unless the properties say otherwise. */
export function addAction(stack: Stack, props: Partial<AttributionBudgetActionProps> = {}): AttributionBudgetAction {
  return new AttributionBudgetAction(stack, 'Action', {
    budget: props.budget ?? makeBudget(stack),
    target: props.target ?? BudgetActionTarget.roles([makeRole(stack)]),
    emails: EMAILS,
    ...props,
  });
}

export function expectAction(stack: Stack, properties: object): void {
  Template.fromStack(stack).hasResourceProperties(TYPE, properties);
}
