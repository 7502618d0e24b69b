import { type IResource, Resource } from 'aws-cdk-lib';
import * as budgets from 'aws-cdk-lib/aws-budgets';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct, IDependable } from 'constructs';
import { bedrockServiceNames } from '../private/bedrock-services';
import { throwProblems } from '../private/errors';
import type { AttributionSchema } from '../schema';
import type { BudgetAutoAdjust } from './budget-auto-adjust';
import { BudgetCostMetric } from './budget-cost-metric';
import { readableBeginning, replaceableBudgetName } from './budget-name';
import { BudgetNotification } from './budget-notification';
import { BudgetPeriod } from './budget-period';
import type { BudgetScope } from './budget-scope';
import { admitBudgets } from './budget-topic';
import { allOf, dimension, type FilterExpression, not } from './filter-expression';
import { budgetProblems } from './validate-attribution-budget';

/**
 * What is no cost of usage, and stands apart as adjustments in the views: charge types as Cost Explorer names them.
 *
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-create-filters.html
 */
const ADJUSTMENTS = ['Credit', 'Refund', 'Tax'];

/**
 * A budget, made here or elsewhere.
 */
export interface IAttributionBudget extends IResource, budgets.IBudgetRef {
  /**
   * Name of the budget, unique in its account.
   *
   * @attribute
   */
  readonly budgetName: string;

  /**
   * ARN of the budget.
   *
   * @attribute
   */
  readonly budgetArn: string;
}

/**
 * Properties of a budget.
 */
export interface AttributionBudgetProps {
  /** The attribution keys, the values that they may take, and the tags that they ride on. */
  readonly schema: AttributionSchema;

  /** Which part of the bill is counted. */
  readonly scope: BudgetScope;

  /**
   * What may be spent in a period, in US dollars, above 0. Not together with `autoAdjust`, but one of the two.
   *
   * @default - the limit that AWS sets by `autoAdjust`
   */
  readonly limitUsd?: number;

  /**
   * How AWS sets the limit of each period. Not together with `limitUsd`, but one of the two.
   *
   * @default - the limit is `limitUsd` in every period
   */
  readonly autoAdjust?: BudgetAutoAdjust;

  /**
   * How long the limit is for.
   *
   * @default BudgetPeriod.MONTHLY
   */
  readonly period?: BudgetPeriod;

  /**
   * Beginning of the budget's name: 1 to 91 characters without `:`, `\` and `/action/`, to which nine more are appended. They change with
   * the notifications, those whom they tell, and `autoAdjust`: that replaces the budget, and CloudFormation makes the new one while the old
   * one has its name. Budgets may refuse names with phone numbers, URLs or addresses.
   *
   * @default - scope and period, such as `Bedrock team=search monthly`
   */
  readonly budgetName?: string;

  /**
   * When somebody is told, at ten points at most. An empty list makes a budget that only shows.
   *
   * @default - at 80 % and 100 % of actual spend and, unless the period is a day, at 100 % of forecast spend
   */
  readonly notifications?: BudgetNotification[];

  /**
   * Topic that is told, of the account of the budget, in any Region. Its policy, and that of its key, are told to let Budgets publish.
   *
   * @default - none
   */
  readonly topic?: sns.ITopic;

  /**
   * Addresses that are told, ten at most. They stand in the template.
   *
   * @default - none
   */
  readonly emails?: string[];

  /**
   * Which costs are added up. Tax, credits and refunds are left out of either.
   *
   * @default BudgetCostMetric.UNBLENDED
   */
  readonly costMetric?: BudgetCostMetric;

  /**
   * Names of services that are Amazon Bedrock too, as Cost Explorer shows them, such as those of models that are newer than this release.
   *
   * @default - the names that this release knows
   */
  readonly additionalServiceNames?: string[];

  /**
   * ARN of the billing view whose costs are counted.
   *
   * @default - all costs that the account can see: those of the organization in its management account, its own in any other
   */
  readonly billingViewArn?: string;
}

abstract class AttributionBudgetBase extends Resource implements IAttributionBudget {
  public abstract readonly budgetName: string;

  public get budgetArn(): string {
    return this.stack.formatArn({ service: 'budgets', region: '', resource: 'budget', resourceName: this.budgetName });
  }

  /** The reference by which other constructs take the budget. */
  public get budgetRef(): budgets.BudgetReference {
    return { budgetId: this.budgetName };
  }
}

