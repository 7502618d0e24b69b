import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AttributionSchema } from '../../lib/schema';
import { AttributionBudget, BudgetScope, type AttributionBudgetProps } from '../../lib/spend-controls';

export const SCHEMA = AttributionSchema.starter({ teams: ['search', 'payments'] });
export const SCOPE = BudgetScope.keyValue('team', 'search');

/** The least that a budget needs, and somebody to tell. */
export const LEAST: AttributionBudgetProps = { schema: SCHEMA, scope: SCOPE, limitUsd: 500, emails: ['finops@example.com'] };

export function makeStack(): Stack {
  return new Stack(new App(), 'Payer', { env: { account: '111122223333', region: 'us-east-1' } });
}

/** A budget with the least that it needs, and what is given instead. */
export function makeBudget(props: Partial<AttributionBudgetProps> = {}, stack = makeStack()): AttributionBudget {
  return new AttributionBudget(stack, 'Budget', { ...LEAST, ...props });
}

export interface RenderedBudget {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the properties of a template have no types
  readonly Budget: Record<string, any>;
  readonly NotificationsWithSubscribers: { Notification: Record<string, unknown>; Subscribers: Record<string, unknown>[] }[];
}

/** The properties of the one budget of a stack. */
export function renderedBudget(stack: Stack): RenderedBudget {
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::Budgets::Budget'));
  return Properties as RenderedBudget;
}

/** The properties of a budget, in a stack of its own. */
export function renderBudget(props: Partial<AttributionBudgetProps> = {}): RenderedBudget {
  return renderedBudget(makeBudget(props).stack);
}
