import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { mockClient, type AwsClientStub } from 'aws-sdk-client-mock';
import { TOPIC_VARIABLE } from '../../../lib/private/handlers/constants';
import { TAG_ACTIVATION_STACK_VARIABLE, type TagActivationSettings } from '../../../lib/spend-controls/handlers/constants';
import { createTagActivation } from '../../../lib/spend-controls/handlers/tag-activation.lambda';
import type { TagRecord } from '../../../lib/spend-controls/handlers/tag-state.lambda-shared';
import { BillingEndpoint, type BillingFailure, type KnownTag } from '../../support/billing-endpoint';
import { keepParameters } from '../../support/keep-parameters';

export const ACCOUNT = '111122223333';

export const STACK_ID = `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/payer/0a1b`;

export const OTHER_STACK_ID = `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/other/2c3d`;

export const LOGICAL_ID = 'Tags';

export const PARAMETER = '/bedrock-cost-attribution/tag-activation/payer';

export const TOPIC_ARN = `arn:aws:sns:eu-west-1:${ACCOUNT}:notices`;

export const DAY_MS = 86_400_000;

export const SETTINGS: TagActivationSettings = {
  parameterName: PARAMETER, tagKeys: ['iamPrincipal/team', 'team'], onDelete: 'leave-active',
};

export const LINKED = {
  code: 'AccessDeniedException',
  message: "Failed to list Cost Allocation Tags: Linked account doesn't have access to cost allocation tags.",
};

/** What CloudFormation was told. */
export interface Answer {
  readonly Status: string;
  readonly Reason: string;
  readonly PhysicalResourceId: string;
}

/** What is different about a request. */
export interface RequestOptions {
  readonly settings?: Partial<TagActivationSettings>;
  readonly logicalId?: string;
  readonly stackId?: string;
}

/** The function for tags with a Cost Explorer on the wire, a clock that only sleeping and tests move, and parameters in memory. */
export class TagActivationWorld {
  /** Starts a world; `stop()` ends it. */
  public static async start(): Promise<TagActivationWorld> {
    return new TagActivationWorld(await BillingEndpoint.start());
  }

  public readonly ssm: AwsClientStub<SSMClient> = mockClient(SSMClient);
  public readonly sns: AwsClientStub<SNSClient> = mockClient(SNSClient);
  /** The texts of the SSM parameters, by name. */
  public readonly parameters = new Map<string, string>();
  public readonly answers: Answer[] = [];
  public readonly logged: Record<string, unknown>[] = [];
  public readonly variables: Record<string, string | undefined> = {
    [TAG_ACTIVATION_STACK_VARIABLE]: STACK_ID, [TOPIC_VARIABLE]: TOPIC_ARN,
  };
  /** The world's time in milliseconds. */
  public now = Date.parse('2026-11-21T00:00:00Z');

  private readonly handler: ReturnType<typeof createTagActivation>;

  private constructor(public readonly endpoint: BillingEndpoint) {
    keepParameters(this.ssm, this.parameters);
    this.sns.on(PublishCommand).resolves({});
    this.handler = createTagActivation({
      costExplorer: new CostExplorerClient({
        endpoint: endpoint.url, region: 'eu-west-1', credentials: { accessKeyId: 'key', secretAccessKey: 'secret' }, maxAttempts: 1,
      }),
      sns: new SNSClient({ region: 'eu-west-1' }),
      ssm: new SSMClient({ region: 'eu-west-1' }),
      variables: this.variables,
      timing: {
        now: () => this.now,
        sleep: (milliseconds: number) => {
          this.now += milliseconds;
          return Promise.resolve();
        },
        random: () => 0.5,
      },
      send: (_url, body) => {
        this.answers.push(JSON.parse(body) as Answer);
        return Promise.resolve(200);
      },
      log: entry => this.logged.push(JSON.parse(JSON.stringify(entry)) as Record<string, unknown>),
    });
  }

  public async stop(): Promise<void> {
    this.ssm.restore();
    this.sns.restore();
    await this.endpoint.close();
  }

