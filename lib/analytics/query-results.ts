import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';

/**
 * Options for query results in a bucket.
 */
export interface BucketResultsOptions {
  /**
   * Folder of the bucket, without a slash at either end.
   *
   * @default 'athena-results'
   */
  readonly prefix?: string;

  /**
   * Key that encrypts the results. Readers need to be allowed to use it.
   *
   * @default - keys of S3 (SSE-S3)
   */
  readonly encryptionKey?: kms.IKeyRef;
}

/**
 * Options for query results that Athena keeps.
 */
export interface ManagedResultsOptions {
  /**
   * Key that encrypts the results.
   *
   * @default - a key that AWS owns
   */
  readonly encryptionKey?: kms.IKeyRef;
}

/**
 * Where the results of queries go: into a bucket, or into storage that Athena keeps for 24 hours. Athena allows one of the two.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/managed-results.html
 */
export class QueryResults {
  /**
   * Results go into a bucket of yours, which decides how long they live.
   */
  public static inBucket(bucket: s3.IBucketRef, options: BucketResultsOptions = {}): QueryResults {
    return new QueryResults(options.encryptionKey, bucket, options.prefix ?? 'athena-results');
  }

  /**
   * Results stay with Athena for 24 hours and are read through its API; there is no bucket to look after.
   */
  public static managed(options: ManagedResultsOptions = {}): QueryResults {
    return new QueryResults(options.encryptionKey);
  }

  private constructor(
    /** Key that encrypts the results; none stands for a key of AWS. */
    public readonly encryptionKey?: kms.IKeyRef,
    /** The bucket of the results; none stands for managed results. */
    public readonly bucket?: s3.IBucketRef,
    /** Folder of the bucket, without a slash at either end. */
    public readonly prefix?: string,
  ) {}
}
