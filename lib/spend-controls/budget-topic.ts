import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { IConstruct, IDependable } from 'constructs';
import { admitAlarms } from '../private/admit-alarms';

/**
 * Lets the budgets of the account publish to a topic, and use its key: without either, messages are dropped in silence. Warns where the
 * policy of the topic, or that of its key, is somebody else's. Alarms are let in too, for they were as long as the topic had no policy.
 *
 * @param scope the construct that makes Budgets publish
 * @returns the policy of the topic, for Budgets may try the topic as soon as it is told of it
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
 */
export function admitBudgets(topic: sns.ITopic, scope: IConstruct): IDependable | undefined {
  const { account } = Stack.of(scope);
  const budgets = new iam.ServicePrincipal('budgets.amazonaws.com', {
    conditions: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': Stack.of(scope).formatArn({ service: 'budgets', region: '', resource: '*' }) },
    },
  });
  const { statementAdded, policyDependable } = topic.addToResourcePolicy(new iam.PolicyStatement({
    sid: 'AllowBudgets', principals: [budgets], actions: ['sns:Publish'], resources: [topic.topicArn],
  }));
  admitAlarms(topic);
  // a grant on a key succeeds even where its policy is not managed here
  const ofKey = topic.masterKey?.addToResourcePolicy(new iam.PolicyStatement({
    principals: [budgets], actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'],
  }));
  if (!statementAdded) warn(scope, 'budgetTopicPolicyNotManaged', 'topic', '"sns:Publish" on the topic');
  if (ofKey?.statementAdded === false) warn(scope, 'budgetTopicKeyNotManaged', 'key of the topic', '"kms:Decrypt" and "kms:GenerateDataKey*" with the key');
  return policyDependable;
}

function warn(scope: IConstruct, id: string, what: string, actions: string): void {
  Annotations.of(scope).addWarningV2(`bedrock-cost-attribution:${id}`, (
    `the policy of the ${what} is not managed by this app: let "budgets.amazonaws.com" do ${actions}, or messages are lost`
  ));
}

/** What is wrong with where a topic is: Budgets publishes to topics of the budget's own account only. */
export function budgetTopicProblems(topic: sns.ITopic | undefined, scope: IConstruct): string[] {
  const [account, own] = [topic?.env.account, Stack.of(scope).account];
  return account === undefined || Token.isUnresolved(account) || Token.isUnresolved(own) || account === own ? [] : [
    `topic is in account ${JSON.stringify(account)} and the budget in ${JSON.stringify(own)}: Budgets publishes to topics of its own account only, so give one of that`,
  ];
}
