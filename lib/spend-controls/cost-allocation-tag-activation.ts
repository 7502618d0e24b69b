import { CustomResource, Duration, Fn, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { errorAlarm, silenceAlarm } from '../private/check-alarms';
import { throwProblems } from '../private/errors';
import { METRIC_NAMESPACE, STACK_DIMENSION } from '../private/handlers/constants';
import { outermostStack } from '../private/outermost-stack';
import { PackagedFunction } from '../private/packaged-function';
import { parameterPlace } from '../private/parameter-path';
import { runbookUrl } from '../private/runbook';
import { tell } from '../private/tell';
import type { AttributionSchema } from '../schema';
import {
  LONGEST_PENDING_METRIC, REFUSED_TAGS_METRIC, TAG_ACTIVATION_SETTINGS, TAG_ACTIVATION_STACK_VARIABLE, TAG_ACTIVATION_TYPE,
  TAG_HANDLER_TIMEOUT_SECONDS, TAG_SERVICE_TIMEOUT_SECONDS, type TagActivationSettings,
} from './handlers/constants';
import { OnTagActivationDelete } from './handlers/enums';
import { schemaTagKeys, siblingProblems, tagActivationProblems } from './validate-cost-allocation-tag-activation';

/** Properties of a `CostAllocationTagActivation`. */
export interface CostAllocationTagActivationProps {
  /**
   * The schema whose keys are activated: for each that rides on a tag, that of the calling principal (`iamPrincipal/team`) and that of
   * the resource (`team`), by all the spellings that are read.
   */
  readonly schema: AttributionSchema;

  /**
   * Keys of other tags to activate, as Cost Explorer lists them: 1 to 128 characters, behind `iamPrincipal/` for a tag of principals.
   *
   * @default - none
   */
  readonly additionalTagKeys?: string[];

  /**
   * How often is looked for keys that have come up since: whole minutes, from one to a day.
   *
   * @default Duration.days(1)
   */
  readonly checkInterval?: Duration;

  /**
   * How long a key may be pending before an alarm tells of it: at least a day. A key comes up to 24 hours after the first call that
   * carries it, so count from when calls will carry it.
   *
   * @default Duration.days(7)
   */
  readonly maxPendingAge?: Duration;

  /**
   * What becomes of activated tags when the construct goes, and of those of a key when it leaves the schema.
   *
   * @default OnTagActivationDelete.LEAVE_ACTIVE
   */
  readonly onDelete?: OnTagActivationDelete;

  /**
   * First month, `YYYY-MM`, that the bill shall tell the newly activated tags of. AWS goes back twelve months; where that is less, as far.
   *
   * A backfill takes the status that **all** tags of the account have at that moment into past months: a tag that was active then and is
   * not active now disappears from them. It brings no value where the tag was not on the resource at the time, and AWS does not say
   * whether it does anything for tags of principals.
   *
   * @default - past months stay as they are
   * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/cost-allocation-backfill.html
   */
  readonly backfillFrom?: string;

  /**
   * Name of the SSM parameter that keeps the states: a path that nothing else uses. Under a changed name a new record begins, which knows
   * neither since when a key is pending nor what was activated here; the former parameter stays.
   *
   * @default - '/bedrock-cost-attribution/tag-activation/' and the name of the stack
   */
  readonly parameterName?: string;

  /**
   * Where changes of states and alarms are published: a topic of the same Region, whose policy admits `cloudwatch.amazonaws.com`.
   *
   * @default - nowhere
   */
  readonly topic?: sns.ITopic;
}

/**
 * Activates the cost allocation tags of a schema, so that bill, Cost Explorer and Budgets know them.
 *
 * Belongs into one stack, of any Region, of the account that pays: the management account of an organization, or an account outside of any.
 * Elsewhere the deployment fails with a message that says so.
 *
 * AWS lists a key only after something that is billed has carried it. Until then it is pending, which is no error: it is looked for at
 * every check and activated when it is there, in every spelling that is listed. Activation holds for usage from then on.
 *
 * Alarms: a key is pending for too long; AWS refused one; a check failed; there was no check.
 *
 * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/custom-tags.html
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-iam-principal-tracking.html
 */
export class CostAllocationTagActivation extends Construct {
  /** The function that activates tags. */
  public readonly function: lambda.IFunction;

  /** The parameter with the states of all keys as JSON text, from the end of the first deployment on: to be read at run time. */
  public readonly parameter: ssm.IStringParameter;

  /** The keys that are activated. Those of a list that is known at deployment only are not among them. */
  public readonly tagKeys: string[];

  /** In alarm while a key is pending for longer than `maxPendingAge`. */
  public readonly pendingAlarm: cloudwatch.IAlarm;

  /** In alarm while AWS refuses to activate a key. */
  public readonly refusedAlarm: cloudwatch.IAlarm;

  /** In alarm when a check failed. */
  public readonly errorAlarm: cloudwatch.IAlarm;

  /** In alarm when no check came to its end for the time of two. */
  public readonly silenceAlarm: cloudwatch.IAlarm;

  public constructor(scope: Construct, id: string, props: CostAllocationTagActivationProps) {
    super(scope, id);
    const { parameterName = '', problems } = parameterPlace(
      props, 'tag-activation', [{ what: 'the name of the stack', value: outermostStack(this).stackName }], 'give parameterName');
    throwProblems('InvalidCostAllocationTagActivation', 'the activation of cost allocation tags', [
      ...tagActivationProblems(props), ...problems,
      ...siblingProblems(this, construct => construct instanceof CostAllocationTagActivation),
    ], this);
    const { additionalTagKeys = [], checkInterval = Duration.days(1), topic } = props;

    this.tagKeys = [...schemaTagKeys(props), ...Token.isUnresolved(additionalTagKeys) ? [] : additionalTagKeys];
    this.parameter = ssm.StringParameter.fromStringParameterAttributes(this, 'Parameter', {
      parameterName, simpleName: false, forceDynamicReference: true,
    });
    const settings = this.renderSettings(props);
    const activation = this.createFunction(props);
    this.function = activation.function;
    const rule = this.createRule(checkInterval, settings, this.createResource(activation, settings, topic));

    this.pendingAlarm = tell(topic, new cloudwatch.Alarm(this, 'PendingAlarm', this.renderPending(props.maxPendingAge ?? Duration.days(7))));
    this.refusedAlarm = tell(topic, new cloudwatch.Alarm(this, 'RefusedAlarm', this.renderRefused()));
    this.errorAlarm = tell(topic, new cloudwatch.Alarm(this, 'ErrorAlarm', errorAlarm(this.function,
      `The function that activates cost allocation tags fails. Runbook: ${runbookUrl('tag-activation-errors')}`)));
    const silence = tell(topic, new cloudwatch.Alarm(this, 'SilenceAlarm', silenceAlarm(this.metric(LONGEST_PENDING_METRIC), checkInterval,
      `Nobody has looked for cost allocation tags to activate for the time of two checks. Runbook: ${runbookUrl('tag-activation-errors')}`)));
    // an alarm that is there before the first measurement goes off at once
    silence.node.addDependency(rule);
    this.silenceAlarm = silence;
  }

  private renderSettings({ additionalTagKeys, onDelete, backfillFrom }: CostAllocationTagActivationProps): TagActivationSettings {
    return {
      parameterName: this.parameter.parameterName,
      tagKeys: this.tagKeys,
      ...Token.isUnresolved(additionalTagKeys) && additionalTagKeys !== undefined && { listedTagKeys: Fn.join(',', additionalTagKeys) },
      onDelete: onDelete ?? OnTagActivationDelete.LEAVE_ACTIVE,
      ...backfillFrom !== undefined && { backfillFrom },
    };
  }

  private createFunction({ topic, backfillFrom }: CostAllocationTagActivationProps): PackagedFunction {
    const backfillActions = ['ce:ListCostAllocationTagBackfillHistory', 'ce:StartCostAllocationTagBackfill'];
    const activation = new PackagedFunction(this, 'Function', {
      asset: 'tag-activation',
      description: 'Activates the cost allocation tags of the attribution schema',
      timeout: Duration.seconds(TAG_HANDLER_TIMEOUT_SECONDS),
      // no repetition may outlive the wait of CloudFormation and meet the rollback that follows
      maxEventAge: Duration.seconds(TAG_SERVICE_TIMEOUT_SECONDS - TAG_HANDLER_TIMEOUT_SECONDS),
      notificationTopic: topic,
      environment: { [TAG_ACTIVATION_STACK_VARIABLE]: Stack.of(this).stackId },
      policyName: 'CostAllocationTags',
      statements: [
        new iam.PolicyStatement({
          actions: [
            'ce:ListCostAllocationTags', 'ce:UpdateCostAllocationTagsStatus', ...backfillFrom === undefined ? [] : backfillActions,
          ].sort(),
          // cost allocation tags belong to the account and have no ARN: these actions know no resource type
          resources: ['*'],
        }),
        new iam.PolicyStatement({
          actions: ['ssm:DeleteParameter', 'ssm:GetParameter', 'ssm:PutParameter'],
          resources: [this.parameter.parameterArn],
        }),
      ],
    });
    acknowledge(activation.role, 'AwsSolutions-IAM5[Resource::*]',
      'cost allocation tags belong to the account and have no ARN, so IAM supports no resource for the actions on them');
    return activation;
  }

  private createResource(activation: PackagedFunction, settings: TagActivationSettings, topic?: sns.ITopic): CustomResource {
    const resource = new CustomResource(this, 'Resource', {
      resourceType: TAG_ACTIVATION_TYPE,
      serviceToken: activation.function.functionArn,
      serviceTimeout: Duration.seconds(TAG_SERVICE_TIMEOUT_SECONDS),
      properties: { [TAG_ACTIVATION_SETTINGS]: Stack.of(this).toJsonString(settings) },
    });
    resource.node.addDependency(activation);
    if (topic !== undefined) resource.node.addDependency(topic);
    return resource;
  }

  private createRule(checkInterval: Duration, settings: TagActivationSettings, resource: CustomResource): events.Rule {
    const rule = new events.Rule(this, 'Rule', {
      description: 'Looks for cost allocation tags that can be activated now',
      schedule: events.Schedule.rate(checkInterval),
      targets: [new targets.LambdaFunction(this.function, {
        event: events.RuleTargetInput.fromObject({ [TAG_ACTIVATION_SETTINGS]: settings }),
        maxEventAge: Duration.hours(1),
        retryAttempts: 10,
      })],
    });
    // no check may come before the tags are ours, nor after they are not any more
    rule.node.addDependency(resource);
    return rule;
  }

  private renderPending(maxPendingAge: Duration): cloudwatch.AlarmProps {
    return {
      alarmDescription: 'A cost allocation tag of the attribution schema is still not known to AWS, so the bill does not tell its values. '
        + `Runbook: ${runbookUrl('cost-allocation-tag-pending')}`,
      metric: this.metric(LONGEST_PENDING_METRIC),
      threshold: maxPendingAge.toSeconds(),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      // between two checks nothing is measured and nothing has changed
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
    };
  }

  private renderRefused(): cloudwatch.AlarmProps {
    return {
      alarmDescription: 'AWS refused to activate a cost allocation tag of the attribution schema. '
        + `Runbook: ${runbookUrl('cost-allocation-tag-refused')}`,
      metric: this.metric(REFUSED_TAGS_METRIC),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
    };
  }

  /** What the last check measured over all keys. */
  private metric(metricName: string): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { [STACK_DIMENSION]: Stack.of(this).stackName },
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.minutes(1),
    });
  }
}
