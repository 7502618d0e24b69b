import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { admitAlarms, alarmsOf } from '../private/admit-alarms';

/**
 * A topic that takes messages over TLS only, from this account and from the alarms of this account and Region: for everything of a Region
 * that people should hear of.
 *
 * The alarms have to be named: the policy that SNS gives every topic, which would admit them, is replaced by the one that asks for TLS.
 */
export class NotificationTopic extends sns.Topic {
  public constructor(scope: Construct, id: string, props: sns.TopicProps = {}) {
    super(scope, id, { enforceSSL: true, ...props });
    admitAlarms(this);
    // a topic with a key drops the messages of those who may not use the key, and says nothing
    props.masterKey?.grant(alarmsOf(this), 'kms:Decrypt', 'kms:GenerateDataKey*');
  }
}
