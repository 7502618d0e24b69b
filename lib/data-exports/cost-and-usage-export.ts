import { Annotations, Fn, type IResource, Resource, RemovalPolicy, Token, TokenComparison } from 'aws-cdk-lib';
import * as bcmdataexports from 'aws-cdk-lib/aws-bcmdataexports';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { contentHash, type ExportContent, renderQuery, renderTableConfiguration, TABLE } from './export-query';
import { TimeGranularity } from './time-granularity';
import { validateCostAndUsageExport, validateImportedExport } from './validate-cost-and-usage-export';

/**
 * A CUR 2.0 export, made here or elsewhere: what a table needs to know to read it.
 */
export interface ICostAndUsageExport extends IResource {
  /**
   * Name of the export, which is also the folder below the prefix.
   *
   * @attribute
   */
  readonly exportName: string;

  /** The bucket that the bill is delivered to. */
  readonly bucket: s3.IBucket;

  /** The folder of the bucket that holds the export's folder, without a slash at either end. */
  readonly prefix: string;

  /**
   * Names of the export and of those whose place it took, newest first: `exportName` and behind it the former ones.
   *
   * What each of them delivered lies in the same bucket, below `prefix`, in a folder of its name. For a billing period the first of them
   * counts that has delivered it.
   */
  readonly exportNames: string[];

  /** Columns that the export has beside those of this release, with their Athena types. */
  readonly additionalColumns: Record<string, string>;

  /**
   * The folder of the billing periods that the export itself delivers, `s3://bucket/prefix/name/data/`.
   *
   * The manifests lie beside it in `metadata/`, which no table may read. Former exports have folders of their own beside that of this one.
   */
  readonly dataLocation: string;
}

/**
 * Properties of a Cost and Usage export.
 */
export interface CostAndUsageExportProps {
  /**
   * Beginning of the export's name; `-` and eight hexadecimal digits of the settings that replace an export are appended.
   *
   * 1 to 119 letters, digits, hyphens and underscores. Changing it makes a new export in a new folder. Change it when you come back to
   * settings that an earlier export had, whose folder holds a month that it delivered the beginning of only.
   *
   * @default 'bedrock-cost-attribution'
   */
  readonly exportName?: string;

  /**
   * Full names, with their hashes, of the exports whose place this one took, newest first. At most 24.
   *
   * A changed flag, granularity, billing view or `exportName` makes a new export in a new folder; the months that the old one delivered
   * stay where they are. Name it here, and tables go on reading them. They have to lie in the same bucket, below the same prefix.
   *
   * @default - none: the months of this export are read only
   */
  readonly formerExportNames?: string[];

  /**
   * Columns that AWS has added since this release, with their Athena types: `{ line_item_new_column: 'string' }`.
   *
   * They join the SELECT and the table over the bill. The SELECT is changed in place: the export keeps its name.
   *
   * @default - none: the columns of this release that the flags allow
   * @see https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html
   */
  readonly additionalColumns?: Record<string, string>;

  /**
   * The bucket that the bill is delivered to, in any Region and account.
   *
   * A bucket that is imported into the app cannot be given a policy here: allow the delivery yourself, as the warning says. Let S3 encrypt
   * it with keys of its own (SSE-S3): AWS does not document what the policy of a KMS key has to allow for the delivery.
   *
   * @default - a bucket is made: retained, encrypted by S3, closed to the public, TLS only
   */
  readonly bucket?: s3.IBucket;

  /**
   * Name of the bucket that is made here. Readers in other accounts and Regions have to know it at synthesis. Not together with `bucket`.
   *
   * @default - CloudFormation makes a name
   */
  readonly bucketName?: string;

  /**
   * Folder of the bucket for exports, without a slash at either end.
   *
   * It is changed in place, and what was delivered before stays where it is: move it to the new folder, or tables lose it.
   *
   * @default 'cur2'
   */
  readonly prefix?: string;

  /**
   * How finely time is cut.
   *
   * @default TimeGranularity.DAILY
   */
  readonly timeGranularity?: TimeGranularity;

  /**
   * Whether each row carries the ARN of the caller and the tags of its principal (`iamPrincipal/…`).
   *
   * Data exists from 2026-04-08. The number of rows grows with the number of calling identities per model.
   *
   * @default true
   * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/iam-principal-cost-allocation.html
   */
  readonly includeIamPrincipalData?: boolean;

  /**
   * Whether each row carries the resource, which names the application inference profile.
   *
   * @default true
   */
  readonly includeResources?: boolean;

  /**
   * Whether split cost allocation data (containers) is added. Bedrock does not need it.
   *
   * @default false
   */
  readonly includeSplitCostAllocationData?: boolean;

  /**
   * Whether capacity reservation columns are added. Bedrock does not need them.
   *
   * @default false
   */
  readonly includeCapacityReservationData?: boolean;

  /**
   * Whether the discount columns are dropped, for customers of AWS's discount automation.
   *
   * @default false
   */
  readonly includeManualDiscountCompatibility?: boolean;

