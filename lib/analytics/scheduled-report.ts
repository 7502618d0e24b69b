import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from '../private/acknowledge';
import { errorAlarm, silenceAlarm } from '../private/check-alarms';
import { REPORT_FOLDER, REPORT_TIMEOUT_SECONDS, REPORT_VARIABLES } from '../private/handlers/constants';
import { PackagedFunction } from '../private/packaged-function';
import { runbookUrl } from '../private/runbook';
import { tell } from '../private/tell';
import type { AttributionSchema } from '../schema';
import { AnalystData } from './analyst-data';
import type { IAttributionCatalog } from './attribution-catalog';
import type { ILedgerStore } from './ledger-store';
import { asStatement, catalogPermissions, type Permission } from './query-statements';
import type { IQueryWorkGroup } from './query-workgroup-base';
import { validateScheduledReport } from './validate-scheduled-report';

/**
 * What a scheduled report is about. All days are UTC.
 */
export enum ReportPeriod {
  /** The last week, Monday to Sunday. */
  WEEK = 'week',
  /** The last calendar month. */
  MONTH = 'month',
}

/**
 * Properties of a scheduled report.
 */
export interface ScheduledReportProps {
  /** The attribution keys, as those of the catalog. */
  readonly schema: AttributionSchema;

  /** The database whose views are asked. */
  readonly catalog: IAttributionCatalog;

  /**
   * The workgroup in which the queries run. Of one that was imported by its name the place of the results is not known: let the role of the
   * function write and read there.
   */
  readonly workGroup: IQueryWorkGroup;

  /** The bucket of the ledger, in which the reports are kept below `reports/`. */
  readonly store: ILedgerStore;

  /** The topic that hears of every report, and of the alarms: its policy has to admit `cloudwatch.amazonaws.com`. */
  readonly notificationTopic: sns.ITopic;

  /**
   * Names of the keys that the report groups by: among those that the catalog splits billed dollars by.
   *
   * @default ['team', 'service']
   */
  readonly by?: string[];

  /**
   * What a report is about.
   *
   * @default ReportPeriod.WEEK
   */
  readonly period?: ReportPeriod;

  /**
   * How long after its end a period is reported: whole days, 31 at most. Sooner, more of the bill is not settled yet, and shown as that.
   *
   * @default Duration.days(3)
   */
  readonly settlingTime?: Duration;

  /**
   * The hour of the day, in UTC, at which the function looks whether a report is due: 0 to 23.
   *
   * @default 6
   */
  readonly hour?: number;

  /**
   * What the function may read: the files behind the views.
   *
   * @default [AnalystData.ledger(store)]
   */
  readonly data?: AnalystData[];
}

/**
 * Reports who spent what, week by week or month by month: the report of the command line, as a page, as CSV and as JSON, and one message
 * with totals and links.
 *
 * A function looks once a day whether the report of the last complete period is there, and makes it when it is not: one that failed is made
 * the next day, and none is made twice. It lies in the store at `reports/<last day>/<first day>-to-<last day>-by-<keys>.html`. The message
 * holds no link that opens without signing in.
 *
 * Belongs into the account and Region of the catalog.
 *
 * Alarms: a report could not be made; the function was not called for two days, as also before its first call.
 */
export class ScheduledReport extends Construct {
  /** The function that makes the reports. */
  public readonly function: lambda.IFunction;

  /** In alarm when a report could not be made. */
  public readonly errorAlarm: cloudwatch.IAlarm;

  /** In alarm when nobody looked for two days whether a report is due; also until the first time after the deployment. */
  public readonly silenceAlarm: cloudwatch.IAlarm;

