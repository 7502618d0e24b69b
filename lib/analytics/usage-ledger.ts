import { Duration, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as eventsTargets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcard } from '../private/acknowledge';
import { athenaStateMachine, integrationArn } from '../private/athena-state-machine';
import { runbookUrl } from '../private/runbook';
import type { AttributionCatalog } from './attribution-catalog';
import type { AttributionTeamCatalog } from './attribution-team-catalog';
import { LakeFormationPrincipal } from './lake-formation-principal';
import { asStatement } from './query-statements';
import type { IQueryWorkGroup } from './query-workgroup-base';
import { ledgerDefinition, type LedgerOptions } from './usage-ledger/ledger-definition';
import { ledgerPermissions } from './usage-ledger/ledger-permissions';
import { UsageLedgerAlarms } from './usage-ledger/usage-ledger-alarms';
import { validateDefinition, validateUsageLedger } from './usage-ledger/validate-usage-ledger';

/**
 * Properties of a usage ledger.
 */
export interface UsageLedgerProps {
  /** The catalog whose views the ledger feeds. Its tables are made in the same database, and lie in the same store. */
  readonly catalog: AttributionCatalog;

  /** The workgroup in which the ledger queries. Its limit of bytes per query has to hold the logs of the window. */
  readonly workGroup: IQueryWorkGroup;

  /**
   * Keys that the invocation logs and the export of the bill are encrypted with. Their policies have to admit the role of the ledger.
   *
   * @default - keys of S3 (SSE-S3)
   */
  readonly decryptionKeys?: kms.IKeyRef[];

  /**
   * Catalogs of teams, of `TeamRows.COPIES`, whose copies are made anew after the bill. Of a team that is no longer named, and of a former
   * name of its database, tables and files stay until somebody deletes them.
   *
   * @default - nobody has copies
   */
  readonly teamCatalogs?: AttributionTeamCatalog[];

  /**
   * How often the ledger is brought up to date: whole minutes, from 15 minutes to 1 day.
   *
   * @default Duration.hours(1)
   */
  readonly interval?: Duration;

  /**
   * How many days before the day of the last run are read once more, from 0 to 14: records that are delivered so much later are found.
   *
   * @default 1
   */
  readonly overlapDays?: number;

  /**
   * How many days of logs a backfill merges at once, from 1 to 31.
   *
   * @default 7
   */
  readonly backfillSliceDays?: number;

  /**
   * How many billing periods are loaded anew, the current one included, from 1 to 12. AWS corrects a bill until about two weeks after the
   * end of the month.
   *
   * @default 2
   */
  readonly billingPeriods?: number;

  /**
   * How often the bill is read: whole hours, from 1 hour to 1 day. It is delivered up to three times a day.
   *
   * @default Duration.hours(6)
   * @see https://docs.aws.amazon.com/cur/latest/userguide/what-is-cur.html
   */
  readonly billInterval?: Duration;

  /**
   * Hour of the day in UTC, from 0 to 23, from which on a run puts small files together and removes old ones. Once a day; a day that was
   * missed is made up for by the next run.
   *
   * @default 3
   */
  readonly maintenanceHour?: number;

  /**
   * The topic that hears of the alarms, and of log objects that cannot be read: of the same Region, with a policy that admits
   * `cloudwatch.amazonaws.com`.
   *
   * @default - the alarms change their state only
   */
  readonly notificationTopic?: sns.ITopic;

  /**
   * How far the newest call in the ledger may lie back before the alarm goes off: at least 1 hour. Set it to more than the longest time in
   * which nobody calls.
   *
   * @default Duration.hours(24)
   */
  readonly lagThreshold?: Duration;
}

/**
 * Keeps the Iceberg tables that the views of a catalog read: `usage_ledger` (one row per request), `bill_ledger` (the Bedrock lines of the
 * bill) and `usage_daily` (totals by day), and beside them `ledger_health` (a row per run) and `quarantined_objects`.
 *
 * Belongs into the account of the catalog. A state machine has Athena do everything: it makes the tables and adds columns to them, merges
 * the logs of the last days, loads the bill, compacts, and measures. CloudFormation knows nothing of the tables; they stay when the
 * construct goes. What was logged before the first run comes in with a backfill:
 * `{ "kind": "backfill", "from": "2026-10-01", "to": "2026-10-31" }` as the input of an execution.
 *
 * Alarms: an execution that failed; no run that got through for three intervals, which also goes off until the first one has; a ledger that
 * lies behind; log objects that cannot be read; lines that are no records, or have no time.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg.html
 */
export class UsageLedger extends Construct {
  /** The state machine. Start it with an input of your own for a backfill or for maintenance. */
  public readonly stateMachine: sfn.IStateMachine;

  /** The role with which it queries. Where Lake Formation governs the account, it has to be one of its writers. */
  public readonly role: iam.IRole;

  /** In alarm when an execution failed, ran out of time or was stopped. */
  public readonly failureAlarm: cloudwatch.IAlarm;

  /** In alarm while no run gets through. */
  public readonly silenceAlarm: cloudwatch.IAlarm;

  /** In alarm while the newest call in the ledger lies too far back. */
  public readonly lagAlarm: cloudwatch.IAlarm;

  /** In alarm while log objects of the last days are left out, for they cannot be read. */
  public readonly quarantineAlarm: cloudwatch.IAlarm;

