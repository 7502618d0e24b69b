import type { ITopic } from 'aws-cdk-lib/aws-sns';

/**
 * Who is told by one notification, where that is not those whom the budget tells.
 */
export interface BudgetNotificationOptions {
  /**
   * Topic that is told: one of the account of the budget. Its policy, and that of its key, are told to let Budgets publish.
   *
   * @default - the topic of the budget, unless `emails` is given here
   */
  readonly topic?: ITopic;

  /**
   * Addresses that are told, ten at most.
   *
   * @default - those of the budget, unless `topic` is given here
   */
  readonly emails?: string[];
}

/**
 * A point of spend at which somebody is told, once per period, by the next look that Budgets takes at the bill.
 *
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html
 */
export class BudgetNotification {
  /**
   * When more than this part of the limit has been billed.
   *
   * @param percent of the limit, above 0 and at most 1,000,000; 100 is the limit itself
   */
  public static actualPercent(percent: number, options?: BudgetNotificationOptions): BudgetNotification {
    return new BudgetNotification('ACTUAL', 'PERCENTAGE', percent, options);
  }

  /**
   * When more than this has been billed, whatever the limit is.
   *
   * @param amountUsd US dollars, above 0
   */
  public static actualUsd(amountUsd: number, options?: BudgetNotificationOptions): BudgetNotification {
    return new BudgetNotification('ACTUAL', 'ABSOLUTE_VALUE', amountUsd, options);
  }

  /**
   * When more than this part of the limit is expected by the end of the period. Not for days, and silent at first: AWS needs about five
   * weeks of usage for a forecast.
   *
   * @param percent of the limit, above 0 and at most 1,000,000
   */
  public static forecastPercent(percent: number, options?: BudgetNotificationOptions): BudgetNotification {
    return new BudgetNotification('FORECASTED', 'PERCENTAGE', percent, options);
  }

  /**
   * When more than this is expected by the end of the period, whatever the limit is. What is said of `forecastPercent()` holds here.
   *
   * @param amountUsd US dollars, above 0
   */
  public static forecastUsd(amountUsd: number, options?: BudgetNotificationOptions): BudgetNotification {
    return new BudgetNotification('FORECASTED', 'ABSOLUTE_VALUE', amountUsd, options);
  }

  private constructor(
    /** `ACTUAL` or `FORECASTED`. */
    public readonly notificationType: string,
    /** `PERCENTAGE` or `ABSOLUTE_VALUE`, which is US dollars. */
    public readonly unit: string,
    /** Percent or US dollars. */
    public readonly threshold: number,
    /** Who is told instead of those whom the budget tells. */
    public readonly options: BudgetNotificationOptions = {},
  ) {}

  /**
   * Who is told, in the end.
   *
   * @internal
   */
  public _subscribers(budget: BudgetNotificationOptions): { readonly topic?: ITopic; readonly emails: string[] } {
    const { topic, emails } = this.options.topic === undefined && this.options.emails === undefined ? budget : this.options;
    return { topic, emails: emails ?? [] };
  }
}
