import type { CfnBudget } from 'aws-cdk-lib/aws-budgets';

/**
 * Which lines of the bill are meant: the language that Budgets, Cost Explorer, cost categories and anomaly monitors share. One node has
 * one operator.
 *
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Expression.html
 */
export type FilterExpression = CfnBudget.ExpressionProperty;

/** Lines that every one of the expressions means. */
export function allOf(...and: FilterExpression[]): FilterExpression {
  return and.length === 1 ? and[0] : { and };
}

/** Lines that at least one of the expressions means. */
export function anyOf(...or: FilterExpression[]): FilterExpression {
  return or.length === 1 ? or[0] : { or };
}

/** Lines that the expression does not mean. */
export function not(expression: FilterExpression): FilterExpression {
  return { not: expression };
}

/** Lines with one of the values of a dimension, such as `SERVICE`. */
export function dimension(key: string, values: string[]): FilterExpression {
  return { dimensions: { key, values, matchOptions: ['EQUALS'] } };
}

/** Lines with one of the values of a tag; values are compared with their case. */
export function tag(key: string, values: string[]): FilterExpression {
  return { tags: { key, values, matchOptions: ['EQUALS'] } };
}

/** Lines without a tag. */
export function tagAbsent(key: string): FilterExpression {
  return { tags: { key, matchOptions: ['ABSENT'] } };
}

/** Lines with one of the values of a cost category. */
export function costCategory(key: string, values: string[]): FilterExpression {
  return { costCategories: { key, values, matchOptions: ['EQUALS'] } };
}

/** The same with the names that the API gives them, as cost categories and anomaly monitors take it in their JSON texts. */
export function withApiNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withApiNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name[0].toUpperCase() + name.slice(1), withApiNames(inner)]));
}
