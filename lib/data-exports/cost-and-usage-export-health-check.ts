import { Annotations, Duration, Fn, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcard } from '../private/acknowledge';
import { METRIC_NAMESPACE } from '../private/handlers/constants';
import { PackagedFunction } from '../private/packaged-function';
import { runbookUrl } from '../private/runbook';
import { tell } from '../private/tell';
import type { ICostAndUsageExport } from './cost-and-usage-export';
import { EXPORT_DIMENSION, EXPORT_HEALTH_TIMEOUT_SECONDS, EXPORT_HEALTH_VARIABLES, EXPORT_METRICS } from './handlers/constants';
import { validateHealthCheck } from './validate-cost-and-usage-export-health-check';

/**
 * Properties of a health check of a Cost and Usage export.
 */
export interface CostAndUsageExportHealthCheckProps {
  /** The export that is watched, made here or elsewhere, of the same account. */
  readonly costAndUsageExport: ICostAndUsageExport;

  /**
   * The topic that hears of the alarms: of the same Region, with a policy that admits `cloudwatch.amazonaws.com`.
   *
   * @default - the alarms change their state only
   */
  readonly topic?: sns.ITopic;

  /**
   * How often the export is looked at: whole minutes, from 1 minute to 1 day.
   *
   * @default Duration.hours(6)
   */
  readonly checkInterval?: Duration;

  /**
   * How old the newest delivery may be before the alarm goes off: at least 1 day. Until the first delivery, which takes up to 24 hours, the
   * age counts from the creation of the export.
   *
   * @default Duration.hours(48)
   * @see https://docs.aws.amazon.com/cur/latest/userguide/dataexports-export-delivery.html
   */
  readonly maxDeliveryAge?: Duration;

  /**
   * Whether the bucket is searched for folders of exports, below the prefix, that no table reads: the months of a former export that is not
   * named in `exportNames`. It takes the right to list that folder, so switch it off where the bucket cannot be read.
   *
   * @default true
   */
  readonly lookForUnreadExports?: boolean;

  /**
   * Names of the exports below the same prefix that hold something else than this bill, such as a FOCUS export, and that are not to be
   * found by that search.
   *
   * @default - every export below the prefix holds this bill
   */
  readonly otherExportNames?: string[];
}

/**
 * Notices when the bill no longer arrives, or arrives where nobody reads it.
 *
 * A function asks Data Exports every few hours how the export fares and when it was delivered last, and may change nothing. It works in any
 * Region of the account; the bucket may be in another one.
 *
 * Alarms: the export is unhealthy; its newest delivery is too old; the bucket holds an export that no table reads; no check has succeeded
 * within twice the interval. The last one also goes off after the first deployment, until the first check has succeeded.
 *
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_DataExports_ExportStatus.html
 */
export class CostAndUsageExportHealthCheck extends Construct {
  /** The function that looks. */
  public readonly function: lambda.IFunction;

  /** In alarm while Data Exports does not call the export healthy. */
  public readonly unhealthyAlarm: cloudwatch.IAlarm;

  /** In alarm while the newest delivery is older than it may be. */
  public readonly lateDeliveryAlarm: cloudwatch.IAlarm;

  /** In alarm when checks fail, or do not run. */
  public readonly checkAlarm: cloudwatch.IAlarm;

  /** In alarm while the bucket holds an export that no table reads; undefined where none is looked for. */
  public readonly unreadExportsAlarm?: cloudwatch.IAlarm;

  public constructor(scope: Construct, id: string, props: CostAndUsageExportHealthCheckProps) {
    super(scope, id);
    const checkInterval = props.checkInterval ?? Duration.hours(6);
    const maxDeliveryAge = props.maxDeliveryAge ?? Duration.hours(48);
    const lookForUnreadExports = props.lookForUnreadExports ?? true;
    const { exportName, exportNames, env } = props.costAndUsageExport;
    validateHealthCheck({
      exportAccount: env.account,
      account: Stack.of(this).account,
      exportNames,
      checkInterval,
      maxDeliveryAge,
      lookForUnreadExports,
      otherExportNames: props.otherExportNames,
    }, this);

    this.function = this.createFunction(props.costAndUsageExport, lookForUnreadExports, props.otherExportNames ?? []);
    new events.Rule(this, 'Schedule', {
      description: 'Looks at how the cost and usage export fares',
      schedule: events.Schedule.rate(checkInterval),
      targets: [new targets.LambdaFunction(this.function)],
    });

    this.unhealthyAlarm = this.createUnhealthyAlarm(exportName, props.topic);
    this.lateDeliveryAlarm = this.createLateDeliveryAlarm(exportName, maxDeliveryAge, props.topic);
    this.checkAlarm = this.createCheckAlarm(this.function, checkInterval, props.topic);
    if (lookForUnreadExports) this.unreadExportsAlarm = this.createUnreadExportsAlarm(exportName, props.topic);
  }

