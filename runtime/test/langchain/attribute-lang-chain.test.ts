import { BedrockRuntimeClient, type BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime';
import { BedrockEmbeddings, ChatBedrockConverse } from '@langchain/aws';
import { defineAttributionSchema } from '../../src';
import { attributeLangChain, type LangChainModel } from '../../src/langchain';
import { type AssumeRoleClient, TenantCredentials } from '../../src/tenants';
import {
  featuresOf, ILLEGAL, MADE_ALL_THE_SAME, payments, paymentsWithProfile, PROFILE_ARN, refusalOf, REGION, SAID, warnedOf,
} from '../adapters/attributed-calls';
import { endpointOfFile } from '../support/endpoint-of-file';
import { thrownBy } from '../thrown-by';

type Calls = ReturnType<typeof payments>;

const NOVA = 'amazon.nova-lite-v1:0';
const TITAN = 'amazon.titan-embed-text-v2:0';
const EMBEDDING = [0.25, -0.5, 0.125];

const endpoint = endpointOfFile();
const clients: BedrockRuntimeClient[] = [];

function bedrock(own: BedrockRuntimeClientConfig = {}): BedrockRuntimeClient {
  const { url, credentials } = endpoint();
  const client = new BedrockRuntimeClient({ region: REGION, endpoint: url, credentials, maxAttempts: 1, ...own });
  clients.push(client);
  return client;
}

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

function chat(client = bedrock()): ChatBedrockConverse {
  return new ChatBedrockConverse({ model: NOVA, region: REGION, client });
}

function embeddings(client = bedrock()): BedrockEmbeddings {
  return new BedrockEmbeddings({ model: TITAN, region: REGION, client, maxRetries: 0 });
}

interface Way {
  readonly operation: string;
  readonly model: string;
  readonly answer: string;
  readonly ask: (calls: Calls, client?: BedrockRuntimeClient) => Promise<string>;
}

const WAYS: [string, Way][] = [
  ['invoke', {
    operation: 'Converse', model: NOVA, answer: SAID, ask: async (calls, client) => (await attributeLangChain(chat(client), calls).invoke('Hello')).text,
  }],
  ['stream', {
    operation: 'ConverseStream', model: NOVA, answer: SAID, ask: async (calls, client) => {
      let text = '';
      for await (const chunk of await attributeLangChain(chat(client), calls).stream('Hello')) text += chunk.text;
      return text;
    },
  }],
  ['embedQuery', {
    operation: 'InvokeModel', model: TITAN, answer: JSON.stringify(EMBEDDING),
    ask: async (calls, client) => JSON.stringify(await attributeLangChain(embeddings(client), calls).embedQuery('Hello')),
  }],
];

describe.each(WAYS)('%s', (_, { operation, model, answer, ask }) => {
  test('carries what the client and the code around it stand for, and is signed', async () => {
    const calls = payments();
    expect(await calls.withAttribution({ feature: 'summary' }, () => ask(calls))).toBe(answer);
    expect(endpoint().requests).toEqual([expect.objectContaining({
      operation, modelId: model, signatureValid: true, requestMetadata: { team: 'payments', feature: 'summary' },
    })]);
  });

  test('carries it with a key for Bedrock as well', async () => {
    const client = bedrock({ token: { token: endpoint().apiKey }, authSchemePreference: ['httpBearerAuth'] });
    expect(await ask(payments(), client)).toBe(answer);
    expect(endpoint().requests[0]).toMatchObject({ bearerToken: endpoint().apiKey, requestMetadata: { team: 'payments' } });
  });

  test('goes to the profile of the service', async () => {
    // the endpoint tells embeddings by the name of the model, which an ARN does not have
    if (model === TITAN) endpoint().order('InvokeModel', { body: { embedding: EMBEDDING, inputTextTokenCount: 1 } });
    expect(await ask(paymentsWithProfile(model))).toBe(answer);
    expect(endpoint().requests[0]).toMatchObject({ operation, modelId: PROFILE_ARN, signatureValid: true });
  });

  test.each(MADE_ALL_THE_SAME)('is made when a value is illegal and the policy is %s', async (onInvalid, requestMetadata) => {
    expect(await warnedOf(onInvalid, calls => ask(calls))).toEqual(['requestMetadata.feature']);
    expect(endpoint().requests.map(request => [request.signatureValid, request.requestMetadata])).toEqual([[true, requestMetadata]]);
  });
});

describe.each(WAYS.slice(0, 2))('%s', (_, { ask }) => {
  test('is not made when the model has no profile', async () => {
    expect(await refusalOf(ask(paymentsWithProfile('amazon.nova-pro-v1:0')))).toMatchObject({ code: 'BareModelRefused' });
    expect(endpoint().requests).toEqual([]);
  });

  test('is not made when a value is illegal and the policy is to throw', async () => {
    const calls = payments({ onInvalid: 'throw' });
    expect(await refusalOf(calls.withAttribution({ feature: ILLEGAL }, () => ask(calls)))).toMatchObject({ code: 'InvalidCallAttribution' });
    expect(endpoint().requests).toEqual([]);
  });
});

test('embeddings are not made when a value is illegal and the policy is to throw; of the error, its words are left', async () => {
  const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const calls = payments({ onInvalid: 'throw' });
  const call = calls.withAttribution({ feature: ILLEGAL }, () => attributeLangChain(embeddings(), calls).embedQuery('Hello'));
  await expect(call).rejects.toThrow('the attribution of the call has 1 problem:\n  - requestMetadata.feature: got "a*b"');
  expect(endpoint().requests).toEqual([]);
  printed.mockRestore();
});

test('many calls at once carry the values of their own', async () => {
  const calls = payments();
  const model = attributeLangChain(chat(), calls);
  const features = Array.from({ length: 40 }, (_, index) => `feature-${index}`).sort();
  await Promise.all(features.map((feature, index) => calls.withAttribution({ feature }, async () => {
    if (index % 2 === 0) return model.invoke('Hello');
    for await (const { text } of await model.stream('Hello')) if (text !== '') return text;
    return '';
  })));
  expect(featuresOf(endpoint().requests)).toEqual(features);
  expect(endpoint().requests.every(({ signatureValid }) => signatureValid)).toBe(true);
});

test('the request metadata of LangChain is carried besides, and never instead', async () => {
  const model = attributeLangChain(chat(), payments());
  await model.invoke('Hello', { requestMetadata: { team: 'search', step: 'draft' } });
  expect(endpoint().requests[0].requestMetadata).toEqual({ team: 'payments', step: 'draft' });
});

test('what is made of a model calls by the same client', async () => {
  const model = attributeLangChain(chat(), payments()).bindTools([]);
  await model.invoke('Hello');
  expect(endpoint().requests[0].requestMetadata).toEqual({ team: 'payments' });
});

test('one client of several models is attributed once', async () => {
  const client = bedrock();
  const calls = payments();
  attributeLangChain(chat(client), calls);
  await embeddings(client).embedQuery('Hello');
  expect(endpoint().requests[0].requestMetadata).toEqual({ team: 'payments' });
});

test.each<[string, () => unknown, string]>([
  ['a model that tools are bound to', () => chat().bindTools([]), 'RunnableBinding'],
  ['a chain', () => chat().pipe(String), 'RunnableSequence'],
  ['a model of another package', () => ({ client: { responses: {} } }), 'Object'],
  ['an object without a class', () => Object.create(null) as object, 'an object'],
  ['nothing', () => undefined, 'undefined'],
])('fails with %s', (_, model, got) => {
  const { code, problems } = thrownBy(() => attributeLangChain(model() as LangChainModel, payments()));
  expect(code).toBe('InvalidConfiguration');
  expect(problems).toEqual([expect.objectContaining({ code: 'noClient', path: 'model', got: JSON.stringify(got) })]);
});

test('fails with a model that is attributed already', () => {
  const model = attributeLangChain(chat(), payments());
  expect(thrownBy(() => attributeLangChain(model, payments()))).toMatchObject({ code: 'InvalidConfiguration', problems: [{ code: 'usedTwice' }] });
});

test('the client of a model may be one for tenants', async () => {
  const schema = defineAttributionSchema({ version: 1, keys: [{ name: 'tenant', description: 'Tenant.' }] });
  const sts: AssumeRoleClient = { send: () => Promise.reject(new Error('STS is asked')) };
  const tenants = new TenantCredentials(schema, { client: sts, roleArn: 'arn:aws:iam::111122223333:role/tenant', sessionKeys: ['tenant'] });
  const client = bedrock({ credentials: tenants.credentials });
  client.middlewareStack.use(tenants);
  const model = attributeLangChain(chat(client), payments());
  await expect(tenants.session({ tenant: 'one' }).run(() => model.invoke('Hello'))).rejects.toThrow('STS is asked');
});
