import { BedrockRuntimeClient, type BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime';
import type { RetryStrategyV2, RetryToken } from '@smithy/types';
import { type AttributionOptions, attribution, defineAttributionSchema, type Problem } from '../../src';
import { AwsEndpoint } from '../support/aws-endpoint';

/** Model of all calls: an id that has to be encoded in the path. */
export const MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';

export const MESSAGES = [{ role: 'user' as const, content: [{ text: 'hello' }] }];

export const SCHEMA = defineAttributionSchema({
  version: 1,
  keys: [
    { name: 'team', description: 'Team that answers for the spend.', required: true, allowedValues: ['payments', 'search'] },
    { name: 'feature', description: 'Feature of the service that makes the call.' },
    { name: 'stage', description: 'Stage that the service runs in.', allowedValues: ['dev', 'prod'] },
    { name: 'user_id', description: 'Person that the call is made for.', personal: true, cardinality: 'high' },
  ],
});

export const HASH_KEY = 'a secret of the tests, long enough for a keyed hash';

/** Tries again at once: nothing here is decided by time. */
const AT_ONCE: RetryStrategyV2 = {
  acquireInitialRetryToken: () => Promise.resolve(retryToken(0)),
  refreshRetryTokenForRetry: (token, { errorType }) => token.getRetryCount() < 2 && errorType !== 'CLIENT_ERROR'
    ? Promise.resolve(retryToken(token.getRetryCount() + 1))
    : Promise.reject(new Error('tried often enough')),
  recordSuccess: () => undefined,
};

function retryToken(count: number): RetryToken & { getRetryCost: () => undefined; getLastRetryCost: () => undefined } {
  return { getRetryCount: () => count, getRetryDelay: () => 0, getRetryCost: () => undefined, getLastRetryCost: () => undefined };
}

/** An endpoint of the test file, and clients for it that are closed with it. */
export class Wire {
  public readonly warnings: Problem[] = [];
  private readonly clients: BedrockRuntimeClient[] = [];
  private started?: AwsEndpoint;

  public constructor() {
    beforeAll(async () => {
      this.started = await AwsEndpoint.start();
    });
    afterEach(() => {
      this.endpoint.reset();
      this.warnings.length = 0;
    });
    afterAll(async () => {
      for (const client of this.clients) client.destroy();
      await this.endpoint.close();
    });
  }

  public get endpoint(): AwsEndpoint {
    if (this.started === undefined) throw new Error('the endpoint is started before the tests, not before their file is read');
    return this.started;
  }

  /** A client as users have it, without attribution. */
  public bare(config: BedrockRuntimeClientConfig = {}): BedrockRuntimeClient {
    const client = new BedrockRuntimeClient({
      endpoint: this.endpoint.url, region: 'us-east-1', credentials: this.endpoint.credentials, retryStrategy: AT_ONCE, ...config,
    });
    this.clients.push(client);
    return client;
  }

  /** What the team payments stamps, and a client that does. */
  public stamped(options: AttributionOptions<never> = {}, config: BedrockRuntimeClientConfig = {}) {
    const calls = attribution(SCHEMA, { team: 'payments' }, { onWarning: problem => this.warnings.push(problem), ...options });
    const client = this.bare(config);
    client.middlewareStack.use(calls);
    return { calls, client };
  }
}

/** All events of a stream. */
export async function eventsOf<T>(stream: AsyncIterable<T> | undefined): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream ?? []) events.push(event);
  return events;
}
