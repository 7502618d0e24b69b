import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { IInvocationLogArchive } from './invocation-log-archive';
import type { IInvocationLogStore } from './invocation-log-store';

/** A bucket that is to take logs. */
export interface InvocationLogStoreBucketAttributes {
  /** The bucket, in the account and Region of the scope. A bucket of the same app gets the policy statement that Bedrock needs. */
  readonly bucket: s3.IBucket;

  /**
   * The prefix of the delivered objects, at most 864 bytes, without the wildcards of IAM (`*`, `?`, `$`). Slashes at its ends make no
   * difference.
   *
   * @default - objects are written at the root of the bucket
   */
  readonly keyPrefix?: string;
}

/** A log group that is to take logs. */
export interface InvocationLogStoreLogGroupAttributes {
  /** The log group, in the account and Region of the scope. */
  readonly logGroup: logs.ILogGroup;

  /**
   * The role that Bedrock assumes to write to the log group.
   *
   * @default - a new role
   */
  readonly role?: iam.IRole;

  /**
   * The store whose bucket takes what is too large for CloudWatch Logs.
   *
   * @default - none
   */
  readonly largeDataStore?: IInvocationLogStore;
}

/** A store that exists already. */
export interface InvocationLogStoreAttributes {
  /**
   * The bucket; its policy must let Bedrock write.
   *
   * @default - logs are not delivered to S3
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
   */
  readonly bucket?: s3.IBucket;

  /**
   * The prefix of the delivered objects, at most 864 bytes. Slashes at its ends make no difference.
   *
   * @default - objects are written at the root of the bucket
   */
  readonly keyPrefix?: string;

  /**
   * The log group; given together with `role`.
   *
   * @default - logs are not delivered to CloudWatch Logs
   */
  readonly logGroup?: logs.ILogGroup;

  /**
   * The role that Bedrock assumes to write to the log group; given together with `logGroup`.
   *
   * @default - logs are not delivered to CloudWatch Logs
   */
  readonly role?: iam.IRole;

  /**
   * The store whose bucket takes what is too large for CloudWatch Logs; given together with `logGroup`.
   *
   * @default - none
   */
  readonly largeDataStore?: IInvocationLogStore;

  /**
   * The archive into which the bucket is replicated.
   *
   * @default - the bucket is not replicated
   */
  readonly archive?: IInvocationLogArchive;
}
