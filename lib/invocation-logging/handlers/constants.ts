/** CloudFormation type name under which the custom resource appears in templates and in the console. */
export const RESOURCE_TYPE = 'Custom::BedrockInvocationLogging';

/**
 * The one property of the custom resource: the whole configuration as JSON text.
 *
 * CloudFormation turns every scalar of a custom resource into a string: `false` would arrive as the truthy `"false"`. Text survives.
 */
export const CONFIGURATION_PROPERTY = 'LoggingConfiguration';

/** SSM parameter in which the stack that put the configuration of the account and Region leaves its name. */
export const OWNER_PARAMETER = '/bedrock-cost-attribution/invocation-logging/owner';

/**
 * How long the handler keeps retrying a refused configuration, in seconds.
 *
 * New roles and policies take seconds, now and then a minute or two, until every Bedrock host sees them.
 */
export const RETRY_BUDGET_SECONDS = 180;

/**
 * Time-out of the handler, in seconds: the retry budget, the calls that were under way when it ended, and the answer to CloudFormation.
 */
export const HANDLER_TIMEOUT_SECONDS = 600;

/** How long CloudFormation waits for an answer, in seconds, instead of its default of an hour. */
export const SERVICE_TIMEOUT_SECONDS = 900;

/** An S3 destination, as the Bedrock API spells it. */
export interface S3Destination {
  readonly bucketName: string;
  readonly keyPrefix?: string;
}

/** A CloudWatch Logs destination, as the Bedrock API spells it. */
export interface CloudWatchDestination {
  readonly logGroupName: string;
  readonly roleArn: string;
  readonly largeDataDeliveryS3Config?: S3Destination;
}

/**
 * The five delivery switches, as the Bedrock API spells them. What the service does with one that is not sent is not documented,
 * therefore all five are always sent.
 */
export interface DeliveryFlags {
  readonly textDataDeliveryEnabled: boolean;
  readonly imageDataDeliveryEnabled: boolean;
  readonly embeddingDataDeliveryEnabled: boolean;
  readonly videoDataDeliveryEnabled: boolean;
  readonly audioDataDeliveryEnabled: boolean;
}

/**
 * The model invocation logging configuration of an account and Region.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_LoggingConfig.html
 */
export interface LoggingConfiguration extends DeliveryFlags {
  readonly s3Config?: S3Destination;
  readonly cloudWatchConfig?: CloudWatchDestination;
}
