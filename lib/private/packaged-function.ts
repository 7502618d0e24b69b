import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import { RUNBOOK_VARIABLE, TOPIC_VARIABLE } from './handlers/constants';
import { packageFile } from './package-file';

/** Properties of a `PackagedFunction`. */
export interface PackagedFunctionProps {
  /** Name of the bundled handler, which is its folder in `assets`. */
  readonly asset: string;

  /** What the function does. */
  readonly description: string;

  /** After how long the function is ended. */
  readonly timeout: Duration;

  /**
   * Memory, in MiB, which the share of a processor goes with.
   *
   * @default 256
   */
  readonly memorySize?: number;

  /** How long Lambda repeats a request that failed. */
  readonly maxEventAge: Duration;

  /** Name of the inline policy that the statements become. */
  readonly policyName: string;

  /** What the function may do beside writing its log and publishing to the topic. */
  readonly statements: iam.PolicyStatement[];

  /**
   * Where the function says what it did.
   *
   * @default - nowhere but in its log
   */
  readonly notificationTopic?: sns.ITopic;

  /**
   * Address of the page that says what to do when something goes wrong.
   *
   * @default - none
   */
  readonly runbook?: string;

  /**
   * What gets the requests that failed to the end.
   *
   * @default - they are lost
   */
  readonly onFailure?: lambda.IDestination;

  /**
   * Environment variables beside topic and runbook.
   *
   * @default - none
   */
  readonly environment?: Record<string, string>;
}

/** A function that comes bundled with this package, with a log of its own and no more rights than the given ones. */
export class PackagedFunction extends Construct {
  /** The function. */
  public readonly function: lambda.Function;

  /** The role that it runs as. */
  public readonly role: iam.Role;

  public constructor(scope: Construct, id: string, props: PackagedFunctionProps) {
    super(scope, id);

    const logGroup = new logs.LogGroup(this, 'LogGroup', {
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = this.createRole(logGroup, props);
    this.function = new lambda.Function(this, 'Handler', {
      description: props.description,
      runtime: lambda.Runtime.NODEJS_22_X,
      code: lambda.Code.fromAsset(packageFile('assets', props.asset)),
      handler: 'index.handler',
      timeout: props.timeout,
      maxEventAge: props.maxEventAge,
      onFailure: props.onFailure,
      memorySize: props.memorySize ?? 256,
      environment: {
        ...props.environment,
        ...props.notificationTopic === undefined ? {} : { [TOPIC_VARIABLE]: props.notificationTopic.topicArn },
        ...props.runbook === undefined ? {} : { [RUNBOOK_VARIABLE]: props.runbook },
      },
      logGroup,
      role: this.role,
    });
    acknowledge(this.function, 'AwsSolutions-L1',
      'the handler is bundled for this runtime, which receives security patches; a newer one comes with a new release of the package');
  }

  private createRole(logGroup: logs.ILogGroup, props: PackagedFunctionProps): iam.Role {
    const ownLog = new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] });
    const role = new iam.Role(this, 'Role', {
      description: props.description,
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { [props.policyName]: new iam.PolicyDocument({ statements: [ownLog, ...props.statements] }) },
    });
    props.notificationTopic?.grantPublish(role);
    return role;
  }
}