  public constructor(scope: Construct, id: string, props: ScheduledReportProps) {
    super(scope, id);
    const by = props.by ?? ['team', 'service'];
    const settlingTime = props.settlingTime ?? Duration.days(3);
    const hour = props.hour ?? 6;
    validateScheduledReport({ schema: props.schema, by, settlingTime, hour }, this);

    this.function = this.createFunction(props, by, settlingTime);
    const rule = new events.Rule(this, 'Schedule', {
      description: 'Looks whether a report of the spend on Amazon Bedrock is due',
      schedule: events.Schedule.cron({ hour: String(hour), minute: '0' }),
      targets: [new targets.LambdaFunction(this.function)],
    });

    this.errorAlarm = tell(props.notificationTopic, new cloudwatch.Alarm(this, 'ErrorAlarm', errorAlarm(this.function,
      `A report of the spend on Amazon Bedrock could not be made. Runbook: ${runbookUrl('scheduled-report-errors')}`)));
    const silence = tell(props.notificationTopic, new cloudwatch.Alarm(this, 'SilenceAlarm', silenceAlarm(
      this.function.metricInvocations(), Duration.days(1),
      `Nobody has looked for two days whether a report of the spend on Amazon Bedrock is due. Runbook: ${runbookUrl('scheduled-report-errors')}`)));
    silence.node.addDependency(rule);
    this.silenceAlarm = silence;
  }

  private createFunction(props: ScheduledReportProps, by: string[], settlingTime: Duration): lambda.Function {
    const permissions = [
      ...catalogPermissions(Stack.of(this), [props.catalog.databaseName]),
      ...(props.data ?? [AnalystData.ledger(props.store)]).flatMap(({ _permissions }) => _permissions),
      ...reportPermissions(props.store),
    ];
    const { function: handler, role } = new PackagedFunction(this, 'Function', {
      asset: 'scheduled-report',
      description: 'Reports who spent what on Amazon Bedrock',
      timeout: Duration.seconds(REPORT_TIMEOUT_SECONDS),
      // what is older comes too late: the next day makes the same report
      maxEventAge: Duration.hours(6),
      policyName: 'ScheduledReport',
      statements: permissions.map(asStatement),
      notificationTopic: props.notificationTopic,
      environment: {
        [REPORT_VARIABLES.workGroup]: props.workGroup.workGroupName,
        [REPORT_VARIABLES.database]: props.catalog.databaseName,
        [REPORT_VARIABLES.bucket]: props.store.bucketName,
        [REPORT_VARIABLES.by]: by.join(','),
        [REPORT_VARIABLES.period]: props.period ?? ReportPeriod.WEEK,
        [REPORT_VARIABLES.settlingDays]: String(settlingTime.toDays()),
        [REPORT_VARIABLES.tagNames]: JSON.stringify(tagNames(props.schema)),
      },
    });
    for (const resource of new Set(permissions.flatMap(({ resources }) => resources))) {
      if (resource.endsWith('/*')) acknowledgeWildcard(role, resource, 'all tables of the database, or all files of a folder, that the report reads or writes');
    }
    props.workGroup.grants.query(role);
    return handler;
  }
}

/** Names of the tags that carry the keys, as they stand in the `tags` column of the bill. */
function tagNames(schema: AttributionSchema): string[] {
  return schema.columns().flatMap(({ principalTags, resourceTags }) => [
    ...principalTags.map(name => `iamPrincipal/${name}`), ...resourceTags.map(name => `resourceTags/${name}`),
  ]);
}

/** To see whether a report is there, and to write it: S3 answers "denied" for what is not there to whoever may not list. */
function reportPermissions({ bucketArn, encryptionKey }: ILedgerStore): Permission[] {
  return [
    { actions: ['s3:GetObject', 's3:PutObject'], resources: [`${bucketArn}/${REPORT_FOLDER}/*`] },
    { actions: ['s3:ListBucket'], resources: [bucketArn], conditions: { StringLike: { 's3:prefix': `${REPORT_FOLDER}/*` } } },
    ...encryptionKey === undefined ? [] : [{ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [encryptionKey.keyRef.keyArn] }],
  ];
}
