import { type Duration, type IResource, RemovalPolicy, Resource } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import type { IInvocationLogArchive } from './invocation-log-archive';
import { createLogBucket } from './invocation-log-bucket';
import { admitLogsToKey, admitToBucket, createDeliveryRole } from './invocation-log-delivery';
import { InvocationLogDestination } from './invocation-log-destination';
import { importStore } from './invocation-log-imported-store';
import { keyPrefixWithoutSlashes } from './invocation-log-key-prefix';
import { InvocationLogReplication } from './invocation-log-replication';
import type { InvocationLogReplicationOptions } from './invocation-log-replication-options';
import type {
  InvocationLogStoreAttributes, InvocationLogStoreBucketAttributes, InvocationLogStoreLogGroupAttributes,
} from './invocation-log-store-attributes';
import { storeProblems } from './validate-invocation-log-store';

/** Where Amazon Bedrock delivers the invocation logs of one account and Region. */
export interface IInvocationLogStore extends IResource {
  /**
   * The bucket that Bedrock writes to, below `<keyPrefix>/AWSLogs/<account>/BedrockModelInvocationLogs/`.
   *
   * Undefined when logs are not delivered to S3.
   */
  readonly bucket?: s3.IBucket;

  /** The prefix of the delivered objects, without slashes at its ends; undefined when there is none. */
  readonly keyPrefix?: string;

  /**
   * The log group that Bedrock writes to, in the log stream `aws/bedrock/modelinvocations`.
   *
   * Undefined when logs are not delivered to CloudWatch Logs.
   */
  readonly logGroup?: logs.ILogGroup;

  /** The role that Bedrock assumes to write to the log group; undefined when logs are not delivered to CloudWatch Logs. */
  readonly role?: iam.IRole;

  /** The store whose bucket takes bodies that are too large for CloudWatch Logs; undefined when there is none. */
  readonly largeDataStore?: IInvocationLogStore;

  /** The archive into which the bucket is replicated; undefined when it is not. */
  readonly archive?: IInvocationLogArchive;
}

/** Properties of an `InvocationLogStore`. */
export interface InvocationLogStoreProps {
  /**
   * Where the logs go: to S3, to CloudWatch Logs, or to both. At least one.
   *
   * @default [InvocationLogDestination.S3]
   */
  readonly destinations?: InvocationLogDestination[];

  /**
   * The name of the bucket, for readers who find the buckets of many accounts and Regions by a naming rule.
   *
   * @default - a name that CloudFormation makes
   */
  readonly bucketName?: string;

  /**
   * The prefix of the delivered objects, at most 864 bytes, without the wildcards of IAM (`*`, `?`, `$`).
   * Slashes at its ends make no difference.
   *
   * @default - objects are written at the root of the bucket
   */
  readonly keyPrefix?: string;

  /**
   * The customer managed key of the bucket and of the log group. Its policy gets the statements that Bedrock and CloudWatch Logs need.
   *
   * @default - keys that S3 and CloudWatch Logs manage themselves
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Whether what is overwritten or deleted in the bucket can be brought back, for 30 days. An archive needs it.
   *
   * @default - true with an archive, false without
   */
  readonly versioned?: boolean;

  /**
   * The age, in whole days, at which objects are deleted. Amazon Bedrock itself never deletes a log.
   *
   * @default - objects are kept
   */
  readonly objectExpiration?: Duration;

  /**
   * When objects move to cheaper storage classes. Athena reads no object of Glacier Flexible Retrieval or Deep Archive. S3 leaves objects
   * below 128 KB where they are, as most logs without payload are.
   *
   * @default - objects stay in the standard class
   */
  readonly transitions?: s3.Transition[];

  /**
   * The archive into which the bucket is replicated. It has to exist before this store, and have the same `keyPrefix`.
   *
   * @default - the bucket is not replicated
   */
  readonly archive?: IInvocationLogArchive;

  /**
   * How the replication to the archive runs and who hears of its failures.
   *
   * @default - without S3 Replication Time Control, and with alarms that no topic hears of
   */
  readonly replication?: InvocationLogReplicationOptions;

  /**
   * The name of the log group.
   *
   * @default - a name that CloudFormation makes
   */
  readonly logGroupName?: string;

  /**
   * How long the log group keeps its events.
   *
   * @default logs.RetentionDays.ONE_YEAR
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * The store whose bucket takes what is too large for CloudWatch Logs: bodies of more than 100 KB, and binary data. A store that delivers
   * to S3, in the same account and Region. Of use where payload is delivered.
   *
   * @default - none
   */
  readonly largeDataStore?: IInvocationLogStore;

  /**
   * The bucket for the server access logs of the log bucket.
   *
   * @default - no server access logs
   */
  readonly serverAccessLogsBucket?: s3.IBucket;

