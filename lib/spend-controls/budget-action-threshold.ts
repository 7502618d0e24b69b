/**
 * When a budget action is due: at an amount of spend that has been billed so far in the period, or that is expected by its end.
 *
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_ActionThreshold.html
 */
export class BudgetActionThreshold {
  /**
   * When this part of the limit has been spent.
   *
   * @param percent of the limit, above 0 and at most 1,000,000; 100 is the limit itself
   */
  public static actualPercent(percent: number): BudgetActionThreshold {
    return new BudgetActionThreshold('ACTUAL', 'PERCENTAGE', percent);
  }

  /**
   * When this much has been spent, whatever the limit is.
   *
   * @param amountUsd US dollars, above 0
   */
  public static actualUsd(amountUsd: number): BudgetActionThreshold {
    return new BudgetActionThreshold('ACTUAL', 'ABSOLUTE_VALUE', amountUsd);
  }

  /**
   * When this part of the limit is expected to be spent by the end of the period. Not for days, and silent at first: AWS needs about five
   * weeks of usage for a forecast. It can be wrong: with automatic approval it then stops callers who have spent little.
   *
   * @param percent of the limit, above 0 and at most 1,000,000
   */
  public static forecastPercent(percent: number): BudgetActionThreshold {
    return new BudgetActionThreshold('FORECASTED', 'PERCENTAGE', percent);
  }

  /**
   * When this much is expected to be spent by the end of the period, whatever the limit is. What is said of `forecastPercent()` holds here.
   *
   * @param amountUsd US dollars, above 0
   */
  public static forecastUsd(amountUsd: number): BudgetActionThreshold {
    return new BudgetActionThreshold('FORECASTED', 'ABSOLUTE_VALUE', amountUsd);
  }

  private constructor(
    /** `ACTUAL` or `FORECASTED`. */
    public readonly notificationType: string,
    /** `PERCENTAGE` or `ABSOLUTE_VALUE`, which is US dollars. */
    public readonly unit: string,
    /** Percent or US dollars. */
    public readonly amount: number,
  ) {}
}
