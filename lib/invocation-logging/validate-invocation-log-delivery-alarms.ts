import type { IConstruct } from 'constructs';
import { samePlaceProblems } from '../private/same-place';
import type { InvocationLogDeliveryAlarmsProps } from './invocation-log-delivery-alarms';

/**
 * The longest period of an alarm that looks at two of them: a Metrics Insights query in an alarm sees the latest three hours.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
 */
const MOST_MINUTES = 90;

/** What is wrong with the properties, one sentence each. */
export function deliveryAlarmsProblems(props: InvocationLogDeliveryAlarmsProps, alarms: IConstruct): string[] {
  const advice = 'the metrics are those of one account and Region, so put the alarms in the same';
  return [...samePlaceProblems('the logging', props.logging, 'its alarms', alarms, advice), ...periodProblems(props)];
}

function periodProblems({ silencePeriod, deliveryMetricDimensions }: InvocationLogDeliveryAlarmsProps): string[] {
  if (silencePeriod === undefined) return [];
  if (silencePeriod.isUnresolved()) {
    return deliveryMetricDimensions === undefined ? [] : [
      'silencePeriod is known only at deployment, which the CDK does not take for a metric with dimensions; '
      + 'give a number, or leave out deliveryMetricDimensions',
    ];
  }
  const minutes = silencePeriod.toMilliseconds() / 60_000;
  return Number.isInteger(minutes) && minutes >= 1 && minutes <= MOST_MINUTES ? [] : [
    `silencePeriod is ${JSON.stringify(silencePeriod.toHumanString())}; give whole minutes from 1 to ${MOST_MINUTES}: `
    + 'an alarm on a query sees the latest three hours, and two periods have to fit in',
  ];
}
