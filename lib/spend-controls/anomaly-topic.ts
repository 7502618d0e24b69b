import type * as sns from 'aws-cdk-lib/aws-sns';
import type { IConstruct, IDependable } from 'constructs';
import { admitService } from './admit-service';

/**
 * Lets Cost Anomaly Detection publish to a topic.
 *
 * The account is all that is asked for: a condition on the subscription would need its ARN before it exists.
 *
 * @param scope the construct that makes Cost Anomaly Detection publish
 * @returns the policy of the topic, which has to be there before the subscription is
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/ad-SNS.html
 */
export function admitCostAlerts(topic: sns.ITopic, scope: IConstruct): IDependable | undefined {
  return admitService(topic, { principal: 'costalerts.amazonaws.com', sid: 'AllowCostAnomalyDetection', topicRole: 'anomalyTopic' }, scope);
}
