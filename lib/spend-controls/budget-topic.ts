import { Stack, Token } from 'aws-cdk-lib';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { IConstruct, IDependable } from 'constructs';
import { admitService } from './admit-service';

/**
 * Lets the budgets of the account publish to a topic.
 *
 * @param scope the construct that makes Budgets publish
 * @returns the policy of the topic, for Budgets may try the topic as soon as it is told of it
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
 */
export function admitBudgets(topic: sns.ITopic, scope: IConstruct): IDependable | undefined {
  const sourceArn = Stack.of(scope).formatArn({ service: 'budgets', region: '', resource: '*' });
  return admitService(topic, { principal: 'budgets.amazonaws.com', sid: 'AllowBudgets', topicRole: 'budgetTopic', sourceArn }, scope);
}

/** What is wrong with where a topic is: Budgets publishes to topics of the budget's own account only. */
export function budgetTopicProblems(topic: sns.ITopic | undefined, scope: IConstruct): string[] {
  const [account, own] = [topic?.env.account, Stack.of(scope).account];
  return account === undefined || Token.isUnresolved(account) || Token.isUnresolved(own) || account === own ? [] : [
    `topic is in account ${JSON.stringify(account)} and the budget in ${JSON.stringify(own)}: Budgets publishes to topics of its own account only, so give one of that`,
  ];
}
