import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { analytics, type dataExports, invocationLogging, type schema } from '../../lib';
import type { AppConfig } from '../app-config';

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
    const store = new analytics.LedgerStore(this, 'Store', {
      bucketName: props.ledgerBucketName,
      refreshingAccounts: props.workloads.accounts,
    });
    new analytics.AttributionCatalog(this, 'Catalog', {
      schema: props.schema,
      store,
      bill: props.bill,
      invocationLogs: analytics.InvocationLogSource.fromBucket(this.logArchive.bucket, props.workloads),
    });
    new analytics.QueryWorkGroup(this, 'Queries', { workGroupName: 'bedrock-cost-attribution' });
  }
}
