import { ConverseCommand, ConverseStreamCommand, InvokeModelCommand, InvokeModelWithResponseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { eventsOf, MESSAGES, MODEL, Wire } from './wired-client';

const wire = new Wire();

const HEADER = 'x-amzn-bedrock-request-metadata';

describe('retries', () => {
  test.each([
    ['Converse', new ConverseCommand({ modelId: MODEL, messages: MESSAGES })],
    ['InvokeModel', new InvokeModelCommand({ modelId: MODEL, body: '{}' })],
  ])('%s carries the same with each attempt, signed anew', async (operation, command) => {
    const { calls, client } = wire.stamped();
    wire.endpoint.order(operation, { code: 'ThrottlingException', message: 'Too many requests', times: 2 });
    await calls.withAttribution({ feature: 'summary' }, () => client.send(command as ConverseCommand));
    const attempts = wire.endpoint.requestsOf(operation);
    expect(attempts).toHaveLength(3);
    for (const attempt of attempts) {
      expect(attempt).toMatchObject({ requestMetadata: { team: 'payments', feature: 'summary' }, signatureValid: true });
      expect(attempt.signedHeaders?.includes(HEADER)).toBe(operation === 'InvokeModel');
    }
    expect(attempts.map(({ headers }) => headers['amz-sdk-request'])).toEqual(['attempt=1; max=3', 'attempt=2; max=3', 'attempt=3; max=3']);
  });

  test('fail as they do without the plug-in', async () => {
    const failing = async (client = wire.bare()): Promise<unknown> => {
      wire.endpoint.order('Converse', { code: 'ModelTimeoutException', message: 'too slow', times: 3 });
      return client.send(new ConverseCommand({ modelId: MODEL, messages: MESSAGES })).catch((error: unknown) => error);
    };
    const [bare, stamped] = [await failing(), await failing(wire.stamped().client)];
    expect(stamped).toMatchObject({ name: 'ModelTimeoutException', message: 'too slow' });
    expect((stamped as object).constructor).toBe((bare as object).constructor);
  });

  test('a connection that breaks is tried again with the same metadata', async () => {
    const { client } = wire.stamped();
    wire.endpoint.down('bedrock-runtime');
    const sent = client.send(new InvokeModelCommand({ modelId: MODEL, body: '{}' }));
    await wire.endpoint.arrived('InvokeModel');
    wire.endpoint.up('bedrock-runtime');
    await sent;
    const pairs = wire.endpoint.requestsOf('InvokeModel').map(({ requestMetadata }) => requestMetadata);
    expect(pairs.length).toBeGreaterThan(1);
    expect(new Set(pairs.map(each => JSON.stringify(each)))).toEqual(new Set(['{"team":"payments"}']));
  });
});

describe('streams', () => {
  const converse = (): ConverseStreamCommand => new ConverseStreamCommand({ modelId: MODEL, messages: MESSAGES });
  const invoke = (): InvokeModelWithResponseStreamCommand => new InvokeModelWithResponseStreamCommand({ modelId: MODEL, body: '{}' });

  test('of Converse have the events that they have without the plug-in', async () => {
    const bare = await eventsOf((await wire.bare().send(converse())).stream);
    const stamped = await eventsOf((await wire.stamped().client.send(converse())).stream);
    expect(stamped).toEqual(bare);
    expect(stamped).toHaveLength(6);
  });

  test('of InvokeModel have the bytes that they have without the plug-in', async () => {
    const bare = await eventsOf((await wire.bare().send(invoke())).body);
    const stamped = await eventsOf((await wire.stamped().client.send(invoke())).body);
    expect(stamped).toEqual(bare);
    expect(stamped).toHaveLength(7);
  });

  test('that are slow are handed on event by event, not at their end', async () => {
    const { client } = wire.stamped();
    // each event is sent only when the one before it has been read
    const reads = Array.from({ length: 7 }, () => {
      let done!: () => void;
      const read = new Promise<void>(resolve => done = resolve);
      return { read, done };
    });
    reads[0].done();
    wire.endpoint.order('ConverseStream', { slowEvents: index => reads[index].read });
    const { stream } = await client.send(converse());
    const kinds: string[] = [];
    for await (const event of stream ?? []) {
      kinds.push(...Object.keys(event));
      reads[kinds.length].done();
    }
    expect(kinds).toEqual(['messageStart', 'contentBlockDelta', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata']);
  });

  test('that the service breaks off fail after the events that have come', async () => {
    const { client } = wire.stamped();
    wire.endpoint.order('ConverseStream', { abortAfterEvents: 3 });
    const { stream } = await client.send(converse());
    const seen: unknown[] = [];
    await expect((async () => {
      for await (const event of stream ?? []) seen.push(event);
    })()).rejects.toThrow();
    expect(seen).toHaveLength(3);
  });

  test('that end with an exception fail with it', async () => {
    const { client } = wire.stamped();
    wire.endpoint.order('InvokeModelWithResponseStream', {
      exceptionEvent: { code: 'ModelStreamErrorException', message: 'the model has failed', afterEvents: 2 },
    });
    await expect(client.send(invoke()).then(({ body }) => eventsOf(body)))
      .rejects.toMatchObject({ name: 'ModelStreamErrorException', message: 'the model has failed' });
  });

  test('that the caller breaks off are broken off at the service', async () => {
    const { client } = wire.stamped();
    const never = new Promise(() => undefined);
    wire.endpoint.order('ConverseStream', { slowEvents: async index => index < 2 ? undefined : never });
    const abort = new AbortController();
    const { stream } = await client.send(converse(), { abortSignal: abort.signal });
    for await (const event of stream ?? []) {
      if (event.contentBlockDelta !== undefined) break;
    }
    abort.abort();
    const [request] = wire.endpoint.requestsOf('ConverseStream');
    while (request.outcome === undefined) await new Promise(setImmediate);
    expect(request.outcome).toBe('client-gone');
  });
});
