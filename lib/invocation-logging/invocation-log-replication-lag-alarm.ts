import { Annotations, type Duration, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { throwProblems, validationError } from '../private/errors';
import { createLagAlarm, LAG_NOT_WATCHED } from './invocation-log-replication-alarms';
import type { IInvocationLogStore } from './invocation-log-store';
import { lagAlarmProblems } from './validate-invocation-log-archive';

/** Properties of an `InvocationLogReplicationLagAlarm`. */
export interface InvocationLogReplicationLagAlarmProps {
  /** The store whose bucket is replicated; one with an archive. */
  readonly store: IInvocationLogStore;

  /**
   * By how much the archive may lie behind before the alarm goes off, in whole seconds; at least a minute.
   *
   * @default Duration.hours(1)
   */
  readonly lagThreshold?: Duration;

  /**
   * The topic that hears of the alarm, in the account and Region of the stack.
   *
   * @default - the alarm changes its state only
   */
  readonly alarmTopic?: sns.ITopic;
}

/**
 * Watches how far an archive in another Region lies behind a store.
 *
 * S3 publishes the lag in the Region of the archive and shows it in the account of the store, and an alarm sees metrics of its own account
 * and Region only: this construct belongs in a stack of that account in that Region. A store and an archive of one Region need none, the
 * store then has the alarm.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
 */
export class InvocationLogReplicationLagAlarm extends Construct {
  /** The alarm. */
  public readonly alarm: cloudwatch.IAlarm;

  public constructor(scope: Construct, id: string, props: InvocationLogReplicationLagAlarmProps) {
    super(scope, id);

    const { archive, bucket } = props.store;
    if (archive === undefined || bucket === undefined) {
      throw validationError(
        'StoreWithoutArchive', `${props.store.node.path} has no archive, so nothing is replicated; give a store with an archive`, this,
      );
    }
    throwProblems('InvalidInvocationLogReplicationLagAlarm', 'the replication lag alarm', lagAlarmProblems(props, archive, Stack.of(this)), this);

    this.alarm = createLagAlarm(this, bucket, archive, props);
    Annotations.of(props.store).acknowledgeWarning(LAG_NOT_WATCHED, `watched by ${this.node.path}`);
  }
}
