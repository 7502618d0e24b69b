import { Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { dataExports } from '../../lib';

/** Properties of the payer stack. */
export interface PayerStackProps extends StackProps {
  /** Name of the bucket that the bill is delivered to. */
  readonly billBucketName: string;

  /** Account whose analysts read the bill. */
  readonly ledgerAccount: string;
}

/** What the management account contributes: the bill, with the caller on each line. */
export class PayerStack extends Stack {
  /** The export, for the table that reads it. */
  public readonly bill: dataExports.ICostAndUsageExport;

  constructor(scope: Construct, id: string, props: PayerStackProps) {
    super(scope, id, props);
    this.bill = new dataExports.CostAndUsageExport(this, 'Bill', { bucketName: props.billBucketName });
    this.bill.bucket.grantRead(new iam.AccountPrincipal(props.ledgerAccount));
  }
}
