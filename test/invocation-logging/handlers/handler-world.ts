import {
  BedrockClient, BedrockServiceException, DeleteModelInvocationLoggingConfigurationCommand, GetModelInvocationLoggingConfigurationCommand,
  PutModelInvocationLoggingConfigurationCommand,
} from '@aws-sdk/client-bedrock';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { mockClient, type AwsClientStub } from 'aws-sdk-client-mock';
import type { Finding } from '../../../lib/invocation-logging/handlers/check-drift.lambda-shared';
import { fingerprint } from '../../../lib/invocation-logging/handlers/compare-configurations.lambda-shared';
import {
  DRIFT_GUARD_VARIABLES, type LoggingConfiguration, OWNER_PARAMETER, PARAMETER_FOLDER, type StackParameter,
} from '../../../lib/invocation-logging/handlers/constants';
import { createDriftGuard, type DriftGuardEvent } from '../../../lib/invocation-logging/handlers/drift-guard.lambda';
import { OnDrift, type OnForeignConfiguration } from '../../../lib/invocation-logging/handlers/enums';
import { createHandler } from '../../../lib/invocation-logging/handlers/logging-configuration.lambda';
import { RUNBOOK_VARIABLE, TOPIC_VARIABLE } from '../../../lib/private/handlers/constants';
import { keepParameters } from '../../support/keep-parameters';

export const RESPONSE_URL = 'https://cloudformation-custom-resource-response.example.com/?Signature=secret';

export const OURS: LoggingConfiguration = {
  s3Config: { bucketName: 'our-bucket', keyPrefix: 'logs' },
  textDataDeliveryEnabled: false,
  imageDataDeliveryEnabled: false,
  embeddingDataDeliveryEnabled: false,
  videoDataDeliveryEnabled: false,
  audioDataDeliveryEnabled: false,
};

export const OUR_EARLIER: LoggingConfiguration = { ...OURS, s3Config: { bucketName: 'our-earlier-bucket' } };

export const FOREIGN = { s3Config: { bucketName: 'their-bucket' }, textDataDeliveryEnabled: true };

export const PHYSICAL_ID = 'bedrock-invocation-logging-111122223333-eu-west-1';

export const STACK_ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/logging/0a1b';

export const LOGICAL_ID = 'Logging';

export const TOPIC_ARN = 'arn:aws:sns:eu-west-1:111122223333:notices';

export const RUNBOOK = 'https://runbooks.example.com/page.md';

export const OTHER_STACK_ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/other/2c3d';

/** What CloudFormation was told. */
export interface Answer {
  readonly Status: string;
  readonly Reason: string;
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly Data?: Readonly<Record<string, string>>;
}

/** Environment variables of the drift guard, by what they mean. */
type GuardVariables = Partial<Record<keyof typeof DRIFT_GUARD_VARIABLES, string>>;

/** The handlers with a mocked service, a clock that only sleeping moves, and ears at CloudFormation's end. */
export class HandlerWorld {
  public readonly bedrock: AwsClientStub<BedrockClient> = mockClient(BedrockClient);
  public readonly ssm: AwsClientStub<SSMClient> = mockClient(SSMClient);
  public readonly logs: AwsClientStub<CloudWatchLogsClient> = mockClient(CloudWatchLogsClient);
  public readonly sns: AwsClientStub<SNSClient> = mockClient(SNSClient);
  /** The texts of the SSM parameters, by name. */
  public readonly parameters = new Map<string, string>();
  public readonly answers: Answer[] = [];
  public readonly bodies: string[] = [];
  public readonly sleeps: number[] = [];
  public readonly logged: string[] = [];
  /** What the far end says, call by call; 200 when used up. */
  public readonly answerStatuses: (number | Error)[] = [];
  /** The world's time in milliseconds. */
  public now = Date.parse('2026-11-21T00:00:00Z');

  private readonly clients = {
    bedrock: new BedrockClient({ region: 'eu-west-1' }),
    logs: new CloudWatchLogsClient({ region: 'eu-west-1' }),
    sns: new SNSClient({ region: 'eu-west-1' }),
    ssm: new SSMClient({ region: 'eu-west-1' }),
    timing: {
      now: () => this.now,
      sleep: (milliseconds: number) => {
        this.sleeps.push(milliseconds);
        this.now += milliseconds;
        return Promise.resolve();
      },
      random: () => 0.5,
    },
    log: (entry: object) => {
      this.logged.push(JSON.stringify(entry));
    },
  };

  private readonly handler = createHandler({
    ...this.clients,
    topicArn: TOPIC_ARN,
    runbook: RUNBOOK,
    send: (_url, body) => {
      const status = this.answerStatuses.shift() ?? 200;
      if (status instanceof Error) return Promise.reject(status);
      this.bodies.push(body);
      if (status === 200) this.answers.push(JSON.parse(body) as Answer);
      return Promise.resolve(status);
    },
  });

  public constructor() {
    keepParameters(this.ssm, this.parameters);
    this.logs.on(DescribeLogGroupsCommand).resolves({ logGroups: [] });
    this.sns.on(PublishCommand).resolves({});
  }

  /** Ends the interception of the SDK. */
  public restore(): void {
    for (const stub of [this.bedrock, this.ssm, this.logs, this.sns]) stub.restore();
  }

