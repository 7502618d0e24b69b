import { Arn, ArnFormat, Duration, type IResource, RemovalPolicy, Resource, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcard } from '../private/acknowledge';
import { throwProblems } from '../private/errors';

/** The bucket of the ledger, made here or elsewhere. */
export interface ILedgerStore extends IResource {
  /**
   * Name of the bucket.
   *
   * @attribute
   */
  readonly bucketName: string;

  /**
   * ARN of the bucket.
   *
   * @attribute
   */
  readonly bucketArn: string;

  /** The customer managed key of the bucket; undefined when S3 manages the keys. */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * Lets a role read and replace files of a dimension table, and see which there are.
   *
   * In another account the policy of the bucket has to admit the role as well: see `refreshingAccounts`.
   *
   * @param role the role of whoever refreshes the table
   * @param folder the folder below `dimensions/`, such as `price_book` or `inference_profiles/111122223333`
   */
  grantDimension(role: iam.IRole, folder: string): void;
}

/** A ledger store that exists already, usually in another account. */
export interface LedgerStoreAttributes {
  /** Name of the bucket. */
  readonly bucketName: string;

  /**
   * The customer managed key of the bucket. Its policy must let the roles of this account use it.
   *
   * @default - keys that S3 manages itself
   */
  readonly encryptionKey?: kms.IKeyRef;
}

/** Properties of a ledger store. */
export interface LedgerStoreProps {
  /**
   * Name of the bucket. Refreshers in other accounts need it to refer to the store.
   *
   * @default - a name that CloudFormation makes
   */
  readonly bucketName?: string;

  /**
   * Other accounts, 12 digits each, whose dimension refreshers may write: each account its own files only.
   *
   * @default - none
   */
  readonly refreshingAccounts?: string[];

  /**
   * The customer managed key of the bucket. With `refreshingAccounts` its policy must let the roles of these accounts use it.
   *
   * @default - keys that S3 manages itself
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * The bucket for the server access logs of the store.
   *
   * @default - no server access logs
   */
  readonly serverAccessLogsBucket?: s3.IBucket;

  /**
   * What happens to the bucket when it leaves the stack. It is never emptied: `DESTROY` deletes it only once somebody has emptied it.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** What a dimension refresher does with its files. */
const DIMENSION_ACTIONS = ['s3:GetObject', 's3:PutObject'];

abstract class LedgerStoreBase extends Resource implements ILedgerStore {
  public abstract readonly bucketName: string;
  public abstract readonly bucketArn: string;
  public abstract readonly encryptionKey?: kms.IKeyRef;

  public grantDimension(role: iam.IRole, folder: string): void {
    const files = `${this.bucketArn}/dimensions/${folder}*`;
    const statements = [
      new iam.PolicyStatement({ actions: DIMENSION_ACTIONS, resources: [files] }),
      // S3 answers "denied" where a file is not there yet: whoever refreshes looks first which there are
      new iam.PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [this.bucketArn],
        conditions: { StringLike: { 's3:prefix': `dimensions/${folder}*` } },
      }),
    ];
    if (this.encryptionKey !== undefined) {
      statements.push(new iam.PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [this.encryptionKey.keyRef.keyArn] }));
    }
    for (const statement of statements) role.addToPrincipalPolicy(statement);
    const policy = role.node.tryFindChild('DefaultPolicy');
    if (policy !== undefined) acknowledgeWildcard(policy, files, 'the files of one dimension table, which the refresher names');
  }
}

/**
 * The bucket of the ledger: the files of the dimension tables below `dimensions/`, the Iceberg tables below `ledger/`, what was read of the
 * AWS Price List below `price-list/`, and scheduled reports below `reports/`.
 *
 * Belongs into the account in which analysts query. Nothing in it expires but what was replaced: versions that are no longer current are
 * kept for 30 days, those of Iceberg tables, which keep snapshots of their own, for seven.
 */
export class LedgerStore extends LedgerStoreBase {
  /**
   * Refers to a store that exists already. Nothing is checked or changed.
   */
  public static fromLedgerStoreAttributes(scope: Construct, id: string, attrs: LedgerStoreAttributes): ILedgerStore {
    class Import extends LedgerStoreBase {
      /** As given. */
      public readonly bucketName = attrs.bucketName;
      /** Made from the name. */
      public readonly bucketArn = bucketArn(this, attrs.bucketName);
      /** As given. */
      public readonly encryptionKey = attrs.encryptionKey;
    }
    return new Import(scope, id);
  }

  /** The bucket. */
  public readonly bucket: s3.IBucket;

  /**
   * Name of the bucket.
   *
   * @attribute
   */
  public readonly bucketName: string;

  /**
   * ARN of the bucket.
   *
   * @attribute
   */
  public readonly bucketArn: string;

  /** The customer managed key of the bucket; undefined when S3 manages the keys. */
  public readonly encryptionKey?: kms.IKeyRef;

  public constructor(scope: Construct, id: string, props: LedgerStoreProps = {}) {
    super(scope, id);
    const refreshingAccounts = props.refreshingAccounts ?? [];
    throwProblems('InvalidLedgerStore', 'the ledger store', refreshingAccounts.flatMap(account =>
      Token.isUnresolved(account) || /^\d{12}$/.test(account)
        ? [] : [`refreshingAccounts has ${JSON.stringify(account)}: use account ids of 12 digits`]), this);

    const bucket = this.createBucket(props);
    this.bucket = bucket;
    this.bucketName = bucket.bucketName;
    this.bucketArn = bucket.bucketArn;
    this.encryptionKey = props.encryptionKey;
    if (refreshingAccounts.length > 0) this.admit(bucket, refreshingAccounts);
  }

  private createBucket(props: LedgerStoreProps): s3.Bucket {
    const bucket = new s3.Bucket(this, 'Bucket', {
      bucketName: props.bucketName,
      encryption: props.encryptionKey === undefined ? s3.BucketEncryption.S3_MANAGED : s3.BucketEncryption.KMS,
      encryptionKey: props.encryptionKey,
      bucketKeyEnabled: props.encryptionKey === undefined ? undefined : true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
        { noncurrentVersionExpiration: Duration.days(30), expiredObjectDeleteMarker: true },
        { prefix: 'ledger/', noncurrentVersionExpiration: Duration.days(7) },
      ],
      serverAccessLogsBucket: props.serverAccessLogsBucket,
      serverAccessLogsPrefix: props.serverAccessLogsBucket === undefined ? undefined : `${this.node.addr}/`,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
    if (props.serverAccessLogsBucket === undefined) {
      acknowledge(bucket, 'AwsSolutions-S1', 'server access logs are asked for with serverAccessLogsBucket; CloudTrail data events are the other way');
    }
    return bucket;
  }

  private admit(bucket: s3.Bucket, accounts: string[]): void {
    const principals = accounts.map(account => new iam.AccountPrincipal(account));
    const own = ['inference_profiles/${aws:PrincipalAccount}/*', 'principals/${aws:PrincipalAccount}.json'].map(file => `dimensions/${file}`);
    bucket.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'RefreshDimensionsOfOwnAccount',
      principals,
      actions: DIMENSION_ACTIONS,
      resources: own.map(file => bucket.arnForObjects(file)),
    }));
    bucket.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'FindDimensionsOfOwnAccount',
      principals,
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': own } },
    }));
  }
}

function bucketArn(scope: Construct, bucketName: string): string {
  const arn = { service: 's3', region: '', account: '', resource: bucketName, arnFormat: ArnFormat.NO_RESOURCE_NAME };
  return Arn.format(arn, Stack.of(scope));
}
