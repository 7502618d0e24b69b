import { METRIC_NAMESPACE } from './constants';

/** A measured number. */
export interface Measurement {
  readonly value: number;
  readonly unit: 'Count' | 'Seconds';
}

/**
 * One line in the embedded metric format, which CloudWatch Logs turns into metrics without any call or permission.
 *
 * @param dimensions the one set of dimensions that all of the metrics have, by name
 * @param measurements the metrics, by name: at most 100, and no name that is also one of a dimension
 * @param timestamp in milliseconds
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(
  dimensions: Readonly<Record<string, string>>, measurements: Readonly<Record<string, Measurement>>, timestamp: number,
): object {
  const metrics = Object.entries(measurements).map(([Name, { unit }]) => ({ Name, Unit: unit }));
  return {
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions: [Object.keys(dimensions)], Metrics: metrics }],
    },
    ...dimensions,
    ...Object.fromEntries(Object.entries(measurements).map(([name, { value }]) => [name, value])),
  };
}