  /** The text of the owner parameter. */
  public get owner(): string | undefined {
    return this.parameters.get(OWNER_PARAMETER);
  }

  /** What the stack remembers of a kind. */
  public memory(kind: StackParameter): unknown {
    const text = this.parameters.get(parameterName(kind));
    return text === undefined ? undefined : JSON.parse(text);
  }

  public remember(kind: StackParameter, value: unknown): void {
    this.parameters.set(parameterName(kind), JSON.stringify(value));
  }

  /** What was published. */
  public get notices(): { readonly topic: string; readonly subject: string; readonly text: string }[] {
    return this.sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => ({
      topic: input.TopicArn ?? '', subject: input.Subject ?? '', text: input.Message ?? '',
    }));
  }

  /** Notes that a stack put a configuration. */
  public ownedBy(stackId: string, configuration: object, logicalId = LOGICAL_ID): void {
    this.parameters.set(OWNER_PARAMETER, JSON.stringify({ stackId, logicalId, fingerprint: fingerprint(configuration) }));
  }

  /** Makes the service hold this configuration, or none, whatever is put. */
  public live(configuration: object | undefined): void {
    const loggingConfig = configuration as LoggingConfiguration | undefined;
    this.bedrock.on(GetModelInvocationLoggingConfigurationCommand).resolves({ loggingConfig });
  }

  /** Makes the service take what is put and forget what is deleted, starting with this configuration or none. */
  public serve(configuration?: object): void {
    this.live(configuration);
    this.bedrock.on(PutModelInvocationLoggingConfigurationCommand).callsFake(({ loggingConfig }: { loggingConfig: object }) => {
      this.live(loggingConfig);
      return {};
    });
    this.bedrock.on(DeleteModelInvocationLoggingConfigurationCommand).callsFake(() => {
      this.live(undefined);
      return {};
    });
  }

  /** Sends one request and returns the one answer to it. */
  public async request(event: CloudFormationCustomResourceEvent): Promise<Answer> {
    this.answers.length = 0;
    await this.handler(event);
    expect(this.answers).toHaveLength(1);
    return this.answers[0];
  }

  /** Has the drift guard handle one event. */
  public async check(event: DriftGuardEvent, variables: GuardVariables = {}): Promise<Finding> {
    const given = { stackId: STACK_ID, onDrift: OnDrift.REPAIR, maximumRepairs: '3', repairWindow: '86400', ...variables };
    const named = Object.entries(given).map(([key, value]) => [DRIFT_GUARD_VARIABLES[key as keyof typeof given], value]);
    const environment = { [TOPIC_VARIABLE]: TOPIC_ARN, [RUNBOOK_VARIABLE]: RUNBOOK };
    const guard = createDriftGuard({ ...this.clients, variables: { ...environment, ...Object.fromEntries(named) } });
    return guard(event);
  }

  /** How often the service was asked to forget its configuration. */
  public get removals(): number {
    return this.bedrock.commandCalls(DeleteModelInvocationLoggingConfigurationCommand).length;
  }

  /** The configurations that the service was asked to take. */
  public get puts(): unknown[] {
    return this.bedrock.commandCalls(PutModelInvocationLoggingConfigurationCommand).map(call => call.args[0].input.loggingConfig);
  }
}

function parameterName(kind: StackParameter): string {
  return `${PARAMETER_FOLDER}/${kind}/0a1b`;
}

const COMMON = {
  ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:handler',
  ResponseURL: RESPONSE_URL,
  StackId: STACK_ID,
  RequestId: 'request-1',
  LogicalResourceId: LOGICAL_ID,
  ResourceType: 'Custom::BedrockInvocationLogging',
};

/** Properties beside the configuration. */
export interface Extras {
  readonly onForeign?: OnForeignConfiguration;
  readonly restorableRoleArn?: string;
}

function properties(configuration: unknown, { onForeign, restorableRoleArn }: Extras): { ServiceToken: string; [name: string]: unknown } {
  return {
    ServiceToken: COMMON.ServiceToken,
    LoggingConfiguration: typeof configuration === 'string' ? configuration : JSON.stringify(configuration),
    OnForeignConfiguration: onForeign,
    RestorableRoleArn: restorableRoleArn,
  };
}

export function createEvent(configuration: unknown = OURS, extras: Extras = {}): CloudFormationCustomResourceEvent {
  return { ...COMMON, RequestType: 'Create', ResourceProperties: properties(configuration, extras) };
}

export function updateEvent(
  configuration: unknown, earlier: unknown, extras: Extras = {}, earlierExtras: Extras = {},
): CloudFormationCustomResourceEvent {
  return {
    ...COMMON,
    RequestType: 'Update',
    PhysicalResourceId: PHYSICAL_ID,
    ResourceProperties: properties(configuration, extras),
    OldResourceProperties: properties(earlier, earlierExtras),
  };
}

export function deleteEvent(
  configuration: unknown = OURS, physicalId = PHYSICAL_ID, extras: Extras = {},
): CloudFormationCustomResourceEvent {
  return { ...COMMON, RequestType: 'Delete', PhysicalResourceId: physicalId, ResourceProperties: properties(configuration, extras) };
}

/** An error as the SDK throws it. */
export function serviceError(name: string, message: string, fault: 'client' | 'server' = 'client'): BedrockServiceException {
  return new BedrockServiceException({ name, message, $fault: fault, $metadata: {} });
}
