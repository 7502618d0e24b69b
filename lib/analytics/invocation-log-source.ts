import { Fn } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';

/**
 * Which invocation logs a table covers.
 */
export interface InvocationLogCoverage {
  /**
   * Accounts whose logs are read, 12 digits each. At most a few dozen: they become an enumeration that Athena walks through.
   */
  readonly accounts: string[];

  /**
   * Regions whose logs are read: the Regions in which calls are made, not those in which a profile runs them.
   */
  readonly regions: string[];

  /**
   * First day of the logs, as `YYYY-MM-DD` in UTC. Earlier logs are not read.
   *
   * @default '2026-01-01'
   */
  readonly firstDay?: string;

  /**
   * Prefix that was given to the logging configuration, without a slash at either end.
   *
   * @default - none: `AWSLogs/` lies at the root of the bucket
   */
  readonly keyPrefix?: string;
}

/**
 * Where the invocation logs of several accounts and Regions lie.
 *
 * Bedrock delivers only into a bucket of the account and Region of the call, so one table over many of them needs either a bucket per
 * account and Region under a common naming rule, or one bucket into which all others replicate.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
 */
export class InvocationLogSource {
  /**
   * One bucket that holds all logs: that of a single account and Region, or the target of replication.
   */
  public static fromBucket(bucket: s3.IBucketRef, coverage: InvocationLogCoverage): InvocationLogSource {
    const { bucketName } = bucket.bucketRef;
    return new InvocationLogSource(bucketName, bucketName, coverage);
  }

  /**
   * A bucket per account and Region, named `prefix-account-region`.
   *
   * Athena puts account and Region into the bucket's name, so every account needs a bucket in every Region that is named here: a query that
   * meets a bucket that does not exist may fail. The policy of each bucket must let the reader in.
   *
   * @param bucketNamePrefix what the names have in common, without the hyphen before the account
   */
  public static fromBucketPerAccountAndRegion(bucketNamePrefix: string, coverage: InvocationLogCoverage): InvocationLogSource {
    return new InvocationLogSource(
      `${bucketNamePrefix}-\${log_account}-\${log_region}`,
      `${bucketNamePrefix}-${Fn.select(0, coverage.accounts)}-${Fn.select(0, coverage.regions)}`,
      coverage,
    );
  }

  /** Accounts whose logs are read. */
  public readonly accounts: string[];

  /** Regions whose logs are read. */
  public readonly regions: string[];

  /** First day that is read, as `YYYY-MM-DD` in UTC. */
  public readonly firstDay: string;

  /**
   * Where the logs of one account, Region and day lie, with `${log_account}`, `${log_region}` and `${log_day}` (as `YYYY/MM/DD`) to be
   * filled in.
   */
  public readonly locationTemplate: string;

  /**
   * The folder that the table is registered with. Athena reads the days below `locationTemplate` instead.
   */
  public readonly location: string;

  private constructor(bucketNameTemplate: string, oneBucketName: string, coverage: InvocationLogCoverage) {
    this.accounts = [...coverage.accounts];
    this.regions = [...coverage.regions];
    this.firstDay = coverage.firstDay ?? '2026-01-01';
    const folder = coverage.keyPrefix === undefined ? '' : `${coverage.keyPrefix}/`;
    this.locationTemplate
      = `s3://${bucketNameTemplate}/${folder}AWSLogs/\${log_account}/BedrockModelInvocationLogs/\${log_region}/\${log_day}/`;
    this.location = `s3://${oneBucketName}/${folder}AWSLogs/`;
  }
}
