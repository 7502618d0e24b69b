import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { packageFile } from '../private/package-file';
import { HANDLER_TIMEOUT_SECONDS, OWNER_PARAMETER, SERVICE_TIMEOUT_SECONDS } from './handlers/constants';

/** Properties of a `LoggingConfigurationProvider`. */
interface LoggingConfigurationProviderProps {
  /**
   * The role that the configuration hands to Bedrock.
   *
   * @default - none: logs are not delivered to CloudWatch Logs
   */
  readonly loggingRole?: iam.IRole;
}

/** The function behind the custom resource, with no more rights than reading, putting and deleting the one setting. */
export class LoggingConfigurationProvider extends Construct {
  /** What the custom resource refers to. */
  public readonly serviceToken: string;

  public constructor(scope: Construct, id: string, props: LoggingConfigurationProviderProps = {}) {
    super(scope, id);

    const logGroup = new logs.LogGroup(this, 'LogGroup', {
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const handler = new lambda.Function(this, 'Handler', {
      description: 'Sets the Bedrock model invocation logging configuration of this account and Region',
      runtime: lambda.Runtime.NODEJS_22_X,
      code: lambda.Code.fromAsset(packageFile('assets', 'logging-configuration')),
      handler: 'index.handler',
      timeout: Duration.seconds(HANDLER_TIMEOUT_SECONDS),
      // Lambda repeats a failed request: no repetition may outlive the wait of CloudFormation and meet the rollback that follows
      maxEventAge: Duration.seconds(SERVICE_TIMEOUT_SECONDS - HANDLER_TIMEOUT_SECONDS),
      memorySize: 256,
      logGroup,
      role: this.createRole(logGroup, props.loggingRole),
    });
    acknowledge(handler, 'AwsSolutions-L1',
      'the handler is bundled for this runtime, which receives security patches; a newer one comes with a new release of the package');
    this.serviceToken = handler.functionArn;
  }

  private createRole(logGroup: logs.ILogGroup, loggingRole?: iam.IRole): iam.Role {
    const role = new iam.Role(this, 'Role', {
      description: 'Sets the Bedrock model invocation logging configuration',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        LoggingConfiguration: new iam.PolicyDocument({ statements: [
          this.ownLogStatement(logGroup),
          this.settingStatement(),
          this.ownerStatement(),
          ...loggingRole === undefined ? [] : [this.passRoleStatement(loggingRole)],
        ] }),
      },
    });
    acknowledge(role, 'AwsSolutions-IAM5[Resource::*]',
      'the logging configuration of an account and Region has no ARN, so IAM supports no resource for its three actions');
    return role;
  }

  private ownLogStatement(logGroup: logs.ILogGroup): iam.PolicyStatement {
    return new iam.PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    });
  }

  private settingStatement(): iam.PolicyStatement {
    return new iam.PolicyStatement({
      actions: [
        'bedrock:DeleteModelInvocationLoggingConfiguration',
        'bedrock:GetModelInvocationLoggingConfiguration',
        'bedrock:PutModelInvocationLoggingConfiguration',
      ],
      // the setting belongs to the account and Region and has no ARN: these actions know no resource type
      resources: ['*'],
    });
  }

  private ownerStatement(): iam.PolicyStatement {
    return new iam.PolicyStatement({
      actions: ['ssm:DeleteParameter', 'ssm:GetParameter', 'ssm:PutParameter'],
      resources: [Stack.of(this).formatArn({ service: 'ssm', resource: 'parameter', resourceName: OWNER_PARAMETER.slice(1) })],
    });
  }

  private passRoleStatement(loggingRole: iam.IRole): iam.PolicyStatement {
    return new iam.PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [loggingRole.roleArn],
      // "IfExists": whether the service says to whom the role is passed is not documented for this operation
      conditions: { StringEqualsIfExists: { 'iam:PassedToService': 'bedrock.amazonaws.com' } },
    });
  }
}
