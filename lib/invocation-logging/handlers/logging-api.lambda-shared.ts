import {
  type BedrockClient, DeleteModelInvocationLoggingConfigurationCommand, GetModelInvocationLoggingConfigurationCommand,
  PutModelInvocationLoggingConfigurationCommand,
} from '@aws-sdk/client-bedrock';
import { type CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';

/** What the handlers ask of the services; a live configuration may hold anything. */
export interface LoggingApi {
  readonly get: () => Promise<object | undefined>;
  readonly put: (configuration: object) => Promise<void>;
  readonly remove: () => Promise<void>;
  /** Whether a log group of that name exists in this account and Region. */
  readonly hasLogGroup: (name: string) => Promise<boolean>;
}

/** There is no Bedrock to talk to. */
class NoBedrockError extends Error {}

/** The operations on the one configuration of the account and Region of the clients. */
export function loggingApi(bedrock: BedrockClient, logs: CloudWatchLogsClient): LoggingApi {
  return {
    // every other operation comes after this one
    get: async () => {
      try {
        return (await bedrock.send(new GetModelInvocationLoggingConfigurationCommand({}))).loggingConfig;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOTFOUND')) throw error;
        throw new NoBedrockError(`${error.message}: Amazon Bedrock has no endpoint in this Region, so nothing can be logged here; take the Region out.`);
      }
    },
    put: async configuration => {
      await bedrock.send(new PutModelInvocationLoggingConfigurationCommand({ loggingConfig: configuration }));
    },
    remove: async () => {
      await bedrock.send(new DeleteModelInvocationLoggingConfigurationCommand({}));
    },
    hasLogGroup: async name => {
      // the exact name comes first: groups are listed in the order of their names
      const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name, limit: 1 }));
      return logGroups?.[0]?.logGroupName === name;
    },
  };
}
