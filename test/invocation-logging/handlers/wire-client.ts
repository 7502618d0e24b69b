import { types } from 'node:util';
import { BedrockClient, type BedrockClientConfig } from '@aws-sdk/client-bedrock';
import type { Undocumented } from '../../support/bedrock-logging-endpoint';

/** A client that is not mocked, for the endpoint at an address. */
export function wireClient(endpoint: string, options: BedrockClientConfig): BedrockClient {
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const client = new BedrockClient({ endpoint, region: 'eu-west-1', credentials, ...options });
  // to Jest, errors of Node.js itself are of another realm, and the SDK would not know them for errors; a function has one realm only
  client.middlewareStack.add(next => async args => {
    try {
      return await next(args);
    } catch (error) {
      throw types.isNativeError(error) && !(error instanceof Error) ? Object.assign(new Error((error as Error).message), error) : error;
    }
  }, { step: 'deserialize' });
  return client;
}

/** What the service may do that is not documented: any two values of two switches meet. */
export const WAYS: Undocumented[] = [
  { reportsFalse: true, reportsUnsentAsTrue: false, reportsPrefix: 'as sent' },
  { reportsFalse: false, reportsUnsentAsTrue: true, reportsPrefix: 'as sent' },
  { reportsFalse: true, reportsUnsentAsTrue: true, reportsPrefix: 'without slash' },
  { reportsFalse: false, reportsUnsentAsTrue: false, reportsPrefix: 'without slash' },
  { reportsFalse: true, reportsUnsentAsTrue: true, reportsPrefix: 'with slash' },
  { reportsFalse: false, reportsUnsentAsTrue: false, reportsPrefix: 'with slash' },
];