  /** Makes these keys known to the account. */
  public list(keys: readonly string[], Status: KnownTag['Status'] = 'Inactive'): void {
    this.endpoint.tags.push(...keys.map(TagKey => ({ TagKey, Type: 'UserDefined', Status }) as const));
  }

  /** Has an operation fail from its so-and-so-manieth call on. */
  public failFrom(first: number, operation: string, failure: BillingFailure): void {
    const { calls } = this.endpoint;
    const push = calls.push.bind(calls);
    calls.push = (...added) => {
      const length = push(...added);
      if (added[0].operation === operation && this.count(operation) === first) this.endpoint.fail(operation, failure);
      return length;
    };
  }

  /** Whether a key is active, by key. */
  public get statuses(): Record<string, string> {
    return Object.fromEntries(this.endpoint.tags.map(({ TagKey, Status }) => [TagKey, Status]));
  }

  /** What is remembered, if anything is. */
  public get record(): TagRecord | undefined {
    const text = this.parameters.get(PARAMETER);
    return text === undefined ? undefined : JSON.parse(text) as TagRecord;
  }

  /** The states by key. */
  public get states(): Record<string, string> {
    return Object.fromEntries(Object.entries(this.record?.keys ?? {}).map(([key, { state }]) => [key, state]));
  }

  /** What was published. */
  public get notices(): { readonly subject: string; readonly text: string }[] {
    return this.sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => ({ subject: input.Subject ?? '', text: input.Message ?? '' }));
  }

  /** The values of a metric in their order, of one tag key or of the stack. */
  public metric(name: string, tagKey?: string): unknown[] {
    return this.logged.filter(entry => '_aws' in entry && name in entry && entry.TagKey === tagKey).map(entry => entry[name]);
  }

  /** How often an operation was called. */
  public count(operation: string): number {
    return this.endpoint.inputsOf(operation).length;
  }

  /** How often something was changed: a tag, a backfill, or the record. */
  public get changes(): number {
    const writes = this.ssm.commandCalls(PutParameterCommand).length + this.ssm.commandCalls(DeleteParameterCommand).length;
    return writes + this.count('UpdateCostAllocationTagsStatus') + this.count('StartCostAllocationTagBackfill');
  }

  /** Sends a request of CloudFormation, and returns the one answer to it. */
  public async request(RequestType: 'Create' | 'Update' | 'Delete', options: RequestOptions = {}): Promise<Answer> {
    this.answers.length = 0;
    await this.handler(requestEvent(RequestType, { Settings: JSON.stringify({ ...SETTINGS, ...options.settings }) }, options));
    expect(this.answers).toHaveLength(1);
    return this.answers[0];
  }

  /** Sends a request whose properties are not those of the template. */
  public async requestWith(RequestType: 'Create' | 'Delete', properties: Record<string, unknown>): Promise<Answer> {
    this.answers.length = 0;
    await this.handler(requestEvent(RequestType, properties));
    return this.answers[0];
  }

  /** Runs the check of the schedule, so many days after the last one. */
  public async check(settings: Partial<TagActivationSettings> = {}, days = 1): Promise<void> {
    this.now += days * DAY_MS;
    await this.handler({ Settings: { ...SETTINGS, ...settings } });
  }
}

function requestEvent(
  RequestType: 'Create' | 'Update' | 'Delete', properties: Record<string, unknown>, { logicalId, stackId }: RequestOptions = {},
): CloudFormationCustomResourceEvent {
  return {
    RequestType,
    ServiceToken: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:handler`,
    ResponseURL: 'https://cloudformation-custom-resource-response.example.com/?Signature=secret',
    StackId: stackId ?? STACK_ID,
    RequestId: 'request-1',
    LogicalResourceId: logicalId ?? LOGICAL_ID,
    PhysicalResourceId: 'cost-allocation-tags-of-payer',
    ResourceType: 'Custom::BedrockCostAllocationTags',
    ResourceProperties: { ServiceToken: 'token', ...properties },
    OldResourceProperties: { ServiceToken: 'token', ...properties },
  };
}