  /**
   * What happens to the bucket and the log group when they leave the stack. `DESTROY` also empties the bucket, because Bedrock leaves a
   * permission-check object behind that would keep it from being deleted.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The bucket, log group, role and policies that Amazon Bedrock needs to deliver the invocation logs of one account and Region.
 *
 * Bedrock delivers only within an account and Region, so each of them has a store of its own. It writes to S3 by the bucket policy and to
 * CloudWatch Logs by the role; both admit the service for this account and Region only. The logs are evidence of cost, therefore bucket and
 * log group are kept when the stack goes.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
 */
export class InvocationLogStore extends Resource implements IInvocationLogStore {
  /**
   * Makes a store of a bucket that exists already, in the account and Region of the scope.
   *
   * A bucket of the same app gets the policy statement that Bedrock needs. The policy of any other bucket is in other hands: a warning says
   * which statement it must have.
   */
  public static fromBucket(scope: Construct, id: string, attrs: InvocationLogStoreBucketAttributes): IInvocationLogStore {
    const store = importStore(scope, id, attrs, false);
    admitToBucket(store, attrs.bucket, store.keyPrefix);
    return store;
  }

  /**
   * Makes a store of a log group that exists already, in the account and Region of the scope, with a new role unless one is given.
   *
   * The policy of a role that is given is not changed.
   */
  public static fromLogGroup(scope: Construct, id: string, attrs: InvocationLogStoreLogGroupAttributes): IInvocationLogStore {
    return importStore(scope, id, attrs, true);
  }

  /**
   * Refers to a store that exists already, in the account and Region of the scope. Nothing is changed.
   */
  public static fromInvocationLogStoreAttributes(scope: Construct, id: string, attrs: InvocationLogStoreAttributes): IInvocationLogStore {
    return importStore(scope, id, attrs, false);
  }

  /** The bucket that Bedrock writes to; undefined when logs are not delivered to S3. */
  public readonly bucket?: s3.IBucket;

  /** The prefix of the delivered objects, without slashes at its ends; undefined when there is none. */
  public readonly keyPrefix?: string;

  /** The log group that Bedrock writes to; undefined when logs are not delivered to CloudWatch Logs. */
  public readonly logGroup?: logs.ILogGroup;

  /** The role that Bedrock assumes to write to the log group; undefined when logs are not delivered to CloudWatch Logs. */
  public readonly role?: iam.IRole;

  /** The store whose bucket takes bodies that are too large for CloudWatch Logs; undefined when there is none. */
  public readonly largeDataStore?: IInvocationLogStore;

  /** The archive into which the bucket is replicated; undefined when it is not. */
  public readonly archive?: IInvocationLogArchive;

  /** The role by which S3 replicates into the archive; undefined without one. */
  public readonly replicationRole?: iam.IRole;

  /** Goes off when an object could not be replicated; undefined without an archive. */
  public readonly replicationFailedAlarm?: cloudwatch.IAlarm;

  /** Goes off when the archive lies behind; undefined without an archive, or with one whose Region is not known to be that of the store. */
  public readonly replicationLagAlarm?: cloudwatch.IAlarm;

  public constructor(scope: Construct, id: string, props: InvocationLogStoreProps = {}) {
    super(scope, id);

    const destinations = props.destinations ?? [InvocationLogDestination.S3];
    throwProblems('InvalidInvocationLogStore', 'the invocation log store', storeProblems(props, destinations, this.env), this);

    if (destinations.includes(InvocationLogDestination.S3)) {
      this.keyPrefix = keyPrefixWithoutSlashes(props.keyPrefix);
      const bucket = this.createBucket(props);
      this.bucket = bucket;
      if (props.archive !== undefined) {
        const replication = new InvocationLogReplication(this, 'Replication', {
          bucket, keyPrefix: this.keyPrefix, encryptionKey: props.encryptionKey, archive: props.archive, ...props.replication,
        });
        this.archive = props.archive;
        this.replicationRole = replication.role;
        this.replicationFailedAlarm = replication.failedAlarm;
        this.replicationLagAlarm = replication.lagAlarm;
      }
    }
    if (destinations.includes(InvocationLogDestination.CLOUDWATCH_LOGS)) {
      this.logGroup = this.createLogGroup(props);
      this.role = createDeliveryRole(this, this.logGroup);
      this.largeDataStore = props.largeDataStore;
    }
  }

  private createBucket(props: InvocationLogStoreProps): s3.Bucket {
    const bucket = createLogBucket(this, props, props.versioned ?? props.archive !== undefined, 'one service');
    admitToBucket(this, bucket, this.keyPrefix);
    return bucket;
  }

  private createLogGroup(props: InvocationLogStoreProps): logs.LogGroup {
    if (props.encryptionKey !== undefined) admitLogsToKey(this, props.encryptionKey, props.logGroupName);
    return new logs.LogGroup(this, 'LogGroup', {
      logGroupName: props.logGroupName,
      retention: props.logRetention ?? logs.RetentionDays.ONE_YEAR,
      encryptionKey: props.encryptionKey,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
  }
}