  /** In alarm while the logs of the last days have lines that are no records, or records without a time. */
  public readonly malformedAlarm: cloudwatch.IAlarm;

  constructor(scope: Construct, id: string, props: UsageLedgerProps) {
    super(scope, id);
    const { catalog, workGroup, teamCatalogs = [], decryptionKeys = [], notificationTopic } = props;
    const interval = props.interval ?? Duration.hours(1);
    const overlapDays = props.overlapDays ?? 1;
    const sliceDays = props.backfillSliceDays ?? 7;
    const billingPeriods = props.billingPeriods ?? 2;
    const billInterval = props.billInterval ?? Duration.hours(6);
    const maintenanceHour = props.maintenanceHour ?? 3;
    const lagThreshold = props.lagThreshold ?? Duration.hours(24);
    const parameters = catalog._viewParameters;
    validateUsageLedger({
      interval, overlapDays, sliceDays, billingPeriods, billInterval, maintenanceHour, lagThreshold, parameters, catalog, teamCatalogs,
    }, this);

    for (const team of teamCatalogs) team._copiedBy(this);
    const role = this.createRole(catalog, teamCatalogs, decryptionKeys);
    notificationTopic?.grantPublish(role);
    workGroup.grants.query(role);
    const stateMachine = this.createStateMachine(role, {
      integration: name => integrationArn(this, name),
      workGroupName: workGroup.workGroupName,
      databaseName: catalog.databaseName,
      parameters,
      folder: `s3://${catalog.store.bucketName}/ledger/`,
      teams: teamCatalogs.map(({ databaseName, _folder, _owner }) => (
        { databaseName, folder: `s3://${catalog.store.bucketName}/${_folder}/`, ..._owner }
      )),
      overlapDays,
      sliceDays,
      billingPeriods,
      billEveryHours: billInterval.toHours(),
      maintenanceHour,
      topicArn: notificationTopic?.topicArn,
      runbook: runbookUrl('ledger-quarantined-objects'),
    });
    this.role = role;
    this.stateMachine = stateMachine;
    catalog.lakeFormationGrants?.addWriter(LakeFormationPrincipal.role(role));
    this.runAfterDeployments(catalog, stateMachine);
    new scheduler.Schedule(this, 'Schedule', {
      description: 'Brings the ledger of Bedrock usage up to date',
      schedule: scheduler.ScheduleExpression.rate(interval),
      target: new targets.StepFunctionsStartExecution(stateMachine, {
        input: scheduler.ScheduleTargetInput.fromObject({ kind: 'hourly' }),
        // the next run does the work of one that could not be started
        maxEventAge: Duration.minutes(15),
      }),
    });

    const alarms = new UsageLedgerAlarms(this, 'Alarms', {
      stateMachine, databaseName: catalog.databaseName, interval, lagThreshold, topic: notificationTopic,
    });
    this.failureAlarm = alarms.failureAlarm;
    this.silenceAlarm = alarms.silenceAlarm;
    this.lagAlarm = alarms.lagAlarm;
    this.quarantineAlarm = alarms.quarantineAlarm;
    this.malformedAlarm = alarms.malformedAlarm;
  }

  /** The views of a catalog name a column for each key as soon as they are deployed; the tables get it with the next run. */
  private runAfterDeployments(catalog: AttributionCatalog, stateMachine: sfn.IStateMachine): void {
    new events.Rule(this, 'AfterDeployment', {
      description: 'Adds the columns of new keys to the ledger of Bedrock usage',
      eventPattern: {
        source: ['aws.cloudformation'],
        detailType: ['CloudFormation Stack Status Change'],
        detail: { 'stack-id': [catalog.stack.stackId], 'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE'] } },
      },
      targets: [new eventsTargets.SfnStateMachine(stateMachine, { input: events.RuleTargetInput.fromObject({ kind: 'hourly' }) })],
    });
  }

  private createRole(catalog: AttributionCatalog, teams: AttributionTeamCatalog[], decryptionKeys: kms.IKeyRef[]): iam.Role {
    const permissions = ledgerPermissions(
      Stack.of(this), catalog, teams.map(({ databaseName }) => databaseName), decryptionKeys.map(({ keyRef }) => keyRef.keyArn),
    );
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } } }),
      description: 'Keeps the ledger of Bedrock usage',
      inlinePolicies: { KeepLedger: new iam.PolicyDocument({ statements: permissions.map(asStatement) }) },
    });
    for (const resource of new Set(permissions.flatMap(({ resources }) => resources))) {
      if (resource !== '*' && resource.includes('*')) {
        acknowledgeWildcard(role, resource, 'all tables of one database, or all files of one folder, whose names Athena makes or others deliver');
      }
    }
    acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', 'metrics, limited to one namespace, and access by way of Lake Formation have no resource in IAM');
    return role;
  }

  private createStateMachine(role: iam.Role, options: LedgerOptions): sfn.StateMachine {
    const definition = ledgerDefinition(options);
    validateDefinition(definition, this);
    const stateMachine = athenaStateMachine(this, { comment: 'Keeps the ledger of Bedrock usage', role, definition, record: 'ledger_health' });

    // apart from the other rights, for the state machine waits for those
    const arn = stateMachine.stateMachineArn;
    new iam.Policy(this, 'SeeOwnRuns', {
      roles: [role],
      statements: [new iam.PolicyStatement({ actions: ['states:ListExecutions'], resources: [arn] })],
    });
    return stateMachine;
  }
}
