import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { IConstruct, IDependable } from 'constructs';
import { admitAlarms } from '../private/admit-alarms';

/**
 * Lets Cost Anomaly Detection publish to a topic on behalf of the account, and use its key. Warns where the policy of the topic is somebody
 * else's. Alarms are let in too, for they were as long as the topic had no policy.
 *
 * The account is all that is asked for: a condition on the subscription would need its ARN before it exists.
 *
 * @param scope the construct that makes Cost Anomaly Detection publish
 * @returns the policy of the topic, which has to be there before the subscription is
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/ad-SNS.html
 */
export function admitCostAlerts(topic: sns.ITopic, scope: IConstruct): IDependable | undefined {
  const costAlerts = new iam.ServicePrincipal('costalerts.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
  const { statementAdded, policyDependable } = topic.addToResourcePolicy(new iam.PolicyStatement({
    sid: 'AllowCostAnomalyDetection', principals: [costAlerts], actions: ['sns:Publish'], resources: [topic.topicArn],
  }));
  admitAlarms(topic);
  // a grant on a key succeeds even where its policy is not managed here
  const ofKey = topic.masterKey?.addToResourcePolicy(new iam.PolicyStatement({
    principals: [costAlerts], actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'],
  }));
  if (!statementAdded) warn(scope, 'anomalyTopicPolicyNotManaged', 'topic', '"sns:Publish" on the topic');
  if (ofKey?.statementAdded === false) warn(scope, 'anomalyTopicKeyNotManaged', 'key of the topic', '"kms:Decrypt" and "kms:GenerateDataKey*" on the key');
  return policyDependable;
}

function warn(scope: IConstruct, id: string, what: string, actions: string): void {
  Annotations.of(scope).addWarningV2(`bedrock-cost-attribution:${id}`, (
    `the policy of the ${what} is not managed by this app: let "costalerts.amazonaws.com" do ${actions}, or its messages are lost`
  ));
}
