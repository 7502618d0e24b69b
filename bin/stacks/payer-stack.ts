import { Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { access, dataExports, type invocationLogging, type schema, spendControls } from '../../lib';
import { notifications } from './notifications';

/** The roles that CloudFormation deploys with in a bootstrapped account: they tag profiles, projects and roles for everybody. */
const DEPLOYMENT_ROLES = 'arn:*:iam::*:role/cdk-*-cfn-exec-role-*';

/** Properties of the payer stack. */
export interface PayerStackProps extends StackProps {
  /** Name of the bucket that the bill is delivered to. */
  readonly billBucketName: string;

  /** Account whose analysts read the bill. */
  readonly ledgerAccount: string;

  /** The attribution keys. */
  readonly schema: schema.AttributionSchema;

  /**
   * Who hears of alarms, and of what was found and done: an e-mail address.
   *
   * @default - nobody
   */
  readonly notifiedEmail?: string;

  /**
   * Ids of the root, organizational units or accounts in which every call has to be attributed.
   *
   * @default - none
   */
  readonly guardedTargets?: string[];
}

/** What the management account contributes: the bill, with callers and tags on its lines, and what nobody in the organization may do. */
export class PayerStack extends Stack {
  /** The export, for the table that reads it. */
  public readonly bill: dataExports.ICostAndUsageExport;

  /** Who hears of alarms, and of what was found and done. */
  public readonly notificationTopic: invocationLogging.NotificationTopic;

  constructor(scope: Construct, id: string, props: PayerStackProps) {
    super(scope, id, props);
    const { schema, guardedTargets } = props;
    this.notificationTopic = notifications(this, props.notifiedEmail);
    const topic = this.notificationTopic;
    this.bill = new dataExports.CostAndUsageExport(this, 'Bill', { bucketName: props.billBucketName });
    this.bill.bucket.grantRead(new iam.AccountPrincipal(props.ledgerAccount));
    new dataExports.CostAndUsageExportHealthCheck(this, 'BillHealth', { costAndUsageExport: this.bill, topic });
    new spendControls.CostAllocationTagActivation(this, 'Tags', { schema, topic });
    if (guardedTargets !== undefined) {
      new access.AttributionGuardrails(this, 'Guardrails', { schema, targetIds: guardedTargets, provisioners: [DEPLOYMENT_ROLES] });
    }
  }
}
