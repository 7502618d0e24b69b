/** CloudFormation type name under which the custom resource appears in templates and in the console. */
export const RESOURCE_TYPE = 'Custom::BedrockInvocationLogging';

/**
 * Property with the whole configuration as JSON text.
 *
 * CloudFormation turns every scalar of a custom resource into a string: `false` would arrive as the truthy `"false"`. Text survives.
 */
export const CONFIGURATION_PROPERTY = 'LoggingConfiguration';

/** Property that says what to do about a configuration that the stack did not make; a value of `OnForeignConfiguration`. */
export const ON_FOREIGN_PROPERTY = 'OnForeignConfiguration';

/** Property with the ARN of the one foreign logging role that may be handed back to Bedrock. */
export const RESTORABLE_ROLE_PROPERTY = 'RestorableRoleArn';

/** Beginning of the names of the SSM parameters in which the handlers keep what they have to remember. */
export const PARAMETER_FOLDER = '/bedrock-cost-attribution/invocation-logging';

/** SSM parameter, one per account and Region, in which the stack that put the configuration leaves its name. */
export const OWNER_PARAMETER = `${PARAMETER_FOLDER}/owner`;

/** What a stack remembers; each kind is an SSM parameter of its own, named by the unique part of the id of the stack. */
export enum StackParameter {
  /** The configuration that the stack has put or adopted, and that its drift guard looks for. */
  EXPECTED = 'expected',

  /** The foreign configuration that the stack has overwritten. */
  SNAPSHOT = 'snapshot',

  /** The repairs that the drift guard has made. */
  REPAIRS = 'repairs',
}

/** Environment variables of the drift guard. */
export const DRIFT_GUARD_VARIABLES = {
  /** Id of the stack whose configuration is watched. */
  stackId: 'LOGGING_STACK_ID',
  /** A value of `OnDrift`. */
  onDrift: 'ON_DRIFT',
  /** How many repairs are made within the window. */
  maximumRepairs: 'MAXIMUM_REPAIRS',
  /** The window, in seconds. */
  repairWindow: 'REPAIR_WINDOW_SECONDS',
} as const;

/** Time-out of the drift guard, in seconds: one check, and one repair with its retries. */
export const DRIFT_GUARD_TIMEOUT_SECONDS = 300;

/** 1 when a check ended with a configuration other than the expected one, 0 when it ended with the expected one. */
export const DRIFT_METRIC = 'InvocationLoggingDrift';

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
