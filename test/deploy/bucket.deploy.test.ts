import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { RemovalPolicy } from 'aws-cdk-lib';
import type { invocationLogging } from '../../lib';
import { ACCOUNT, type LocalAws } from './emulator/local-aws';
import { FaultTable } from './fault-table';
import { calls, logging, outcome, until, useLocalAws } from './region-world';

const table = new FaultTable('A bucket that is not empty');
const STACK = 'Logs';
const FOLDER = `AWSLogs/${ACCOUNT}/BedrockModelInvocationLogs/`;

let aws: LocalAws;
let s3: S3Client;

useLocalAws(started => {
  aws = started;
  s3 = new S3Client({ ...aws.clientOptions, forcePathStyle: true });
});

const region = (): ReturnType<LocalAws['bedrock']['region']> => aws.bedrock.region('us-east-1');

/** Writes as the service does when it delivers. */
async function deliver(configuration: object, name: string): Promise<void> {
  const { s3Config } = configuration as { s3Config: { bucketName: string } };
  await s3.send(new PutObjectCommand({ Bucket: s3Config.bucketName, Key: FOLDER + name, Body: 'log' }));
}

/** Has the service leave an object in the bucket with each put, by which it tests whether it may write. AWS documents no such object. */
function leaveObjectWithEachPut(): void {
  region().validate = async configuration => {
    await deliver(configuration, 'amazon-bedrock-logs-permission-check');
    return undefined;
  };
}

/** How many objects there are in the bucket, or that there is none. */
async function contents(bucketName: string): Promise<string> {
  try {
    const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: bucketName }));
    return `objects in the bucket: ${KeyCount ?? 0}`;
  } catch (error) {
    expect(error).toMatchObject({ name: 'NoSuchBucket' });
    return 'no bucket';
  }
}

/** The bucket to which the live configuration delivers. */
const liveBucket = (): string => (region().live as { s3Config: { bucketName: string } }).s3Config.bucketName;

type StoreProps = invocationLogging.InvocationLogStoreProps;

/** Deploys, destroys, and says what became of the bucket. */
async function comeAndGo(store: StoreProps): Promise<string> {
  expect(await aws.deploy(STACK, logging({}, store))).toMatchObject({ succeeded: true });
  const bucketName = liveBucket();
  expect(await contents(bucketName)).toBe('objects in the bucket: 1');
  expect(await aws.destroy(STACK, logging({}, store))).toMatchObject({ succeeded: true });
  return `destroying the stack: ${await outcome(aws, STACK)}; ${await contents(bucketName)}`;
}

table.fault('the service leaves an object in a bucket that is to stay', async () => {
  leaveObjectWithEachPut();
  const observed = await comeAndGo({});
  expect(observed).toBe('destroying the stack: no stack; live: none; 1 put, 1 deleted; objects in the bucket: 1');
  return observed;
});

for (const versioned of [false, true]) {
  table.fault(`the service leaves an object in a bucket that is to go, ${versioned ? 'with' : 'without'} versions`, async () => {
    leaveObjectWithEachPut();
    const observed = await comeAndGo({ removalPolicy: RemovalPolicy.DESTROY, versioned });
    expect(observed).toBe('destroying the stack: no stack; live: none; 1 put, 1 deleted; no bucket');
    return observed;
  });
}

table.fault('the service delivers until its configuration is deleted, to a bucket that is to go', async () => {
  const build = logging({}, { removalPolicy: RemovalPolicy.DESTROY });
  expect(await aws.deploy(STACK, build)).toMatchObject({ succeeded: true });
  const bucketName = liveBucket();
  const configuration = region().live!;
  region().delay('Delete', 2_000); // time in which the bucket must not have been emptied for good
  const destruction = aws.destroy(STACK, build);
  await until(() => calls(aws, 'Delete') > 0);
  await deliver(configuration, 'late.json.gz');
  expect(await destruction).toMatchObject({ succeeded: true });
  const observed = `destroying the stack: ${await outcome(aws, STACK)}; ${await contents(bucketName)}`;
  expect(observed).toBe('destroying the stack: no stack; live: none; 1 put, 1 deleted; no bucket');
  return observed;
});

table.holdsAgainstDocument();
