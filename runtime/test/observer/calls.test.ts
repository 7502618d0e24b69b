import {
  type BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { type CallUsage, observeUsage } from '../../src/observer';
import { endpointOfFile } from '../support/endpoint-of-file';
import { BODY, clientOf, MESSAGES, MODEL, PROFILE, PROTOCOLS, recorder, stamping } from './observed-client';

const clients: BedrockRuntimeClient[] = [];

// before the endpoint closes
afterAll(() => {
  for (const client of clients) client.destroy();
});
const endpoint = endpointOfFile();

function client(config?: BedrockRuntimeClientConfig): BedrockRuntimeClient {
  const made = clientOf(endpoint(), config);
  clients.push(made);
  return made;
}

const converse = (): ConverseCommand => new ConverseCommand({ modelId: MODEL, messages: MESSAGES });
const invoke = (modelId = MODEL): InvokeModelCommand => new InvokeModelCommand({ modelId, body: BODY });

describe('what is reported', () => {
  test('of Converse: tokens, stamp, model, Region, host, id and stop reason', async () => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(stamping());
    bedrock.middlewareStack.use(observer);
    endpoint().order('Converse', { headers: { 'x-amzn-requestid': 'c0ffee00-0000-4000-8000-000000000001' } });
    await bedrock.send(converse());
    expect(usages).toEqual([{
      operation: 'Converse', requestedModelId: MODEL, modelId: MODEL, region: 'us-east-1', metadata: { team: 'payments', service: 'checkout' },
      serverAddress: '127.0.0.1', serverPort: Number(new URL(endpoint().url).port),
      inputTokens: 12, outputTokens: 7, cacheReadInputTokens: 5, cacheWriteInputTokens: 3,
      status: 'complete', durationMs: expect.any(Number), attempts: 1, requestId: 'c0ffee00-0000-4000-8000-000000000001', stopReason: 'end_turn',
    }]);
    expect(usages[0].metadata).toEqual(endpoint().requests[0].requestMetadata);
  });

  test.each(Object.entries(PROTOCOLS))('of InvokeModel over %s: the tokens of the headers, and the metadata of the header', async (_, config) => {
    const { usages, observer } = recorder();
    const bedrock = client(config());
    bedrock.middlewareStack.use(observer);
    bedrock.middlewareStack.use(stamping());
    await bedrock.send(invoke());
    expect(usages).toMatchObject([{
      operation: 'InvokeModel', metadata: { team: 'payments', service: 'checkout' }, status: 'complete',
      inputTokens: 12, outputTokens: 7, cacheReadInputTokens: 5, cacheWriteInputTokens: 3,
    }]);
  });

  test('of an embedding: its input tokens alone', async () => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    await bedrock.send(invoke('amazon.titan-embed-text-v2:0'));
    expect(usages[0]).toMatchObject({ inputTokens: 12, status: 'complete', metadata: {} });
    expect(usages[0].outputTokens).toBeUndefined();
  });

  test.each(['', 'many'])('no count that the service gives as %j', async count => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    endpoint().order('InvokeModel', { headers: { 'x-amzn-bedrock-output-token-count': count } });
    await bedrock.send(invoke());
    expect(usages[0]).toMatchObject({ status: 'complete', inputTokens: 12 });
    expect(usages[0].outputTokens).toBeUndefined();
  });

  test('the model that was asked for beside the profile that was called', async () => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    bedrock.middlewareStack.use(stamping({ profiles: { route: () => ({ modelId: PROFILE }) } }));
    await bedrock.send(converse());
    await bedrock.send(invoke());
    const models = { requestedModelId: MODEL, modelId: PROFILE };
    expect(usages).toMatchObject([{ operation: 'Converse', ...models }, { operation: 'InvokeModel', ...models }]);
    expect(endpoint().requests.map(({ modelId }) => modelId)).toEqual([PROFILE, PROFILE]);
  });

  test('pairs that the call site sent itself, without any stamp', async () => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    await bedrock.send(new ConverseCommand({ modelId: MODEL, messages: MESSAGES, requestMetadata: { team: 'search' } }));
    await bedrock.send(new InvokeModelCommand({ modelId: MODEL, body: BODY, requestMetadata: '{"team":"search"}' }));
    expect(usages.map(({ metadata }) => metadata)).toEqual([{ team: 'search' }, { team: 'search' }]);
  });

  test('the Region of the endpoint when nothing is signed', async () => {
    const { usages, observer } = recorder();
    const bedrock = client({
      endpoint: 'https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com', token: { token: endpoint().apiKey }, authSchemePreference: ['httpBearerAuth'],
    });
    bedrock.middlewareStack.use(observer);
    // nothing may leave this machine
    bedrock.middlewareStack.add(() => () => Promise.reject(new Error('not sent')), { step: 'finalizeRequest', priority: 'high' });
    await expect(bedrock.send(converse())).rejects.toThrow('not sent');
    expect(usages).toMatchObject([{
      status: 'failed', region: 'us-gov-west-1', serverAddress: 'bedrock-runtime-fips.us-gov-west-1.amazonaws.com', serverPort: 443,
    }]);
  });

  test('no Region where neither signature nor endpoint tells', async () => {
    const { usages, observer } = recorder();
    const bedrock = client({ endpoint: 'http://gateway.internal', token: { token: endpoint().apiKey }, authSchemePreference: ['httpBearerAuth'] });
    bedrock.middlewareStack.use(observer);
    bedrock.middlewareStack.add(() => () => Promise.reject(new Error('not sent')), { step: 'finalizeRequest', priority: 'high' });
    await expect(bedrock.send(converse())).rejects.toThrow('not sent');
    expect(usages).toMatchObject([{ serverAddress: 'gateway.internal', serverPort: 80 }]);
    expect(usages[0].region).toBeUndefined();
  });

  test('durations by the clock that is given', async () => {
    let now = 1000;
    const { usages, observer } = recorder({ clock: () => now += 250 });
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    await bedrock.send(converse());
    expect(usages[0].durationMs).toBe(250);
    expect(usages[0].timeToFirstChunkMs).toBeUndefined();
  });

  test('nothing of operations that carry no request metadata', async () => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    await bedrock.send(new CountTokensCommand({ modelId: MODEL, input: { converse: { messages: MESSAGES } } }));
    expect(usages).toEqual([]);
  });
});

