import { ArnFormat, type Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcard } from '../private/acknowledge';
import { packageFile } from '../private/package-file';
import { OWNER_PARAMETER, PARAMETER_FOLDER, RUNBOOK_VARIABLE, StackParameter, TOPIC_VARIABLE } from './handlers/constants';

/** Properties of a `LoggingFunction`. */
export interface LoggingFunctionProps {
  /** Name of the bundled handler, which is its folder in `assets`. */
  readonly asset: string;

  /** What the function does. */
  readonly description: string;

  /** After how long the function is ended. */
  readonly timeout: Duration;

  /** How long Lambda repeats a request that failed. */
  readonly maxEventAge: Duration;

  /** Id of the stack whose configuration the function handles. */
  readonly stackId: string;

  /** Where the function says what it did. */
  readonly notificationTopic: sns.ITopic;

  /** What the function may do with the configuration. */
  readonly operations: ('Get' | 'Put' | 'Delete')[];

  /** The roles that the function may hand to Bedrock. */
  readonly passableRoles: iam.IRole[];

  /** Address of the page that says what to do when something goes wrong. */
  readonly runbook: string;

  /**
   * What gets the requests that failed to the end.
   *
   * @default - they are lost
   */
  readonly onFailure?: lambda.IDestination;

  /**
   * Environment variables beside the topic.
   *
   * @default - none
   */
  readonly environment?: Record<string, string>;
}

/** A function that looks after the logging configuration of the account and Region, with no more rights than that takes. */
export class LoggingFunction extends Construct {
  /** The function. */
  public readonly function: lambda.Function;

  public constructor(scope: Construct, id: string, props: LoggingFunctionProps) {
    super(scope, id);

    const logGroup = new logs.LogGroup(this, 'LogGroup', {
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = new lambda.Function(this, 'Handler', {
      description: props.description,
      runtime: lambda.Runtime.NODEJS_22_X,
      code: lambda.Code.fromAsset(packageFile('assets', props.asset)),
      handler: 'index.handler',
      timeout: props.timeout,
      maxEventAge: props.maxEventAge,
      onFailure: props.onFailure,
      memorySize: 256,
      environment: {
        ...props.environment, [TOPIC_VARIABLE]: props.notificationTopic.topicArn, [RUNBOOK_VARIABLE]: props.runbook,
      },
      logGroup,
      role: this.createRole(logGroup, props),
    });
    acknowledge(this.function, 'AwsSolutions-L1',
      'the handler is bundled for this runtime, which receives security patches; a newer one comes with a new release of the package');
  }

  private createRole(logGroup: logs.ILogGroup, props: LoggingFunctionProps): iam.Role {
    // Bedrock is handed a role for CloudWatch Logs only
    const deliversToLogs = props.passableRoles.length > 0;
    const role = new iam.Role(this, 'Role', {
      description: props.description,
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        LoggingConfiguration: new iam.PolicyDocument({ statements: [
          this.ownLogStatement(logGroup),
          this.settingStatement(props.operations),
          this.memoryStatement(props.stackId),
          ...deliversToLogs ? [this.logGroupStatement()] : [],
          ...props.passableRoles.map(passable => this.passRoleStatement(passable)),
        ] }),
      },
    });
    props.notificationTopic.grantPublish(role);
    acknowledge(role, 'AwsSolutions-IAM5[Resource::*]',
      'the logging configuration of an account and Region has no ARN, so IAM supports no resource for the actions on it');
    if (deliversToLogs) acknowledgeWildcard(role, this.allLogGroups(), 'whether a log group exists is found out by listing, which IAM allows for all or none');
    return role;
  }

  private ownLogStatement(logGroup: logs.ILogGroup): iam.PolicyStatement {
    return new iam.PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    });
  }

  private settingStatement(operations: LoggingFunctionProps['operations']): iam.PolicyStatement {
    return new iam.PolicyStatement({
      actions: operations.map(operation => `bedrock:${operation}ModelInvocationLoggingConfiguration`).sort(),
      // the setting belongs to the account and Region and has no ARN: these actions know no resource type
      resources: ['*'],
    });
  }

  /** The parameters of the stack, and the owner of the account and Region. */
  private memoryStatement(stackId: string): iam.PolicyStatement {
    const guid = Fn.select(2, Fn.split('/', stackId));
    const names = [OWNER_PARAMETER, ...Object.values(StackParameter).map(kind => `${PARAMETER_FOLDER}/${kind}/${guid}`)];
    return new iam.PolicyStatement({
      actions: ['ssm:DeleteParameter', 'ssm:GetParameter', 'ssm:PutParameter'],
      resources: names.map(name => Stack.of(this).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) })),
    });
  }

  /** To tell, when the service refuses a log group, whether it exists at all. */
  private logGroupStatement(): iam.PolicyStatement {
    return new iam.PolicyStatement({ actions: ['logs:DescribeLogGroups'], resources: [this.allLogGroups()] });
  }

  private allLogGroups(): string {
    return Stack.of(this).formatArn({ service: 'logs', resource: 'log-group', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  }

  private passRoleStatement(role: iam.IRole): iam.PolicyStatement {
    return new iam.PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [role.roleArn],
      // "IfExists": whether the service says to whom the role is passed is not documented for this operation
      conditions: { StringEqualsIfExists: { 'iam:PassedToService': 'bedrock.amazonaws.com' } },
    });
  }
}
