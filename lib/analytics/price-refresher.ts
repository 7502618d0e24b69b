import { CustomResource, Duration, Fn, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct, type IConstruct } from 'constructs';
import { acknowledgeWildcard } from '../private/acknowledge';
import { errorAlarm, silenceAlarm } from '../private/check-alarms';
import { METRIC_NAMESPACE, STACK_DIMENSION } from '../private/handlers/constants';
import { PackagedFunction } from '../private/packaged-function';
import { runbookUrl } from '../private/runbook';
import { tell } from '../private/tell';
import {
  PRICE_KEYS, PRICE_LIST_FOLDER, PRICE_LIST_URL, PRICE_METRICS, PRICE_REFRESHER_MEMORY_MIB, PRICE_REFRESHER_PROPERTIES,
  PRICE_REFRESHER_TIMEOUT_SECONDS, PRICE_REFRESHER_TYPE, PRICE_REFRESHER_VARIABLES, PRICE_SERVICE_TIMEOUT_SECONDS,
} from './handlers/price-refresher/constants';
import type { ILedgerStore } from './ledger-store';
import { validatePriceRefresher } from './validate-price-refresher';

/** Properties of a price refresher. */
export interface PriceRefresherProps {
  /** The bucket of the ledger, of the same account. */
  readonly store: ILedgerStore;

  /** Codes of the Regions in which models are called: their prices are read. */
  readonly regions: string[];

  /**
   * Prices and discounts of your own, such as those of a private pricing agreement: the text of a price file. They stand above the prices
   * of AWS, whatever these become. It is part of the template and no place for secrets, and takes at most 100,000 bytes together with
   * `modelAliases`, as strings in JSON.
   *
   * @default - list prices
   */
  readonly overrides?: string;

  /**
   * Names of models that the price list, the bill or the logs have and this release does not know: the text of a file with a list `entries`
   * of `kind` (`log_model_id`, `usage_type`, `product_name` or `product_model`), `alias` and `model`.
   *
   * @default - the names that this release knows
   */
  readonly modelAliases?: string;

  /**
   * How often the price list is read, beside the first time with the deployment: whole minutes, from an hour to a day.
   *
   * @default Duration.days(1)
   */
  readonly schedule?: Duration;

  /**
   * The topic that hears of the alarms: of the same Region, with a policy that admits `cloudwatch.amazonaws.com`.
   *
   * @default - the alarms change their state only
   */
  readonly notificationTopic?: sns.ITopic;

  /**
   * Address of the price list up to the service codes, without a slash at the end: another one in another partition, such as
   * `https://pricing.cn-north-1.amazonaws.com.cn/offers/v1.0/cn`, or a copy in a network without access to the internet. Prices that are
   * not in US dollars are reported and not used.
   *
   * @default 'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws'
   * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html
   */
  readonly priceListUrl?: string;
}

/**
 * Keeps the tables `price_book` and `model_aliases` filled.
 *
 * The tables start with the prices that this release ships. A function reads the public AWS Price List every day and adds each price that
 * has changed, from the day on which it saw that: what a call of an earlier day cost by estimate never changes. All that it has ever read
 * stays in files below `price-list/`, from which the tables are made anew.
 *
 * A deployment takes no harm where the price list cannot be reached: the shipped prices are there, and an alarm goes off. When the stack is
 * deleted, tables and history stay. A store has one refresher: a second one would put its own `overrides` in place of those of the first.
 *
 * Alarms: a refresh failed; there was none; a file of the price list could not be read; the price list has prices by token that are not
 * understood.
 */
export class PriceRefresher extends Construct {
  /** The function that reads the price list. */
  public readonly function: lambda.IFunction;

  /** In alarm when a refresh failed. */
  public readonly errorAlarm: cloudwatch.IAlarm;

  /** In alarm when no refresh came to its end for the time of two. */
  public readonly silenceAlarm: cloudwatch.IAlarm;

  /** In alarm while a file of the price list cannot be read; the prices of the other ones are up to date. */
  public readonly failedListsAlarm: cloudwatch.IAlarm;

  /** In alarm while the price list has prices by token that are not understood, which are listed below `price-list/unknown/`. */
  public readonly unknownRowsAlarm: cloudwatch.IAlarm;

  public constructor(scope: Construct, id: string, props: PriceRefresherProps) {
    super(scope, id);
    const { store, regions, overrides, modelAliases, notificationTopic: topic } = props;
    const schedule = props.schedule ?? Duration.days(1);
    const priceListUrl = props.priceListUrl ?? PRICE_LIST_URL;
    validatePriceRefresher({ store, regions, overrides, modelAliases, schedule, priceListUrl }, this, isRefresher);

    const refresher = this.createFunction(props, priceListUrl);
    this.function = refresher.function;
    const resource = this.createResource(refresher, props, priceListUrl);
    this.createRule(schedule, resource);

    const alarms = refreshAlarms(refresher.function, this.metric(PRICE_METRICS.failed), schedule);
    this.errorAlarm = tell(topic, new cloudwatch.Alarm(this, 'ErrorAlarm', alarms.error));
    const silence = tell(topic, new cloudwatch.Alarm(this, 'SilenceAlarm', alarms.silence));
    // after the first refresh: else it goes off at once, as it may still do for the minutes that a metric takes
    silence.node.addDependency(resource);
    this.silenceAlarm = silence;
    this.failedListsAlarm = tell(topic, new cloudwatch.Alarm(this, 'FailedListsAlarm', this.renderFailedLists()));
    this.unknownRowsAlarm = tell(topic, new cloudwatch.Alarm(this, 'UnknownRowsAlarm', this.renderUnknownRows()));
  }

