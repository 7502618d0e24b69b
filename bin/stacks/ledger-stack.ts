import { Size, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { analytics, type dataExports, invocationLogging, reconciliation, type schema } from '../../lib';
import type { AppConfig } from '../app-config';
import { notifications } from './notifications';

/** Properties of the ledger stack. */
export interface LedgerStackProps extends StackProps {
  /** The export that holds the bill. */
  readonly bill: dataExports.ICostAndUsageExport;

  /** Name of the bucket that the logs of all accounts and Regions are replicated into. */
  readonly logArchiveBucketName: string;

  /** Name of the bucket of the ledger. */
  readonly ledgerBucketName: string;

  /** The attribution keys. */
  readonly schema: schema.AttributionSchema;

  /** The accounts and Regions whose calls are logged. */
  readonly workloads: AppConfig['workloads'];

  /**
   * Who hears of alarms and of reports: an e-mail address.
   *
   * @default - nobody
   */
  readonly notifiedEmail?: string;
}

/**
 * What analysts work with: the logs of all accounts, the tables and views over bill and logs, prices, saved questions, a workgroup that
 * keeps queries within bounds, the ledger that the views read, a report a week, and closed months.
 */
export class LedgerStack extends Stack {
  /** The bucket into which the logs of all accounts and Regions are replicated. */
  public readonly logArchive: invocationLogging.IInvocationLogArchive;

  constructor(scope: Construct, id: string, props: LedgerStackProps) {
    super(scope, id, props);
    const { schema, bill, workloads } = props;
    const notificationTopic = notifications(this, props.notifiedEmail);
    this.logArchive = new invocationLogging.InvocationLogArchive(this, 'LogArchive', {
      bucketName: props.logArchiveBucketName,
      sources: invocationLogging.ArchivedAccounts.fromAccounts(workloads.accounts),
    });
    const store = new analytics.LedgerStore(this, 'Store', {
      bucketName: props.ledgerBucketName,
      refreshingAccounts: workloads.accounts,
    });
    const catalog = new analytics.AttributionCatalog(this, 'Catalog', {
      schema,
      store,
      bill,
      invocationLogs: analytics.InvocationLogSource.fromBucket(this.logArchive.bucket, workloads),
    });
    const workGroup = new analytics.QueryWorkGroup(this, 'Queries', {
      workGroupName: 'bedrock-cost-attribution',
      dailyScanThreshold: Size.tebibytes(1),
      alarmTopic: notificationTopic,
    });
    new analytics.PriceRefresher(this, 'Prices', { store, regions: workloads.regions, notificationTopic });
    new analytics.SavedQueries(this, 'SavedQueries', { catalog, workGroup, schema });
    const usageLedger = new analytics.UsageLedger(this, 'Ledger', { catalog, workGroup, notificationTopic });
    new reconciliation.MonthlyClosing(this, 'Closing', { catalog, ledger: usageLedger, workGroup, notificationTopic });
    new analytics.ScheduledReport(this, 'WeeklyReport', { schema, catalog, workGroup, store, notificationTopic });
  }
}
