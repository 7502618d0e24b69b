import { Duration, type IResource, Resource } from 'aws-cdk-lib';
import type * as athena from 'aws-cdk-lib/aws-athena';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { QueryResults } from './query-results';
import { QueryWorkGroupGrants } from './query-workgroup-grants';

/**
 * An Athena workgroup, made here or elsewhere.
 */
export interface IQueryWorkGroup extends IResource, athena.IWorkGroupRef {
  /**
   * Name of the workgroup.
   *
   * @attribute
   */
  readonly workGroupName: string;

  /**
   * ARN of the workgroup.
   *
   * @attribute
   */
  readonly workGroupArn: string;

  /** Where the results go; undefined when that is not known, as of a workgroup that was imported by its name. */
  readonly results?: QueryResults;

  /** Permissions on the workgroup. */
  readonly grants: QueryWorkGroupGrants;

  /**
   * A metric of the workgroup's queries. Athena measures each query when it ends, and only where `publishMetrics` is on.
   *
   * @param metricName such as `TotalExecutionTime` or `QueryQueueTime`
   * @param options `dimensionsMap` narrows it down by `QueryType` (`DML`, `DDL`, `UTILITY`) and `QueryState` (`SUCCEEDED`, `FAILED`,
   * `CANCELED`)
   * @see https://docs.aws.amazon.com/athena/latest/ug/query-metrics-viewing.html
   */
  metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * The bytes that all queries scanned, however they ended, which is what Athena charges for. By default of a day.
   */
  metricProcessedBytes(options?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression;

  /**
   * How many queries failed, mistyped ones and those that hit the limit of a query included. By default of an hour.
   */
  metricFailedQueries(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}

/** What workgroups have in common, wherever they were made. */
export abstract class QueryWorkGroupBase extends Resource implements IQueryWorkGroup {
  public abstract readonly workGroupName: string;
  public abstract readonly workGroupArn: string;
  public abstract readonly results?: QueryResults;

  public get workGroupRef(): athena.WorkGroupReference {
    return { workGroupName: this.workGroupName };
  }

  public get grants(): QueryWorkGroupGrants {
    return QueryWorkGroupGrants.fromQueryWorkGroup(this);
  }

  public metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/Athena',
      metricName,
      ...options,
      dimensionsMap: { ...options.dimensionsMap, WorkGroup: this.workGroupName },
    }).attachTo(this);
  }

  public metricProcessedBytes(options: cloudwatch.MathExpressionOptions = {}): cloudwatch.MathExpression {
    const period = options.period ?? Duration.days(1);
    const bytes = (dimensionsMap?: Record<string, string>): cloudwatch.Metric => (
      this.metric('ProcessedBytes', { statistic: cloudwatch.Stats.SUM, unit: cloudwatch.Unit.BYTES, period, dimensionsMap })
    );
    const ended = (QueryState: string): cloudwatch.Metric => bytes({ QueryType: 'DML', QueryState });
    return new cloudwatch.MathExpression({
      label: 'bytes scanned',
      ...options,
      // AWS names the dimensions, not in which combinations they come: both sides are the same bytes, and one of them may be missing
      expression: 'MAX([FILL(together, 0), FILL(succeeded, 0) + FILL(failed, 0) + FILL(canceled, 0)])',
      usingMetrics: { together: bytes(), succeeded: ended('SUCCEEDED'), failed: ended('FAILED'), canceled: ended('CANCELED') },
      period,
    });
  }

  public metricFailedQueries(options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return this.metric('TotalExecutionTime', {
      // every query is measured once
      statistic: cloudwatch.Stats.SAMPLE_COUNT,
      period: Duration.hours(1),
      label: 'queries that failed',
      ...options,
      dimensionsMap: { QueryType: 'DML', QueryState: 'FAILED', ...options.dimensionsMap },
    });
  }
}
