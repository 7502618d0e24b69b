import {
  BedrockClient, BedrockServiceException, GetModelInvocationLoggingConfigurationCommand, PutModelInvocationLoggingConfigurationCommand,
} from '@aws-sdk/client-bedrock';
import { DeleteParameterCommand, GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { mockClient, type AwsClientStub } from 'aws-sdk-client-mock';
import { fingerprint } from '../../../lib/invocation-logging/handlers/compare-configurations.lambda-shared';
import type { LoggingConfiguration } from '../../../lib/invocation-logging/handlers/constants';
import { createHandler } from '../../../lib/invocation-logging/handlers/logging-configuration.lambda';

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

export const OTHER_STACK_ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/other/2c3d';

/** What CloudFormation was told. */
export interface Answer {
  readonly Status: string;
  readonly Reason: string;
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
}

/** The handler with a mocked service, a clock that only sleeping moves, and ears at CloudFormation's end. */
export class HandlerWorld {
  public readonly bedrock: AwsClientStub<BedrockClient> = mockClient(BedrockClient);
  public readonly ssm: AwsClientStub<SSMClient> = mockClient(SSMClient);
  /** The text of the owner parameter. */
  public owner: string | undefined;
  public readonly answers: Answer[] = [];
  public readonly bodies: string[] = [];
  public readonly sleeps: number[] = [];
  public readonly logged: string[] = [];
  /** What the far end says, call by call; 200 when used up. */
  public readonly answerStatuses: (number | Error)[] = [];
  private now = 0;

  private readonly handler = createHandler({
    bedrock: new BedrockClient({ region: 'eu-west-1' }),
    ssm: new SSMClient({ region: 'eu-west-1' }),
    timing: {
      now: () => this.now,
      sleep: milliseconds => {
        this.sleeps.push(milliseconds);
        this.now += milliseconds;
        return Promise.resolve();
      },
      random: () => 0.5,
    },
    send: (_url, body) => {
      const status = this.answerStatuses.shift() ?? 200;
      if (status instanceof Error) return Promise.reject(status);
      this.bodies.push(body);
      if (status === 200) this.answers.push(JSON.parse(body) as Answer);
      return Promise.resolve(status);
    },
    log: entry => {
      this.logged.push(JSON.stringify(entry));
    },
  });

  public constructor() {
    this.ssm.on(GetParameterCommand).callsFake(() => {
      if (this.owner === undefined) throw notFound();
      return { Parameter: { Value: this.owner } };
    });
    this.ssm.on(PutParameterCommand).callsFake((input: { Value: string }) => {
      this.owner = input.Value;
      return {};
    });
    this.ssm.on(DeleteParameterCommand).callsFake(() => {
      if (this.owner === undefined) throw notFound();
      this.owner = undefined;
      return {};
    });
  }

  /** Notes that a stack put a configuration. */
  public ownedBy(stackId: string, configuration: object, logicalId = LOGICAL_ID): void {
    this.owner = JSON.stringify({ stackId, logicalId, fingerprint: fingerprint(configuration) });
  }

  /** Makes the service hold this configuration, or none. */
  public live(configuration: object | undefined): void {
    const loggingConfig = configuration as LoggingConfiguration | undefined;
    this.bedrock.on(GetModelInvocationLoggingConfigurationCommand).resolves({ loggingConfig });
  }

  /** Sends one request and returns the one answer to it. */
  public async request(event: CloudFormationCustomResourceEvent): Promise<Answer> {
    this.answers.length = 0;
    await this.handler(event);
    expect(this.answers).toHaveLength(1);
    return this.answers[0];
  }

  /** The configurations that the service was asked to take. */
  public get puts(): unknown[] {
    return this.bedrock.commandCalls(PutModelInvocationLoggingConfigurationCommand).map(call => call.args[0].input.loggingConfig);
  }
}

const COMMON = {
  ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:handler',
  ResponseURL: RESPONSE_URL,
  StackId: STACK_ID,
  RequestId: 'request-1',
  LogicalResourceId: LOGICAL_ID,
  ResourceType: 'Custom::BedrockInvocationLogging',
};

function properties(configuration: unknown): { ServiceToken: string; LoggingConfiguration: unknown } {
  const text = typeof configuration === 'string' ? configuration : JSON.stringify(configuration);
  return { ServiceToken: COMMON.ServiceToken, LoggingConfiguration: text };
}

export function createEvent(configuration: unknown = OURS): CloudFormationCustomResourceEvent {
  return { ...COMMON, RequestType: 'Create', ResourceProperties: properties(configuration) };
}

export function updateEvent(configuration: unknown, earlier: unknown): CloudFormationCustomResourceEvent {
  return {
    ...COMMON,
    RequestType: 'Update',
    PhysicalResourceId: PHYSICAL_ID,
    ResourceProperties: properties(configuration),
    OldResourceProperties: properties(earlier),
  };
}

export function deleteEvent(configuration: unknown = OURS, physicalId = PHYSICAL_ID): CloudFormationCustomResourceEvent {
  return { ...COMMON, RequestType: 'Delete', PhysicalResourceId: physicalId, ResourceProperties: properties(configuration) };
}

function notFound(): ParameterNotFound {
  return new ParameterNotFound({ message: 'no such parameter', $metadata: {} });
}

/** An error as the SDK throws it. */
export function serviceError(name: string, message: string, fault: 'client' | 'server' = 'client'): BedrockServiceException {
  return new BedrockServiceException({ name, message, $fault: fault, $metadata: {} });
}
