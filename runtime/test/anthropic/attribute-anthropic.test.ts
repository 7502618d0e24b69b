import AnthropicBedrock, { AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk';
import type { ClientOptions } from '@anthropic-ai/bedrock-sdk/client';
import { attributeAnthropic } from '../../src/anthropic';
import {
  featuresOf, ILLEGAL, MADE_ALL_THE_SAME, payments, paymentsWithProfile, PROFILE_ARN, refusalOf, REGION, SAID, warnedOf,
} from '../adapters/attributed-calls';
import { endpointOfFile } from '../support/endpoint-of-file';
import { thrownBy } from '../thrown-by';

const METADATA = 'x-amzn-bedrock-request-metadata';
const MODEL = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
const BETA = 'context-1m-2025-08-07';
const PARAMS = { model: MODEL, max_tokens: 10, messages: [{ role: 'user' as const, content: 'Hello' }] };

const endpoint = endpointOfFile();

function anthropic(options: Pick<ClientOptions, 'apiKey' | 'middleware'> = {}): AnthropicBedrock {
  const { accessKeyId: awsAccessKey, secretAccessKey: awsSecretKey } = endpoint().credentials;
  return new AnthropicBedrock({ awsRegion: REGION, baseURL: endpoint().url, apiKey: null, ...options, awsAccessKey, awsSecretKey });
}

/** The ways to ask for a message, and the operations that they come to. */
const WAYS: [string, string, (client: AnthropicBedrock) => Promise<string>][] = [
  ['a message', 'InvokeModel', async client => textOf((await client.messages.create(PARAMS)).content)],
  ['a beta message', 'InvokeModel', async client => textOf((await client.beta.messages.create({ ...PARAMS, betas: [BETA] })).content)],
  ['a stream of events', 'InvokeModelWithResponseStream', async client => {
    let text = '';
    for await (const event of await client.messages.create({ ...PARAMS, stream: true })) {
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
    }
    return text;
  }],
  ['a stream that is put together', 'InvokeModelWithResponseStream', client => client.messages.stream(PARAMS).finalText()],
];

describe.each(WAYS)('%s', (_, operation, ask) => {
  test('carries what the client and the code around it stand for, and is signed', async () => {
    const calls = payments();
    const said = await calls.withAttribution({ feature: 'summary' }, () => ask(attributeAnthropic(anthropic(), calls)));
    expect(said).toBe(SAID);
    expect(endpoint().requests).toEqual([expect.objectContaining({
      operation, modelId: MODEL, signatureValid: true, requestMetadata: { team: 'payments', feature: 'summary' },
    })]);
    expect(endpoint().requests[0].signedHeaders).toContain(METADATA);
  });

  test('carries it with a key for Bedrock as well', async () => {
    const client = attributeAnthropic(anthropic({ apiKey: endpoint().apiKey }), payments());
    expect(await ask(client)).toBe(SAID);
    expect(endpoint().requests[0]).toMatchObject({ bearerToken: endpoint().apiKey, requestMetadata: { team: 'payments' } });
  });

  test('goes to the profile of the service', async () => {
    expect(await ask(attributeAnthropic(anthropic(), paymentsWithProfile(MODEL)))).toBe(SAID);
    expect(endpoint().requests[0]).toMatchObject({ operation, modelId: PROFILE_ARN, signatureValid: true, requestMetadata: { team: 'payments' } });
  });

  test('is not made when the model has no profile', async () => {
    const client = attributeAnthropic(anthropic(), paymentsWithProfile('anthropic.claude-haiku-4-5-20251001-v1:0'));
    expect(await refusalOf(ask(client))).toMatchObject({ code: 'BareModelRefused' });
    expect(endpoint().requests).toEqual([]);
  });

  test('is not made when a value is illegal and the policy is to throw', async () => {
    const calls = payments({ onInvalid: 'throw' });
    const call = calls.withAttribution({ feature: ILLEGAL }, () => ask(attributeAnthropic(anthropic(), calls)));
    expect(await refusalOf(call)).toMatchObject({ code: 'InvalidCallAttribution' });
    expect(endpoint().requests).toEqual([]);
  });

  test.each(MADE_ALL_THE_SAME)('is made when a value is illegal and the policy is %s', async (onInvalid, requestMetadata) => {
    expect(await warnedOf(onInvalid, calls => ask(attributeAnthropic(anthropic(), calls)))).toEqual(['requestMetadata.feature']);
    expect(endpoint().requests.map(request => [request.signatureValid, request.requestMetadata])).toEqual([[true, requestMetadata]]);
  });

  test('carries the values of its own call among many at once', async () => {
    const calls = payments();
    const client = attributeAnthropic(anthropic(), calls);
    const features = Array.from({ length: 30 }, (__, index) => `feature-${index}`).sort();
    await Promise.all(features.map(feature => calls.withAttribution({ feature }, () => ask(client))));
    expect(featuresOf(endpoint().requests)).toEqual(features);
    expect(endpoint().requests.every(({ signatureValid }) => signatureValid)).toBe(true);
  });
});

test('what the caller sends in the header is carried besides, and never instead', async () => {
  const headers = { [METADATA]: JSON.stringify({ team: 'search', step: 'draft' }) };
  await attributeAnthropic(anthropic(), payments()).messages.create(PARAMS, { headers });
  expect(endpoint().requests[0]).toMatchObject({ signatureValid: true, requestMetadata: { team: 'payments', step: 'draft' } });
});

test('an attempt after a failed one carries the same, with a signature of its own', async () => {
  endpoint().order('InvokeModel', { code: 'ThrottlingException', headers: { 'retry-after-ms': '1' } });
  const calls = payments();
  await calls.withAttribution({ feature: 'summary' }, () => attributeAnthropic(anthropic(), calls).messages.create(PARAMS));
  expect(endpoint().requests).toHaveLength(2);
  for (const request of endpoint().requests) {
    expect(request).toMatchObject({ signatureValid: true, requestMetadata: { team: 'payments', feature: 'summary' } });
  }
});

test('a signal ends a stream that is being read', async () => {
  endpoint().order('InvokeModelWithResponseStream', { slowEvents: index => index < 3 ? Promise.resolve() : new Promise(() => undefined) });
  const stream = await attributeAnthropic(anthropic(), payments()).messages.create({ ...PARAMS, stream: true });
  const types: string[] = [];
  for await (const { type } of stream) {
    types.push(type);
    if (type === 'content_block_delta') stream.controller.abort();
  }
  expect(types).toEqual(['message_start', 'content_block_start', 'content_block_delta']);
});

test('middleware of the client is kept, and its changes are signed as well', async () => {
  const client = attributeAnthropic(anthropic({
    middleware: [(request, next) => {
      request.headers.set('x-own', 'one');
      return next(request);
    }],
  }), payments());
  await client.messages.create(PARAMS);
  expect(endpoint().requests[0]).toMatchObject({ signatureValid: true, headers: { 'x-own': 'one' }, requestMetadata: { team: 'payments' } });
});

test('a completion, which old versions make a call of a model, is stamped', async () => {
  const client = attributeAnthropic(anthropic(), payments()).withOptions({ maxRetries: 0 });
  await client.post('/v1/complete', { body: { model: MODEL, prompt: 'Hello' } }).catch(() => undefined);
  expect(endpoint().requests.map(({ headers }) => headers[METADATA])).toEqual(['{"team":"payments"}']);
});

test('another request of the client is signed as it is', async () => {
  const client = attributeAnthropic(anthropic(), payments());
  await client.post(`/model/${encodeURIComponent(MODEL)}/count-tokens`, { body: { input: {} } });
  expect(endpoint().requests[0]).toMatchObject({ operation: 'CountTokens', signatureValid: true, json: { input: {} } });
  expect(endpoint().requests[0].headers).not.toHaveProperty(METADATA);
});

test('a message without a model fails as the client says', async () => {
  const client = attributeAnthropic(anthropic(), paymentsWithProfile(MODEL));
  await expect(client.messages.create({ ...PARAMS, model: undefined } as never)).rejects.toThrow('not a valid path parameter');
  expect(endpoint().requests).toEqual([]);
});

test('what withOptions makes of the client stamps as well', async () => {
  await attributeAnthropic(anthropic(), payments()).withOptions({ maxRetries: 0 }).messages.create(PARAMS);
  expect(endpoint().requests[0]).toMatchObject({ signatureValid: true, requestMetadata: { team: 'payments' } });
});

test.each<[string, () => unknown, string, string]>([
  ['the client of bedrock-mantle', () => new AnthropicBedrockMantle({ apiKey: 'key', awsRegion: REGION }), 'client', 'AnthropicBedrockMantle'],
  ['a client from before there was middleware', () => ({ awsSecretKey: null, messages: {} }), 'client', 'Object'],
  ['nothing', () => undefined, 'client', 'undefined'],
  ['a client that is attributed already', () => attributeAnthropic(anthropic(), payments()), 'usedTwice', 'AnthropicBedrock'],
  ['a copy of one that is', () => attributeAnthropic(anthropic(), payments()).withOptions({ maxRetries: 0 }), 'usedTwice', 'AnthropicBedrock'],
])('fails with %s', (_, client, problem, got) => {
  const { code, problems } = thrownBy(() => attributeAnthropic(client() as AnthropicBedrock, payments()));
  expect(code).toBe('InvalidConfiguration');
  expect(problems).toEqual([expect.objectContaining({ code: problem, path: 'client', got: JSON.stringify(got) })]);
});

function textOf(content: readonly { type: string; text?: string }[]): string {
  return content.map(({ text = '' }) => text).join('');
}
