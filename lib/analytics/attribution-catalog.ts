import { Duration, type IResource, Resource } from 'aws-cdk-lib';
import * as glue from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import type { ICostAndUsageExport } from '../data-exports';
import type { AttributionSchema } from '../schema';
import { AthenaView, type AthenaViewColumn } from './athena-view';
import { BillCost, BillTagCarrier } from './bill-reading';
import { renderCatalogViews } from './catalog-views';
import type { InvocationLogSource } from './invocation-log-source';
import { LakeFormationDatabaseGrants, type LakeFormationGrantsProps } from './lake-formation-grants';
import type { ILedgerStore } from './ledger-store';
import type { SharedCost } from './shared-cost';
import { ledgerSource } from './sql/ledger-source';
import { viewColumns } from './sql/view-columns';
import { spendKeysOf, viewKeys } from './sql/view-keys';
import { BILL_COSTS, NOW, type ViewParameters, WITHOUT_BODIES } from './sql/view-template';
import { costAndUsageColumns, renderCostAndUsageTable } from './tables/cost-and-usage-table';
import { DIMENSION_TABLES, renderDimensionTable } from './tables/dimension-tables';
import { renderInvocationLogTable } from './tables/invocation-log-table';
import { validateAttributionCatalog } from './validate-attribution-catalog';

/**
 * A database of attribution tables, made here or elsewhere.
 */
export interface IAttributionCatalog extends IResource, glue.IDatabaseRef {
  /**
   * Name of the Glue database.
   *
   * @attribute
   */
  readonly databaseName: string;
}

/**
 * Properties of an attribution catalog.
 */
export interface AttributionCatalogProps {
  /** The attribution keys: each becomes a column of the views. */
  readonly schema: AttributionSchema;

  /** The bucket of the ledger, which holds the files of the dimension tables. */
  readonly store: ILedgerStore;

  /** The invocation logs that `invocation_logs` reads. */
  readonly invocationLogs: InvocationLogSource;

  /**
   * The export that `cost_and_usage` reads, with the former ones that it names.
   */
  readonly bill: ICostAndUsageExport;

  /**
   * First billing period that is read, as `YYYY-MM`.
   *
   * @default '2026-04', the first month with caller identity
   */
  readonly firstBillingPeriod?: string;

  /**
   * Name of the Glue database: 1 to 255 lower-case letters, digits and underscores.
   *
   * @default 'bedrock_cost_attribution'
   */
  readonly databaseName?: string;

  /**
   * Whether the keys of the request metadata keep their case, so that a misspelt key can be told from a right one.
   *
   * Keeping it makes the SerDe case-sensitive and maps every field of the record, nested ones too, by name, as AWS does in the blog below;
   * the reference of the SerDe does not speak of nested fields. Should token counts be NULL in `invocation_logs`, switch it off.
   *
   * @default true
   * @see https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html
   * @see https://aws.amazon.com/blogs/big-data/create-tables-in-amazon-athena-from-nested-json-and-mappings-using-jsonserde/
   */
  readonly preserveMetadataKeyCase?: boolean;

  /**
   * Names of the keys that billed dollars are split by. A key with a value of its own in every request turns each line of the bill into as
   * many rows, so name such a key only when nothing else will do.
   *
   * @default - the keys that may ride on tags of principals, sessions or resources
   */
  readonly spendKeys?: string[];

  /**
   * Which tags win where caller and resource of a line disagree, the winner first.
   *
   * @default [BillTagCarrier.IAM_PRINCIPAL, BillTagCarrier.RESOURCE]
   */
  readonly attributionOrder?: BillTagCarrier[];

  /**
   * What a line of the bill costs.
   *
   * @default BillCost.UNBLENDED
   */
  readonly billCost?: BillCost;

  /**
   * How old usage must be before the bill for it is taken as settled, in whole hours.
   *
   * @default Duration.hours(72)
   */
  readonly settlementWindow?: Duration;

  /**
   * What is charged to others than who spent it, in the view `charged_spend`: at most one rule for each value of a key.
   *
   * @default - everybody is charged what it spent
   */
  readonly sharedCosts?: SharedCost[];

  /**
   * Permissions of Lake Formation, for an account that no longer uses IAM access control only.
   *
   * @default - IAM alone decides
   */
  readonly lakeFormation?: LakeFormationGrantsProps;
}

/**
 * The Glue database: the raw tables `invocation_logs` (what was called) and `cost_and_usage` (what was billed), the dimension tables, and
 * the views that explain the bill.
 *
 * Belongs into the account in which analysts query. It holds definitions only, no data; reading needs access to the buckets as well, and,
 * where Lake Formation governs the account, its grants on database, tables and locations. Partitions are computed from the declared
 * accounts, Regions and periods, so no crawler runs.
 *
 * The views above `invocations` and `billed_usage` read the tables of a `UsageLedger`, which makes them on its first run: until then they
 * answer that a table does not exist. The dimension tables are filled by a `PriceRefresher` and by `DimensionRefresher`s.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
 */
