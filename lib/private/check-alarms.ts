import { Duration } from 'aws-cdk-lib';
import { type AlarmProps, ComparisonOperator, type Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';

/** An alarm that goes off when a function ends with an error. */
export function errorAlarm(handler: IFunction, alarmDescription: string): AlarmProps {
  return {
    alarmDescription,
    metric: handler.metricErrors({ period: Duration.minutes(5), statistic: Stats.SUM }),
    threshold: 1,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  };
}

/**
 * An alarm that goes off when nothing was measured for the time of two checks.
 *
 * Made before the first measurement, it goes off at once and ends with it.
 *
 * @param metric what every check measures
 * @param checkInterval a day at most: CloudWatch looks back seven, and an alarm has to know its periods at synthesis
 */
export function silenceAlarm(metric: Metric, checkInterval: Duration, alarmDescription: string): AlarmProps {
  const hours = checkInterval.isUnresolved() ? 24 : Math.ceil(checkInterval.toHours({ integral: false }));
  return {
    alarmDescription,
    metric: metric.with({ statistic: Stats.SAMPLE_COUNT, period: Duration.hours(1) }),
    threshold: 1,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: 2 * hours + 1,
    treatMissingData: TreatMissingData.BREACHING,
  };
}
