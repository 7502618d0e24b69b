/**
 * How long a budget lasts before it starts again from nothing, on the calendar in UTC.
 *
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html
 */
export enum BudgetPeriod {
  /** A day. AWS forecasts nothing for it, and what a day cost is known only when it is over. */
  DAILY = 'DAILY',

  /** A calendar month, as bills have it. */
  MONTHLY = 'MONTHLY',

  /** A calendar quarter. */
  QUARTERLY = 'QUARTERLY',

  /** A calendar year. */
  ANNUALLY = 'ANNUALLY',
}
