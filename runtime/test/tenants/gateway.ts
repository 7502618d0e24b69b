import { setImmediate as immediate } from 'node:timers/promises';
import { BedrockRuntimeClient, type BedrockRuntimeClientConfig, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { attribution, defineAttributionSchema } from '../../src';
import { type AssumeRoleClient, TenantCredentials, type TenantCredentialsOptions, type TenantEvent } from '../../src/tenants';
import { AwsEndpoint, type RecordedRequest, type StsSession } from '../support/aws-endpoint';

export const ROLE = 'arn:aws:iam::111122223333:role/gateway/Tenant';
export const MODEL = 'eu.amazon.nova-pro-v1:0';

/** As the schema of the gateway in the documents, with a customer above each tenant and a person within it. */
export const SCHEMA = defineAttributionSchema({
  version: 1,
  keys: [
    { name: 'team', description: 'Team.', required: true },
    { name: 'tenant', description: 'Tenant.', pattern: '[A-Za-z0-9_.@-]{1,80}', carriers: ['sessionTag', 'requestMetadata'], spellings: { sessionTag: 'Tenant' } },
    { name: 'plan', description: 'Plan.', allowedValues: ['free', 'paid'], carriers: ['sessionTag'] },
    { name: 'customer', description: 'Customer, in any script.', carriers: ['sessionTag'] },
    { name: 'user', description: 'Person.', personal: true, carriers: ['sessionTag', 'requestMetadata'] },
    { name: 'feature', description: 'Feature.' },
    { name: 'request_id', description: 'Request.', cardinality: 'high' },
    { name: 'client', description: 'What tenants were called.', deprecatedInFavourOf: 'tenant' },
  ],
});

/** Secret of the keyed hash of personal values. */
export const HASH_KEY = 'k'.repeat(32);

export type Schema = NonNullable<(typeof SCHEMA)['definition']>;
export type Options = Partial<TenantCredentialsOptions<Schema>>;

/** A clock that only tests move. It starts with now: clients of the SDK would not keep credentials that ended long ago. */
export class Clock {
  public now = Math.floor(Date.now() / 1000) * 1000;

  public readonly read = (): number => this.now;

  public forward(seconds: number): void {
    this.now += seconds * 1000;
  }
}

/** A gateway with everything that it needs, against an endpoint of this process. */
export class Gateway {
  /** One for the tests of a file, forgetful between them. */
  public static ofFile(): Gateway {
    const gateway = new Gateway();
    beforeAll(async () => gateway.start());
    afterEach(() => {
      gateway.reset();
    });
    afterAll(async () => gateway.close());
    return gateway;
  }

  public readonly clock = new Clock();
  /** What is stamped on each call of the gateway. */
  public readonly calls = attribution(SCHEMA, { team: 'platform' }, { onWarning: () => undefined, personalHashKey: HASH_KEY });
  public events: TenantEvent[] = [];
  private readonly asked: Promise<unknown>[] = [];
  private readonly clients: { destroy(): void }[] = [];

  private started?: AwsEndpoint;

  public get endpoint(): AwsEndpoint {
    if (this.started === undefined) throw new Error('the endpoint is started before the tests, not before their file is read');
    return this.started;
  }

  public async start(): Promise<this> {
    this.started = await AwsEndpoint.start();
    this.reset();
    return this;
  }

  /** Credentials of tenants whose session key is the tenant, unless options say otherwise. */
  public tenants(options: Options = {}, sts: Partial<STSClientConfig> = {}): TenantCredentials<Schema> {
    return new TenantCredentials(SCHEMA, {
      client: this.sts(sts),
      roleArn: ROLE,
      sessionKeys: ['tenant'],
      clock: this.clock.read,
      random: () => 0,
      onEvent: event => this.events.push(event),
      ...options,
    });
  }

  /** A client of STS, of which `idle` knows what is under way. */
  public sts(config: Partial<STSClientConfig> = {}): AssumeRoleClient {
    const client = this.kept(new STSClient({ ...this.config(), ...config }));
    return {
      send: command => {
        const answer = client.send(command);
        this.asked.push(answer);
        return answer;
      },
    };
  }

  /** Resolves when nothing that was asked of STS is open, neither here nor in what waits for it. */
  public async idle(): Promise<void> {
    await Promise.allSettled(this.asked);
    await immediate();
  }

  /** A client whose calls are stamped, and signed with these credentials. */
  public bedrock(credentials: unknown, config: Pick<BedrockRuntimeClientConfig, 'cacheMiddleware'> = {}): BedrockRuntimeClient {
    const client = this.kept(new BedrockRuntimeClient({ ...this.config(), ...config, credentials: credentials as never }));
    client.middlewareStack.use(this.calls);
    return client;
  }

  /** The session by which a request was signed. */
  public signer(request: RecordedRequest | undefined): StsSession | undefined {
    return this.endpoint.session(request?.accessKeyId);
  }

  public get assumed(): RecordedRequest[] {
    return this.endpoint.requestsOf('AssumeRole');
  }

  public get called(): RecordedRequest[] {
    return this.endpoint.requestsOf('Converse');
  }

  public counted(type: TenantEvent['type']): number {
    return this.events.filter(event => event.type === type).length;
  }

  /** The form of the only request to STS. */
  public get form(): Record<string, string> {
    return Object.fromEntries(new URLSearchParams(this.assumed[0]?.body));
  }

  public reset(): void {
    this.endpoint.reset();
    this.endpoint.clock = this.clock.read;
    this.events = [];
    for (const client of this.clients.splice(0)) client.destroy();
  }

  public async close(): Promise<void> {
    this.reset();
    await this.endpoint.close();
  }

  private config(): Pick<STSClientConfig, 'endpoint' | 'region' | 'credentials' | 'maxAttempts'> {
    return { endpoint: this.endpoint.url, region: 'eu-west-1', credentials: this.endpoint.credentials, maxAttempts: 1 };
  }

  private kept<C extends { destroy(): void }>(client: C): C {
    this.clients.push(client);
    return client;
  }
}

/** A call with a text by which it can be told from others. */
export function converse(text = 'hello', requestMetadata?: Record<string, string>): ConverseCommand {
  return new ConverseCommand({ modelId: MODEL, messages: [{ role: 'user', content: [{ text }] }], requestMetadata });
}

/** The text of a call that has arrived. */
export function textOf({ json }: RecordedRequest): string {
  return json!.messages[0].content[0].text as string;
}
