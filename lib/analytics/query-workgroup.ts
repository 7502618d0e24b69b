import { Duration, Names, RemovalPolicy, Size } from 'aws-cdk-lib';
import * as athena from 'aws-cdk-lib/aws-athena';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { runbookUrl } from '../private/runbook';
import { tell } from '../private/tell';
import { QueryResults } from './query-results';
import { type IQueryWorkGroup, QueryWorkGroupBase } from './query-workgroup-base';
import { validateImportedWorkGroup, validateQueryWorkGroup } from './validate-query-workgroup';

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
   * Where results go. It may be changed at any time: results that are there stay where they are.
   *
   * @default - a bucket is made: encrypted by S3, closed to the public, TLS only; results expire after `resultsExpireAfter`
   */
  readonly results?: QueryResults;

  /**
   * When results in the bucket that is made here are deleted: whole days, at least one. Not together with `results`.
   *
   * @default Duration.days(30)
   */
  readonly resultsExpireAfter?: Duration;

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
   * An alarm goes off when all queries of a day together scan more than this. It stops nobody.
   *
   * The default is about five US dollars a day (5 USD per TB in us-east-1, 2026-11).
   *
   * @default Size.tebibytes(1)
   */
  readonly dailyScanThreshold?: Size;

  /**
   * The topic that hears of the alarm: of the same Region, with a policy that admits `cloudwatch.amazonaws.com`.
   *
   * @default - the alarm changes its state only
   */
  readonly alarmTopic?: sns.ITopic;

  /**
   * Whether clients are held to these settings; otherwise their own place of results and encryption win.
   *
   * @default true
   */
  readonly enforceConfiguration?: boolean;

  /**
   * Whether Athena publishes metrics of the queries to CloudWatch. Without them there is no alarm.
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
   * Tags of the workgroup, by which policies can tell whose it is. At most 50: keys of 1 to 128 characters, values of up to 256.
   *
   * @default - none but those of the stack and the app
   * @see https://docs.aws.amazon.com/athena/latest/ug/tags-access-control.html
   */
  readonly tags?: Record<string, string>;

  /**
   * What happens to the bucket that is made here when it leaves the stack. `DESTROY` deletes it only once it is empty. Not together with
   * `results`.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * What identifies a workgroup that was made elsewhere.
 */
export interface QueryWorkGroupAttributes {
  /** Name of the workgroup. */
  readonly workGroupName: string;

  /**
   * Where its results go, so that whoever is let in can read them.
   *
   * @default - not known: rights to read results are yours to give
   */
  readonly results?: QueryResults;
}

/**
 * An Athena workgroup (engine version 3) for attribution queries, with its settings enforced.
 *
 * Belongs into the account of the catalog. Its alarm tells of a day on which queries scan more than expected, which is what they cost.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-athena-workgroup.html
 */
export class QueryWorkGroup extends QueryWorkGroupBase {
  /**
   * Brings in a workgroup of this account and Region that was made elsewhere.
   */
  public static fromWorkGroupName(scope: Construct, id: string, workGroupName: string): IQueryWorkGroup {
    return QueryWorkGroup.fromQueryWorkGroupAttributes(scope, id, { workGroupName });
  }