/**
 * A limit on what the bill attributes to a team, a service or anybody, and word when it is near.
 *
 * Belongs into the management (payer) account, where it sees the whole organization and where tags become active. In a member account it
 * sees that account alone, by the tags that the payer has activated, and can have actions on IAM principals there. Budgets are the same in
 * every Region, yet CloudFormation does not make them in every Region; us-east-1 will do.
 *
 * It counts what the views call `billed_usd`: cost without tax, credits and refunds. Each dollar counts in the scope of one value of a key,
 * or as unattributed; scopes of different keys, and the total, count the same dollars again, so that their sums mean nothing.
 *
 * It is no alarm of the minute. Budgets looks at the bill up to three times a day, and the bill is 8 to 24 hours behind, 48 and more for
 * models that AWS Marketplace bills. A forecast needs about five weeks of usage. A budget without actions costs nothing.
 *
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
 */
export class AttributionBudget extends AttributionBudgetBase {
  /**
   * Brings in a budget of this account that was made elsewhere.
   *
   * @param budgetName its full name
   */
  public static fromBudgetName(scope: Construct, id: string, budgetName: string): IAttributionBudget {
    class Import extends AttributionBudgetBase {
      /** Passed through. */
      public readonly budgetName = budgetName;
    }
    return new Import(scope, id);
  }

  /** Name of the budget, with the nine characters that are appended. */
  public readonly budgetName: string;

  /** How long the limit is for. */
  public readonly period: BudgetPeriod;

  /** The services that the filter names, sorted; empty where it names none, since tags of callers are on lines of Bedrock only. */
  public readonly serviceNames: string[];

  constructor(scope: Construct, id: string, props: AttributionBudgetProps) {
    super(scope, id);
    const period = props.period ?? BudgetPeriod.MONTHLY;
    const notifications = props.notifications ?? defaultNotifications(period);
    throwProblems('InvalidAttributionBudget', 'the budget', budgetProblems(this, { ...props, period, notifications }), this);

    const services = [...new Set([...bedrockServiceNames(), ...props.additionalServiceNames ?? []])].sort();
    const { conditions, serviceNames } = props.scope._render(props.schema, services);
    this.serviceNames = serviceNames;
    this.period = period;
    const notificationsWithSubscribers = notifications.map(notification => renderNotification(notification, props));
    const autoAdjustData = renderAutoAdjust(props.autoAdjust);
    const replacing = [notificationsWithSubscribers, ...autoAdjustData === undefined ? [] : [autoAdjustData]];
    const admissions = this.admitBudgetsToTopics(notifications, props);

    const resource = new budgets.CfnBudget(this, 'Resource', {
      budget: {
        budgetName: replaceableBudgetName(this, props.budgetName ?? readableBeginning(props.scope, period), replacing),
        budgetType: 'COST',
        timeUnit: period,
        budgetLimit: props.limitUsd === undefined ? undefined : { amount: props.limitUsd, unit: 'USD' },
        autoAdjustData,
        filterExpression: renderFilter(conditions),
        metrics: [props.costMetric ?? BudgetCostMetric.UNBLENDED],
        billingViewArn: props.billingViewArn,
      },
      notificationsWithSubscribers,
    });
    // a budget that is spent already publishes as soon as it is made
    resource.node.addDependency(...admissions);
    this.budgetName = resource.ref;
  }

  private admitBudgetsToTopics(notifications: BudgetNotification[], props: AttributionBudgetProps): IDependable[] {
    const topics = new Set(notifications.flatMap(notification => notification._subscribers(props).topic ?? []));
    return [...topics].flatMap(topic => admitBudgets(topic, this) ?? []);
  }
}

function defaultNotifications(period: BudgetPeriod): BudgetNotification[] {
  return [
    BudgetNotification.actualPercent(80),
    BudgetNotification.actualPercent(100),
    ...period === BudgetPeriod.DAILY ? [] : [BudgetNotification.forecastPercent(100)],
  ];
}

function renderNotification(
  notification: BudgetNotification, props: AttributionBudgetProps,
): budgets.CfnBudget.NotificationWithSubscribersProperty {
  const { notificationType, unit, threshold } = notification;
  const { topic, emails } = notification._subscribers(props);
  return {
    notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold, thresholdType: unit },
    subscribers: [
      ...topic === undefined ? [] : [{ subscriptionType: 'SNS', address: topic.topicArn }],
      ...emails.map(address => ({ subscriptionType: 'EMAIL', address })),
    ],
  };
}

function renderAutoAdjust(autoAdjust: BudgetAutoAdjust | undefined): budgets.CfnBudget.AutoAdjustDataProperty | undefined {
  if (autoAdjust === undefined) return undefined;
  const { autoAdjustType, lookBackPeriods } = autoAdjust;
  return {
    autoAdjustType,
    historicalOptions: lookBackPeriods === undefined ? undefined : { budgetAdjustmentPeriod: lookBackPeriods },
  };
}

function renderFilter(conditions: FilterExpression[]): FilterExpression {
  return allOf(...conditions, not(dimension('RECORD_TYPE', ADJUSTMENTS)));
}
