import { Duration, TimeZone, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { AttributionCatalog, IQueryWorkGroup, UsageLedger } from '../analytics';
import { athenaStateMachine, failedRuns, integrationArn } from '../private/athena-state-machine';
import { throwProblems } from '../private/errors';
import { METRIC_NAMESPACE } from '../private/handlers/constants';
import { runbookUrl } from '../private/runbook';
import { tell } from '../private/tell';
import { closingDefinition } from './closing-definition';
import { CHANGED_MONTHS_METRIC, DATABASE_DIMENSION } from './closing-metrics';
import { closingStatements } from './closing-statements';

/**
 * Properties of a monthly closing.
 */
export interface MonthlyClosingProps {
  /** The catalog whose views say what a month comes to. */
  readonly catalog: AttributionCatalog;

  /** The ledger of the catalog. It makes the table `closing_statements`, and lends the closing its role. */
  readonly ledger: UsageLedger;

  /** The workgroup in which the closing queries. */
  readonly workGroup: IQueryWorkGroup;

  /**
   * Day of the month from which on the month before is closed, from 4 to 21. AWS finishes a bill in the first days of the next month; a
   * month that is not settled yet is tried again on each of the next six days.
   *
   * @default 8
   */
  readonly dayOfMonth?: number;

  /**
   * The topic that hears of closed months, of changes to them, and of the alarms: of the same Region, with a policy that admits
   * `cloudwatch.amazonaws.com`.
   *
   * @default - the alarms change their state only
   */
  readonly notificationTopic?: sns.ITopic;
}

/** On how many days in a row a month is tried. */
const TRIES = 7;

/**
 * Closes each month: once its bill is settled and every key adds up to it, its statement is written into the table `closing_statements`,
 * and nothing changes it any more.
 *
 * A statement has what was billed by product, adjustments apart, and per key what each value explains and what none explains, by reason.
 * Before and after it is written, the lines of every key are added up: they must come to what the export bills, or the run fails. What AWS
 * corrects in a closed month later is not written into its statement: an alarm tells of it.
 *
 * To close a month out of turn, start an execution with `{ "period": "2026-10" }`.
 */
export class MonthlyClosing extends Construct {
  /** The state machine. Start it with a month of your own to close that one. */
  public readonly stateMachine: sfn.IStateMachine;

  /** In alarm when a month could not be closed. */
  public readonly failureAlarm: cloudwatch.IAlarm;

  /** In alarm while the bill of a closed month says something else than its statement. */
  public readonly changedAlarm: cloudwatch.IAlarm;

  constructor(scope: Construct, id: string, props: MonthlyClosingProps) {
    super(scope, id);
    const { catalog, ledger, workGroup, notificationTopic } = props;
    const { databaseName } = catalog;
    const dayOfMonth = props.dayOfMonth ?? 8;
    validateMonthlyClosing(dayOfMonth, this);

    const { role } = ledger;
    notificationTopic?.grantPublish(role);
    this.stateMachine = athenaStateMachine(this, {
      comment: 'Closes the months of the Bedrock bill',
      role,
      record: 'closing_statements',
      definition: closingDefinition({
        integration: name => integrationArn(this, name),
        workGroupName: workGroup.workGroupName,
        databaseName,
        statements: closingStatements(catalog._viewParameters),
        keyCount: catalog.spendKeys.length,
        lastDay: dayOfMonth + TRIES - 1,
        topicArn: notificationTopic?.topicArn,
        runbook: runbookUrl('closing-failed'),
      }),
    });
    new scheduler.Schedule(this, 'Schedule', {
      description: 'Closes the month before, once it is settled',
      schedule: scheduler.ScheduleExpression.cron({
        minute: '0', hour: '6', day: `${dayOfMonth}-${dayOfMonth + TRIES - 1}`, month: '*', year: '*', timeZone: TimeZone.ETC_UTC,
      }),
      target: new targets.StepFunctionsStartExecution(this.stateMachine, { input: scheduler.ScheduleTargetInput.fromObject({}) }),
    });

    this.failureAlarm = tell(notificationTopic, new cloudwatch.Alarm(this, 'Failure', {
      alarmDescription: `A month of the Bedrock bill in ${databaseName} could not be closed. Runbook: ${runbookUrl('closing-failed')}`,
      metric: failedRuns(this.stateMachine),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    }));
    this.changedAlarm = tell(notificationTopic, new cloudwatch.Alarm(this, 'Changed', {
      alarmDescription: `The bill of a closed month in ${databaseName} has changed. Runbook: ${runbookUrl('closed-month-changed')}`,
      metric: new cloudwatch.Metric({
        namespace: METRIC_NAMESPACE,
        metricName: CHANGED_MONTHS_METRIC,
        dimensionsMap: { [DATABASE_DIMENSION]: databaseName },
        statistic: cloudwatch.Stats.MAXIMUM,
        period: Duration.hours(1),
      }),
      threshold: 1,
      evaluationPeriods: 1,
      // between two runs nothing is measured and nothing has changed
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
    }));
  }
}

function validateMonthlyClosing(dayOfMonth: number, scope: Construct): void {
  if (Number.isInteger(dayOfMonth) && dayOfMonth >= 4 && dayOfMonth <= 21) return;
  const given = Token.isUnresolved(dayOfMonth) ? 'known at deployment only' : String(dayOfMonth);
  throwProblems('InvalidMonthlyClosing', 'the monthly closing', [
    `dayOfMonth is ${given}: use a whole number from 4, when the last days of a month are settled, to 21`,
  ], scope);
}