  /**
   * ARN of the billing view that is exported.
   *
   * @default - the primary view of the account
   */
  readonly billingViewArn?: string;

  /**
   * Regions in which CloudFormation makes exports, for the day on which AWS adds one. In any other Region synthesis fails, since
   * deployment would.
   *
   * @default - us-east-1, cn-northwest-1, us-iso-east-1 and us-iso-west-1, as AWS's own template had it on 2026-11-21
   */
  readonly supportedRegions?: string[];

  /**
   * What happens to the bucket that is made here when it leaves the stack. The bill is evidence: it is kept unless you say otherwise, and
   * even then a bucket that still holds objects is not deleted until you have emptied it. Not together with `bucket`.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * What identifies an export that was made elsewhere.
 */
export interface CostAndUsageExportAttributes {
  /** Full name of the export, with the hash if it has one. */
  readonly exportName: string;

  /** The bucket that the bill is delivered to. */
  readonly bucket: s3.IBucket;

  /** Folder of the bucket for exports, without a slash at either end. */
  readonly prefix: string;

  /**
   * Full names of the exports whose place this one took, newest first. At most 24.
   *
   * @default - none
   */
  readonly formerExportNames?: string[];

  /**
   * Columns that the export has beside those of this release, with their Athena types.
   *
   * @default - none
   */
  readonly additionalColumns?: Record<string, string>;
}

abstract class CostAndUsageExportBase extends Resource implements ICostAndUsageExport {
  public abstract readonly exportName: string;
  public abstract readonly bucket: s3.IBucket;
  public abstract readonly prefix: string;
  public abstract readonly exportNames: string[];
  public abstract readonly additionalColumns: Record<string, string>;

  public get dataLocation(): string {
    return this.bucket.s3UrlForObject(`${this.prefix}/${this.exportName}/data/`);
  }
}

/**
 * A CUR 2.0 export with the caller's identity, delivered as Parquet, each period overwritten in place.
 *
 * Belongs into the management (payer) account, where it covers the whole organization; in a member account it covers that account alone.
 * CloudFormation makes exports in few Regions only, us-east-1 among them (`supportedRegions`), while the bucket may be anywhere.
 * The deploying role needs `cur:PutReportDefinition` beside the actions of Data Exports. The first delivery takes up to 24 hours, and
 * nothing is filled in backwards.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bcmdataexports-export.html
 */
export class CostAndUsageExport extends CostAndUsageExportBase implements bcmdataexports.IExportRef {
  /**
   * Brings in an export that was made elsewhere, or that exists already.
   *
   * It has to deliver Parquet and overwrite each period (`OVERWRITE_REPORT`): of an export that keeps every delivery, each would count.
   */
  public static fromCostAndUsageExportAttributes(
    scope: Construct, id: string, attrs: CostAndUsageExportAttributes,
  ): ICostAndUsageExport {
    const { formerExportNames = [], additionalColumns = {} } = attrs;
    validateImportedExport({ ...attrs, formerExportNames, additionalColumns }, scope);

    class Import extends CostAndUsageExportBase {
      /** Passed through. */
      public readonly exportName = attrs.exportName;
      /** Passed through. */
      public readonly bucket = attrs.bucket;
      /** Passed through. */
      public readonly prefix = attrs.prefix;
      /** The name and the former names. */
      public readonly exportNames = namesOf(attrs.exportName, formerExportNames);
      /** Passed through. */
      public readonly additionalColumns = { ...additionalColumns };
    }
    return new Import(scope, id);
  }

  /** Name of the export with its hash. */
  public readonly exportName: string;

  /** The bucket that the bill is delivered to. */
  public readonly bucket: s3.IBucket;

  /** The folder of the bucket that holds the export's folder. */
  public readonly prefix: string;

  /** Names of the export and of those whose place it took, newest first. */
  public readonly exportNames: string[];

  /** Columns that the export has beside those of this release, with their Athena types. */
  public readonly additionalColumns: Record<string, string>;

  /**
   * ARN of the export.
   *
   * @attribute
   */
  public readonly exportArn: string;

  /** The reference by which other constructs take the export. */
  public get exportRef(): bcmdataexports.ExportReference {
    return { exportArn: this.exportArn };
  }

