import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { analytics, type dataExports, invocationLogging } from '../../lib';
import type { AppConfig } from '../app-config';

/** Properties of the ledger stack. */
export interface LedgerStackProps extends StackProps {
  /** The export that holds the bill. */
  readonly bill: dataExports.ICostAndUsageExport;

  /** Name of the bucket that the logs of all accounts and Regions are replicated into. */
  readonly logArchiveBucketName: string;

  /** The accounts and Regions whose calls are logged. */
  readonly workloads: AppConfig['workloads'];
}

/** What analysts work with: the logs of all accounts, the tables over bill and logs, and a workgroup that keeps queries within bounds. */
export class LedgerStack extends Stack {
  /** The bucket into which the logs of all accounts and Regions are replicated. */
  public readonly logArchive: invocationLogging.IInvocationLogArchive;

  constructor(scope: Construct, id: string, props: LedgerStackProps) {
    super(scope, id, props);
    this.logArchive = new invocationLogging.InvocationLogArchive(this, 'LogArchive', {
      bucketName: props.logArchiveBucketName,
      sources: invocationLogging.ArchivedAccounts.fromAccounts(props.workloads.accounts),
    });
    new analytics.AttributionCatalog(this, 'Catalog', {
      bill: props.bill,
      invocationLogs: analytics.InvocationLogSource.fromBucket(this.logArchive.bucket, props.workloads),
    });
    new analytics.QueryWorkGroup(this, 'Queries', { workGroupName: 'bedrock-cost-attribution' });
  }
}
