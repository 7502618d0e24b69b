import type { AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** Has a topic told when an alarm goes off and when it is over. */
export function tell<T extends AlarmBase>(topic: ITopic | undefined, alarm: T): T {
  if (topic === undefined) return alarm;
  const action = new SnsAction(topic);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  return alarm;
}
