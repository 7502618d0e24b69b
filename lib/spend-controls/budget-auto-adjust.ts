/**
 * A limit that AWS sets anew at the beginning of each period, instead of one that you set.
 *
 * Such a budget tells that spend is unlike itself. It does not tell that spend is too high: the limit follows whatever is spent.
 *
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/budget-methods.html
 */
export class BudgetAutoAdjust {
  /**
   * The average of former periods. Periods before the first cost count for nothing.
   *
   * @param lookBackPeriods how many periods, from 1 to 60 days, 12 months, 4 quarters or 1 year
   */
  public static historical(lookBackPeriods: number): BudgetAutoAdjust {
    return new BudgetAutoAdjust('HISTORICAL', lookBackPeriods);
  }

  /** What AWS forecasts for the period. */
  public static forecast(): BudgetAutoAdjust {
    return new BudgetAutoAdjust('FORECAST');
  }

  private constructor(
    /** `HISTORICAL` or `FORECAST`. */
    public readonly autoAdjustType: string,
    /** Number of periods that are averaged; none for a forecast. */
    public readonly lookBackPeriods?: number,
  ) {}
}