  /**
   * Brings in a workgroup of this account and Region that was made elsewhere, with the place of its results.
   */
  public static fromQueryWorkGroupAttributes(scope: Construct, id: string, attrs: QueryWorkGroupAttributes): IQueryWorkGroup {
    validateImportedWorkGroup(attrs, scope);
    class Import extends QueryWorkGroupBase {
      /** Passed through. */
      public readonly workGroupName = attrs.workGroupName;

      /** Made from the name. */
      public readonly workGroupArn = this.stack.formatArn({ service: 'athena', resource: 'workgroup', resourceName: attrs.workGroupName });

      /** Passed through. */
      public readonly results = attrs.results;
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

  /** Where the results go. */
  public readonly results?: QueryResults;

  /** The bucket of the results; undefined when Athena keeps them. */
  public readonly resultsBucket?: s3.IBucketRef;

  /** In alarm after a day on which queries scanned more than `dailyScanThreshold`; undefined where no metrics are published. */
  public readonly scanAlarm?: cloudwatch.IAlarm;

  constructor(scope: Construct, id: string, props: QueryWorkGroupProps = {}) {
    super(scope, id);
    const bytesScannedCutoff = props.bytesScannedCutoff ?? Size.gibibytes(100);
    const publishMetrics = props.publishMetrics ?? true;
    const { workGroupName, description, tags = {} } = props;
    validateQueryWorkGroup({ ...props, bytesScannedCutoff, publishMetrics, tags }, this);

    const results = props.results ?? QueryResults.inBucket(this.makeBucket(props));
    this.results = results;
    this.resultsBucket = results.bucket;
    const resource = new athena.CfnWorkGroup(this, 'Resource', {
      name: workGroupName ?? Names.uniqueResourceName(this, { maxLength: 128, allowedSpecialCharacters: '._-' }),
      description: description ?? 'Questions about Amazon Bedrock cost',
      state: 'ENABLED',
      recursiveDeleteOption: props.recursiveDelete ?? false,
      workGroupConfiguration: {
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        enforceWorkGroupConfiguration: props.enforceConfiguration ?? true,
        publishCloudWatchMetricsEnabled: publishMetrics,
        bytesScannedCutoffPerQuery: bytesScannedCutoff.toBytes(),
        ...renderResults(results),
      },
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
    this.workGroupName = resource.ref;
    this.workGroupArn = athena.CfnWorkGroup.arnForWorkGroup(resource);
    if (publishMetrics) this.scanAlarm = this.makeScanAlarm(props.dailyScanThreshold ?? Size.tebibytes(1), props.alarmTopic);
  }

  private makeBucket({ resultsExpireAfter, removalPolicy }: QueryWorkGroupProps): s3.Bucket {
    const bucket = new s3.Bucket(this, 'Results', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ expiration: resultsExpireAfter ?? Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
    });
    acknowledge(bucket, 'AwsSolutions-S1',
      'results can be computed again and expire; give a bucket of your own to keep access logs of it');
    return bucket;
  }

  private makeScanAlarm(threshold: Size, topic: sns.ITopic | undefined): cloudwatch.Alarm {
    return tell(topic, new cloudwatch.Alarm(this, 'ScanAlarm', {
      alarmDescription: 'Queries about Amazon Bedrock cost have scanned more in a day than expected, and are charged by what they scan. '
        + `Runbook: ${runbookUrl('query-scan-high')}`,
      metric: this.metricProcessedBytes(),
      threshold: threshold.toBytes(),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    }));
  }
}

/**
 * Both places of results are stated, so that nothing is left of the one that was chosen before.
 *
 * CloudFormation removes place, owner, ACL and encryption with an output location that is no longer there. While there is one, it leaves
 * the owner and the ACL as they were where the template has none: hence an owner always, and never an ACL, which is void in a bucket that
 * has none.
 *
 * @see https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-athena
 */
function renderResults(results: QueryResults): athena.CfnWorkGroup.WorkGroupConfigurationProperty {
  const { bucket, prefix, encryptionKey, expectedBucketOwner } = results;
  const kmsKey = encryptionKey?.keyRef.keyArn;
  if (bucket === undefined) {
    return {
      managedQueryResultsConfiguration: { enabled: true, encryptionConfiguration: kmsKey === undefined ? undefined : { kmsKey } },
      resultConfiguration: {},
    };
  }
  return {
    managedQueryResultsConfiguration: { enabled: false },
    resultConfiguration: {
      outputLocation: `s3://${bucket.bucketRef.bucketName}/${prefix}/`,
      expectedBucketOwner,
      encryptionConfiguration: kmsKey === undefined ? { encryptionOption: 'SSE_S3' } : { encryptionOption: 'SSE_KMS', kmsKey },
    },
  };
}
