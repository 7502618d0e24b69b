import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { access, inferenceProfiles, type schema, spendControls } from '../../lib';
import type { ServiceConfig } from '../app-config';

/** Properties of a service. */
export interface WorkloadServiceProps {
  /** What the configuration says about the service. */
  readonly service: ServiceConfig;

  /** The attribution keys. */
  readonly schema: schema.AttributionSchema;

  /** Who hears that the service has spent what it may. */
  readonly notificationTopic: sns.ITopic;
}

/** One service: a profile per model, and the role that may call them. */
export class WorkloadService extends Construct {
  /** The profiles by the ids of their models. */
  public readonly profiles: Record<string, inferenceProfiles.ApplicationInferenceProfile>;

  constructor(scope: Construct, id: string, props: WorkloadServiceProps) {
    super(scope, id);
    const { service, notificationTopic } = props;
    const { attribution, models: sources, runsOn, monthlyLimitUsd } = service;
    const models = new Construct(this, 'Models');
    this.profiles = Object.fromEntries(Object.entries(sources).map(([modelId, modelSource]) => (
      [modelId, new inferenceProfiles.ApplicationInferenceProfile(models, modelId, { schema: props.schema, attribution, modelSource })]
    )));
    const { role } = new access.BedrockServiceRole(this, 'Role', {
      schema: props.schema,
      attribution,
      assumedBy: new iam.ServicePrincipal(runsOn),
      targets: Object.values(this.profiles).map(profile => access.InvocationTarget.profile(profile)),
    });
    if (monthlyLimitUsd === undefined) return;
    // here and not in the payer account: a budget can stop principals of its own account only
    const budget = new spendControls.AttributionBudget(this, 'Budget', {
      schema: props.schema,
      scope: spendControls.BudgetScope.keyValue('service', attribution.service),
      limitUsd: monthlyLimitUsd,
      topic: notificationTopic,
    });
    const target = spendControls.BudgetActionTarget.roles([role]);
    new spendControls.AttributionBudgetAction(this, 'Stop', { budget, target, topic: notificationTopic });
  }
}
