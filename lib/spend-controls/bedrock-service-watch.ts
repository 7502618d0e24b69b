import { Duration, Fn, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { bedrockServiceNames } from '../private/bedrock-services';
import { errorAlarm, silenceAlarm } from '../private/check-alarms';
import { throwProblems } from '../private/errors';
import { METRIC_NAMESPACE, STACK_DIMENSION } from '../private/handlers/constants';
import { outermostStack } from '../private/outermost-stack';
import { PackagedFunction } from '../private/packaged-function';
import { claimParameterName, parameterPlace } from '../private/parameter-path';
import { runbookUrl } from '../private/runbook';
import { tell } from '../private/tell';
import { AttributionBudget, type IAttributionBudget } from './attribution-budget';
import {
  SERVICE_WATCH_SETTINGS, SERVICE_WATCH_STACK_VARIABLE, SERVICE_WATCH_TIMEOUT_SECONDS, type ServiceWatchSettings, UNKNOWN_SERVICES_METRIC,
} from './handlers/constants';
import { serviceWatchProblems, watchProblems } from './validate-bedrock-service-watch';

/** Properties of a `BedrockServiceWatch`. */
export interface BedrockServiceWatchProps {
  /**
   * Budgets of this account whose lists of services are kept up to date, made here or elsewhere. A list stands for Amazon Bedrock when it
   * has one of its names; other lists, and those under a `not`, stay as they are.
   *
   * @default - new services are told of, and no budget is touched
   */
  readonly budgets?: IAttributionBudget[];

  /**
   * Whether new names are added to the budgets in place. CloudFormation shows that as drift, and a deployment that changes a budget puts
   * the list of the template back until the check after it. Each change has AWS count the spend of the budget anew. If false, the message
   * says which budgets lack a name.
   *
   * @default true
   */
  readonly extendBudgets?: boolean;

  /**
   * Names of services that are Amazon Bedrock too, as Cost Explorer shows them: those that a message of the watch has told of. Give them
   * to the budgets as well, whose template has them then.
   *
   * @default - the names that this release knows
   */
  readonly additionalServiceNames?: string[];

  /**
   * Names of services that have the word Bedrock and are something else, such as a product on AWS Marketplace. A name that was added to a
   * budget stays there until the budget is deployed anew.
   *
   * @default - every service with the word Bedrock is Amazon Bedrock
   */
  readonly ignoredServiceNames?: string[];

  /**
   * How often is looked for new services, beside the check after each deployment: whole minutes, from one to a day. A check is a request
   * to Cost Explorer, 0.01 US dollars, and one more for each further page.
   *
   * @default Duration.days(1)
   * @see https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/
   */
  readonly checkInterval?: Duration;

  /**
   * Of how long the spend is looked through, up to the end of yesterday: whole days, from one to 365.
   *
   * @default Duration.days(30)
   */
  readonly lookBack?: Duration;

  /**
   * Name of the SSM parameter that publishes the names: a path that nothing else uses.
   *
   * @default - '/bedrock-cost-attribution/bedrock-services/' and the name of the stack
   */
  readonly parameterName?: string;

  /**
   * Where new services and alarms are published: a topic of the same Region, whose policy admits `cloudwatch.amazonaws.com`.
   *
   * @default - nowhere
   */
  readonly topic?: sns.ITopic;
}

/**
 * Notices services of Amazon Bedrock that are new on the bill, and takes them into the budgets that count it.
 *
 * Budgets and Cost Explorer know services by name and no family of them, and each model that AWS Marketplace bills is a service of its
 * own, `… (Amazon Bedrock Edition)`. A model of tomorrow is in no total until it is named. So a function asks Cost Explorer once a day, and
 * after each deployment of the stacks of watch and budgets in this Region, which services with the word Bedrock were billed.
 *
 * Belongs into the account that pays; elsewhere it sees the spend of that account only. It works in any Region. Cost Explorer has to be
 * enabled.
 *
 * Alarms: a service is on the bill that nobody has named; a check failed, or a budget could not be extended; there was no check.
 *
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetDimensionValues.html
 */
export class BedrockServiceWatch extends Construct {
  /** The function that looks. */
  public readonly function: lambda.IFunction;

  /**
   * The parameter with all names by which Amazon Bedrock is known, to be read at run time: JSON text with the lists `serviceNames`, and
   * `unknownServiceNames` for those of them that nobody has named. An update of its template puts back what the release knows, until the
   * check after it.
   */
  public readonly parameter: ssm.IStringParameter;

  /** In alarm while there are services that nobody has named. */
  public readonly unknownServicesAlarm: cloudwatch.IAlarm;

  /** In alarm when a check failed. */
  public readonly errorAlarm: cloudwatch.IAlarm;

  /** In alarm when no check came to its end for the time of two; also until the check that follows the first deployment. */
  public readonly silenceAlarm: cloudwatch.IAlarm;

  public constructor(scope: Construct, id: string, props: BedrockServiceWatchProps = {}) {
    super(scope, id);
    const { parameterName = '', problems } = parameterPlace(
      props, 'bedrock-services', [{ what: 'the name of the stack', value: outermostStack(this).stackName }], 'give parameterName');
    throwProblems('InvalidBedrockServiceWatch', 'the watch of the services of Amazon Bedrock', [
      ...serviceWatchProblems(this, props), ...problems, ...claimParameterName(parameterName, this),
      ...watchProblems(this, construct => construct instanceof BedrockServiceWatch),
    ], this);
    const { checkInterval = Duration.days(1), topic } = props;
    const budgets = (props.budgets ?? []).filter(namesServices);

    this.parameter = this.createParameter(parameterName, props);
    const handler = this.createFunction(budgets, props);
    this.function = handler;
    const rule = this.createRules(handler, checkInterval, budgets, this.renderSettings(budgets, props));

    this.unknownServicesAlarm = tell(topic, new cloudwatch.Alarm(this, 'UnknownServicesAlarm', this.renderUnknown()));
    this.errorAlarm = tell(topic, new cloudwatch.Alarm(this, 'ErrorAlarm', errorAlarm(handler,
      `A check for new services of Amazon Bedrock failed, or could not bring all budgets up to date. Runbook: ${runbookUrl('service-watch-errors')}`)));
    const silence = tell(topic, new cloudwatch.Alarm(this, 'SilenceAlarm', silenceAlarm(this.metric(), checkInterval,
      `Nobody has looked for new services of Amazon Bedrock for the time of two checks. Runbook: ${runbookUrl('service-watch-errors')}`)));
    silence.node.addDependency(rule);
    this.silenceAlarm = silence;
  }

  private createParameter(parameterName: string, { additionalServiceNames = [] }: BedrockServiceWatchProps): ssm.StringParameter {
    // a list that is known at deployment only comes with the first check
    const serviceNames = [...bedrockServiceNames(), ...Token.isUnresolved(additionalServiceNames) ? [] : additionalServiceNames];
    return new ssm.StringParameter(this, 'Parameter', {
      description: 'The names by which Cost Explorer and Budgets know Amazon Bedrock; kept up to date by a function',
      parameterName,
      simpleName: false,
      tier: ssm.ParameterTier.INTELLIGENT_TIERING,
      stringValue: Stack.of(this).toJsonString({ serviceNames, unknownServiceNames: [] }),
    });
  }

  private createFunction(budgets: IAttributionBudget[], { topic, extendBudgets = true }: BedrockServiceWatchProps): lambda.Function {
    const { function: handler, role } = new PackagedFunction(this, 'Function', {
      asset: 'service-watch',
      description: 'Looks for services of Amazon Bedrock that are new on the bill, and takes them into budgets',
      timeout: Duration.seconds(SERVICE_WATCH_TIMEOUT_SECONDS),
      // what is older comes too late: the next check is near
      maxEventAge: Duration.hours(1),
      notificationTopic: topic,
      runbook: runbookUrl('new-bedrock-service'),
      environment: { [SERVICE_WATCH_STACK_VARIABLE]: Stack.of(this).stackId },
      policyName: 'ServiceWatch',
      statements: [
        new iam.PolicyStatement({ actions: ['ce:GetDimensionValues'], resources: ['*'] }),
        new iam.PolicyStatement({ actions: ['ssm:GetParameter', 'ssm:PutParameter'], resources: [this.parameter.parameterArn] }),
        ...budgets.length === 0 ? [] : [budgetStatement(budgets, extendBudgets)],
      ],
    });
    acknowledge(role, 'AwsSolutions-IAM5[Resource::*]',
      'the names of services are those of all that the account is billed, which has no ARN of its own');
    return handler;
  }

  private renderSettings(budgets: IAttributionBudget[], props: BedrockServiceWatchProps): ServiceWatchSettings {
    return {
      parameterName: this.parameter.parameterName,
      releaseNames: bedrockServiceNames(),
      additionalNames: renderNames(props.additionalServiceNames),
      ignoredNames: renderNames(props.ignoredServiceNames),
      lookBackDays: Tokenization.stringifyNumber((props.lookBack ?? Duration.days(30)).toDays()),
      budgetNames: budgets.map(({ budgetName }) => budgetName),
      extendBudgets: props.extendBudgets ?? true,
    };
  }

  /** The regular check, and one after each deployment that may have put back the lists of budgets. */
  private createRules(
    handler: lambda.IFunction, checkInterval: Duration, budgets: IAttributionBudget[], settings: ServiceWatchSettings,
  ): events.Rule {
    const target = new targets.LambdaFunction(handler, {
      event: events.RuleTargetInput.fromObject({ [SERVICE_WATCH_SETTINGS]: settings }), maxEventAge: Duration.hours(1), retryAttempts: 10,
    });
    new events.Rule(this, 'DeploymentRule', {
      description: 'A stack with the watch, or with one of the budgets that it keeps up to date, was deployed',
      eventPattern: {
        source: ['aws.cloudformation'],
        detailType: ['CloudFormation Stack Status Change'],
        detail: {
          'stack-id': this.renderStackIds(budgets),
          'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'] },
        },
      },
      targets: [target],
    });
    return new events.Rule(this, 'RegularRule', {
      description: 'Looks for services of Amazon Bedrock that are new on the bill',
      schedule: events.Schedule.rate(checkInterval),
      targets: [target],
    });
  }

  /** The ids of stacks as events have them: with the part that AWS adds to the name and, in examples of the documentation, without. */
  private renderStackIds(budgets: IAttributionBudget[]): (string | object)[] {
    const names = new Set([this, ...budgets].map(construct => outermostStack(construct).stackName));
    return [...names].flatMap(resourceName => {
      const arn = Stack.of(this).formatArn({ service: 'cloudformation', resource: 'stack', resourceName });
      return [{ prefix: `${arn}/` }, arn];
    });
  }

  private renderUnknown(): cloudwatch.AlarmProps {
    return {
      alarmDescription: 'The bill has services of Amazon Bedrock that nobody has named, so totals that are not extended lack them. '
        + `Runbook: ${runbookUrl('new-bedrock-service')}`,
      metric: this.metric(),
      threshold: 1,
      evaluationPeriods: 1,
      // between two checks nothing is measured and nothing has changed
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
    };
  }

  private metric(): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName: UNKNOWN_SERVICES_METRIC,
      dimensionsMap: { [STACK_DIMENSION]: Stack.of(this).stackName },
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.minutes(1),
    });
  }
}

/** Whether a budget has a list to keep up to date, as far as is known of one that was made elsewhere. */
function namesServices(budget: IAttributionBudget): boolean {
  return !(budget instanceof AttributionBudget) || budget.serviceNames.length > 0;
}

/** A list that is known at deployment only cannot be written as one of JSON, so that it becomes one entry. */
function renderNames(names: string[] = []): string[] {
  return Token.isUnresolved(names) ? [Fn.join('\n', names)] : names;
}

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html */
function budgetStatement(budgets: IAttributionBudget[], extendBudgets: boolean): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: [...extendBudgets ? ['budgets:ModifyBudget'] : [], 'budgets:ViewBudget'],
    resources: budgets.map(({ budgetArn }) => budgetArn),
  });
}
