import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { failedRuns } from '../../private/athena-state-machine';
import { METRIC_NAMESPACE } from '../../private/handlers/constants';
import { runbookUrl } from '../../private/runbook';
import { tell } from '../../private/tell';
import { DATABASE_DIMENSION, LEDGER_METRICS } from './ledger-metrics';

/** Properties of the alarms of a ledger. */
export interface UsageLedgerAlarmsProps {
  /** The state machine of the ledger. */
  readonly stateMachine: sfn.IStateMachine;

  /** Name of the database, by which the metrics of ledgers are told apart. */
  readonly databaseName: string;

  /** How often the ledger runs. */
  readonly interval: Duration;

  /** How far the newest call may lie back. */
  readonly lagThreshold: Duration;

  /**
   * Who hears of the alarms.
   *
   * @default - nobody
   */
  readonly topic?: sns.ITopic;
}

/** The alarms of a ledger. */
export class UsageLedgerAlarms extends Construct {
  /** A run failed. */
  public readonly failureAlarm: cloudwatch.Alarm;

  /** No run gets through. */
  public readonly silenceAlarm: cloudwatch.Alarm;

  /** The newest call lies too far back. */
  public readonly lagAlarm: cloudwatch.Alarm;

  /** Log objects cannot be read. */
  public readonly quarantineAlarm: cloudwatch.Alarm;

  /** Lines are no records, or have no time. */
  public readonly malformedAlarm: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, { stateMachine, databaseName, interval, lagThreshold, topic }: UsageLedgerAlarmsProps) {
    super(scope, id);
    const metric = (metricName: string): cloudwatch.Metric => new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { [DATABASE_DIMENSION]: databaseName },
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.minutes(5),
    });
    // between two runs nothing is measured and nothing has changed
    const whileMeasured = { evaluationPeriods: 1, treatMissingData: cloudwatch.TreatMissingData.IGNORE };

    this.failureAlarm = tell(topic, new cloudwatch.Alarm(this, 'Failure', {
      alarmDescription: `A run of the usage ledger of ${databaseName} failed. Runbook: ${runbookUrl('ledger-failed')}`,
      metric: failedRuns(stateMachine),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    }));
    this.silenceAlarm = tell(topic, new cloudwatch.Alarm(this, 'Silence', {
      alarmDescription: `No run of the usage ledger of ${databaseName} has got through lately. Runbook: ${runbookUrl('ledger-silent')}`,
      metric: metric(LEDGER_METRICS.malformed).with({ statistic: cloudwatch.Stats.SAMPLE_COUNT, period: Duration.hours(1) }),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: silentHours(interval),
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    }));
    this.lagAlarm = tell(topic, new cloudwatch.Alarm(this, 'Lag', {
      alarmDescription: `The newest call in the usage ledger of ${databaseName} lies too far back. Runbook: ${runbookUrl('ledger-lag')}`,
      ...whileMeasured,
      metric: metric(LEDGER_METRICS.lag),
      threshold: lagThreshold.toHours({ integral: false }),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    }));
    this.quarantineAlarm = tell(topic, new cloudwatch.Alarm(this, 'Quarantine', {
      alarmDescription: `The usage ledger of ${databaseName} leaves out log objects that cannot be read. Runbook: ${runbookUrl('ledger-quarantined-objects')}`,
      ...whileMeasured,
      metric: metric(LEDGER_METRICS.quarantined),
      threshold: 1,
    }));
    this.malformedAlarm = tell(topic, new cloudwatch.Alarm(this, 'Malformed', {
      alarmDescription: `Logs for the usage ledger of ${databaseName} have lines that are no records, or have no time. Runbook: ${runbookUrl('ledger-malformed-lines')}`,
      ...whileMeasured,
      metric: new cloudwatch.MathExpression({
        label: 'lines that are no records, and records without a time',
        expression: 'malformed + undated',
        usingMetrics: { malformed: metric(LEDGER_METRICS.malformed), undated: metric(LEDGER_METRICS.undated) },
        period: Duration.minutes(5),
      }),
      threshold: 1,
    }));
  }
}

/** Three intervals, and the hour that has just begun. An alarm has to know this at synthesis; a day is the longest interval. */
function silentHours(interval: Duration): number {
  return 3 * (interval.isUnresolved() ? 24 : Math.ceil(interval.toHours({ integral: false }))) + 1;
}
