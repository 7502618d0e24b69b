import { ArnFormat, Fn, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcard } from '../private/acknowledge';
import { PackagedFunction, type PackagedFunctionProps } from '../private/packaged-function';
import { OWNER_PARAMETER, PARAMETER_FOLDER, StackParameter } from './handlers/constants';

/** Properties of a `LoggingFunction`. */
export interface LoggingFunctionProps extends Omit<PackagedFunctionProps, 'policyName' | 'statements'> {
  /** Id of the stack whose configuration the function handles. */
  readonly stackId: string;

  /** Where the function says what it did. */
  readonly notificationTopic: sns.ITopic;

  /** What the function may do with the configuration. */
  readonly operations: ('Get' | 'Put' | 'Delete')[];

  /** The roles that the function may hand to Bedrock. */
  readonly passableRoles: iam.IRole[];
}

/** A function that looks after the logging configuration of the account and Region, with no more rights than that takes. */
export class LoggingFunction extends PackagedFunction {
  public constructor(scope: Construct, id: string, props: LoggingFunctionProps) {
    super(scope, id, withRights(scope, props));
    acknowledge(this.role, 'AwsSolutions-IAM5[Resource::*]',
      'the logging configuration of an account and Region has no ARN, so IAM supports no resource for the actions on it');
    if (deliversToLogs(props)) {
      acknowledgeWildcard(this.role, allLogGroups(this), 'whether a log group exists is found out by listing, which IAM allows for all or none');
    }
  }
}

function withRights(parent: Construct, props: LoggingFunctionProps): PackagedFunctionProps {
  return {
    ...props,
    policyName: 'LoggingConfiguration',
    statements: [
      settingStatement(props.operations),
      memoryStatement(parent, props.stackId),
      // to tell, when the service refuses a log group, whether it exists at all
      ...deliversToLogs(props) ? [new iam.PolicyStatement({ actions: ['logs:DescribeLogGroups'], resources: [allLogGroups(parent)] })] : [],
      ...props.passableRoles.map(passRoleStatement),
    ],
  };
}

/** Bedrock is handed a role for CloudWatch Logs only. */
function deliversToLogs({ passableRoles }: LoggingFunctionProps): boolean {
  return passableRoles.length > 0;
}

function allLogGroups(place: Construct): string {
  return Stack.of(place).formatArn({ service: 'logs', resource: 'log-group', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}

function settingStatement(operations: LoggingFunctionProps['operations']): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: operations.map(operation => `bedrock:${operation}ModelInvocationLoggingConfiguration`).sort(),
    // the setting belongs to the account and Region and has no ARN: these actions know no resource type
    resources: ['*'],
  });
}

/** The parameters of the stack, and the owner of the account and Region. */
function memoryStatement(place: Construct, stackId: string): iam.PolicyStatement {
  const guid = Fn.select(2, Fn.split('/', stackId));
  const names = [OWNER_PARAMETER, ...Object.values(StackParameter).map(kind => `${PARAMETER_FOLDER}/${kind}/${guid}`)];
  return new iam.PolicyStatement({
    actions: ['ssm:DeleteParameter', 'ssm:GetParameter', 'ssm:PutParameter'],
    resources: names.map(name => Stack.of(place).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) })),
  });
}

function passRoleStatement(role: iam.IRole): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['iam:PassRole'],
    resources: [role.roleArn],
    // "IfExists": whether the service says to whom the role is passed is not documented for this operation
    conditions: { StringEqualsIfExists: { 'iam:PassedToService': 'bedrock.amazonaws.com' } },
  });
}
