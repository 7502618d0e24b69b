import { RemovalPolicy } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { lifecycleRules, type ObjectAges } from './invocation-log-lifecycle';

/** What store and archive let their users say about a bucket. */
interface LogBucketOptions extends ObjectAges {
  readonly bucketName?: string;
  readonly encryptionKey?: kms.IKey;
  readonly serverAccessLogsBucket?: s3.IBucket;
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Makes a bucket for logs: its owner owns all objects, over TLS only, closed to the public, kept when its stack goes.
 *
 * @param writer who writes to the bucket, for those who wonder why there are no server access logs
 */
export function createLogBucket(parent: Construct, props: LogBucketOptions, versioned: boolean, writer: string): s3.Bucket {
  const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
  const bucket = new s3.Bucket(parent, 'Bucket', {
    bucketName: props.bucketName,
    versioned,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    encryption: props.encryptionKey === undefined ? s3.BucketEncryption.S3_MANAGED : s3.BucketEncryption.KMS,
    encryptionKey: props.encryptionKey,
    bucketKeyEnabled: props.encryptionKey === undefined ? undefined : true,
    serverAccessLogsBucket: props.serverAccessLogsBucket,
    lifecycleRules: lifecycleRules(props, versioned),
    autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
    removalPolicy,
  });
  if (props.serverAccessLogsBucket === undefined) {
    acknowledge(bucket, 'AwsSolutions-S1',
      `${writer} writes to this bucket and CloudTrail data events show who reads it; serverAccessLogsBucket adds server access logs`);
  }
  return bucket;
}
