import { Annotations, Stack, Stage, Token } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from '../private/acknowledge';
import type { IInvocationLogArchive } from './invocation-log-archive';
import { logFolder } from './invocation-log-key-prefix';
import { createFailedAlarm, createLagAlarm, LAG_NOT_WATCHED, REPLICATION_RULE_ID } from './invocation-log-replication-alarms';
import type { InvocationLogReplicationOptions } from './invocation-log-replication-options';

/** The path of every replication role, by which an archive knows them. */
export const REPLICATION_ROLE_PATH = '/bedrock-cost-attribution/log-replication/';

/**
 * What a replication role needs of the key of the archive: the last one because S3 checks an S3 Bucket Key before it uses it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html#bk-replication
 */
export const REPLICA_KEY_ACTIONS = ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:Decrypt'];

/** The one threshold that Replication Time Control knows. */
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
    if (archive.env.region === Stack.of(this).region) {
      this.lagAlarm = createLagAlarm(this, bucket, archive, props);
    } else {
      this.warnOfUnwatchedLag(scope, archive);
    }
  }

  /** Without a condition on whom S3 acts for: only this account can hand the role to S3. */
  private createRole({ archive, bucket, encryptionKey, keyPrefix }: InvocationLogReplicationProps): iam.Role {
    const role = new iam.Role(this, 'Role', {
      path: REPLICATION_ROLE_PATH,
      description: 'Lets Amazon S3 replicate model invocation logs to the archive',
      assumedBy: new iam.ServicePrincipal('s3.amazonaws.com'),
    });
    const folder = `${logFolder(keyPrefix, Stack.of(this).account)}*`;
    // by the names of the buckets: an acknowledgement cannot repeat the attribute that arnForObjects refers to
    const [source, destination] = [bucket, archive.bucket].map(({ bucketName }) => Stack.of(this).formatArn({
      service: 's3', region: '', account: '', resource: bucketName, resourceName: folder,
    }));
    const policy = new iam.Policy(this, 'Policy', {
      roles: [role],
      statements: [
        allow(['s3:GetReplicationConfiguration', 's3:ListBucket'], bucket.bucketArn),
        allow(['s3:GetObjectVersionAcl', 's3:GetObjectVersionForReplication', 's3:GetObjectVersionTagging'], source),
        // without s3:ReplicateDelete: what is deleted here stays in the archive
        allow(['s3:ObjectOwnerOverrideToBucketOwner', 's3:ReplicateObject', 's3:ReplicateTags'], destination),
        ...encryptionKey === undefined ? [] : [
          allow(['kms:Decrypt'], encryptionKey.keyArn, viaS3(Stack.of(this).region, bucket)),
        ],
        ...encryptionKey === undefined || archive.encryptionKey === undefined ? [] : [
          allow(REPLICA_KEY_ACTIONS, archive.encryptionKey.keyArn, viaS3(archive.env.region, archive.bucket)),
        ],
      ],
    });
    for (const arn of [source, destination]) acknowledgeWildcard(policy, arn, 'the folder holds the logs of one account, and all of them are replicated');
    return role;
  }

  /** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html */
  private renderConfiguration(props: InvocationLogReplicationProps): s3.CfnBucket.ReplicationConfigurationProperty {
    return {
      role: this.role.roleArn,
      rules: [{
        id: REPLICATION_RULE_ID,
        status: 'Enabled',
        priority: 1,
        filter: { prefix: logFolder(props.keyPrefix, Stack.of(this).account) },
        deleteMarkerReplication: { status: 'Disabled' },
        // replicas are encrypted in the way of their sources: with a customer managed key here, with one there
        ...props.encryptionKey === undefined ? {} : { sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } } },
        destination: this.renderDestination(props),
      }],
    };
  }

  private renderDestination(props: InvocationLogReplicationProps): s3.CfnBucket.ReplicationDestinationProperty {
    const { archive, encryptionKey, timeControl = false } = props;
    const time = { minutes: TIME_CONTROL_MINUTES };
    return {
      bucket: archive.bucket.bucketArn,
      // the archive would own the replicas in any case; S3 takes the override between accounts only
      ...archive.env.account === Stack.of(this).account ? {} : {
        account: archive.env.account,
        accessControlTranslation: { owner: 'Destination' },
      },
      ...encryptionKey === undefined || archive.encryptionKey === undefined ? {} : {
        encryptionConfiguration: { replicaKmsKeyId: archive.encryptionKey.keyArn },
      },
      metrics: { status: 'Enabled', ...timeControl ? { eventThreshold: time } : {} },
      ...timeControl ? { replicationTime: { status: 'Enabled', time } } : {},
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