  constructor(scope: Construct, id: string, props: CostAndUsageExportProps = {}) {
    super(scope, id);
    const baseName = props.exportName ?? 'bedrock-cost-attribution';
    const formerExportNames = props.formerExportNames ?? [];
    const content = this.decideContent(props);
    this.exportName = `${baseName}-${contentHash(content)}`;
    this.prefix = props.prefix ?? 'cur2';
    validateCostAndUsageExport({
      ...props, baseName, exportName: this.exportName, formerExportNames, content, prefix: this.prefix, region: this.stack.region,
    }, this);
    this.warnAboutUnknownRegion();

    this.exportNames = namesOf(this.exportName, formerExportNames);
    this.additionalColumns = { ...content.additionalColumns };
    this.bucket = props.bucket ?? this.makeBucket(props.bucketName, props.removalPolicy ?? RemovalPolicy.RETAIN);
    const delivery = this.allowDelivery();

    const resource = new bcmdataexports.CfnExport(this, 'Resource', {
      export: {
        name: this.exportName,
        description: 'Bill with caller identity, for the attribution of Amazon Bedrock cost',
        dataQuery: { queryStatement: renderQuery(content), tableConfigurations: { [TABLE]: renderTableConfiguration(content) } },
        destinationConfigurations: { s3Destination: this.renderDestination() },
        refreshCadence: { frequency: 'SYNCHRONOUS' },
      },
    });
    // Data Exports writes a test object while the export is being made
    if (delivery.policyDependable) resource.node.addDependency(delivery.policyDependable);
    this.exportArn = resource.attrExportArn;
  }

  private warnAboutUnknownRegion(): void {
    if (!Token.isUnresolved(this.stack.region)) return;
    Annotations.of(this).addWarningV2('bedrock-cost-attribution:exportRegionUnknown',
      'the Region of this stack is not known at synthesis: deploy it to a Region in which CloudFormation makes exports, such as us-east-1');
  }

  private decideContent(props: CostAndUsageExportProps): ExportContent {
    return {
      timeGranularity: props.timeGranularity ?? TimeGranularity.DAILY,
      flags: {
        INCLUDE_CAPACITY_RESERVATION_DATA: props.includeCapacityReservationData ?? false,
        INCLUDE_IAM_PRINCIPAL_DATA: props.includeIamPrincipalData ?? true,
        INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY: props.includeManualDiscountCompatibility ?? false,
        INCLUDE_RESOURCES: props.includeResources ?? true,
        INCLUDE_SPLIT_COST_ALLOCATION_DATA: props.includeSplitCostAllocationData ?? false,
      },
      additionalColumns: props.additionalColumns ?? {},
      billingViewArn: props.billingViewArn,
    };
  }

  private makeBucket(bucketName: string | undefined, removalPolicy: RemovalPolicy): s3.Bucket {
    const bucket = new s3.Bucket(this, 'Bucket', {
      bucketName,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy,
    });
    acknowledge(bucket, 'AwsSolutions-S1',
      'one AWS service writes here and few people read; give a bucket of your own to keep access logs of it');
    return bucket;
  }

  /**
   * Lets Data Exports write anywhere in the bucket: its test object lands at the root, outside of the prefix.
   *
   * @see https://docs.aws.amazon.com/cur/latest/userguide/dataexports-s3-bucket.html
   */
  private allowDelivery(): iam.AddToResourcePolicyResult {
    const result = this.bucket.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'EnableAWSDataExportsToWriteToS3AndCheckPolicy',
      principals: [new iam.ServicePrincipal('bcm-data-exports.amazonaws.com'), new iam.ServicePrincipal('billingreports.amazonaws.com')],
      actions: ['s3:GetBucketPolicy', 's3:PutObject'],
      resources: [this.bucket.bucketArn, this.bucket.arnForObjects('*')],
      conditions: {
        StringEquals: { 'aws:SourceAccount': this.stack.account },
        ArnLike: {
          'aws:SourceArn': [
            this.stack.formatArn({ service: 'bcm-data-exports', resource: 'export', resourceName: '*' }),
            this.stack.formatArn({ service: 'cur', resource: 'definition', resourceName: '*' }),
          ],
        },
      },
    }));
    if (!result.statementAdded) {
      Annotations.of(this).addWarningV2('bedrock-cost-attribution:exportBucketPolicyNotManaged',
        'the export bucket is not part of this app, so its policy cannot be extended here: allow bcm-data-exports.amazonaws.com and '
        + 'billingreports.amazonaws.com to s3:PutObject and s3:GetBucketPolicy on the whole bucket before you deploy');
    }
    return result;
  }

  private renderDestination(): bcmdataexports.CfnExport.S3DestinationProperty {
    const foreign = Token.compareStrings(this.bucket.env.account, this.stack.account) === TokenComparison.DIFFERENT;
    return {
      s3Bucket: this.bucket.bucketName,
      s3BucketOwner: foreign ? this.bucket.env.account : undefined,
      s3Prefix: this.prefix,
      s3Region: this.bucket.env.region,
      // overwriting keeps one copy per period: with CREATE_NEW_REPORT every delivery would be counted again
      s3OutputConfigurations: { outputType: 'CUSTOM', format: 'PARQUET', compression: 'PARQUET', overwrite: 'OVERWRITE_REPORT' },
    };
  }
}

/** The current name and behind it the former ones; a list that is known at deployment only is joined there. */
function namesOf(exportName: string, formerNames: string[]): string[] {
  if (!Token.isUnresolved(formerNames)) return [exportName, ...formerNames];
  return Fn.split(',', Fn.join(',', [exportName, Fn.join(',', formerNames)]));
}
