import { Duration, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { errorAlarm } from '../private/check-alarms';
import { throwProblems } from '../private/errors';
import { METRIC_NAMESPACE, STACK_DIMENSION } from '../private/handlers/constants';
import { runbookUrl } from '../private/runbook';
import { samePlaceProblems } from '../private/same-place';
import { tell } from '../private/tell';
import { DRIFT_GUARD_TIMEOUT_SECONDS, DRIFT_GUARD_VARIABLES, DRIFT_METRIC } from './handlers/constants';
import { OnDrift } from './handlers/enums';
import type { IInvocationLogging } from './invocation-logging';
import { LoggingFunction } from './logging-function';

/** Properties of an `InvocationLoggingDriftGuard`. */
export interface InvocationLoggingDriftGuardProps {
  /** The logging whose configuration is watched: of the same account and Region. */
  readonly logging: IInvocationLogging;

  /**
   * What to do about a configuration that was changed or deleted by somebody else. A configuration that was adopted, or that another stack
   * has taken over, is never touched.
   *
   * @default OnDrift.REPAIR
   */
  readonly onDrift?: OnDrift;

  /**
   * How many repairs are made within `repairWindow`. After them the guard alarms and makes no more, so that it never fights another tool.
   * A whole number from 1 to 50.
   *
   * @default 3
   */
  readonly maximumRepairs?: number;

  /**
   * The time in which repairs are counted.
   *
   * @default Duration.days(1)
   */
  readonly repairWindow?: Duration;

  /**
   * How often the configuration is looked at, whatever CloudTrail reports: at least a minute.
   *
   * @default Duration.days(1)
   */
  readonly checkInterval?: Duration;

  /**
   * Where actions and alarms are published: a topic of the same Region, whose policy admits `cloudwatch.amazonaws.com`.
   *
   * @default - the notification topic of the logging
   */
  readonly topic?: sns.ITopic;
}

/**
 * Notices when the logging configuration of an account and Region is changed or deleted by hand or by another tool, and puts it back.
 *
 * It looks when CloudTrail reports a change, which takes a trail that records management events in this Region, and once a day in any case.
 * Every repair is logged and published. After `maximumRepairs` within `repairWindow` it stops and alarms. It starts again by itself once it
 * has found the configuration in order, and the repairs of the window still count. Changes in the same second may count as one.
 *
 * Alarms: the configuration is not the expected one; the guard itself fails; an event could not be handled and lies in the queue.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/logging-using-cloudtrail.html
 */
export class InvocationLoggingDriftGuard extends Construct {
  /** The function that looks and repairs. */
  public readonly function: lambda.IFunction;

  /** Events that could not be handled. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** In alarm while the live configuration is not the expected one. */
  public readonly driftAlarm: cloudwatch.IAlarm;

  /** In alarm when the guard fails. */
  public readonly errorAlarm: cloudwatch.IAlarm;

  /** In alarm while there are events that could not be handled. */
  public readonly deadLetterAlarm: cloudwatch.IAlarm;

  public constructor(scope: Construct, id: string, props: InvocationLoggingDriftGuardProps) {
    super(scope, id);
    throwProblems('InvalidDriftGuard', 'the drift guard', [...problems(props), ...samePlaceProblems(
      'the logging', props.logging, 'its drift guard', this, 'an account and Region can only be watched from within, so put the guard in the same',
    )], this);

    const topic = props.topic ?? props.logging.notificationTopic;
    const queue = new sqs.Queue(this, 'DeadLetters', { enforceSSL: true, retentionPeriod: Duration.days(14) });
    acknowledge(queue, 'AwsSolutions-SQS3', 'this is the dead-letter queue, which needs none of its own');
    this.deadLetterQueue = queue;
    this.function = this.createFunction(props, topic, queue);
    this.listen(this.function, queue, props.checkInterval ?? Duration.days(1));

    this.driftAlarm = this.createDriftAlarm(Stack.of(props.logging).stackName, topic);
    this.errorAlarm = this.createErrorAlarm(this.function, topic);
    this.deadLetterAlarm = this.createDeadLetterAlarm(queue, topic);
  }

  private createFunction(props: InvocationLoggingDriftGuardProps, topic: sns.ITopic, queue: sqs.IQueue): lambda.Function {
    const { stackId } = Stack.of(props.logging);
    const { role } = props.logging.store;
    const onDrift = props.onDrift ?? OnDrift.REPAIR;
    const repairs = onDrift === OnDrift.REPAIR;
    const { function: handler } = new LoggingFunction(this, 'Function', {
      asset: 'drift-guard',
      description: 'Looks after the Bedrock model invocation logging configuration of this account and Region',
      timeout: Duration.seconds(DRIFT_GUARD_TIMEOUT_SECONDS),
      maxEventAge: Duration.hours(1),
      onFailure: new SqsDestination(queue),
      runbook: runbookUrl('logging-drift'),
      stackId,
      notificationTopic: topic,
      // to delete what it has put for a stack that was giving it up in that moment
      operations: repairs ? ['Get', 'Put', 'Delete'] : ['Get'],
      passableRoles: repairs && role !== undefined ? [role] : [],
      environment: {
        [DRIFT_GUARD_VARIABLES.stackId]: stackId,
        [DRIFT_GUARD_VARIABLES.onDrift]: onDrift,
        [DRIFT_GUARD_VARIABLES.maximumRepairs]: Tokenization.stringifyNumber(props.maximumRepairs ?? 3),
        [DRIFT_GUARD_VARIABLES.repairWindow]: Tokenization.stringifyNumber((props.repairWindow ?? Duration.days(1)).toSeconds()),
      },
    });
    return handler;
  }

  private listen(handler: lambda.IFunction, deadLetterQueue: sqs.IQueue, checkInterval: Duration): void {
    const target = new targets.LambdaFunction(handler, { deadLetterQueue, retryAttempts: 10, maxEventAge: Duration.hours(1) });
    new events.Rule(this, 'ChangeRule', {
      description: 'Somebody put or deleted the Bedrock model invocation logging configuration',
      eventPattern: {
        source: ['aws.bedrock'],
        detailType: ['AWS API Call via CloudTrail'],
        detail: {
          eventSource: ['bedrock.amazonaws.com'],
          eventName: ['PutModelInvocationLoggingConfiguration', 'DeleteModelInvocationLoggingConfiguration'],
          // a call that was refused has changed nothing
          errorCode: [{ exists: false }],
        },
      },
      targets: [target],
    });
    new events.Rule(this, 'RegularRule', {
      description: 'Looks at the Bedrock model invocation logging configuration where CloudTrail does not report changes',
      schedule: events.Schedule.rate(checkInterval),
      targets: [target],
    });
  }

  private createDriftAlarm(stackName: string, topic: sns.ITopic): cloudwatch.Alarm {
    return tell(topic, new cloudwatch.Alarm(this, 'DriftAlarm', {
      alarmDescription: 'The Bedrock invocation logging configuration of this account and Region is not the expected one. '
        + `Runbook: ${runbookUrl('logging-drift')}`,
      metric: new cloudwatch.Metric({
        namespace: METRIC_NAMESPACE,
        metricName: DRIFT_METRIC,
        dimensionsMap: { [STACK_DIMENSION]: stackName },
        statistic: cloudwatch.Stats.MAXIMUM,
        period: Duration.minutes(1),
      }),
      threshold: 1,
      evaluationPeriods: 1,
      // between two checks nothing is measured and nothing has changed
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
    }));
  }

  private createErrorAlarm(handler: lambda.IFunction, topic: sns.ITopic): cloudwatch.Alarm {
    const description = `The drift guard of Bedrock invocation logging fails. Runbook: ${runbookUrl('drift-guard-errors')}`;
    return tell(topic, new cloudwatch.Alarm(this, 'ErrorAlarm', errorAlarm(handler, description)));
  }

  private createDeadLetterAlarm(queue: sqs.IQueue, topic: sns.ITopic): cloudwatch.Alarm {
    return tell(topic, new cloudwatch.Alarm(this, 'DeadLetterAlarm', {
      alarmDescription: 'The drift guard of Bedrock invocation logging could not handle an event. '
        + `Runbook: ${runbookUrl('drift-guard-dead-letters')}`,
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: cloudwatch.Stats.MAXIMUM }),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    }));
  }
}

/** Repairs are remembered in one parameter, which has room for more than these. */
const MOST_REPAIRS = 50;

function problems({ maximumRepairs, repairWindow, checkInterval }: InvocationLoggingDriftGuardProps): string[] {
  const isWholeNumber = maximumRepairs === undefined || Token.isUnresolved(maximumRepairs)
    || (Number.isInteger(maximumRepairs) && maximumRepairs >= 1 && maximumRepairs <= MOST_REPAIRS);
  return [
    ...isWholeNumber ? [] : [
      `maximumRepairs is ${maximumRepairs}; give a whole number from 1 to ${MOST_REPAIRS}, or onDrift: OnDrift.ALARM for no repairs at all`,
    ],
    ...repairWindow === undefined || repairWindow.isUnresolved() || repairWindow.toMilliseconds() >= 60_000 ? [] : [
      `repairWindow is ${repairWindow.toHumanString()}; give at least a minute`,
    ],
    ...checkInterval === undefined || checkInterval.isUnresolved() || checkInterval.toMilliseconds() >= 60_000 ? [] : [
      `checkInterval is ${checkInterval.toHumanString()}; a schedule runs at most once a minute, so give at least that`,
    ],
  ];
}
