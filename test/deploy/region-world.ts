import type { Stack } from 'aws-cdk-lib';
import { invocationLogging } from '../../lib';
import type { Operation } from '../support/bedrock-logging-endpoint';
import { LocalAws } from './emulator/local-aws';

export const THEIRS = { s3Config: { bucketName: 'their-bucket' }, textDataDeliveryEnabled: true };

type LoggingProps = invocationLogging.InvocationLoggingProps;

/** A way to build the logging into a stack. */
export type Build = (stack: Stack) => void;

/** Builds a store with a bucket, and the logging. */
export function logging(options: LoggingProps = {}, store: invocationLogging.InvocationLogStoreProps = {}): Build {
  return stack => {
    const logStore = new invocationLogging.InvocationLogStore(stack, 'Store', store);
    new invocationLogging.InvocationLogging(stack, 'Logging', { store: logStore, ...options });
  };
}

/** Starts a local AWS for a test file and ends it; every test finds a Region in which nothing is configured. */
export function useLocalAws(use: (aws: LocalAws) => void): void {
  let aws: LocalAws;

  beforeAll(async () => {
    aws = await LocalAws.start();
    use(aws);
  });

  afterAll(async () => {
    await aws.stop();
  });

  beforeEach(() => {
    aws.bedrock.region('us-east-1').reset();
  });
}

/** Whose configuration is live, as one sees it from outside. */
export function whose(aws: LocalAws, region = 'us-east-1'): string {
  const { live } = aws.bedrock.region(region);
  if (live === undefined) return 'none';
  return JSON.stringify(live).includes('their') ? 'theirs' : 'ours';
}

/** How many calls of an operation reached the service. */
export function calls(aws: LocalAws, operation: Operation): number {
  return aws.bedrock.region('us-east-1').calls.filter(call => call.operation === operation).length;
}

/** State of the stack, whose configuration is live, and what was asked of the service. */
export async function outcome(aws: LocalAws, stackName: string): Promise<string> {
  const status = await aws.stackStatus(stackName) ?? 'no stack';
  const reasons = status === 'no stack' ? [] : await aws.reasons(stackName);
  expect(reasons.filter(reason => reason.includes('on AWS the rollback would fail'))).toEqual([]);
  return `${status}; live: ${whose(aws)}; ${calls(aws, 'Put')} put, ${calls(aws, 'Delete')} deleted`;
}

/** Far longer than a busy machine takes for what is waited for. */
const PATIENCE_MS = 300_000;

/** Waits until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!isSo()) {
    if (Date.now() > deadline) throw new NotSoError(`not so in ${PATIENCE_MS / 1000} s: ${isSo.toString()}`);
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

/** What was waited for did not come. */
class NotSoError extends Error {}
