import { Annotations, ArnFormat, type Duration, type IResource, RemovalPolicy, Resource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { throwProblems } from '../private/errors';
import { InvocationLogDestination } from './invocation-log-destination';
import { importProblems, keyPrefixWithoutSlashes, storeProblems } from './validate-invocation-log-store';

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
   * The prefix of the delivered objects, at most 1,024 characters. Slashes at its ends make no difference.
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
   * The prefix of the delivered objects, at most 1,024 characters, without the wildcards of IAM (`*`, `?`, `$`).
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
   * The age, in whole days, at which objects are deleted. Amazon Bedrock itself never deletes a log.
   *
   * @default - objects are kept
   */
  readonly objectExpiration?: Duration;

  /**
   * How long the log group keeps its events.
   *
   * @default logs.RetentionDays.ONE_YEAR
   */
  readonly logRetention?: logs.RetentionDays;

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
   * Refers to a store that exists already, in the account and Region of the scope. Nothing is checked or changed.
   */
  public static fromInvocationLogStoreAttributes(scope: Construct, id: string, attrs: InvocationLogStoreAttributes): IInvocationLogStore {
    throwProblems('InvalidInvocationLogStore', 'the imported invocation log store', importProblems(attrs), scope);

    class Import extends Resource implements IInvocationLogStore {
      /** As given. */
      public readonly bucket = attrs.bucket;
      /** As given, without slashes at its ends. */
      public readonly keyPrefix = keyPrefixWithoutSlashes(attrs.keyPrefix);
      /** As given. */
      public readonly logGroup = attrs.logGroup;
      /** As given. */
      public readonly role = attrs.role;
    }
    return new Import(scope, id);
  }

  /** The bucket that Bedrock writes to; undefined when logs are not delivered to S3. */
  public readonly bucket?: s3.IBucket;

  /** The prefix of the delivered objects, without slashes at its ends; undefined when there is none. */
  public readonly keyPrefix?: string;

  /** The log group that Bedrock writes to; undefined when logs are not delivered to CloudWatch Logs. */
  public readonly logGroup?: logs.ILogGroup;

  /** The role that Bedrock assumes to write to the log group; undefined when logs are not delivered to CloudWatch Logs. */
  public readonly role?: iam.IRole;

  public constructor(scope: Construct, id: string, props: InvocationLogStoreProps = {}) {
    super(scope, id);

    const destinations = props.destinations ?? [InvocationLogDestination.S3];
    throwProblems('InvalidInvocationLogStore', 'the invocation log store', storeProblems(props, destinations), this);

    if (destinations.includes(InvocationLogDestination.S3)) {
      this.keyPrefix = keyPrefixWithoutSlashes(props.keyPrefix);
      this.bucket = this.createBucket(props);
    }
    if (destinations.includes(InvocationLogDestination.CLOUDWATCH_LOGS)) {
      this.logGroup = this.createLogGroup(props);
      this.role = this.createRole(this.logGroup);
    }
  }

  private createBucket(props: InvocationLogStoreProps): s3.Bucket {
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    const bucket = new s3.Bucket(this, 'Bucket', {
      bucketName: props.bucketName,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      encryption: props.encryptionKey === undefined ? s3.BucketEncryption.S3_MANAGED : s3.BucketEncryption.KMS,
      encryptionKey: props.encryptionKey,
      bucketKeyEnabled: props.encryptionKey === undefined ? undefined : true,
      serverAccessLogsBucket: props.serverAccessLogsBucket,
      lifecycleRules: props.objectExpiration === undefined ? undefined : [{ expiration: props.objectExpiration }],
      autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
      removalPolicy,
    });
    bucket.addToResourcePolicy(this.bucketStatement(bucket));
    if (props.encryptionKey !== undefined) {
      this.addToKeyPolicy(props.encryptionKey, this.bedrockKeyStatement(), 'kms:GenerateDataKey to bedrock.amazonaws.com');
    }
    if (props.serverAccessLogsBucket === undefined) {
      acknowledge(bucket, 'AwsSolutions-S1',
        'one service writes to this bucket and CloudTrail data events show who reads it; serverAccessLogsBucket adds server access logs');
    }
    return bucket;
  }

  private createLogGroup(props: InvocationLogStoreProps): logs.LogGroup {
    if (props.encryptionKey !== undefined) {
      const principal = `logs.${this.stack.region}.amazonaws.com`;
      this.addToKeyPolicy(props.encryptionKey, this.logsKeyStatement(principal), `encryption and decryption to ${principal}`);
    }
    return new logs.LogGroup(this, 'LogGroup', {
      retention: props.logRetention ?? logs.RetentionDays.ONE_YEAR,
      encryptionKey: props.encryptionKey,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
  }

  private createRole(logGroup: logs.ILogGroup): iam.Role {
    const role = new iam.Role(this, 'Role', {
      description: 'Lets Amazon Bedrock write model invocation logs to CloudWatch Logs',
      assumedBy: new iam.ServicePrincipal('bedrock.amazonaws.com', { conditions: this.deliveryConditions() }),
    });
    role.addToPolicy(new iam.PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      // not from logGroupArn, which ends in ":*" and would make an ARN that matches nothing
      resources: [this.stack.formatArn({
        service: 'logs',
        resource: 'log-group',
        resourceName: `${logGroup.logGroupName}:log-stream:aws/bedrock/modelinvocations`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      })],
    }));
    return role;
  }

  private bucketStatement(bucket: s3.Bucket): iam.PolicyStatement {
    const prefix = this.keyPrefix === undefined ? '' : `${this.keyPrefix}/`;
    return new iam.PolicyStatement({
      sid: 'AmazonBedrockLogsWrite',
      principals: [new iam.ServicePrincipal('bedrock.amazonaws.com')],
      actions: ['s3:PutObject'],
      // the permission check of the service writes below this path too, so nothing narrower works
      resources: [bucket.arnForObjects(`${prefix}AWSLogs/${this.stack.account}/BedrockModelInvocationLogs/*`)],
      conditions: this.deliveryConditions(),
    });
  }

  private bedrockKeyStatement(): iam.PolicyStatement {
    return new iam.PolicyStatement({
      sid: 'AmazonBedrockLogsEncrypt',
      principals: [new iam.ServicePrincipal('bedrock.amazonaws.com')],
      actions: ['kms:GenerateDataKey'],
      resources: ['*'], // in a key policy: this key
      conditions: this.deliveryConditions(),
    });
  }

  /** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
  private logsKeyStatement(principal: string): iam.PolicyStatement {
    return new iam.PolicyStatement({
      sid: 'CloudWatchLogsEncrypt',
      principals: [new iam.ServicePrincipal(principal)],
      actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      resources: ['*'], // in a key policy: this key
      // every log group of the account: naming this one would make key and log group wait for each other
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': this.stack.formatArn({ service: 'logs', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME }) } },
    });
  }

  private addToKeyPolicy(key: kms.IKey, statement: iam.PolicyStatement, permission: string): void {
    if (key.addToResourcePolicy(statement, true).statementAdded) return;
    Annotations.of(this).addWarningV2(
      'bedrock-cost-attribution:keyPolicyNotManaged',
      `the policy of the imported key ${key.node.path} cannot be changed from here: it must grant ${permission}, or logs cannot be delivered`,
    );
  }

  /** The service acts for this account and Region only, never for a stranger who names our bucket or role in a configuration. */
  private deliveryConditions(): Record<string, Record<string, string>> {
    return {
      StringEquals: { 'aws:SourceAccount': this.stack.account },
      ArnLike: {
        'aws:SourceArn': this.stack.formatArn({ service: 'bedrock', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME }),
      },
    };
  }
}
