import {
  BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand, InvokeModelCommand, InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { AwsEndpoint } from './aws-endpoint';

const MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const PROFILE = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123def456';

let endpoint: AwsEndpoint;
let bedrock: BedrockRuntimeClient;

beforeAll(async () => {
  endpoint = await AwsEndpoint.start();
  bedrock = new BedrockRuntimeClient({ endpoint: endpoint.url, region: 'us-east-1', credentials: endpoint.credentials, maxAttempts: 1 });
});
afterEach(() => {
  endpoint.reset();
});
afterAll(async () => {
  bedrock.destroy();
  await endpoint.close();
});

const MESSAGES = [{ role: 'user' as const, content: [{ text: 'hello' }] }];

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>(resolve => open = resolve);
  return { opened, open };
}

async function all<T>(stream: AsyncIterable<T> | undefined): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream!) events.push(event);
  return events;
}

describe('bedrock-runtime', () => {
  test('answers Converse with usage, and records who signed what', async () => {
    const answer = await bedrock.send(new ConverseCommand({ modelId: PROFILE, messages: MESSAGES, requestMetadata: { team: 'payments' } }));
    expect(answer.usage).toEqual({ inputTokens: 12, outputTokens: 7, cacheReadInputTokens: 5, cacheWriteInputTokens: 3, totalTokens: 27 });
    expect(endpoint.requests).toMatchObject([{
      service: 'bedrock-runtime', operation: 'Converse', modelId: PROFILE, requestMetadata: { team: 'payments' },
      accessKeyId: endpoint.credentials.accessKeyId, signatureValid: true,
    }]);
  });

  test.each([MODEL, 'amazon.nova-lite-v1:0', 'amazon.titan-text-express-v1', 'amazon.titan-embed-text-v2:0'])('answers InvokeModel of %s with counts in headers', async modelId => {
    const command = new InvokeModelCommand({ modelId, body: '{}', requestMetadata: '{"team":"search"}' });
    let headers: Record<string, string> = {};
    command.middlewareStack.add(next => async args => {
      const result = await next(args);
      headers = (result.response as { headers: Record<string, string> }).headers;
      return result;
    }, { step: 'deserialize' });
    await bedrock.send(command);
    expect(headers).toMatchObject({ 'x-amzn-bedrock-input-token-count': '12' });
    expect(endpoint.requests[0]).toMatchObject({ operation: 'InvokeModel', modelId, requestMetadata: { team: 'search' }, signatureValid: true });
    expect(endpoint.requests[0].signedHeaders).toContain('x-amzn-bedrock-request-metadata');
  });

  test('streams Converse in frames', async () => {
    const { stream } = await bedrock.send(new ConverseStreamCommand({ modelId: MODEL, messages: MESSAGES }));
    const events = await all(stream);
    expect(events.map(event => Object.keys(event)[0])).toEqual([
      'messageStart', 'contentBlockDelta', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata',
    ]);
    expect(events.at(-1)!.metadata!.usage).toMatchObject({ inputTokens: 12, cacheReadInputTokens: 5 });
  });

  test.each([MODEL, 'amazon.nova-lite-v1:0'])('streams InvokeModel of %s with the metrics in the last chunk', async modelId => {
    const { body } = await bedrock.send(new InvokeModelWithResponseStreamCommand({ modelId, body: '{}' }));
    const chunks = (await all(body)).map(({ chunk }) => JSON.parse(Buffer.from(chunk!.bytes!).toString()) as Record<string, unknown>);
    expect(chunks.at(-1)).toMatchObject({ 'amazon-bedrock-invocationMetrics': { inputTokenCount: 12, outputTokenCount: 7 } });
    expect(chunks.slice(0, -1).every(chunk => !('amazon-bedrock-invocationMetrics' in chunk))).toBe(true);
  });

  test.each([
    ['an empty map', {}],
    ['17 pairs', Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v']))],
    ['a character outside of the set', { user: 'auth0|1' }],
    ['a long value', { user: 'x'.repeat(257) }],
  ])('fails for request metadata with %s', async (_, requestMetadata: Record<string, string>) => {
    await expect(bedrock.send(new ConverseCommand({ modelId: MODEL, messages: MESSAGES, requestMetadata }))).rejects.toThrow(/requestMetadata/);
    await expect(bedrock.send(new InvokeModelCommand({ modelId: MODEL, body: '{}', requestMetadata: JSON.stringify(requestMetadata) })))
      .rejects.toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
  });

  test('fails for a header of request metadata with more than 8,500 characters', async () => {
    const send = (characters: number): Promise<unknown> =>
      bedrock.send(new InvokeModelCommand({ modelId: MODEL, body: '{}', requestMetadata: `{"a":"b"${' '.repeat(characters - 9)}}` }));
    await send(8500);
    await expect(send(8501)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('fails for a header of request metadata that is not signed', async () => {
    const command = new InvokeModelCommand({ modelId: MODEL, body: '{}' });
    command.middlewareStack.add(next => args => {
      (args.request as { headers: Record<string, string> }).headers['x-amzn-bedrock-request-metadata'] = '{"team":"payments"}';
      return next(args);
    }, { step: 'finalizeRequest', priority: 'low' });
    await expect(bedrock.send(command)).rejects.toMatchObject({ name: 'InvalidSignatureException', $metadata: { httpStatusCode: 403 } });
    expect(endpoint.requests[0].signatureValid).toBe(false);
  });

  test('fails for a body that was changed after it was signed', async () => {
    const command = new ConverseCommand({ modelId: MODEL, messages: MESSAGES });
    command.middlewareStack.add(next => args => {
      const request = args.request as { body: Uint8Array };
      request.body = Buffer.from(new TextDecoder().decode(request.body).replace('hello', 'hallo'));
      return next(args);
    }, { step: 'finalizeRequest', priority: 'low' });
    await expect(bedrock.send(command)).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });

  test('fails for keys that nobody has', async () => {
    const stranger = new BedrockRuntimeClient({ endpoint: endpoint.url, region: 'us-east-1', credentials: { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' } });
    await expect(stranger.send(new ConverseCommand({ modelId: MODEL, messages: MESSAGES }))).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    stranger.destroy();
  });
});

describe('orders', () => {
  test('fail as often as it was said, and only the calls that are meant', async () => {
    endpoint.order('Converse', { code: 'ThrottlingException', message: 'Too many requests', times: 2, when: ({ modelId }) => modelId === MODEL });
    const send = (modelId: string): Promise<unknown> => bedrock.send(new ConverseCommand({ modelId, messages: MESSAGES }));
    await send(PROFILE);
    await expect(send(MODEL)).rejects.toMatchObject({ name: 'ThrottlingException', $metadata: { httpStatusCode: 429 } });
    await expect(send(MODEL)).rejects.toMatchObject({ name: 'ThrottlingException' });
    await send(MODEL);
  });

  test('replace what is answered', async () => {
    endpoint.order('Converse', { body: { stopReason: 'max_tokens' }, headers: { 'x-amzn-requestid': 'r-1' } });
    expect(await bedrock.send(new ConverseCommand({ modelId: MODEL, messages: MESSAGES })))
      .toMatchObject({ stopReason: 'max_tokens', $metadata: { requestId: 'r-1' } });
  });

  test('break a stream after as many events as it was said', async () => {
    endpoint.order('ConverseStream', { abortAfterEvents: 2 });
    const { stream } = await bedrock.send(new ConverseStreamCommand({ modelId: MODEL, messages: MESSAGES }));
    const seen: unknown[] = [];
    await expect((async () => {
      for await (const event of stream!) seen.push(event);
    })()).rejects.toThrow();
    expect(seen).toHaveLength(2);
    expect(endpoint.requests[0].outcome).toBe('aborted');
  });

  test('end a stream with an exception', async () => {
    endpoint.order('ConverseStream', { exceptionEvent: { code: 'ThrottlingException', message: 'slow down', afterEvents: 1 } });
    const { stream } = await bedrock.send(new ConverseStreamCommand({ modelId: MODEL, messages: MESSAGES }));
    await expect(all(stream)).rejects.toMatchObject({ name: 'ThrottlingException', message: 'slow down' });
  });

  test('hold an answer and each event until the test lets them go', async () => {
    const answer = gate();
    const gates = Array.from({ length: 7 }, gate);
    endpoint.order('ConverseStream', { until: answer.opened, slowEvents: index => gates[index].opened });
    const sent = bedrock.send(new ConverseStreamCommand({ modelId: MODEL, messages: MESSAGES }));
    await endpoint.arrived('ConverseStream');
    answer.open();
    gates[0].open();
    const { stream } = await sent;
    let seen = 0;
    for await (const event of stream!) {
      expect(event).toBeDefined();
      seen++;
      gates[seen].open();
    }
    expect(seen).toBe(6);
  });

  test('know that a client has left in the middle of a stream', async () => {
    endpoint.order('ConverseStream', { slowEvents: async index => index < 2 ? undefined : new Promise(() => undefined) });
    const abort = new AbortController();
    const { stream } = await bedrock.send(new ConverseStreamCommand({ modelId: MODEL, messages: MESSAGES }), { abortSignal: abort.signal });
    for await (const event of stream!) {
      if (event.contentBlockDelta !== undefined) break;
    }
    abort.abort();
    while (endpoint.requests[0].outcome === undefined) await new Promise(setImmediate);
    expect(endpoint.requests[0].outcome).toBe('client-gone');
  });
});
