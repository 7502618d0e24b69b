import { Stack, type StackProps } from 'aws-cdk-lib';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type schema, spendControls } from '../../lib';
import type { MonthlyLimits } from '../app-config';

const { AnomalyScope, BudgetScope } = spendControls;

/** Properties of the spend stack. */
export interface SpendStackProps extends StackProps {
  /** The attribution keys. */
  readonly schema: schema.AttributionSchema;

  /** What may be spent in a month. */
  readonly monthlyLimits: MonthlyLimits;

  /** Who hears when it is spent. */
  readonly notificationTopic: sns.ITopic;
}

/**
 * What the management account does about spend: cost categories, budgets and anomaly monitors.
 *
 * They ask for the values of tags, which AWS may refuse before the tags are active. So they have a stack of their own: should it fail on
 * the first day, the bill and the activation of tags stand, and it is deployed again when the tags are active.
 */
export class SpendStack extends Stack {
  constructor(scope: Construct, id: string, props: SpendStackProps) {
    super(scope, id, props);
    const { schema, notificationTopic: topic } = props;
    const categories = this.categorize(schema);
    new spendControls.BedrockServiceWatch(this, 'Services', { budgets: this.limit(props, categories), topic });
    new spendControls.SpendAnomalyMonitor(this, 'TeamAnomalies', { schema, scope: AnomalyScope.tag('team'), thresholdUsd: 100, topic });
  }

  /** A cost category for each key that every call must carry. */
  private categorize(schema: schema.AttributionSchema): Categories {
    const parent = new Construct(this, 'Categories');
    const required = schema.activeKeys.filter(key => key.isRequiredOn());
    return new Map(required.map(({ name }) => [name, new spendControls.AttributionCostCategory(parent, name, { schema, keyName: name })]));
  }

  private limit(
    { schema, monthlyLimits, notificationTopic: topic }: SpendStackProps, categories: Categories,
  ): spendControls.AttributionBudget[] {
    const budget = (parent: Construct, budgetId: string, scope: spendControls.BudgetScope, limitUsd: number) => (
      new spendControls.AttributionBudget(parent, budgetId, { schema, scope, limitUsd, topic })
    );
    const unattributed = new Construct(this, 'UnattributedBudgets');
    const ofNobody = [...categories].map(([keyName, category]) => {
      const scope = BudgetScope.costCategoryValue(category.costCategoryName, category.defaultValue);
      const made = budget(unattributed, keyName, scope, monthlyLimits.unattributedUsd);
      made.node.addDependency(category);
      return made;
    });
    const byKey = new Construct(this, 'BudgetsByKey');
    const ofValues = Object.entries(monthlyLimits.byKeyUsd).flatMap(([keyName, limits]) => {
      const ofKey = new Construct(byKey, keyName);
      return Object.entries(limits).map(([value, limitUsd]) => budget(ofKey, value, BudgetScope.keyValue(keyName, value), limitUsd));
    });
    return [budget(this, 'TotalBudget', BudgetScope.total(), monthlyLimits.totalUsd), ...ofNobody, ...ofValues];
  }
}

/** Cost categories by the names of their keys. */
type Categories = ReadonlyMap<string, spendControls.AttributionCostCategory>;
