import { BedrockRuntimeClient, type BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type Attribution, attribution, type AttributionOptions, defineAttributionSchema } from '../../src';
import { type CallUsage, observeUsage, type UsageObserver, type UsageObserverOptions } from '../../src/observer';
import { AwsEndpoint } from '../support/aws-endpoint';

export const MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
export const PROFILE = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123def456';
export const MESSAGES = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
export const BODY = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 10, messages: [{ role: 'user', content: 'hello' }] });

export const SCHEMA = defineAttributionSchema({
  version: 1,
  keys: [
    { name: 'team', description: 'Team that answers for the spend.', required: true, allowedValues: ['payments', 'search'] },
    { name: 'service', description: 'Service that makes the call.', required: true },
    { name: 'feature', description: 'Feature of the service.' },
    { name: 'user', description: 'User that the call is for.', personal: true },
    { name: 'request_id', description: 'Request of the caller.', cardinality: 'high' },
  ],
});

/** The values of a client, for tests that need no other. */
export function stamping(options: AttributionOptions<never> = {}): Attribution<{ version: 1; keys: [] }> {
  return attribution(SCHEMA, { team: 'payments', service: 'checkout' }, options) as unknown as Attribution<{ version: 1; keys: [] }>;
}

/** A client of the endpoint without plug-ins. */
export function clientOf(endpoint: AwsEndpoint, config: BedrockRuntimeClientConfig = {}): BedrockRuntimeClient {
  return new BedrockRuntimeClient({ endpoint: endpoint.url, region: 'us-east-1', credentials: endpoint.credentials, maxAttempts: 1, ...config });
}

/** How calls are sent: over HTTP/2, as clients of Bedrock do, or over HTTP/1.1, as applications with a proxy have it. */
export const PROTOCOLS = {
  'HTTP/2': (): BedrockRuntimeClientConfig => ({}),
  // a NodeHttpHandler, which is what clients of other services have
  'HTTP/1.1': (): BedrockRuntimeClientConfig => ({ requestHandler: new SSMClient({ region: 'us-east-1' }).config.requestHandler }),
};

/** Keeps all that is reported. */
export function recorder(options: UsageObserverOptions = {}): { usages: CallUsage[]; observer: UsageObserver } {
  const usages: CallUsage[] = [];
  return { usages, observer: observeUsage(usage => void usages.push(usage), options) };
}

/** The events of a stream, to its end. */
export async function all<T>(stream: AsyncIterable<T> | undefined): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream!) events.push(event);
  return events;
}
