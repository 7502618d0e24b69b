import { Duration, type IResource, Names, RemovalPolicy, Resource, Size } from 'aws-cdk-lib';
import * as athena from 'aws-cdk-lib/aws-athena';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { QueryResults } from './query-results';
import { validateQueryWorkGroup } from './validate-query-workgroup';

/**
 * An Athena workgroup, made here or elsewhere.
 */
export interface IQueryWorkGroup extends IResource, athena.IWorkGroupRef {
  /**
   * Name of the workgroup.
   *
   * @attribute
   */
  readonly workGroupName: string;

  /**
   * ARN of the workgroup.
   *
   * @attribute
   */
  readonly workGroupArn: string;
}

/**
 * Properties of a query workgroup.
 */
export interface QueryWorkGroupProps {
  /**
   * Name of the workgroup: 1 to 128 letters, digits, dots, underscores and hyphens. Changing it replaces the workgroup.
   *
   * @default - a name made from the construct's path
   */
  readonly workGroupName?: string;

  /**
   * What the workgroup is for, up to 1024 characters.
   *
   * @default 'Questions about Amazon Bedrock cost'
   */
  readonly description?: string;

  /**
   * Where results go.
   *
   * @default - a bucket is made: encrypted by S3, closed to the public, TLS only; results expire after 30 days
   */
  readonly results?: QueryResults;

  /**
   * A query is stopped when it has read this much. At least 10,000,000 bytes. What was read until then is charged.
   *
   * The default ends a forgotten partition filter at about half a US dollar (5 USD per TB in us-east-1, 2026-11), and holds the logs of a
   * hundred million calls without bodies (some 500 bytes each, before compression).
   *
   * @default Size.gibibytes(100)
   */
  readonly bytesScannedCutoff?: Size;

  /**
   * Whether clients are held to these settings; otherwise their own place of results and encryption win.
   *
   * @default true
   */
  readonly enforceConfiguration?: boolean;

  /**
   * Whether Athena publishes metrics of the queries to CloudWatch.
   *
   * @default true
   */
  readonly publishMetrics?: boolean;

  /**
   * Whether deleting the workgroup deletes its saved queries and history as well; otherwise deletion fails while there are any.
   *
   * @default false
   */
  readonly recursiveDelete?: boolean;

  /**
   * What happens to the bucket that is made here when it leaves the stack. `DESTROY` deletes it only once it is empty. Not together with
   * `results`.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * An Athena workgroup (engine version 3) for attribution queries, with its settings enforced.
 *
 * Belongs into the account of the catalog.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-athena-workgroup.html
 */
export class QueryWorkGroup extends Resource implements IQueryWorkGroup {
  /**
   * Brings in a workgroup of this account and Region that was made elsewhere.
   */
  public static fromWorkGroupName(scope: Construct, id: string, workGroupName: string): IQueryWorkGroup {
    class Import extends Resource implements IQueryWorkGroup {
      /** Passed through. */
      public readonly workGroupName = workGroupName;

      /** Made from the name. */
      public readonly workGroupArn = this.stack.formatArn({ service: 'athena', resource: 'workgroup', resourceName: workGroupName });

      /** The reference by which other constructs take the workgroup. */
      public readonly workGroupRef: athena.WorkGroupReference = { workGroupName };
    }
    return new Import(scope, id);
  }

  /**
   * Name of the workgroup.
   *
   * @attribute
   */
  public readonly workGroupName: string;

  /**
   * ARN of the workgroup.
   *
   * @attribute
   */
  public readonly workGroupArn: string;

  /** The bucket of the results; undefined when Athena keeps them. */
  public readonly resultsBucket?: s3.IBucketRef;

  /** The reference by which other constructs take the workgroup. */
  public get workGroupRef(): athena.WorkGroupReference {
    return { workGroupName: this.workGroupName };
  }

  constructor(scope: Construct, id: string, props: QueryWorkGroupProps = {}) {
    super(scope, id);
    const bytesScannedCutoff = props.bytesScannedCutoff ?? Size.gibibytes(100);
    const { workGroupName, description } = props;
    validateQueryWorkGroup({ ...props, bytesScannedCutoff }, this);

    const results = props.results ?? QueryResults.inBucket(this.makeBucket(props.removalPolicy ?? RemovalPolicy.RETAIN));
    this.resultsBucket = results.bucket;
    const resource = new athena.CfnWorkGroup(this, 'Resource', {
      name: workGroupName ?? Names.uniqueResourceName(this, { maxLength: 128, allowedSpecialCharacters: '._-' }),
      description: description ?? 'Questions about Amazon Bedrock cost',
      state: 'ENABLED',
      recursiveDeleteOption: props.recursiveDelete ?? false,
      workGroupConfiguration: {
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        enforceWorkGroupConfiguration: props.enforceConfiguration ?? true,
        publishCloudWatchMetricsEnabled: props.publishMetrics ?? true,
        bytesScannedCutoffPerQuery: bytesScannedCutoff.toBytes(),
        ...renderResults(results),
      },
    });
    this.workGroupName = resource.ref;
    this.workGroupArn = athena.CfnWorkGroup.arnForWorkGroup(resource);
  }

  private makeBucket(removalPolicy: RemovalPolicy): s3.Bucket {
    const bucket = new s3.Bucket(this, 'Results', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy,
    });
    acknowledge(bucket, 'AwsSolutions-S1',
      'results can be computed again and expire after 30 days; give a bucket of your own to keep access logs of it');
    return bucket;
  }
}

function renderResults({ bucket, prefix, encryptionKey }: QueryResults): athena.CfnWorkGroup.WorkGroupConfigurationProperty {
  const kmsKey = encryptionKey?.keyRef.keyArn;
  if (bucket === undefined) {
    return { managedQueryResultsConfiguration: { enabled: true, encryptionConfiguration: kmsKey === undefined ? undefined : { kmsKey } } };
  }
  return {
    managedQueryResultsConfiguration: { enabled: false },
    resultConfiguration: {
      outputLocation: `s3://${bucket.bucketRef.bucketName}/${prefix}/`,
      encryptionConfiguration: kmsKey === undefined ? { encryptionOption: 'SSE_S3' } : { encryptionOption: 'SSE_KMS', kmsKey },
    },
  };
}