describe('attempts and failures', () => {
  test('a call that was throttled and then answered is one call of two attempts', async () => {
    const { usages, observer } = recorder();
    const bedrock = client({ maxAttempts: 3 });
    bedrock.middlewareStack.use(observer);
    endpoint().order('Converse', { code: 'ThrottlingException' });
    await bedrock.send(converse());
    expect(endpoint().requestsOf('Converse')).toHaveLength(2);
    expect(usages).toMatchObject([{ status: 'complete', attempts: 2, inputTokens: 12 }]);
    expect(usages[0].errorName).toBeUndefined();
  });

  test.each(['AccessDeniedException', 'ValidationException', 'ThrottlingException'])('fails with %s as the service said, and reports it', async code => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    bedrock.middlewareStack.use(stamping());
    endpoint().order('InvokeModel', { code, headers: { 'x-amzn-requestid': 'c0ffee00-0000-4000-8000-000000000002' } });
    await expect(bedrock.send(invoke())).rejects.toMatchObject({ name: code });
    expect(usages).toMatchObject([{
      status: 'failed', errorName: code, metadata: { team: 'payments' }, attempts: 1, modelId: MODEL,
    }]);
    expect(usages[0].inputTokens).toBeUndefined();
  });

  test('fails with the name of the error of a broken connection', async () => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    endpoint().down('bedrock-runtime');
    const error = await bedrock.send(converse()).catch((reason: unknown) => reason as Error);
    expect(error).toHaveProperty('stack');
    expect(usages).toMatchObject([{ status: 'failed', errorName: (error as Error).name }]);
  });

  test('fails as aborted when the caller gives up before the answer', async () => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    const abort = new AbortController();
    let release: (value?: unknown) => void = () => undefined;
    endpoint().order('Converse', { until: new Promise(resolve => release = resolve) });
    const sent = bedrock.send(converse(), { abortSignal: abort.signal });
    const refused = expect(sent).rejects.toMatchObject({ name: 'AbortError' });
    await endpoint().arrived('Converse');
    abort.abort();
    await refused;
    release();
    expect(usages).toMatchObject([{ status: 'failed', errorName: 'AbortError' }]);
  });

  test('fails before a request is built without what only a request has', async () => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    await expect(bedrock.send(new ConverseCommand({ modelId: undefined, messages: MESSAGES }))).rejects.toThrow();
    expect(usages).toMatchObject([{ status: 'failed', requestedModelId: '' }]);
    expect(usages[0].modelId).toBeUndefined();
    expect(usages[0].serverAddress).toBeUndefined();
  });

  test('a call that the stamp refuses was never made, and is not reported', async () => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    bedrock.middlewareStack.use(stamping({ callerMetadata: 'refuse' }));
    const command = new ConverseCommand({ modelId: MODEL, messages: MESSAGES, requestMetadata: { a: 'b' } });
    await expect(bedrock.send(command)).rejects.toMatchObject({ code: 'CallerMetadataRefused' });
    expect(usages).toEqual([]);
  });

  test('fails with the refusal of a model that has no profile, which was not called', async () => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    const problem = { code: 'bareModel', path: 'modelId', got: MODEL, allowed: 'a profile', remedy: 'make one', message: 'no profile' };
    bedrock.middlewareStack.use(stamping({ profiles: { route: modelId => ({ modelId, problem }) } }));
    await expect(bedrock.send(converse())).rejects.toMatchObject({ code: 'BareModelRefused' });
    expect(usages).toMatchObject([{ status: 'failed', errorName: 'AttributionError', requestedModelId: MODEL }]);
    expect(usages[0].modelId).toBeUndefined();
    expect(endpoint().requests).toEqual([]);
  });

  test('metadata that is no JSON is left out of the report, and the service says what it thinks of it', async () => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    await bedrock.send(new InvokeModelCommand({ modelId: MODEL, body: BODY, requestMetadata: '{"team"' })).catch(() => undefined);
    warnings.mockRestore();
    expect(endpoint().requests[0].headers['x-amzn-bedrock-request-metadata']).toBe('{"team"');
    expect(usages).toMatchObject([{ metadata: {} }]);
  });
});

