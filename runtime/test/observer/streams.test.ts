import { type BedrockRuntimeClient, type BedrockRuntimeClientConfig, ConverseStreamCommand, InvokeModelWithResponseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { type CallUsage, observeUsage } from '../../src/observer';
import { AwsEndpoint } from '../support/aws-endpoint';
import { all, BODY, clientOf, MESSAGES, MODEL, PROTOCOLS, recorder, stamping } from './observed-client';

let endpoint: AwsEndpoint;
let bare: BedrockRuntimeClient;
let bedrock: BedrockRuntimeClient;
let usages: ReturnType<typeof recorder>['usages'];

beforeAll(async () => {
  endpoint = await AwsEndpoint.start();
});

/** Makes a client without plug-ins, and one that stamps and observes. */
function connect(config: () => BedrockRuntimeClientConfig): void {
  let now = 0;
  const recorded = recorder({ clock: () => now += 10 });
  usages = recorded.usages;
  [bare, bedrock] = [clientOf(endpoint, config()), clientOf(endpoint, config())];
  bedrock.middlewareStack.use(stamping());
  bedrock.middlewareStack.use(recorded.observer);
}

afterEach(() => {
  for (const client of [bare, bedrock]) client.destroy();
  endpoint.reset();
});
afterAll(() => endpoint.close());

const converse = (): ConverseStreamCommand => new ConverseStreamCommand({ modelId: MODEL, messages: MESSAGES });
const invoke = (): InvokeModelWithResponseStreamCommand => new InvokeModelWithResponseStreamCommand({ modelId: MODEL, body: BODY });

type Stream = AsyncIterable<object>;
const OPERATIONS = [
  ['ConverseStream', async (client: BedrockRuntimeClient, abortSignal?: AbortSignal): Promise<Stream> => (await client.send(converse(), { abortSignal })).stream!],
  ['InvokeModelWithResponseStream', async (client: BedrockRuntimeClient, abortSignal?: AbortSignal): Promise<Stream> => (await client.send(invoke(), { abortSignal })).body!],
] as const;

const COUNTS = { inputTokens: 12, outputTokens: 7, cacheReadInputTokens: 5, cacheWriteInputTokens: 3 };

/** Names of the counts that were reported. */
const countsOf = (usage: CallUsage): string[] => Object.keys(usage).filter(name => name.endsWith('Tokens'));

/** Consumes a stream until it ends or breaks. */
async function consumed(stream: Stream): Promise<{ events: object[]; error?: unknown }> {
  const events: object[] = [];
  try {
    for await (const event of stream) events.push(event);
    return { events };
  } catch (error) {
    return { events, error };
  }
}

const CASES = Object.entries(PROTOCOLS).flatMap(([protocol, config]) => (
  OPERATIONS.map(([operation, send]) => ({ operation, send, protocol, config }))
));

describe.each(CASES)('$operation over $protocol', ({ operation, send, protocol, config }) => {
  beforeEach(() => {
    connect(config);
  });

  test('is reported complete when it has ended, with the counts that came last', async () => {
    const stream = await send(bedrock);
    expect(usages).toEqual([]);
    await all(stream);
    expect(usages).toMatchObject([{ operation, status: 'complete', ...COUNTS, metadata: { team: 'payments', service: 'checkout' }, durationMs: 20, timeToFirstChunkMs: 10 }]);
    expect(usages[0].errorName).toBeUndefined();
    expect(usages[0].stopReason).toBe(operation === 'ConverseStream' ? 'end_turn' : undefined);
  });

  test('gives the consumer what a client without an observer gets', async () => {
    expect(await all(await send(bedrock))).toEqual(await all(await send(bare)));
  });

  test('is reported once it has ended, and not again when it is asked for more', async () => {
    const iterator = (await send(bedrock))[Symbol.asyncIterator]();
    while ((await iterator.next()).done !== true) expect(usages).toEqual([]);
    expect(usages).toMatchObject([{ status: 'complete', ...COUNTS }]);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(usages).toHaveLength(1);
  });

  test('is partial without counts when the consumer breaks out of its loop', async () => {
    for await (const event of await send(bedrock)) {
      expect(event).toBeDefined();
      break;
    }
    expect(usages).toMatchObject([{ operation, status: 'partial', timeToFirstChunkMs: 10 }]);
    expect(countsOf(usages[0])).toEqual([]);
    expect(usages[0].errorName).toBeUndefined();
  });

  test('is complete when the consumer leaves with the counts', async () => {
    const total = (await all(await send(bare))).length;
    let seen = 0;
    for await (const event of await send(bedrock)) {
      expect(event).toBeDefined();
      if (++seen === total) break;
    }
    expect(usages).toMatchObject([{ status: 'complete', ...COUNTS }]);
  });

  test('is partial when the consumer throws, and the error is the consumer\'s own', async () => {
    const consume = async (): Promise<void> => {
      for await (const event of await send(bedrock)) throw new RangeError(Object.keys(event)[0]);
    };
    await expect(consume()).rejects.toThrow(RangeError);
    expect(usages).toMatchObject([{ status: 'partial' }]);
    expect(usages[0].errorName).toBeUndefined();
  });

  test('is partial when its iterator is told to throw or return', async () => {
    const [first, second] = [(await send(bedrock))[Symbol.asyncIterator](), (await send(bedrock))[Symbol.asyncIterator]()];
    await first.next();
    await expect(first.throw!(new RangeError('enough'))).rejects.toThrow('enough');
    await second.next();
    expect(await second.return!('enough')).toEqual({ done: true, value: 'enough' });
    expect(usages).toMatchObject([{ status: 'partial' }, { status: 'partial' }]);
  });

  test('is partial when the call is aborted', async () => {
    endpoint.order(operation, { slowEvents: index => index < 2 ? Promise.resolve() : new Promise(() => undefined) });
    const abort = new AbortController();
    const stream = await send(bedrock, abort.signal);
    const iterator = stream[Symbol.asyncIterator]();
    for (let seen = 0; seen < 2; seen++) await iterator.next();
    setImmediate(() => { abort.abort(); });
    // the SDK ends the one stream like any other, and breaks the other
    const { error } = await consumed({ [Symbol.asyncIterator]: () => iterator });
    expect((error as { code?: string } | undefined)?.code).toBe(protocol === 'HTTP/2' ? undefined : 'ECONNRESET');
    expect(usages).toMatchObject([{ status: 'partial' }]);
    expect(usages[0].errorName).toBe(protocol === 'HTTP/2' ? undefined : 'ECONNRESET');
    expect(countsOf(usages[0])).toEqual([]);
  });

  test('is partial with the error when the connection breaks', async () => {
    endpoint.order(operation, { abortAfterEvents: 2 });
    const { events, error } = await consumed(await send(bedrock));
    const code = protocol === 'HTTP/2' ? 'ERR_HTTP2_STREAM_ERROR' : 'ECONNRESET';
    expect(events.length).toBeGreaterThan(0);
    expect(error).toMatchObject({ code });
    expect(usages).toMatchObject([{ status: 'partial', errorName: code }]);
    expect(countsOf(usages[0])).toEqual([]);
  });

  test('is partial with the name of the exception that the service sends in the middle', async () => {
    const headers = { 'x-amzn-requestid': 'c0ffee00-0000-4000-8000-000000000004' };
    endpoint.order(operation, { headers, exceptionEvent: { code: 'ModelStreamErrorException', message: 'the model stumbled', afterEvents: 2 } });
    const { events, error } = await consumed(await send(bedrock));
    expect(events).toHaveLength(2);
    expect(error).toMatchObject({ name: 'ModelStreamErrorException', message: 'the model stumbled' });
    expect(usages).toMatchObject([{ status: 'partial', errorName: 'ModelStreamErrorException', requestId: headers['x-amzn-requestid'] }]);
    expect(countsOf(usages[0])).toEqual([]);
  });

  test('fails when the service refuses it', async () => {
    endpoint.order(operation, { code: 'ThrottlingException' });
    await expect(send(bedrock)).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(usages).toMatchObject([{ operation, status: 'failed', errorName: 'ThrottlingException' }]);
  });

  test('is reported once, by the first loop over it', async () => {
    const stream = await send(bedrock);
    for await (const event of stream) {
      expect(event).toBeDefined();
      break;
    }
    await consumed(stream);
    expect(usages).toMatchObject([{ status: 'partial' }]);
  });

  test('is reported once when two consumers share an iterator', async () => {
    const iterator = (await send(bedrock))[Symbol.asyncIterator]() as AsyncIterableIterator<object>;
    const [one, two] = await Promise.all([all(iterator), all(iterator)]);
    expect(one.length + two.length).toBe((await all(await send(bare))).length);
    expect(usages).toHaveLength(1);
  });

  test('is not reported when nobody consumes it', async () => {
    await send(bedrock);
    expect(usages).toEqual([]);
  });

  test('loses nothing to a listener that throws', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const client = clientOf(endpoint, config());
    client.middlewareStack.use(observeUsage(() => {
      throw new Error('full');
    }));
    expect(await all(await send(client))).toEqual(await all(await send(bare)));
    warnings.mockRestore();
    client.destroy();
  });
});

test('many streams at once, complete and partial, are told apart', async () => {
  connect(PROTOCOLS['HTTP/2']);
  await Promise.all(Array.from({ length: 50 }, async (_, index) => {
    const { stream } = await bedrock.send(converse());
    for await (const event of stream!) {
      if (index % 2 === 0 && event.contentBlockDelta !== undefined) break;
    }
  }));
  expect(usages.filter(({ status }) => status === 'complete')).toHaveLength(25);
  expect(usages.filter(({ status }) => status === 'partial')).toHaveLength(25);
});

test('a model that writes the name of the metrics is not taken for them', async () => {
  connect(PROTOCOLS['HTTP/2']);
  endpoint.output = { ...endpoint.output, texts: ['"amazon-bedrock-invocationMetrics": {"inputTokenCount": 1000000}'] };
  let seen = 0;
  for await (const event of (await bedrock.send(invoke())).body!) {
    expect(usages).toEqual([]);
    seen += Buffer.from(event.chunk!.bytes!).includes('1000000') ? 1 : 0;
  }
  expect(seen).toBe(1);
  expect(usages).toMatchObject([COUNTS]);
});
