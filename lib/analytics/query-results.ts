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

  /**
   * The account that owns the bucket, 12 digits. Athena writes to no bucket of that name that somebody else owns.
   *
   * @default - the account of the bucket's construct, which for an imported bucket is that of its stack
   */
  readonly expectedBucketOwner?: string;
}

/**
 * Options for query results that Athena keeps.
 */
export interface ManagedResultsOptions {
  /**
   * Key that encrypts the results. Its policy has to let those who query use it.
   *
   * @default - a key that AWS owns
   * @see https://docs.aws.amazon.com/athena/latest/ug/encrypting-managed-results.html
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
   *
   * Whoever may read the bucket may read the results of everybody whose queries write there.
   */
  public static inBucket(bucket: s3.IBucketRef, options: BucketResultsOptions = {}): QueryResults {
    return new QueryResults(options.encryptionKey, bucket, options.prefix ?? 'athena-results', options.expectedBucketOwner ?? bucket.env.account);
  }

  /**
   * Results stay with Athena for 24 hours and are read through its API; there is no bucket to look after.
   *
   * They are read by whoever may use the workgroup, and cannot be used again for a later query.
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
    /** The account that has to own the bucket. */
    public readonly expectedBucketOwner?: string,
  ) {}
}
