import { createHash } from 'node:crypto';
import { Lazy, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { BudgetPeriod } from './budget-period';
import type { BudgetScope } from './budget-scope';

/** A hyphen and eight digits take nine of the 100 characters that Budgets allows. */
export const LONGEST_BEGINNING = 100 - 9;

/**
 * A name that changes with what replaces a budget, and is nobody else's: CloudFormation then makes the new budget while the old one still
 * has its name.
 *
 * What is known at deployment only counts by the expression that yields it, such as the reference to a topic.
 *
 * @param replacing what CloudFormation does not change in place, apart from the name
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/365
 */
export function replaceableBudgetName(budget: IConstruct, beginning: string, replacing: unknown[]): string {
  const { stackName, region } = Stack.of(budget);
  return Lazy.uncachedString({
    produce: context => {
      const identity = JSON.stringify(context.resolve([stackName, region, budget.node.path, ...replacing]));
      return `${beginning}-${createHash('sha256').update(identity).digest('hex').slice(0, 8)}`;
    },
  });
}

/** What people see in the list of budgets, such as `Bedrock team=search monthly`. */
export function readableBeginning({ _is: scope }: BudgetScope, period: BudgetPeriod): string {
  const words = `Bedrock ${subject(scope)} ${period.toLowerCase()}`;
  // what the console takes, without the characters of paths, URLs and addresses, which Budgets may refuse
  return words.replace(/[^A-Za-z0-9 _.=+%-]/g, '_').slice(0, LONGEST_BEGINNING);
}

function subject(scope: BudgetScope['_is']): string {
  switch (scope.kind) {
    case 'total': return 'total';
    case 'unattributed': return `without ${scope.keyName}`;
    case 'costCategory': return `${known(scope.costCategoryName, 'category')}=${known(scope.value, 'value')}`;
    case 'keyValue': return `${scope.keyName}=${known(scope.value, 'value')}`;
  }
}

/** A text that is known at deployment only cannot be shortened or cleaned. */
function known(text: string, otherwise: string): string {
  return Token.isUnresolved(text) ? otherwise : text;
}
