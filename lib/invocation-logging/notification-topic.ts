import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/**
 * A topic that takes messages over TLS only, from this account and from the alarms of this account and Region: for everything of a Region
 * that people should hear of.
 *
 * The alarms have to be named: the policy that SNS gives every topic, which would admit them, is replaced by the one that asks for TLS.
 */
export class NotificationTopic extends sns.Topic {
  public constructor(scope: Construct, id: string, props: sns.TopicProps = {}) {
    super(scope, id, { enforceSSL: true, ...props });
    const alarms = new iam.ServicePrincipal('cloudwatch.amazonaws.com', { conditions: this.alarmConditions() });
    this.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'AllowAlarms', principals: [alarms], actions: ['sns:Publish'], resources: [this.topicArn],
    }));
    // a topic with a key drops the messages of those who may not use the key, and says nothing
    props.masterKey?.grant(alarms, 'kms:Decrypt', 'kms:GenerateDataKey*');
  }

  private alarmConditions(): Record<string, Record<string, string>> {
    return {
      StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
      ArnLike: {
        'aws:SourceArn': Stack.of(this).formatArn({
          service: 'cloudwatch', resource: 'alarm', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      },
    };
  }
}
