import { Annotations, CustomResource, Duration, Stack, Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';
import { CONFIGURATION_PROPERTY, RESOURCE_TYPE, SERVICE_TIMEOUT_SECONDS, type DeliveryFlags, type LoggingConfiguration } from './handlers/constants';
import { InvocationLogStore, type IInvocationLogStore } from './invocation-log-store';
import { LoggingConfigurationProvider } from './logging-configuration-provider';

/** Properties of an `InvocationLogging`. */
export interface InvocationLoggingProps {
  /**
   * Where the logs are delivered: a store of the same account and Region.
   *
   * @default - a new store with a bucket
   */
  readonly store?: IInvocationLogStore;

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
}

/**
 * Model invocation logging for an account and Region: who called which model, with which request metadata and how many tokens.
 *
 * By default the records carry metadata only. What people wrote and what models answered is stored only where a property asks for it, and
 * synthesis then warns.
 *
 * An account has one logging configuration per Region, and putting one replaces it. This construct therefore looks first: it never replaces
 * and never deletes a configuration that its stack did not make; the deployment fails instead and shows both. When the construct leaves the
 * stack, the configuration is removed if it is still the one that the stack put; bucket and log group stay. Keep its id and path: under
 * another one it is another resource to CloudFormation, which is accepted only where the configuration, bucket included, stays the same.
 *
 * Belongs in every account and Region that calls Bedrock. Calls through the `bedrock-mantle` endpoint are not logged.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
 */
export class InvocationLogging extends Construct {
  /** Where the logs are delivered. */
  public readonly store: IInvocationLogStore;

  /** The bucket that Bedrock writes to; undefined when logs are not delivered to S3. */
  public readonly bucket?: s3.IBucket;

  /** The log group that Bedrock writes to; undefined when logs are not delivered to CloudWatch Logs. */
  public readonly logGroup?: logs.ILogGroup;

  /** The role that Bedrock assumes to write to the log group; undefined when logs are not delivered to CloudWatch Logs. */
  public readonly role?: iam.IRole;

  public constructor(scope: Construct, id: string, props: InvocationLoggingProps = {}) {
    super(scope, id);

    throwProblems('InvalidInvocationLogging', 'the invocation logging', this.problems(props), this);
    const flags = deliveryFlags(props);
    this.warnOfStoredPayload(flags);

    this.store = props.store ?? new InvocationLogStore(this, 'Store');
    this.bucket = this.store.bucket;
    this.logGroup = this.store.logGroup;
    this.role = this.store.role;

    const provider = new LoggingConfigurationProvider(this, 'Provider', { loggingRole: this.role });
    const resource = new CustomResource(this, 'Resource', {
      resourceType: RESOURCE_TYPE,
      serviceToken: provider.serviceToken,
      serviceTimeout: Duration.seconds(SERVICE_TIMEOUT_SECONDS),
      properties: { [CONFIGURATION_PROPERTY]: Stack.of(this).toJsonString(this.renderConfiguration(flags)) },
    });
    // the service tests bucket policy, key policy and role while it takes the configuration, and uses them until it is gone
    const needed: IConstruct[] = [this.bucket, this.logGroup, this.role].filter(construct => construct !== undefined);
    resource.node.addDependency(provider, this.store, ...needed);
  }

  private problems(props: InvocationLoggingProps): string[] {
    const stack = Stack.of(this);
    const others = outermost(stack).node.findAll().filter(construct => construct !== this && construct instanceof InvocationLogging);
    return [
      ...others.map(other => `${other.node.path} configures the same account and Region, which have one configuration only; keep one of the two`),
      ...props.store === undefined ? [] : placeProblems(Stack.of(props.store), stack),
    ];
  }

  private renderConfiguration(flags: DeliveryFlags): LoggingConfiguration {
    return {
      ...this.bucket === undefined ? {} : {
        s3Config: { bucketName: this.bucket.bucketName, ...this.store.keyPrefix === undefined ? {} : { keyPrefix: this.store.keyPrefix } },
      },
      ...this.logGroup === undefined || this.role === undefined ? {} : {
        cloudWatchConfig: { logGroupName: this.logGroup.logGroupName, roleArn: this.role.roleArn },
      },
      ...flags,
    };
  }

  private warnOfStoredPayload(flags: DeliveryFlags): void {
    for (const { flag, modality, stored } of PAYLOADS) {
      if (!flags[flag]) continue;
      Annotations.of(this).addWarningV2(
        `bedrock-cost-attribution:payloadStored${modality}`,
        `${flag} is true: ${stored} of every call in this account and Region will be stored in the invocation logs. `
        + 'Attribution of cost does not need them; remove the property, or acknowledge this warning if they are wanted',
      );
    }
  }
}

const PAYLOADS: { readonly flag: keyof DeliveryFlags; readonly modality: string; readonly stored: string }[] = [
  { flag: 'textDataDeliveryEnabled', modality: 'Text', stored: 'the prompts and completions' },
  { flag: 'imageDataDeliveryEnabled', modality: 'Image', stored: 'the images given and made' },
  { flag: 'embeddingDataDeliveryEnabled', modality: 'Embedding', stored: 'the embeddings and the texts that they are made of' },
  { flag: 'videoDataDeliveryEnabled', modality: 'Video', stored: 'the videos given and made' },
  { flag: 'audioDataDeliveryEnabled', modality: 'Audio', stored: 'the audio given and made' },
];

function deliveryFlags(props: InvocationLoggingProps): DeliveryFlags {
  return {
    textDataDeliveryEnabled: props.textDataDeliveryEnabled ?? false,
    imageDataDeliveryEnabled: props.imageDataDeliveryEnabled ?? false,
    embeddingDataDeliveryEnabled: props.embeddingDataDeliveryEnabled ?? false,
    videoDataDeliveryEnabled: props.videoDataDeliveryEnabled ?? false,
    audioDataDeliveryEnabled: props.audioDataDeliveryEnabled ?? false,
  };
}

/** Nested stacks are in the same account and Region as the stack that holds them. */
function outermost(stack: Stack): Stack {
  return stack.nestedStackParent === undefined ? stack : outermost(stack.nestedStackParent);
}

function placeProblems(store: Stack, logging: Stack): string[] {
  return (['account', 'region'] as const)
    .filter(part => !Token.isUnresolved(store[part]) && !Token.isUnresolved(logging[part]) && store[part] !== logging[part])
    .map(part => `the store is in ${part} ${JSON.stringify(store[part])} and the logging in ${JSON.stringify(logging[part])}; `
      + `Bedrock delivers only within an account and Region, so put the store in the same ${part}`);
}
