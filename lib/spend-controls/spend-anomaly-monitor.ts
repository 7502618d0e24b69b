import { type IResource, Resource, Token, Tokenization } from 'aws-cdk-lib';
import * as ce from 'aws-cdk-lib/aws-ce';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import type { AttributionSchema } from '../schema';
import type { AnomalyScope } from './anomaly-scope';
import { admitCostAlerts } from './anomaly-topic';
import { warnAboutRegion } from './cost-explorer-region';
import { allOf, type FilterExpression, withApiNames } from './filter-expression';
import { anomalyMonitorProblems } from './validate-spend-anomaly-monitor';

/** What somebody is told of without thresholds, in US dollars: the dollars that the console proposes. */
const DEFAULT_THRESHOLD_USD = 100;

/** Longest description of a scope in a default name: lists of values are cut there. */
const LONGEST_SUBJECT = 200;

/**
 * How often addresses get their list of anomalies.
 */
export enum AnomalyEmailFrequency {
  /** Once a day, when there were any. */
  DAILY = 'DAILY',

  /** Once a week, when there were any. */
  WEEKLY = 'WEEKLY',
}

/**
 * An anomaly monitor, made here or elsewhere.
 */
export interface ISpendAnomalyMonitor extends IResource, ce.IAnomalyMonitorRef {
  /**
   * ARN of the monitor.
   *
   * @attribute
   */
  readonly monitorArn: string;
}

/**
 * Properties of an anomaly monitor.
 */
export interface SpendAnomalyMonitorProps {
  /** The attribution keys, the values that they may take, and the tags that they ride on. */
  readonly schema: AttributionSchema;

  /** Which part of the bill the monitor learns from. Another scope makes another monitor, which has to learn anew. */
  readonly scope: AnomalyScope;

  /**
   * Name of the monitor, and beginning of the names of its subscriptions: 1 to 1,000 characters.
   *
   * @default - the scope, and the path of the construct
   */
  readonly monitorName?: string;

  /**
   * Topic that hears of each anomaly as soon as it is found. Its policy, and that of its key, are told to let Cost Anomaly Detection
   * publish.
   *
   * @default - none; at least a topic or addresses are needed
   */
  readonly topic?: sns.ITopic;

  /**
   * Addresses that get a list of anomalies, ten at most. They stand in the template.
   *
   * @default - none; at least a topic or addresses are needed
   */
  readonly emails?: string[];

  /**
   * How often the addresses get it.
   *
   * @default AnomalyEmailFrequency.DAILY
   */
  readonly emailFrequency?: AnomalyEmailFrequency;

  /**
   * Least that an anomaly costs above what was expected, in US dollars, before somebody is told: from 0 to 10,000,000,000. With
   * `thresholdPercent` it has to pass both.
   *
   * @default 100 - unless `thresholdPercent` is given
   */
  readonly thresholdUsd?: number;

  /**
   * Least percentage by which an anomaly is above what was expected, before somebody is told: from 0 to 10,000,000,000. With `thresholdUsd`
   * it has to pass both.
   *
   * @default - dollars alone decide
   */
  readonly thresholdPercent?: number;
}

abstract class SpendAnomalyMonitorBase extends Resource implements ISpendAnomalyMonitor {
  public abstract readonly monitorArn: string;

  /** The reference by which other constructs take the monitor. */
  public get anomalyMonitorRef(): ce.AnomalyMonitorReference {
    return { monitorArn: this.monitorArn };
  }
}

/**
 * Learns what a team, a service or an account usually spends, and tells when it is more.
 *
 * Belongs into the management (payer) account: monitors of tags, cost categories and accounts cannot be made in others. AWS runs its models
 * about three times a day on data that is up to 24 hours old, over net unblended cost. A new monitor needs up to 24 hours, and something
 * that is new on the bill ten days of history, before anything is found. Thresholds decide who hears of an anomaly, not what is one:
 * smaller ones are in the console.
 *
 * Everything but the name replaces the monitor, its tags among it.
 *
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/manage-ad.html
 */
export class SpendAnomalyMonitor extends SpendAnomalyMonitorBase {
  /** Brings in a monitor that was made elsewhere. */
  public static fromMonitorArn(scope: Construct, id: string, monitorArn: string): ISpendAnomalyMonitor {
    class Import extends SpendAnomalyMonitorBase {
      /** Passed through. */
      public readonly monitorArn = monitorArn;
    }
    return new Import(scope, id);
  }

