import { Stack, type StackProps } from 'aws-cdk-lib';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type schema, spendControls } from '../../lib';
import type { WorkloadService } from './workload-service';

/** Properties of a service limits stack. */
export interface ServiceLimitsStackProps extends StackProps {
  /** The services of the account and Region that have a limit. */
  readonly services: WorkloadService[];

  /** The attribution keys. */
  readonly schema: schema.AttributionSchema;

  /** Who is asked whether to stop a service. */
  readonly notificationTopic: sns.ITopic;
}

/**
 * What stops services that have spent what they may, when somebody says so.
 *
 * It stands in their account, for a budget reaches principals of its own account only, and in a stack of its own, like `SpendStack`.
 */
export class ServiceLimitsStack extends Stack {
  constructor(scope: Construct, id: string, props: ServiceLimitsStackProps) {
    super(scope, id, props);
    const { schema, notificationTopic: topic } = props;
    for (const { node, config, role } of props.services) {
      const { attribution, monthlyLimitUsd } = config;
      const place = new Construct(this, node.id);
      const budget = new spendControls.AttributionBudget(place, 'Budget', {
        schema, scope: spendControls.BudgetScope.keyValue('service', attribution.service), limitUsd: monthlyLimitUsd, topic,
      });
      new spendControls.AttributionBudgetAction(place, 'Stop', { budget, target: spendControls.BudgetActionTarget.roles([role]), topic });
    }
  }
}
