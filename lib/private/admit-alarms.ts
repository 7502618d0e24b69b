import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** The alarms of the account and Region that a topic is in, which are all that may publish to it. */
export function alarmsOf(topic: ITopic): iam.ServicePrincipal {
  const stack = Stack.of(topic);
  return new iam.ServicePrincipal('cloudwatch.amazonaws.com', {
    conditions: {
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnLike: {
        'aws:SourceArn': stack.formatArn({
          service: 'cloudwatch', resource: 'alarm', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      },
    },
  });
}

/**
 * Lets alarms publish to a topic that is given a policy.
 *
 * SNS gives every topic a policy that admits them, which the first statement of another one replaces: whoever adds that silences alarms.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
 */
export function admitAlarms(topic: ITopic): void {
  topic.addToResourcePolicy(new iam.PolicyStatement({
    sid: 'AllowAlarms', principals: [alarmsOf(topic)], actions: ['sns:Publish'], resources: [topic.topicArn],
  }));
}
