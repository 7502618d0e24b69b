import type { Template } from 'aws-cdk-lib/assertions';

/** When something was counted, in minutes, by name of the metric. */
export type Counted = Readonly<Record<string, readonly number[]>>;

interface MetricAlarm {
  readonly Metrics: { readonly Expression: string; readonly Period: number }[];
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly TreatMissingData: string;
}

/**
 * Whether a composite alarm of a template is in alarm, by the documented rules of CloudWatch: windows slide, and missing data points are
 * filled only where a longer look back, of an undocumented length, does not find enough others.
 *
 * @param lookBack by how many periods the look back exceeds the evaluation periods
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
 */
export function isCompositeInAlarm(template: Template, compositeId: string, counted: Counted, now: number, lookBack: number): boolean {
  const rule = JSON.stringify(template.findResources('AWS::CloudWatch::CompositeAlarm')[compositeId].Properties.AlarmRule);
  const children = [...rule.matchAll(/"Fn::GetAtt":\["(\w+)","Arn"\]/g)].map(match => match[1]);
  if (children.length < 2 || rule.includes(' OR ') || rule.includes('NOT')) throw new Error(`the engine knows conjunctions only, and the rule is ${rule}`);
  const alarms = template.findResources('AWS::CloudWatch::Alarm');
  return children.every(id => isInAlarm(alarms[id].Properties as MetricAlarm, counted, now, lookBack));
}

function isInAlarm(alarm: MetricAlarm, counted: Counted, now: number, lookBack: number): boolean {
  const { Expression, Period } = alarm.Metrics[0];
  const minutes = Period / 60;
  const times = counted[/SUM\((\w+)\)/.exec(Expression)![1]] ?? [];
  const windows = Array.from({ length: alarm.EvaluationPeriods + lookBack }, (_, age) => {
    const end = now - age * minutes;
    return times.filter(time => time >= end - minutes && time < end).length;
  });
  // a query over nothing answers with nothing, not with zero
  const points = windows.filter(count => count > 0).slice(0, alarm.EvaluationPeriods);
  const missing = alarm.EvaluationPeriods - points.length;
  const breaching = points.filter(value => isBreaching(alarm, value)).length + (alarm.TreatMissingData === 'breaching' ? missing : 0);
  return breaching >= alarm.DatapointsToAlarm;
}

function isBreaching({ ComparisonOperator, Threshold }: MetricAlarm, value: number): boolean {
  switch (ComparisonOperator) {
    case 'GreaterThanThreshold': return value > Threshold;
    case 'LessThanOrEqualToThreshold': return value <= Threshold;
    default: throw new Error(`the engine does not know ${ComparisonOperator}`);
  }
}