  private createFunction(watched: ICostAndUsageExport, looksForUnread: boolean, otherExportNames: string[]): lambda.Function {
    const { function: handler, role } = new PackagedFunction(this, 'Function', {
      asset: 'export-health',
      description: 'Looks at how the cost and usage export fares, and when it was delivered last',
      timeout: Duration.seconds(EXPORT_HEALTH_TIMEOUT_SECONDS),
      // what is older comes too late: the next check is near
      maxEventAge: Duration.hours(1),
      policyName: 'ExportHealth',
      statements: [...this.exportStatements(), ...looksForUnread ? [this.bucketStatement(watched)] : []],
      environment: {
        [EXPORT_HEALTH_VARIABLES.exportName]: watched.exportName,
        ...looksForUnread ? {
          [EXPORT_HEALTH_VARIABLES.readNames]: Fn.join(',', watched.exportNames),
          ...otherExportNames.length > 0 ? { [EXPORT_HEALTH_VARIABLES.otherNames]: Fn.join(',', otherExportNames) } : {},
          [EXPORT_HEALTH_VARIABLES.bucket]: watched.bucket.bucketName,
          [EXPORT_HEALTH_VARIABLES.prefix]: watched.prefix,
        } : {},
      },
    });
    acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', 'the ARN of an export is found by listing, for which IAM supports no resource');
    acknowledgeWildcard(role, this.anyExportArn(), 'the ARN of an export ends in an id that is known only once it is made, and changes when it is replaced');
    return handler;
  }

  /**
   * The rights to find the export, and to read how it fares.
   *
   * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbillingandcostmanagementdataexports.html
   */
  private exportStatements(): iam.PolicyStatement[] {
    return [
      new iam.PolicyStatement({ actions: ['bcm-data-exports:ListExports'], resources: ['*'] }),
      new iam.PolicyStatement({
        actions: ['bcm-data-exports:GetExport', 'bcm-data-exports:ListExecutions'], resources: [this.anyExportArn()],
      }),
    ];
  }

  /** Exports are in one Region of their partition, whichever that of the stack is. */
  private anyExportArn(): string {
    return Stack.of(this).formatArn({ service: 'bcm-data-exports', region: '*', resource: 'export', resourceName: '*' });
  }

  private bucketStatement({ bucket, prefix }: ICostAndUsageExport): iam.PolicyStatement {
    if (Token.compareStrings(bucket.env.account, Stack.of(this).account) === TokenComparison.DIFFERENT) {
      Annotations.of(this).addWarningV2('bedrock-cost-attribution:exportBucketOfAnotherAccount',
        `the bucket is in account ${JSON.stringify(bucket.env.account)}: allow the role of this health check to s3:ListBucket in its policy, `
        + 'or set lookForUnreadExports to false');
    }
    return new iam.PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': `${prefix}/*` } },
    });
  }

  private createUnhealthyAlarm(exportName: string, topic: sns.ITopic | undefined): cloudwatch.Alarm {
    return tell(topic, new cloudwatch.Alarm(this, 'UnhealthyAlarm', {
      alarmDescription: `The cost and usage export ${exportName} is unhealthy. Runbook: ${runbookUrl('bill-export-unhealthy')}`,
      ...measured(exportName, EXPORT_METRICS.unhealthy),
      threshold: 1,
    }));
  }

  private createLateDeliveryAlarm(exportName: string, maxDeliveryAge: Duration, topic: sns.ITopic | undefined): cloudwatch.Alarm {
    return tell(topic, new cloudwatch.Alarm(this, 'LateDeliveryAlarm', {
      alarmDescription: `The newest delivery of the cost and usage export ${exportName} is too old. Runbook: ${runbookUrl('bill-delivery-late')}`,
      ...measured(exportName, EXPORT_METRICS.deliveryAge),
      threshold: maxDeliveryAge.toSeconds(),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    }));
  }

  private createUnreadExportsAlarm(exportName: string, topic: sns.ITopic | undefined): cloudwatch.Alarm {
    return tell(topic, new cloudwatch.Alarm(this, 'UnreadExportsAlarm', {
      alarmDescription: `The bucket of the cost and usage export ${exportName} holds an export that no table reads. A former export's months are not `
        + `read: add its name to formerExportNames. Runbook: ${runbookUrl('bill-unread-exports')}`,
      ...measured(exportName, EXPORT_METRICS.unread),
      threshold: 1,
    }));
  }

  /**
   * Counts the checks that succeeded, so that one alarm notices those that fail and those that do not run.
   *
   * Periods without a check are counted as none: where they are only missing, an alarm goes on looking at the last period that is not.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
   */
  private createCheckAlarm(handler: lambda.IFunction, checkInterval: Duration, topic: sns.ITopic | undefined): cloudwatch.Alarm {
    // an alarm has to know its period at synthesis; a day is the longest interval
    const period = checkInterval.isUnresolved() ? Duration.days(1) : checkInterval;
    const statistic = cloudwatch.Stats.SUM;
    return tell(topic, new cloudwatch.Alarm(this, 'CheckAlarm', {
      alarmDescription: `No health check of the cost and usage export has succeeded lately. Runbook: ${runbookUrl('bill-check-errors')}`,
      metric: new cloudwatch.MathExpression({
        label: 'checks that succeeded',
        expression: 'FILL(invocations, 0) - FILL(errors, 0)',
        usingMetrics: {
          invocations: handler.metricInvocations({ period, statistic }),
          errors: handler.metricErrors({ period, statistic }),
        },
        period,
      }),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      // a check now and then falls just outside of one period, never outside of two
      evaluationPeriods: 2,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    }));
  }
}

/** What an alarm on a measurement of the checks has: between two checks nothing is measured and nothing has changed. */
function measured(
  exportName: string, metricName: string,
): Pick<cloudwatch.AlarmProps, 'metric' | 'evaluationPeriods' | 'treatMissingData'> {
  return {
    metric: new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { [EXPORT_DIMENSION]: exportName },
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.minutes(5),
    }),
    evaluationPeriods: 1,
    treatMissingData: cloudwatch.TreatMissingData.IGNORE,
  };
}