  private createFunction({ store, regions }: PriceRefresherProps, priceListUrl: string): PackagedFunction {
    const remembered = `${store.bucketArn}/${PRICE_LIST_FOLDER}*`;
    const refresher = new PackagedFunction(this, 'Function', {
      asset: 'price-refresher',
      description: 'Reads the AWS Price List and keeps the price book of the ledger up to date',
      timeout: Duration.seconds(PRICE_REFRESHER_TIMEOUT_SECONDS),
      memorySize: PRICE_REFRESHER_MEMORY_MIB,
      // what is older comes too late: the next refresh is near
      maxEventAge: Duration.hours(1),
      policyName: 'PriceBook',
      statements: storeStatements(store, remembered),
      environment: {
        [PRICE_REFRESHER_VARIABLES.bucket]: store.bucketName,
        [PRICE_REFRESHER_VARIABLES.regions]: Fn.join(',', regions),
        [PRICE_REFRESHER_VARIABLES.priceListUrl]: priceListUrl,
        [PRICE_REFRESHER_VARIABLES.stackName]: Stack.of(this).stackName,
      },
    });
    acknowledgeWildcard(refresher.role, remembered, 'the history has a file for each day on which a price has changed');
    return refresher;
  }

  private createResource(refresher: PackagedFunction, props: PriceRefresherProps, priceListUrl: string): CustomResource {
    const { store, regions, overrides, modelAliases } = props;
    const resource = new CustomResource(this, 'Resource', {
      resourceType: PRICE_REFRESHER_TYPE,
      serviceToken: refresher.function.functionArn,
      serviceTimeout: Duration.seconds(PRICE_SERVICE_TIMEOUT_SECONDS),
      properties: {
        [PRICE_REFRESHER_PROPERTIES.reads]: Fn.join(',', [store.bucketName, priceListUrl, Fn.join(',', regions)]),
        ...overrides === undefined ? {} : { [PRICE_REFRESHER_PROPERTIES.overrides]: overrides },
        ...modelAliases === undefined ? {} : { [PRICE_REFRESHER_PROPERTIES.modelAliases]: modelAliases },
      },
    });
    // the rights are a part of it
    resource.node.addDependency(refresher, store);
    return resource;
  }

  private createRule(schedule: Duration, resource: CustomResource): void {
    const rule = new events.Rule(this, 'Schedule', {
      description: 'Reads the AWS Price List',
      schedule: events.Schedule.rate(schedule),
      targets: [new targets.LambdaFunction(this.function, { maxEventAge: Duration.hours(1), retryAttempts: 10 })],
    });
    rule.node.addDependency(resource);
  }

  private renderFailedLists(): cloudwatch.AlarmProps {
    return this.renderMeasured(PRICE_METRICS.failed,
      `A file of the AWS Price List could not be read, so its prices may be old. Runbook: ${runbookUrl('price-list-unread')}`);
  }

  private renderUnknownRows(): cloudwatch.AlarmProps {
    return this.renderMeasured(PRICE_METRICS.unknown,
      `The AWS Price List has prices by token that are not understood, so calls may be unpriced. Runbook: ${runbookUrl('price-list-unknown')}`);
  }

  private renderMeasured(metricName: string, alarmDescription: string): cloudwatch.AlarmProps {
    return {
      alarmDescription,
      metric: this.metric(metricName),
      threshold: 1,
      evaluationPeriods: 1,
      // between two refreshes nothing is measured and nothing has changed
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
    };
  }

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

function isRefresher(construct: IConstruct): boolean {
  return construct instanceof PriceRefresher;
}

function refreshAlarms(
  handler: lambda.IFunction, metric: cloudwatch.Metric, schedule: Duration,
): { readonly error: cloudwatch.AlarmProps; readonly silence: cloudwatch.AlarmProps } {
  const runbook = runbookUrl('price-refresh-errors');
  return {
    error: errorAlarm(handler, `The price book of the ledger could not be brought up to date. Runbook: ${runbook}`),
    silence: silenceAlarm(metric, schedule, `The price book of the ledger was not brought up to date for the time of two refreshes. Runbook: ${runbook}`),
  };
}

/** The history is read and added to, the tables are written; nothing is deleted. */
function storeStatements(store: ILedgerStore, remembered: string): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({ actions: ['s3:GetObject', 's3:PutObject'], resources: [remembered] }),
    new iam.PolicyStatement({
      actions: ['s3:PutObject'], resources: [PRICE_KEYS.priceBook, PRICE_KEYS.aliasTable].map(key => `${store.bucketArn}/${key}`),
    }),
    new iam.PolicyStatement({
      actions: ['s3:ListBucket'], resources: [store.bucketArn], conditions: { StringLike: { 's3:prefix': `${PRICE_LIST_FOLDER}*` } },
    }),
    ...store.encryptionKey === undefined ? [] : [
      new iam.PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [store.encryptionKey.keyRef.keyArn] }),
    ],
  ];
}
