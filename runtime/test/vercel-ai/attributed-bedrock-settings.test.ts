import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { createBedrockAnthropic } from '@ai-sdk/amazon-bedrock/anthropic';
import { createBedrockMantle } from '@ai-sdk/amazon-bedrock/mantle';
import { embed, generateText, type LanguageModel, streamText } from 'ai';
import type { AttributionOptions } from '../../src';
import { attributedBedrockSettings, type BedrockSettings } from '../../src/vercel-ai';
import {
  featuresOf, ILLEGAL, MADE_ALL_THE_SAME, payments, paymentsWithProfile, PROFILE_ARN, refusalOf, REGION, SAID, warnedOf,
} from '../adapters/attributed-calls';
import { endpointOfFile } from '../support/endpoint-of-file';
import { thrownBy } from '../thrown-by';

type Calls = ReturnType<typeof payments>;

const NOVA = 'amazon.nova-lite-v1:0';
const CLAUDE = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
const TITAN = 'amazon.titan-embed-text-v2:0';
const EMBEDDING = [0.25, -0.5, 0.125];

const endpoint = endpointOfFile();

function settings(own: BedrockSettings = {}): BedrockSettings {
  return { region: REGION, ...endpoint().credentials, baseURL: endpoint().url, ...own };
}

function converse(calls: Calls, own?: BedrockSettings): LanguageModel {
  return createAmazonBedrock(attributedBedrockSettings(calls, settings(own)))(NOVA);
}

function anthropic(calls: Calls, own?: BedrockSettings): LanguageModel {
  return createBedrockAnthropic(attributedBedrockSettings(calls, settings(own)))(CLAUDE);
}

async function generate(model: LanguageModel): Promise<string> {
  return (await generateText({ model, prompt: 'Hello', maxRetries: 0 })).text;
}

async function stream(model: LanguageModel): Promise<string> {
  let text = '';
  // without a listener of errors, they would be printed
  for await (const part of streamText({ model, prompt: 'Hello', maxRetries: 0, onError: () => undefined }).fullStream) {
    if (part.type === 'error') {
      const error = part.error as Error;
      throw error;
    }
    if (part.type === 'text-delta') text += part.text;
  }
  return text;
}

interface Way {
  readonly operation: string;
  readonly model: string;
  readonly answer: string;
  readonly ask: (calls: Calls, own?: BedrockSettings) => Promise<string>;
}

const WAYS: [string, Way][] = [
  ['generateText by Converse', { operation: 'Converse', model: NOVA, answer: SAID, ask: (...given) => generate(converse(...given)) }],
  ['streamText by Converse', { operation: 'ConverseStream', model: NOVA, answer: SAID, ask: (...given) => stream(converse(...given)) }],
  ['generateText by the Anthropic API', { operation: 'InvokeModel', model: CLAUDE, answer: SAID, ask: (...given) => generate(anthropic(...given)) }],
  ['streamText by the Anthropic API', {
    operation: 'InvokeModelWithResponseStream', model: CLAUDE, answer: SAID, ask: (...given) => stream(anthropic(...given)),
  }],
  ['embed', {
    operation: 'InvokeModel', model: TITAN, answer: JSON.stringify(EMBEDDING), ask: async (calls, own) => {
      const model = createAmazonBedrock(attributedBedrockSettings(calls, settings(own))).embedding(TITAN);
      return JSON.stringify((await embed({ model, value: 'Hello', maxRetries: 0 })).embedding);
    },
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
    expect(await ask(payments(), { apiKey: endpoint().apiKey })).toBe(answer);
    expect(endpoint().requests[0]).toMatchObject({ bearerToken: endpoint().apiKey, requestMetadata: { team: 'payments' } });
  });

  test('is signed with what a provider of credentials gives', async () => {
    const own = { accessKeyId: undefined, secretAccessKey: undefined, credentialProvider: () => Promise.resolve(endpoint().credentials) };
    expect(await ask(payments(), own)).toBe(answer);
    expect(endpoint().requests[0]).toMatchObject({ signatureValid: true, requestMetadata: { team: 'payments' } });
  });

  test('goes to the profile of the service', async () => {
    // the endpoint tells embeddings by the name of the model, which an ARN does not have
    if (model === TITAN) endpoint().order('InvokeModel', { body: { embedding: EMBEDDING, inputTextTokenCount: 1 } });
    expect(await ask(paymentsWithProfile(model))).toBe(answer);
    expect(endpoint().requests[0]).toMatchObject({ operation, modelId: PROFILE_ARN, signatureValid: true });
  });

  test('is not made when the model has no profile', async () => {
    expect(await refusalOf(ask(paymentsWithProfile('amazon.nova-pro-v1:0')))).toMatchObject({ code: 'BareModelRefused' });
    expect(endpoint().requests).toEqual([]);
  });

  test('is not made when a value is illegal and the policy is to throw', async () => {
    const calls = payments({ onInvalid: 'throw' });
    const call = calls.withAttribution({ feature: ILLEGAL }, () => ask(calls));
    expect(await refusalOf(call)).toMatchObject({ code: 'InvalidCallAttribution' });
    expect(endpoint().requests).toEqual([]);
  });

  test.each(MADE_ALL_THE_SAME)('is made when a value is illegal and the policy is %s', async (onInvalid, requestMetadata) => {
    expect(await warnedOf(onInvalid, calls => ask(calls))).toEqual(['requestMetadata.feature']);
    expect(endpoint().requests.map(request => [request.signatureValid, request.requestMetadata])).toEqual([[true, requestMetadata]]);
  });

  test('carries the values of its own call among many at once', async () => {
    const calls = payments();
    const features = Array.from({ length: 30 }, (__, index) => `feature-${index}`).sort();
    await Promise.all(features.map(feature => calls.withAttribution({ feature }, () => ask(calls))));
    expect(featuresOf(endpoint().requests)).toEqual(features);
    expect(endpoint().requests.every(({ signatureValid }) => signatureValid)).toBe(true);
  });
});

