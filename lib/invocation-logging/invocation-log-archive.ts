import { Arn, ArnFormat, type Duration, type IResource, RemovalPolicy, Resource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import type { ArchivedAccounts } from './invocation-log-archived-accounts';
import { createLogBucket } from './invocation-log-bucket';
import { addToKeyPolicy } from './invocation-log-delivery';
import { keyPrefixWithoutSlashes, logFolder } from './invocation-log-key-prefix';
import { REPLICA_KEY_ACTIONS, REPLICATION_ROLE_PATH } from './invocation-log-replication';
import { archiveImportProblems, archiveProblems } from './validate-invocation-log-archive';

/** The one bucket into which the logs of many accounts and Regions are replicated. */
export interface IInvocationLogArchive extends IResource {
  /** The bucket; the logs lie below `<keyPrefix>/AWSLogs/<account>/BedrockModelInvocationLogs/<region>/`. */
  readonly bucket: s3.IBucket;

  /** The prefix of the replicated objects, without slashes at its ends; undefined when there is none. */
  readonly keyPrefix?: string;

  /** The customer managed key of the bucket; undefined when S3 manages the keys. */
  readonly encryptionKey?: kms.IKey;
}

/** An archive that exists already, usually in another account. */
export interface InvocationLogArchiveAttributes {
  /** The bucket; its policy must let the replication roles write. */
  readonly bucket: s3.IBucket;

  /** The account that owns the bucket, 12 digits. */
  readonly account: string;

  /** The Region of the bucket. It decides where the lag of replication can be watched, and the name of a bucket does not tell it. */
  readonly region: string;

  /**
   * The prefix of the replicated objects. Slashes at its ends make no difference.
   *
   * @default - objects lie at the root of the bucket
   */
  readonly keyPrefix?: string;

  /**
   * The customer managed key of the bucket.
   *
   * @default - keys that S3 manages itself
   */
  readonly encryptionKey?: kms.IKey;
}

/** Properties of an `InvocationLogArchive`. */
export interface InvocationLogArchiveProps {
  /** Whose logs are taken in. Each account can write to its own folder only. */
  readonly sources: ArchivedAccounts;

  /**
   * The name of the bucket. Stores in other accounts and Regions need it to refer to the archive.
   *
   * @default - a name that CloudFormation makes
   */
  readonly bucketName?: string;

  /**
   * The prefix of the replicated objects, without the wildcards of IAM (`*`, `?`, `$`). It must be that of every store, because
   * replication keeps the keys of objects. Slashes at its ends make no difference.
   *
   * @default - objects lie at the root of the bucket
   */
  readonly keyPrefix?: string;

  /**
   * The customer managed key of the bucket, in its Region. Stores with a key of their own need an archive with one; its policy gets the
   * statement that their replication roles need. What comes from stores without a key stays encrypted with keys of S3: replication keeps
   * the kind of encryption.
   *
   * @default - keys that S3 manages itself
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * The age, in whole days, at which objects are deleted.
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
   * The bucket for the server access logs of the archive.
   *
   * @default - no server access logs
   */
  readonly serverAccessLogsBucket?: s3.IBucket;

  /**
   * What happens to the bucket when it leaves the stack. `DESTROY` also empties it.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * One bucket for the invocation logs of many accounts and Regions, so that one table reads all.
 *
 * Belongs in the account of the ledger. The stores name it in their `archive` property and replicate into it under the same keys, which an
 * `InvocationLogSource.fromBucket` therefore finds. The policy of the bucket admits the replication roles of the stores and each of them
 * only to the folder of its own account: no account can write the logs of another. Deletions are not replicated, and what is deleted or
 * overwritten in the archive itself can be brought back for 30 days.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
 */
export class InvocationLogArchive extends Resource implements IInvocationLogArchive {
  /** Refers to an archive that exists already. Nothing is checked or changed. */
  public static fromInvocationLogArchiveAttributes(
    scope: Construct, id: string, attrs: InvocationLogArchiveAttributes,
  ): IInvocationLogArchive {
    throwProblems('InvalidInvocationLogArchive', 'the imported invocation log archive', archiveImportProblems(attrs), scope);

    class Import extends Resource implements IInvocationLogArchive {
      /** As given. */
      public readonly bucket = attrs.bucket;
      /** As given, without slashes at its ends. */
      public readonly keyPrefix = keyPrefixWithoutSlashes(attrs.keyPrefix);
      /** As given. */
      public readonly encryptionKey = attrs.encryptionKey;
    }
    return new Import(scope, id, { account: attrs.account, region: attrs.region });
  }

  /** The bucket into which the stores replicate. */
  public readonly bucket: s3.IBucket;

  /** The prefix of the replicated objects, without slashes at its ends; undefined when there is none. */
  public readonly keyPrefix?: string;

  /** The customer managed key of the bucket; undefined when S3 manages the keys. */
  public readonly encryptionKey?: kms.IKey;

  public constructor(scope: Construct, id: string, props: InvocationLogArchiveProps) {
    super(scope, id);

    throwProblems('InvalidInvocationLogArchive', 'the invocation log archive', archiveProblems(props), this);
    this.keyPrefix = keyPrefixWithoutSlashes(props.keyPrefix);
    this.encryptionKey = props.encryptionKey;
    this.bucket = this.createBucket(props);

    if (props.encryptionKey !== undefined) {
      addToKeyPolicy(this, props.encryptionKey, this.keyStatement(props.sources));
    }
  }

  private createBucket(props: InvocationLogArchiveProps): s3.Bucket {
    // versioned: S3 replicates between versioned buckets only
    const bucket = createLogBucket(this, props, true, 'only replication');
    bucket.addToResourcePolicy(this.bucketStatement(bucket, props.sources));
    return bucket;
  }

  /**
   * Of one size for any number of accounts of an organization. The actions on the bucket itself that AWS lists in its example
   * (`s3:List*`, `s3:GetBucketVersioning`, `s3:PutBucketVersioning`) are left out: the role of that example is not allowed them either.
   *
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
   */
  private bucketStatement(bucket: s3.Bucket, sources: ArchivedAccounts): iam.PolicyStatement {
    return new iam.PolicyStatement({
      sid: 'ReplicateIntoFolderOfOwnAccount',
      principals: principals(sources),
      actions: ['s3:ObjectOwnerOverrideToBucketOwner', 's3:ReplicateObject', 's3:ReplicateTags'],
      resources: [bucket.arnForObjects(`${logFolder(this.keyPrefix, '${aws:PrincipalAccount}')}*`)],
      conditions: this.roleConditions(sources),
    });
  }

  private keyStatement(sources: ArchivedAccounts): iam.PolicyStatement {
    return new iam.PolicyStatement({
      principals: principals(sources),
      actions: REPLICA_KEY_ACTIONS,
      resources: ['*'], // in a key policy: this key
      // not the bucket by its encryption context: key and bucket would wait for each other
      conditions: { ...this.roleConditions(sources), StringLike: { 'kms:ViaService': 's3.*' } },
    });
  }

  /** Only the roles that stores make. A policy for anyone of one organization is not public to S3. */
  private roleConditions(sources: ArchivedAccounts): Record<string, Record<string, string>> {
    const role = Arn.format({
      service: 'iam',
      region: '',
      account: '*',
      resource: 'role',
      resourceName: `${REPLICATION_ROLE_PATH.slice(1)}*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    }, this.stack);
    return {
      ArnLike: { 'aws:PrincipalArn': role },
      ...sources.organizationId === undefined ? {} : { StringEquals: { 'aws:PrincipalOrgID': sources.organizationId } },
    };
  }
}

/**
 * Accounts by name where they are known: in a list of conditions, S3 would take the policy for public and refuse it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
function principals({ accounts }: ArchivedAccounts): iam.IPrincipal[] {
  return accounts?.map(account => new iam.AccountPrincipal(account)) ?? [new iam.AnyPrincipal()];
}