export class AttributionCatalog extends Resource implements IAttributionCatalog {
  /**
   * Brings in the database of a catalog that was made elsewhere.
   */
  public static fromDatabaseName(scope: Construct, id: string, databaseName: string): IAttributionCatalog {
    class Import extends Resource implements IAttributionCatalog {
      /** Passed through. */
      public readonly databaseName = databaseName;

      /** The reference by which other constructs take the database. */
      public readonly databaseRef: glue.DatabaseReference = { databaseName };
    }
    return new Import(scope, id);
  }

  /**
   * Name of the Glue database.
   *
   * @attribute
   */
  public readonly databaseName: string;

  /** The table of the invocation logs as delivered. */
  public readonly invocationLogsTable: glue.ITableRef;

  /** The table of the bill as exported. */
  public readonly costAndUsageTable: glue.ITableRef;

  /** The views, in an order in which each reads only those before it. */
  public readonly views: AthenaView[];

  /** The permissions of Lake Formation, to which more may be added; undefined where IAM alone decides. */
  public readonly lakeFormationGrants?: LakeFormationDatabaseGrants;

  /** The attribution keys. */
  public readonly schema: AttributionSchema;

  /** The bucket of the ledger. */
  public readonly store: ILedgerStore;

  /** The invocation logs. */
  public readonly invocationLogs: InvocationLogSource;

  /** The export that holds the bill. */
  public readonly bill: ICostAndUsageExport;

  /** Names of the keys that billed dollars are split by. */
  public readonly spendKeys: string[];

  /**
   * What the views are rendered for.
   *
   * @internal
   */
  public readonly _viewParameters: ViewParameters;

  /** The reference by which other constructs take the database. */
  public get databaseRef(): glue.DatabaseReference {
    return { databaseName: this.databaseName };
  }

  constructor(scope: Construct, id: string, props: AttributionCatalogProps) {
    super(scope, id);
    const { schema, store, bill, invocationLogs } = props;
    const databaseName = props.databaseName ?? 'bedrock_cost_attribution';
    const firstBillingPeriod = props.firstBillingPeriod ?? '2026-04';
    const settlementWindow = props.settlementWindow ?? Duration.hours(72);
    const keys = viewKeys(schema);
    this.spendKeys = props.spendKeys ?? spendKeysOf(keys);
    this.schema = schema;
    this.store = store;
    this.bill = bill;
    this.invocationLogs = invocationLogs;
    const sharedCosts = (props.sharedCosts ?? []).map(({ _rule }) => _rule);
    const attributionOrder = props.attributionOrder ?? [BillTagCarrier.IAM_PRINCIPAL, BillTagCarrier.RESOURCE];
    validateAttributionCatalog({
      databaseName, firstBillingPeriod, invocationLogs, attributionOrder, settlementWindow, sharedCosts, keys, spendKeys: this.spendKeys,
    }, this);

    const billColumns = costAndUsageColumns(bill);
    const columnParameters = { keys, spendKeys: this.spendKeys };
    this._viewParameters = {
      keys,
      spendKeys: this.spendKeys,
      attributionOrder,
      asOf: NOW,
      settlementHours: settlementWindow.toHours(),
      sharedCosts,
      cost: BILL_COSTS[props.billCost ?? BillCost.UNBLENDED],
      invocationsSource: ledgerSource('usage_ledger', viewColumns('invocation_records', columnParameters)),
      billSource: ledgerSource('bill_ledger', viewColumns('bedrock_bill_lines', columnParameters)),
      logWindow: WITHOUT_BODIES,
    };

    const database = new glue.CfnDatabase(this, 'Resource', {
      catalogId: this.stack.account,
      databaseInput: { name: databaseName, description: 'Who spent what on Amazon Bedrock' },
    });
    this.databaseName = database.ref;
    const preserveMetadataKeyCase = props.preserveMetadataKeyCase ?? true;
    this.invocationLogsTable = this.makeTable('InvocationLogs', renderInvocationLogTable(invocationLogs, preserveMetadataKeyCase));
    this.costAndUsageTable = this.makeTable('CostAndUsage', renderCostAndUsageTable(bill, firstBillingPeriod));
    for (const table of DIMENSION_TABLES) this.makeTable(pascalCase(table.name), renderDimensionTable(store, table));
    this.views = this.makeViews(bill.exportNames, billColumns);
    this.lakeFormationGrants = props.lakeFormation && new LakeFormationDatabaseGrants(this, 'LakeFormation', {
      ...props.lakeFormation, database: this, dataLocationArns: [`${store.bucketArn}/ledger`],
    });
  }

  private makeTable(id: string, tableInput: glue.CfnTable.TableInputProperty): glue.CfnTable {
    return new glue.CfnTable(this, id, { catalogId: this.stack.account, databaseName: this.databaseName, tableInput });
  }

  private makeViews(exportNames: string[], billColumns: AthenaViewColumn[]): AthenaView[] {
    const place = new Construct(this, 'Views');
    const views: AthenaView[] = [];
    const contents = { parameters: this._viewParameters, exportNames, billColumns };
    for (const { name, description, sql, columns, reads } of renderCatalogViews(contents)) {
      const view = new AthenaView(place, pascalCase(name), { database: this, viewName: name, description, sql, columns });
      // whoever asks while a deployment runs shall not meet a view whose sources are still those of before
      view.node.addDependency(...views.filter(({ viewName }) => reads.includes(viewName)));
      views.push(view);
    }
    return views;
  }
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