describe('other plug-ins of the client', () => {
  test.each([
    ['Converse', converse()],
    ['ConverseStream', new ConverseStreamCommand({ modelId: MODEL, messages: MESSAGES })],
    ['InvokeModel', invoke()],
    ['InvokeModelWithResponseStream', new InvokeModelWithResponseStreamCommand({ modelId: MODEL, body: BODY })],
  ])('an answer to %s that one of them makes up reaches the caller as it is', async (operation, command) => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    const output = { $metadata: {} };
    bedrock.middlewareStack.add(() => () => Promise.resolve({ response: undefined, output } as never), { step: 'finalizeRequest', priority: 'high' });
    expect(await bedrock.send(command as ConverseCommand)).toBe(output);
    expect(usages).toMatchObject([{ operation, status: 'complete' }]);
    expect(usages[0].inputTokens).toBeUndefined();
  });

  test.each([['a text', 'string'], [{ name: 7 }, 'object']])('fails with what one of them throws: %p', async (thrown, errorName) => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a plug-in may throw anything
    bedrock.middlewareStack.add(() => () => Promise.reject(thrown), { step: 'build', priority: 'high' });
    await expect(bedrock.send(converse())).rejects.toBe(thrown);
    expect(usages).toMatchObject([{ status: 'failed', errorName }]);
  });
});

describe('one client, many calls and observers', () => {
  test.each([undefined, true])('200 calls at once are reported once each, with their own values (handlers cached: %s)', async cacheMiddleware => {
    const { usages, observer } = recorder();
    const bedrock = client({ cacheMiddleware });
    const calls = stamping();
    bedrock.middlewareStack.use(calls);
    bedrock.middlewareStack.use(observer);
    const features = Array.from({ length: 200 }, (_, index) => `f${index}`);
    await Promise.all(features.map((feature, index) => calls.withAttribution({ feature } as object, async () => (
      index % 2 === 0 ? bedrock.send(converse()) : bedrock.send(invoke())
    ))));
    expect(usages.map(({ metadata }) => metadata.feature).sort()).toEqual([...features].sort());
    expect(usages.every(({ operation, metadata }) => (Number(metadata.feature.slice(1)) % 2 === 0) === (operation === 'Converse'))).toBe(true);
    expect(usages.every(({ modelId }) => modelId === MODEL)).toBe(true);
  });

  test('an observer that a client uses twice counts each call once', async () => {
    const { usages, observer } = recorder();
    const bedrock = client();
    bedrock.middlewareStack.use(observer);
    bedrock.middlewareStack.use(observer);
    await bedrock.send(converse());
    expect(usages).toHaveLength(1);
  });

  test('several observers of one client hear of the same calls, and one observer of several clients', async () => {
    const [first, second] = [recorder(), recorder()];
    const [one, two] = [client(), client()];
    one.middlewareStack.use(first.observer);
    one.middlewareStack.use(second.observer);
    two.middlewareStack.use(first.observer);
    await one.send(converse());
    await two.send(converse());
    expect([first.usages.length, second.usages.length]).toEqual([2, 1]);
  });
});

describe('a listener that fails', () => {
  test.each<[string, () => unknown]>([
    ['throws', () => {
      throw new TypeError('no such column');
    }],
    ['rejects', () => Promise.reject(new TypeError('no such column'))],
    ['throws what is no error', () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error, no-throw-literal -- a listener may throw anything
      throw 'no such column';
    }],
  ])('that %s breaks no call, and is printed once', async (_, fail) => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const heard: CallUsage[] = [];
    const bedrock = client();
    bedrock.middlewareStack.use(observeUsage(usage => {
      heard.push(usage);
      return fail();
    }));
    try {
      for (let call = 0; call < 3; call++) expect((await bedrock.send(converse())).stopReason).toBe('end_turn');
      await new Promise(setImmediate);
      const ours = warnings.mock.calls.filter(([message]) => String(message).includes('observer'));
      expect(heard).toHaveLength(3);
      expect(ours).toHaveLength(1);
      expect(String(ours[0][0])).toContain('no such column');
    } finally {
      warnings.mockRestore();
    }
  });
});
