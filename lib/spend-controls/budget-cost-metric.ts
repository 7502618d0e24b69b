/**
 * Which of the costs of a line a budget adds up.
 *
 * Neither has reservation or commitment fees spread over time, of which Amazon Bedrock has none but provisioned throughput.
 *
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html
 */
export enum BudgetCostMetric {
  /** What the line costs before discounts that a company has negotiated: the `billed_usd` of the views. */
  UNBLENDED = 'UnblendedCost',

  /** What the line costs after these discounts: the `billed_usd` of views that were asked for net cost. */
  NET_UNBLENDED = 'NetUnblendedCost',
}
