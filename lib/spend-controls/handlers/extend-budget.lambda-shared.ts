import type { Budget, Expression, ExpressionDimensionValues } from '@aws-sdk/client-budgets';
import { BEDROCK_WORD } from './constants';

/** Whether a name is that of a service of Amazon Bedrock, as far as a name can tell. */
export function isBedrockName(name: string): boolean {
  return name.toLowerCase().includes(BEDROCK_WORD.toLowerCase());
}

/**
 * Adds names to the end of every list of services that stands for Amazon Bedrock; everything else stays as it is, and in its order.
 *
 * Such a list has a name of Bedrock already, and compares by equality: one of other services means something else, and a pattern
 * finds new names by itself. What stands under `Not` is left alone (and what stands under two of them is not): a name that is added
 * there would take spend out of the budget, so that nobody hears of it. An extended budget never counts less than before.
 *
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Expression.html
 */
export function extendExpression(expression: Expression, names: readonly string[], isNegated = false): Expression {
  const { And, Or, Not, Dimensions } = expression;
  return {
    ...expression,
    ...And !== undefined && { And: And.map(inner => extendExpression(inner, names, isNegated)) },
    ...Or !== undefined && { Or: Or.map(inner => extendExpression(inner, names, isNegated)) },
    ...Not !== undefined && { Not: extendExpression(Not, names, !isNegated) },
    ...Dimensions !== undefined && !isNegated && isBedrockList(Dimensions) && { Dimensions: extendList(Dimensions, names) },
  };
}

/** Whether there is a list that can be extended. */
export function hasBedrockList(expression: Expression): boolean {
  return extensibleLists(expression, false).length > 0;
}

/** The names that at least one of the lists lacks. */
export function missingNames(expression: Expression, names: readonly string[]): string[] {
  const lists = extensibleLists(expression, false);
  return names.filter(name => lists.some(list => !list.includes(name)));
}

/** What only AWS sets, and the filters of the former kind, which are not taken together with an expression. */
const READ_ONLY = ['CalculatedSpend', 'LastUpdatedTime', 'HealthStatus', 'CostFilters', 'CostTypes'];

/**
 * A budget as it is sent back: without what only AWS sets, and with one of two things where AWS reports both and takes one.
 *
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_UpdateBudget.html
 */
export function writableBudget(budget: Budget): Budget {
  const { AutoAdjustData, PlannedBudgetLimits = {} } = budget;
  const isPlanned = Object.keys(PlannedBudgetLimits).length > 0;
  // the limit is that of the current period where AWS sets it, or takes it from a plan
  const otherLimit = isPlanned || AutoAdjustData !== undefined ? 'BudgetLimit' : 'PlannedBudgetLimits';
  return {
    ...budget,
    ...Object.fromEntries([...READ_ONLY, otherLimit].map(field => [field, undefined])),
    ...AutoAdjustData !== undefined && { AutoAdjustData: writableAutoAdjust(AutoAdjustData) },
  };
}

function writableAutoAdjust({ AutoAdjustType, HistoricalOptions }: NonNullable<Budget['AutoAdjustData']>): Budget['AutoAdjustData'] {
  return {
    AutoAdjustType,
    ...HistoricalOptions !== undefined && { HistoricalOptions: { BudgetAdjustmentPeriod: HistoricalOptions.BudgetAdjustmentPeriod } },
  };
}

function isBedrockList({ Key, Values = [], MatchOptions = [] }: ExpressionDimensionValues): boolean {
  return Key === 'SERVICE' && MatchOptions.every(option => option === 'EQUALS') && Values.some(isBedrockName);
}

function extendList(list: ExpressionDimensionValues, names: readonly string[]): ExpressionDimensionValues {
  const values = list.Values ?? [];
  return { ...list, Values: [...values, ...names.filter(name => !values.includes(name))] };
}

function extensibleLists({ And = [], Or = [], Not, Dimensions }: Expression, isNegated: boolean): string[][] {
  return [
    ...[...And, ...Or].flatMap(inner => extensibleLists(inner, isNegated)),
    ...Not === undefined ? [] : extensibleLists(Not, !isNegated),
    ...Dimensions !== undefined && !isNegated && isBedrockList(Dimensions) ? [Dimensions.Values ?? []] : [],
  ];
}
