import type { Stack } from 'aws-cdk-lib';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { invocationLogging } from '../../lib';

/** The topic for everything of a stack that people should hear of. */
export function notifications(stack: Stack, email: string | undefined): invocationLogging.NotificationTopic {
  const topic = new invocationLogging.NotificationTopic(stack, 'Notifications');
  if (email !== undefined) topic.addSubscription(new EmailSubscription(email));
  return topic;
}