test('a signal ends a call that waits for its answer', async () => {
  endpoint().order('Converse', { until: new Promise(() => undefined) });
  const aborting = new AbortController();
  const call = generateText({ model: converse(payments()), prompt: 'Hello', abortSignal: aborting.signal });
  await endpoint().arrived('Converse');
  aborting.abort();
  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
});

test('an image carries what the client stands for, and is signed', async () => {
  endpoint().order('InvokeModel', { body: { images: ['aW1hZ2U='] } });
  const model = createAmazonBedrock(attributedBedrockSettings(payments(), settings())).image('amazon.nova-canvas-v1:0');
  const { images } = await model.doGenerate({
    prompt: 'A receipt', n: 1, size: undefined, aspectRatio: undefined, seed: undefined, files: undefined, mask: undefined, providerOptions: {},
  });
  expect(images).toEqual(['aW1hZ2U=']);
  expect(endpoint().requests[0]).toMatchObject({ modelId: 'amazon.nova-canvas-v1:0', signatureValid: true, requestMetadata: { team: 'payments' } });
});

test('reranking is signed, and cannot say for whom: a warning says so', async () => {
  const warned: unknown[] = [];
  const onWarning: AttributionOptions['onWarning'] = ({ code }, { operation }) => warned.push([code, operation]);
  const model = createAmazonBedrock(attributedBedrockSettings(payments({ onWarning }), settings())).reranking('amazon.rerank-v1:0');
  await expect(model.doRerank({ documents: { type: 'text', values: ['one'] }, query: 'two' })).rejects.toThrow();
  expect(endpoint().requests[0]).toMatchObject({ path: '/rerank', signatureValid: true });
  expect(warned).toEqual([['notCarried', 'Rerank']]);
});

test('other settings are kept', () => {
  const { headers, credentialProvider } = attributedBedrockSettings(payments(), { ...settings(), headers: { 'x-own': 'one' } });
  expect({ headers, credentialProvider }).toEqual({ headers: { 'x-own': 'one' }, credentialProvider: undefined });
});

test('the fetch of the settings sends what is signed', async () => {
  const sent: string[] = [];
  const model = converse(payments(), {
    fetch: (input, init) => {
      sent.push(new Headers(init?.headers).get('authorization')!.split(' ')[0]);
      return fetch(input, init);
    },
  });
  expect(await generate(model)).toBe(SAID);
  expect(sent).toEqual(['AWS4-HMAC-SHA256']);
});

describe('without settings', () => {
  const { env } = process;
  afterEach(() => {
    process.env = env;
  });

  test.each<[string, () => NodeJS.ProcessEnv, object]>([
    ['credentials', () => ({ AWS_ACCESS_KEY_ID: endpoint().credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: endpoint().credentials.secretAccessKey }),
      { signatureValid: true }],
    ['a key for Bedrock', () => ({ AWS_BEARER_TOKEN_BEDROCK: ` ${endpoint().apiKey} ` }), {}],
  ])('%s, Region and address are those of the environment', async (_, own, request) => {
    process.env = { ...own(), AWS_REGION: REGION, AWS_ENDPOINT_URL_BEDROCK_RUNTIME: endpoint().url };
    const model = createAmazonBedrock(attributedBedrockSettings(payments(), {}))(NOVA);
    expect(await generate(model)).toBe(SAID);
    expect(endpoint().requests[0]).toMatchObject({ ...request, requestMetadata: { team: 'payments' } });
  });

  test('fails at once where the environment has none either', () => {
    process.env = {};
    const { code, problems } = thrownBy(() => attributedBedrockSettings(payments(), {}));
    expect(code).toBe('InvalidConfiguration');
    expect(problems.map(({ path }) => path)).toEqual(['region', 'auth']);
  });
});

test('fails a call of bedrock-mantle, which would leave without its project', async () => {
  let sent = 0;
  const provider = createBedrockMantle(attributedBedrockSettings(payments(), {
    region: REGION,
    apiKey: 'key',
    fetch: () => {
      sent += 1;
      return Promise.resolve(new Response());
    },
  }));
  const refusal = await refusalOf(generate(provider('openai.gpt-oss-120b')));
  expect(refusal).toMatchObject({ code: 'InvalidConfiguration', problems: [{ path: 'baseURL', got: `"https://bedrock-mantle.${REGION}.api.aws"` }] });
  expect(sent).toBe(0);
});
