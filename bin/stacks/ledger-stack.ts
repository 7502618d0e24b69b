import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { analytics, type dataExports } from '../../lib';

/** Properties of the ledger stack. */
export interface LedgerStackProps extends StackProps {
  /** The export that holds the bill. */
  readonly bill: dataExports.ICostAndUsageExport;

  /** Where the logs of all accounts and Regions lie. */
  readonly invocationLogs: analytics.InvocationLogSource;
}

/** What analysts work with: the tables over bill and logs, and a workgroup that keeps queries within bounds. */
export class LedgerStack extends Stack {
  constructor(scope: Construct, id: string, props: LedgerStackProps) {
    super(scope, id, props);
    new analytics.AttributionCatalog(this, 'Catalog', { bill: props.bill, invocationLogs: props.invocationLogs });
    new analytics.QueryWorkGroup(this, 'Queries', { workGroupName: 'bedrock-cost-attribution' });
  }
}
