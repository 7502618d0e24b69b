import { Annotations, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct, type IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';
import { deployedWith } from '../private/outermost-stack';
import { runbookUrl } from '../private/runbook';
import {
  CONFIGURATION_PROPERTY, type DeliveryFlags, HANDLER_TIMEOUT_SECONDS, type LoggingConfiguration, ON_FOREIGN_PROPERTY,
  RESOURCE_TYPE, RESTORABLE_ROLE_PROPERTY, type S3Destination, SERVICE_TIMEOUT_SECONDS,
} from './handlers/constants';
import { type LiveLoggingAttribute, type OnDrift, OnForeignConfiguration } from './handlers/enums';
import type { IInvocationLogArchive } from './invocation-log-archive';
import { InvocationLogDeliveryAlarms } from './invocation-log-delivery-alarms';
import type { InvocationLogDestination } from './invocation-log-destination';
import { InvocationLogStore, type IInvocationLogStore } from './invocation-log-store';
import { InvocationLoggingDriftGuard } from './invocation-logging-drift-guard';
import { LoggingFunction } from './logging-function';
import { NotificationTopic } from './notification-topic';
import { deliveryFlags, inRegionsProblems, invocationLoggingProblems, payloadSentences } from './validate-invocation-logging';

/** Model invocation logging of an account and Region. */
export interface IInvocationLogging extends IConstruct {
  /** Where the logs are delivered. */
  readonly store: IInvocationLogStore;

  /** Where people are told what was found and done. */
  readonly notificationTopic: sns.ITopic;
}

/** What can be said about the logging of one Region or of many. */
export interface InvocationLoggingOptions {
  /**
   * Whether prompts and completions are stored, for every model that takes or gives text.
   *
   * @default false
   */
  readonly textDataDeliveryEnabled?: boolean;

  /**
   * Whether images are stored, for every model that takes or gives them.
   *
   * @default false
   */
  readonly imageDataDeliveryEnabled?: boolean;

  /**
   * Whether embeddings and the texts that they were made of are stored.
   *
   * @default false
   */
  readonly embeddingDataDeliveryEnabled?: boolean;

  /**
   * Whether videos are stored, for every model that takes or gives them.
   *
   * @default false
   */
  readonly videoDataDeliveryEnabled?: boolean;

  /**
   * Whether audio is stored, for every model that takes or gives it.
   *
   * @default false
   */
  readonly audioDataDeliveryEnabled?: boolean;

  /**
   * Whether what is stored of prompts, completions and media also goes to the archive of the store, in another account or Region.
   *
   * Replication cannot leave it out, so synthesis fails when something is stored, the store has an archive, and this is not true.
   *
   * @default false
   */
  readonly archivePayloads?: boolean;

  /**
   * What to do when the account and Region have a configuration already that this stack did not make.
   *
   * @default OnForeignConfiguration.FAIL
   */
  readonly onForeignConfiguration?: OnForeignConfiguration;

  /**
   * The logging role of the foreign configuration that is overwritten, so that the configuration can be put back when this stack goes.
   *
   * Handing a role to Bedrock takes `iam:PassRole` on it; this role is the only one besides the role of the store for which it is granted.
   * A foreign configuration without a role, which delivers to S3 alone, is put back without it.
   *
   * @default - none: a foreign configuration that delivers to CloudWatch Logs is kept in an SSM parameter and not put back
   */
  readonly restorableRole?: iam.IRole;
}

/** Properties of an `InvocationLogging`. */
export interface InvocationLoggingProps extends InvocationLoggingOptions {
  /**
   * Where the logs are delivered: a store of the same account and Region.
   *
   * @default - a new store with a bucket
   */
  readonly store?: IInvocationLogStore;

  /**
   * Where people are told when a foreign configuration is overwritten, watched, put back or could not be put back; also the topic of drift
   * guard and alarms, unless they are given others. A topic of the same Region, whose policy admits `cloudwatch.amazonaws.com`.
   *
   * @default - a new topic without subscribers
   */
  readonly notificationTopic?: sns.ITopic;
}

/** Properties of `InvocationLogging.inRegions()`. */
export interface InvocationLoggingInRegionsProps extends InvocationLoggingOptions {
  /** The Regions in which calls are made, such as `us-east-1`: not those in which a cross-Region profile runs them. At least one. */
  readonly regions: string[];

  /**
   * The account, 12 digits.
   *
   * @default - the account that is deployed to
   */
  readonly account?: string;

  /**
   * Where the logs go: to S3, to CloudWatch Logs, or to both.
   *
   * @default [InvocationLogDestination.S3]
   */
  readonly destinations?: InvocationLogDestination[];

  /**
   * Beginning of the names of the buckets, which are then named `prefix-account-region`, as
   * `InvocationLogSource.fromBucketPerAccountAndRegion()` reads them. Takes a given `account`.
   *
   * @default - names that CloudFormation makes
   */
  readonly bucketNamePrefix?: string;

  /**
   * The archive into which the buckets of all Regions are replicated.
   *
   * @default - none
   */
  readonly archive?: IInvocationLogArchive;

  /**
   * What the drift guards do about a configuration that was changed or deleted by somebody else.
   *
   * @default OnDrift.REPAIR
   */
  readonly onDrift?: OnDrift;
}

/**
 * Model invocation logging for an account and Region: who called which model, with which request metadata and how many tokens.
 *
 * By default the records carry metadata only. What people wrote and what models answered is stored only where a property asks for it, and
 * synthesis then warns.
 *
 * An account has one logging configuration per Region, and putting one replaces it. This construct therefore looks first: a configuration
 * that its stack did not make is neither replaced nor deleted unless `onForeignConfiguration` says so; the deployment fails instead and
 * shows both. When the construct leaves the stack, the configuration is removed if it is still the one that the stack put, and what it had
 * overwritten is put back; bucket and log group stay. Keep its id and path: under another one it is another resource to CloudFormation,
 * which is accepted only where the configuration, bucket included, stays the same.
 *
 * Belongs in every account and Region that calls Bedrock. Calls through the `bedrock-mantle` endpoint are not logged.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
 */
export class InvocationLogging extends Construct implements IInvocationLogging {
  /**
   * Logs the calls of an account in several Regions: for each a stack named `<id>-<region>` with a store, the logging, a drift guard and
   * alarms on what is delivered.
   *
   * @param scope the app, or a stage of it
   * @param id beginning of the ids of the stacks
   * @param props the Regions, and what holds for all of them
   * @returns the logging of every Region, in the order in which they were given
   */
  public static inRegions(scope: Construct, id: string, props: InvocationLoggingInRegionsProps): InvocationLogging[] {
    throwProblems('InvalidInvocationLogging', `the invocation logging ${id}`, inRegionsProblems(props), scope);
    return props.regions.map(region => {
      const stack = new Stack(scope, `${id}-${region}`, { env: { account: props.account, region } });
      const notificationTopic = new NotificationTopic(stack, 'NotificationTopic');
      const store = new InvocationLogStore(stack, 'Store', {
        replication: props.archive && { alarmTopic: notificationTopic },
        destinations: props.destinations,
        bucketName: props.bucketNamePrefix && `${props.bucketNamePrefix}-${props.account}-${region}`,
        keyPrefix: props.archive?.keyPrefix,
        archive: props.archive,
      });
      const logging = new InvocationLogging(stack, 'Logging', { ...props, store, notificationTopic });
      new InvocationLoggingDriftGuard(stack, 'DriftGuard', { logging, onDrift: props.onDrift });
      new InvocationLogDeliveryAlarms(stack, 'DeliveryAlarms', { logging });
      return logging;
    });
  }

  /** Where the logs are delivered. */
  public readonly store: IInvocationLogStore;

  /** The bucket that Bedrock writes to; undefined when logs are not delivered to S3. */
  public readonly bucket?: s3.IBucket;

  /** The log group that Bedrock writes to; undefined when logs are not delivered to CloudWatch Logs. */
  public readonly logGroup?: logs.ILogGroup;

  /** The role that Bedrock assumes to write to the log group; undefined when logs are not delivered to CloudWatch Logs. */
  public readonly role?: iam.IRole;

  /** Where people are told what was found and done. */
  public readonly notificationTopic: sns.ITopic;

  private readonly resource: CustomResource;

  public constructor(scope: Construct, id: string, props: InvocationLoggingProps = {}) {
    super(scope, id);

    throwProblems('InvalidInvocationLogging', 'the invocation logging', [
      ...this.siblingProblems(), ...invocationLoggingProblems(props, this),
    ], this);
    const flags = deliveryFlags(props);
    this.warn(props, flags);

    this.store = props.store ?? new InvocationLogStore(this, 'Store');
    this.bucket = this.store.bucket;
    this.logGroup = this.store.logGroup;
    this.role = this.store.role;
    this.notificationTopic = props.notificationTopic ?? new NotificationTopic(this, 'NotificationTopic');

    this.resource = this.createResource(props, flags);
  }

  /**
   * What the service reported about the live configuration when this stack was last deployed: that of somebody else, if it was adopted.
   *
   * @param attribute the part to tell
   * @returns the value at deployment; an empty text where the service reports nothing
   */
  public liveAttribute(attribute: LiveLoggingAttribute): string {
    return this.resource.getAttString(attribute);
  }

  private createResource(props: InvocationLoggingProps, flags: DeliveryFlags): CustomResource {
    const handler = new LoggingFunction(this, 'Function', {
      asset: 'logging-configuration',
      description: 'Sets the Bedrock model invocation logging configuration of this account and Region',
      timeout: Duration.seconds(HANDLER_TIMEOUT_SECONDS),
      // no repetition may outlive the wait of CloudFormation and meet the rollback that follows
      maxEventAge: Duration.seconds(SERVICE_TIMEOUT_SECONDS - HANDLER_TIMEOUT_SECONDS),
      stackId: Stack.of(this).stackId,
      notificationTopic: this.notificationTopic,
      operations: ['Get', 'Put', 'Delete'],
      passableRoles: [this.role, props.restorableRole].filter(role => role !== undefined),
      runbook: runbookUrl('logging-restore-failed'),
    });
    const resource = new CustomResource(this, 'Resource', {
      resourceType: RESOURCE_TYPE,
      serviceToken: handler.function.functionArn,
      serviceTimeout: Duration.seconds(SERVICE_TIMEOUT_SECONDS),
      properties: {
        [CONFIGURATION_PROPERTY]: Stack.of(this).toJsonString(this.renderConfiguration(flags)),
        [ON_FOREIGN_PROPERTY]: props.onForeignConfiguration ?? OnForeignConfiguration.FAIL,
        [RESTORABLE_ROLE_PROPERTY]: props.restorableRole?.roleArn,
      },
    });
    // the service tests bucket policy, key policy and role while it takes the configuration, and uses them until it is gone
    const { largeDataStore } = this.store;
    const needed: (IConstruct | undefined)[] = [
      this.bucket, this.logGroup, this.role, largeDataStore, largeDataStore?.bucket,
      // and its subscribers should hear of what happens when the stack goes
      this.notificationTopic,
    ];
    resource.node.addDependency(handler, this.store, ...needed.filter(construct => construct !== undefined));
    return resource;
  }

  /** The account and Region have one configuration, so a stack has room for one of these. */
  private siblingProblems(): string[] {
    return deployedWith(this, construct => construct instanceof InvocationLogging)
      .map(other => `${other.node.path} configures the same account and Region, which have one configuration only; keep one of the two`);
  }

  private renderConfiguration(flags: DeliveryFlags): LoggingConfiguration {
    const s3Config = s3Destination(this.store);
    const largeDataDeliveryS3Config = this.store.largeDataStore && s3Destination(this.store.largeDataStore);
    return {
      ...s3Config && { s3Config },
      ...this.logGroup && this.role && {
        cloudWatchConfig: {
          logGroupName: this.logGroup.logGroupName,
          roleArn: this.role.roleArn,
          ...largeDataDeliveryS3Config && { largeDataDeliveryS3Config },
        },
      },
      ...flags,
    };
  }

  private warn(props: InvocationLoggingProps, flags: DeliveryFlags): void {
    const annotations = Annotations.of(this);
    const payloads = payloadSentences(flags);
    for (const { id, sentence } of payloads) annotations.addWarningV2(`bedrock-cost-attribution:${id}`, sentence);
    if (payloads.length > 0 && props.store?.logGroup !== undefined && props.store.largeDataStore === undefined) {
      annotations.addWarningV2('bedrock-cost-attribution:largeDataNotStored',
        'what is stored goes to a log group and the store has no largeDataStore: what becomes of a body above 100 KB, which no log event can '
        + 'hold, is not documented; give the store a largeDataStore, or acknowledge this warning');
    }
    if (props.onForeignConfiguration === OnForeignConfiguration.ADOPT && props.store === undefined) {
      annotations.addWarningV2('bedrock-cost-attribution:adoptedWithoutStore',
        'onForeignConfiguration is ADOPT and store is not given: a new bucket is made, which a configuration that is adopted does not use, and '
        + 'alarms on deliveries watch it; give a store made by InvocationLogStore.fromBucket or fromLogGroup that names the adopted destination, '
        + 'or acknowledge this warning');
    }
    if (props.onForeignConfiguration !== OnForeignConfiguration.OVERWRITE && props.restorableRole !== undefined) {
      annotations.addWarningV2('bedrock-cost-attribution:restorableRoleUnused',
        'restorableRole is given and onForeignConfiguration is not OVERWRITE: the function may hand that role to Bedrock for nothing; remove '
        + 'restorableRole unless this stack has overwritten a configuration before, or acknowledge this warning');
    }
    if (props.onForeignConfiguration === OnForeignConfiguration.OVERWRITE && props.restorableRole === undefined) {
      annotations.addWarningV2('bedrock-cost-attribution:overwrittenMayNotReturn',
        'onForeignConfiguration is OVERWRITE and restorableRole is not given: a foreign configuration that delivers to CloudWatch Logs will not '
        + 'be put back when this stack goes, or when its creation is rolled back; name its logging role as restorableRole, or acknowledge this '
        + 'warning');
    }
  }
}

function s3Destination({ bucket, keyPrefix }: IInvocationLogStore): S3Destination | undefined {
  return bucket && { bucketName: bucket.bucketName, ...keyPrefix !== undefined && { keyPrefix } };
}
