import { Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { invocationLogging } from '../../lib';
import { notifications } from './notifications';

/** Properties of a log replication stack. */
export interface LogReplicationStackProps extends StackProps {
  /** The stores of the account whose replication ends in the Region of the stack, by the Region that they are in. */
  readonly stores: Record<string, invocationLogging.IInvocationLogStore>;

  /**
   * Who hears of alarms: an e-mail address.
   *
   * @default - nobody
   */
  readonly notifiedEmail?: string;
}

/** What tells that logs reach the archive late: S3 reports it in the Region of the archive, to the account that the logs come from. */
export class LogReplicationStack extends Stack {
  constructor(scope: Construct, id: string, props: LogReplicationStackProps) {
    super(scope, id, props);
    const alarmTopic = notifications(this, props.notifiedEmail);
    const alarms = new Construct(this, 'LagAlarms');
    for (const [region, store] of Object.entries(props.stores)) {
      new invocationLogging.InvocationLogReplicationLagAlarm(alarms, region, { store, alarmTopic });
    }
  }
}