  /** ARN of the monitor. */
  public readonly monitorArn: string;

  /** Name of the monitor. */
  public readonly monitorName: string;

  constructor(scope: Construct, id: string, props: SpendAnomalyMonitorProps) {
    super(scope, id);
    throwProblems('InvalidSpendAnomalyMonitor', 'the anomaly monitor', anomalyMonitorProblems(props), this);
    warnAboutRegion(this);

    const { dimension, specification } = props.scope._render(props.schema);
    this.monitorName = props.monitorName ?? `Bedrock ${subject(props.scope, props.schema)} (${this.node.path})`;
    const resource = new ce.CfnAnomalyMonitor(this, 'Resource', {
      monitorName: this.monitorName,
      monitorType: dimension === undefined ? 'CUSTOM' : 'DIMENSIONAL',
      monitorDimension: dimension,
      monitorSpecification: this.stack.toJsonString(specification),
    });
    this.monitorArn = resource.attrMonitorArn;
    this.createSubscriptions(props);
  }

  /** A subscription has either one topic, which hears at once, or addresses, which do not. */
  private createSubscriptions({ topic, emails = [], emailFrequency, ...thresholds }: SpendAnomalyMonitorProps): void {
    const common = { monitorArnList: [this.monitorArn], thresholdExpression: this.stack.toJsonString(thresholdExpression(thresholds)) };
    if (topic !== undefined) {
      const policy = admitCostAlerts(topic, this);
      const subscription = new ce.CfnAnomalySubscription(this, 'TopicSubscription', {
        ...common,
        subscriptionName: `${this.monitorName} to topic`,
        frequency: 'IMMEDIATE',
        subscribers: [{ type: 'SNS', address: topic.topicArn }],
      });
      if (policy !== undefined) subscription.node.addDependency(policy);
    }
    if (emails.length > 0) {
      new ce.CfnAnomalySubscription(this, 'EmailSubscription', {
        ...common,
        subscriptionName: `${this.monitorName} by email`,
        frequency: emailFrequency ?? AnomalyEmailFrequency.DAILY,
        subscribers: emails.map(address => ({ type: 'EMAIL', address })),
      });
    }
  }
}

function thresholdExpression({ thresholdUsd, thresholdPercent }: Pick<SpendAnomalyMonitorProps, 'thresholdUsd' | 'thresholdPercent'>): unknown {
  const usd = thresholdUsd ?? (thresholdPercent === undefined ? DEFAULT_THRESHOLD_USD : undefined);
  return withApiNames(allOf(
    ...usd === undefined ? [] : [atLeast('ANOMALY_TOTAL_IMPACT_ABSOLUTE', usd)],
    ...thresholdPercent === undefined ? [] : [atLeast('ANOMALY_TOTAL_IMPACT_PERCENTAGE', thresholdPercent)],
  ));
}

function atLeast(key: string, amount: number): FilterExpression {
  return { dimensions: { key, matchOptions: ['GREATER_THAN_OR_EQUAL'], values: [Tokenization.stringifyNumber(amount)] } };
}

/** What people see in the list of monitors, such as `by iamPrincipal/team`. */
function subject(anomalyScope: AnomalyScope, schema: AttributionSchema): string {
  const scope = anomalyScope._is;
  switch (scope.kind) {
    case 'tag': return `by ${known(anomalyScope._tagKey(schema), 'tag')}`;
    case 'tagValues': return `of ${known(anomalyScope._tagKey(schema), 'tag')} ${list(scope.values)}`;
    case 'accounts': return `of ${list(scope.accountIds)}`;
    case 'costCategory': return scope.value === undefined
      ? `by ${known(scope.costCategoryName, 'category')}`
      : `of ${known(scope.costCategoryName, 'category')} ${known(scope.value, 'value')}`;
  }
}

function list(values: string[]): string {
  return values.map(value => known(value, '…')).join(', ').slice(0, LONGEST_SUBJECT);
}

/** A text that is known at deployment only cannot be cut. */
function known(text: string | undefined, otherwise: string): string {
  return text === undefined || Token.isUnresolved(text) ? otherwise : text;
}
