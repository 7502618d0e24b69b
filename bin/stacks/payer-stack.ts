import { Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { access, dataExports, type invocationLogging, type schema, spendControls } from '../../lib';
import type { MonthlyLimits } from '../app-config';
import { notifications } from './notifications';

const { AnomalyScope, BudgetScope } = spendControls;

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

  /** What may be spent in a month. */
  readonly monthlyLimits: MonthlyLimits;

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

/** What the management account contributes: the bill, with names on its dollars, word when they grow, and what nobody may do. */
export class PayerStack extends Stack {
  /** The export, for the table that reads it. */
  public readonly bill: dataExports.ICostAndUsageExport;

  constructor(scope: Construct, id: string, props: PayerStackProps) {
    super(scope, id, props);
    const topic = notifications(this, props.notifiedEmail);
    this.bill = this.exportBill(props, topic);
    new spendControls.CostAllocationTagActivation(this, 'Tags', { schema: props.schema, topic });
    this.categorize(props.schema);
    this.limit(props, topic);
    new spendControls.SpendAnomalyMonitor(this, 'TeamAnomalies', { schema: props.schema, scope: AnomalyScope.tag('team'), thresholdUsd: 100, topic });
    this.guard(props);
  }

  private exportBill(
    { billBucketName, ledgerAccount }: PayerStackProps, topic: invocationLogging.NotificationTopic,
  ): dataExports.ICostAndUsageExport {
    const bill = new dataExports.CostAndUsageExport(this, 'Bill', { bucketName: billBucketName });
    bill.bucket.grantRead(new iam.AccountPrincipal(ledgerAccount));
    new dataExports.CostAndUsageExportHealthCheck(this, 'BillHealth', { costAndUsageExport: bill, topic });
    return bill;
  }

  /** A cost category for each key that every call must carry. */
  private categorize(schema: schema.AttributionSchema): void {
    const categories = new Construct(this, 'Categories');
    for (const { name } of schema.activeKeys.filter(key => key.isRequiredOn())) {
      new spendControls.AttributionCostCategory(categories, name, { schema, keyName: name });
    }
  }

  private limit({ schema, monthlyLimits }: PayerStackProps, topic: invocationLogging.NotificationTopic): void {
    const parent = new Construct(this, 'Budgets');
    const budget = (budgetId: string, scope: spendControls.BudgetScope, limitUsd: number): spendControls.AttributionBudget => (
      new spendControls.AttributionBudget(parent, budgetId, { schema, scope, limitUsd, topic })
    );
    const budgets = [
      budget('Total', BudgetScope.total(), monthlyLimits.totalUsd),
      budget('Unattributed', BudgetScope.unattributed('team'), monthlyLimits.unattributedUsd),
      ...Object.entries(monthlyLimits.byKeyUsd).flatMap(([keyName, limits]) => Object.entries(limits).map(([value, limitUsd]) => (
        budget(`${keyName}=${value}`, BudgetScope.keyValue(keyName, value), limitUsd)
      ))),
    ];
    new spendControls.BedrockServiceWatch(this, 'Services', { budgets, topic });
  }

  private guard({ schema, guardedTargets }: PayerStackProps): void {
    if (guardedTargets === undefined) return;
    new access.AttributionGuardrails(this, 'Guardrails', { schema, targetIds: guardedTargets, provisioners: [DEPLOYMENT_ROLES] });
  }
}
