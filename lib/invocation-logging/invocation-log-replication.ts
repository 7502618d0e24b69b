import { Annotations, Stack, Stage, Token } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import type { IInvocationLogArchive } from './invocation-log-archive';
import { logFolder } from './invocation-log-key-prefix';
import { createFailedAlarm, createLagAlarm, LAG_NOT_WATCHED, REPLICATION_RULE_ID } from './invocation-log-replication-alarms';
import type { InvocationLogReplicationOptions } from './invocation-log-replication-options';

/** The path of every replication role, by which an archive knows them. */
export const REPLICATION_ROLE_PATH = '/bedrock-cost-attribution/log-replication/';

/** What S3 takes for the threshold of Replication Time Control, the one value that there is. */
const TIME_CONTROL_MINUTES = 15;

/** Properties of an `InvocationLogReplication`. */
interface InvocationLogReplicationProps extends InvocationLogReplicationOptions {
  /** The bucket that is replicated; versioned. */
  readonly bucket: s3.Bucket;

  /**
   * The prefix of store and archive, without slashes at its ends.
   *
   * @default - none
   */
  readonly keyPrefix?: string;

  /**
   * The customer managed key of the bucket.
   *
   * @default - S3 manages the keys
   */
  readonly encryptionKey?: kms.IKey;

  /** Where the logs are replicated to. */
  readonly archive: IInvocationLogArchive;
}

/** The replication of the bucket of a store to an archive: rule, role and alarms. */
export class InvocationLogReplication extends Construct {
  /** The role by which S3 replicates. */
  public readonly role: iam.IRole;

  /** Goes off when an object could not be replicated. */
  public readonly failedAlarm: cloudwatch.Alarm;

  /** Goes off when the archive lies behind; undefined where the metric is not published. */
  public readonly lagAlarm?: cloudwatch.Alarm;

  public constructor(scope: Construct, id: string, props: InvocationLogReplicationProps) {
    super(scope, id);

    const { archive, bucket } = props;
    this.role = this.createRole(props);
    // not `replicationRules` of the bucket: they come with an event threshold, which S3 refuses without Replication Time Control
    (bucket.node.defaultChild as s3.CfnBucket).replicationConfiguration = this.renderConfiguration(props);
    // S3 looks for the destination when it takes the configuration; stages are deployed in an order of their own
    if (Stage.of(archive) === Stage.of(this)) bucket.node.addDependency(archive);

    this.failedAlarm = createFailedAlarm(this, bucket, archive, props);
    if (isSame(archive.env.region, Stack.of(this).region)) {
      this.lagAlarm = createLagAlarm(this, bucket, archive, props);
    } else {
      this.warnOfUnwatchedLag(scope, archive);
    }
  }

  /** S3 is given the role by this account only, which may pass it; hence no condition on who S3 acts for. */
  private createRole({ archive, bucket, encryptionKey, keyPrefix }: InvocationLogReplicationProps): iam.Role {
    const role = new iam.Role(this, 'Role', {
      path: REPLICATION_ROLE_PATH,
      description: 'Lets Amazon S3 replicate model invocation logs to the archive',
      assumedBy: new iam.ServicePrincipal('s3.amazonaws.com'),
    });
    const folder = `${logFolder(keyPrefix, Stack.of(this).account)}*`;
    const policy = new iam.Policy(this, 'Policy', {
      roles: [role],
      statements: [
        ...readStatements(bucket, folder),
        // without s3:ReplicateDelete: what is deleted here stays in the archive
        allow(['s3:ObjectOwnerOverrideToBucketOwner', 's3:ReplicateObject', 's3:ReplicateTags'], archive.bucket.arnForObjects(folder)),
        ...encryptionKey === undefined ? [] : [allow(['kms:Decrypt'], encryptionKey.keyArn, viaS3(Stack.of(this).region, bucket))],
        ...archive.encryptionKey === undefined ? [] : [
          allow(['kms:Encrypt', 'kms:GenerateDataKey'], archive.encryptionKey.keyArn, viaS3(archive.env.region, archive.bucket)),
        ],
      ],
    });
    acknowledge(policy, 'AwsSolutions-IAM5', 'the role reads and writes every object of one folder: the logs of its account');
    return role;
  }

  /** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html */
  private renderConfiguration(props: InvocationLogReplicationProps): s3.CfnBucket.ReplicationConfigurationProperty {
    const { archive, keyPrefix, timeControl = false } = props;
    const encryptionKey = archive.encryptionKey;
    const { account } = Stack.of(this);
    return {
      role: this.role.roleArn,
      rules: [{
        id: REPLICATION_RULE_ID,
        status: 'Enabled',
        priority: 0,
        filter: { prefix: logFolder(keyPrefix, account) },
        deleteMarkerReplication: { status: 'Disabled' },
        // S3 takes the one with the other only
        ...encryptionKey === undefined ? {} : { sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } } },
        destination: {
          bucket: archive.bucket.bucketArn,
          ...encryptionKey === undefined ? {} : { encryptionConfiguration: { replicaKmsKeyId: encryptionKey.keyArn } },
          // S3 takes an override of the owner between accounts only
          ...isSame(archive.env.account, account) ? {} : {
            account: archive.env.account,
            accessControlTranslation: { owner: 'Destination' },
          },
          ...timeControl
            ? { metrics: { status: 'Enabled', eventThreshold: { minutes: TIME_CONTROL_MINUTES } },
              replicationTime: { status: 'Enabled', time: { minutes: TIME_CONTROL_MINUTES } } }
            : { metrics: { status: 'Enabled' } },
        },
      }],
    };
  }

  private warnOfUnwatchedLag(store: Construct, archive: IInvocationLogArchive): void {
    const region = Token.isUnresolved(archive.env.region) ? 'the Region of the archive' : archive.env.region;
    Annotations.of(store).addWarningV2(
      LAG_NOT_WATCHED,
      `the lag of replication to ${archive.node.path} is published in ${region} only and nothing watches it there: put an `
      + `InvocationLogReplicationLagAlarm for this store into a stack of this account in ${region}, or acknowledge this warning`,
    );
  }
}

function readStatements(bucket: s3.IBucket, folder: string): iam.PolicyStatement[] {
  return [
    allow(['s3:GetReplicationConfiguration', 's3:ListBucket'], bucket.bucketArn),
    allow(['s3:GetObjectVersionAcl', 's3:GetObjectVersionForReplication', 's3:GetObjectVersionTagging'], bucket.arnForObjects(folder)),
  ];
}

function allow(actions: string[], resource: string, conditions?: Record<string, unknown>): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources: [resource], conditions });
}

/**
 * Only through S3, and for the objects of one bucket: by the ARN of the object, or of the bucket where it has an S3 Bucket Key.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
 */
function viaS3(region: string, bucket: s3.IBucket): Record<string, unknown> {
  return {
    StringLike: {
      'kms:ViaService': `s3.${region}.*`, // the end of the name differs between partitions
      'kms:EncryptionContext:aws:s3:arn': [bucket.bucketArn, bucket.arnForObjects('*')],
    },
  };
}

/** Whether two accounts or Regions are known to be the same. */
function isSame(one: string, other: string): boolean {
  return one === other;
}
