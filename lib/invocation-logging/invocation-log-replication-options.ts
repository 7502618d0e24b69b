import type { Duration } from 'aws-cdk-lib';
import type * as sns from 'aws-cdk-lib/aws-sns';

/** How the replication to an archive runs and who hears of its failures. */
export interface InvocationLogReplicationOptions {
  /**
   * Whether S3 Replication Time Control is on, which replicates most objects within 15 minutes under a service level agreement. It is
   * billed per gigabyte.
   *
   * @default false
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html
   */
  readonly timeControl?: boolean;

  /**
   * By how much the archive may lie behind before the alarm goes off, in whole seconds; at least a minute.
   *
   * @default Duration.hours(1)
   */
  readonly lagThreshold?: Duration;

  /**
   * The topic that hears of the alarms, in the account and Region of the store.
   *
   * @default - the alarms change their state only
   */
  readonly alarmTopic?: sns.ITopic;
}
