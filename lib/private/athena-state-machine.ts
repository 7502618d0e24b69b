import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import type { State } from './athena-states';

/** A state machine that has Athena do its work. */
export interface AthenaStateMachineOptions {
  readonly comment: string;
  readonly role: iam.IRole;
  readonly definition: State;
  /** The table in which to find what went well. */
  readonly record: string;
}

/** The state machine, with a log of what failed and with traces. */
export function athenaStateMachine(parent: Construct, { comment, role, definition, record }: AthenaStateMachineOptions): sfn.StateMachine {
  const logGroup = new logs.LogGroup(parent, 'Log', { retention: logs.RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.DESTROY });
  const stateMachine = new sfn.StateMachine(parent, 'StateMachine', {
    comment,
    definitionBody: sfn.DefinitionBody.fromString(Stack.of(parent).toJsonString(definition)),
    role,
    logs: { destination: logGroup, level: sfn.LogLevel.ERROR },
    tracingEnabled: true,
  });
  acknowledge(stateMachine, 'AwsSolutions-SF1', `what went well is in ${record}, and in the history of executions for 90 days`);
  acknowledge(role.node.findChild('DefaultPolicy'), 'AwsSolutions-IAM5[Resource::*]', 'delivery of logs and of traces has no resource in IAM');
  return stateMachine;
}

/** The ARN of a service integration of Step Functions, such as `athena:getQueryResults`. */
export function integrationArn(place: Construct, name: string): string {
  const [resource, ...rest] = name.split(':');
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  return Stack.of(place).formatArn({ service: 'states', region: '', account: '', resource, resourceName: rest.join(':'), arnFormat });
}

/** Executions that failed, ran out of time or were stopped. */
export function failedRuns(stateMachine: sfn.IStateMachine): cloudwatch.MathExpression {
  const options = { period: Duration.minutes(5), statistic: cloudwatch.Stats.SUM };
  return new cloudwatch.MathExpression({
    label: 'runs that failed',
    expression: 'FILL(failed, 0) + FILL(late, 0) + FILL(stopped, 0)',
    usingMetrics: {
      failed: stateMachine.metricFailed(options), late: stateMachine.metricTimedOut(options), stopped: stateMachine.metricAborted(options),
    },
    period: Duration.minutes(5),
  });
}
