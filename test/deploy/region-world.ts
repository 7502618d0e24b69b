import type { Stack } from 'aws-cdk-lib';
import { invocationLogging } from '../../lib';
import type { LocalAws } from './emulator/local-aws';

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

/** Whose configuration is live, as one sees it from outside. */
export function whose(aws: LocalAws): string {
  const { live } = aws.bedrock.region('us-east-1');
  if (live === undefined) return 'none';
  return JSON.stringify(live).includes('their') ? 'theirs' : 'ours';
}

/** How many calls of an operation reached the service. */
export function calls(aws: LocalAws, operation: 'Put' | 'Delete'): number {
  return aws.bedrock.region('us-east-1').calls.filter(call => call.operation === operation).length;
}

/** State of the stack, whose configuration is live, and what was asked of the service. */
export async function outcome(aws: LocalAws, stackName: string): Promise<string> {
  const status = await aws.stackStatus(stackName) ?? 'no stack';
  return `${status}; live: ${whose(aws)}; ${calls(aws, 'Put')} put, ${calls(aws, 'Delete')} deleted`;
}
