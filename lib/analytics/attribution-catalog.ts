import { type IResource, Resource } from 'aws-cdk-lib';
import * as glue from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import type { ICostAndUsageExport } from '../data-exports';
import type { InvocationLogSource } from './invocation-log-source';
import { renderCostAndUsageTable } from './tables/cost-and-usage-table';
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
}

/**
 * The Glue database with the raw tables: `invocation_logs` (what was called) and `cost_and_usage` (what was billed).
 *
 * Belongs into the account in which analysts query. It holds definitions only, no data; reading needs access to the buckets as well, and,
 * where Lake Formation governs the account, its grants on database, tables and locations. Partitions are computed from the declared
 * accounts, Regions and periods, so no crawler runs.
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

  /** The reference by which other constructs take the database. */
  public get databaseRef(): glue.DatabaseReference {
    return { databaseName: this.databaseName };
  }

  constructor(scope: Construct, id: string, props: AttributionCatalogProps) {
    super(scope, id);
    const databaseName = props.databaseName ?? 'bedrock_cost_attribution';
    const firstBillingPeriod = props.firstBillingPeriod ?? '2026-04';
    validateAttributionCatalog({ databaseName, firstBillingPeriod, invocationLogs: props.invocationLogs }, this);

    const database = new glue.CfnDatabase(this, 'Resource', {
      catalogId: this.stack.account,
      databaseInput: { name: databaseName, description: 'Who spent what on Amazon Bedrock' },
    });
    this.databaseName = database.ref;
    this.invocationLogsTable = new glue.CfnTable(this, 'InvocationLogs', {
      catalogId: this.stack.account,
      databaseName: database.ref,
      tableInput: renderInvocationLogTable(props.invocationLogs, props.preserveMetadataKeyCase ?? true),
    });
    this.costAndUsageTable = new glue.CfnTable(this, 'CostAndUsage', {
      catalogId: this.stack.account,
      databaseName: database.ref,
      tableInput: renderCostAndUsageTable(props.bill, firstBillingPeriod),
    });
  }
}
