import { Duration, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { HANDLER_TIMEOUT_SECONDS, SERVICE_TIMEOUT_SECONDS } from './handlers/constants';
import { LoggingFunction } from './logging-function';

/** Properties of a `LoggingConfigurationProvider`. */
interface LoggingConfigurationProviderProps {
  /**
   * The role that the configuration hands to Bedrock.
   *
   * @default - none: logs are not delivered to CloudWatch Logs
   */
  readonly loggingRole?: iam.IRole;

  /**
   * The role of a foreign configuration that may be handed back to Bedrock.
   *
   * @default - none
   */
  readonly restorableRole?: iam.IRole;

  /** Where people are told what was done to a foreign configuration. */
  readonly notificationTopic: sns.ITopic;
}

/** The function behind the custom resource. */
export class LoggingConfigurationProvider extends Construct {
  /** What the custom resource refers to. */
  public readonly serviceToken: string;

  public constructor(scope: Construct, id: string, props: LoggingConfigurationProviderProps) {
    super(scope, id);

    const { function: handler } = new LoggingFunction(this, 'Function', {
      asset: 'logging-configuration',
      description: 'Sets the Bedrock model invocation logging configuration of this account and Region',
      timeout: Duration.seconds(HANDLER_TIMEOUT_SECONDS),
      // no repetition may outlive the wait of CloudFormation and meet the rollback that follows
      maxEventAge: Duration.seconds(SERVICE_TIMEOUT_SECONDS - HANDLER_TIMEOUT_SECONDS),
      stackId: Stack.of(this).stackId,
      notificationTopic: props.notificationTopic,
      passableRoles: [props.loggingRole, props.restorableRole].filter(role => role !== undefined),
    });
    this.serviceToken = handler.functionArn;
  }
}
