import {
  type BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand, InvokeModelCommand, InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { attribution, defineAttributionSchema } from '../../src';
import { observeWithOpenTelemetry, type OpenTelemetryOptions } from '../../src/opentelemetry';
import { all, BODY, clientOf, MESSAGES, MODEL, PROFILE, SCHEMA, stamping } from '../observer/observed-client';
import { AwsEndpoint } from '../support/aws-endpoint';
import { Telemetry } from './telemetry';

let endpoint: AwsEndpoint;
let telemetry: Telemetry;
const clients: BedrockRuntimeClient[] = [];

beforeAll(async () => {
  endpoint = await AwsEndpoint.start();
});
beforeEach(() => {
  telemetry = new Telemetry();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await telemetry.shutdown();
  endpoint.reset();
});
afterAll(() => endpoint.close());

/** A client with a stamp and an observer. */
function client(options: Partial<OpenTelemetryOptions> = {}, calls = stamping()): BedrockRuntimeClient {
  const bedrock = clientOf(endpoint, { maxAttempts: 3 });
  clients.push(bedrock);
  bedrock.middlewareStack.use(calls);
  bedrock.middlewareStack.use(observeWithOpenTelemetry({ schema: SCHEMA, tracer: telemetry.tracer, meter: telemetry.meter, ...options }));
  return bedrock;
}

const converse = (): ConverseCommand => new ConverseCommand({ modelId: MODEL, messages: MESSAGES });
const converseStream = (): ConverseStreamCommand => new ConverseStreamCommand({ modelId: MODEL, messages: MESSAGES });
const invoke = (modelId = MODEL): InvokeModelCommand => new InvokeModelCommand({ modelId, body: BODY });
const invokeStream = (): InvokeModelWithResponseStreamCommand => new InvokeModelWithResponseStreamCommand({ modelId: MODEL, body: BODY });

const USAGE = {
  'gen_ai.usage.input_tokens': 20, 'gen_ai.usage.output_tokens': 7,
  'gen_ai.usage.cache_read.input_tokens': 5, 'gen_ai.usage.cache_creation.input_tokens': 3,
};

describe('spans', () => {
  test('of Converse have what the conventions ask for, and the attribution', async () => {
    endpoint.order('Converse', { headers: { 'x-amzn-requestid': 'c0ffee00-0000-4000-8000-000000000003' } });
    await client().send(converse());
    const [span] = telemetry.spans;
    expect(span).toMatchObject({ name: `chat ${MODEL}`, kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET } });
    expect(span.attributes).toEqual({
      'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'aws.bedrock', 'gen_ai.request.model': MODEL,
      'gen_ai.response.finish_reasons': ['end_turn'], ...USAGE,
      'server.address': '127.0.0.1', 'server.port': Number(new URL(endpoint.url).port), 'cloud.region': 'us-east-1',
      'aws.request_id': 'c0ffee00-0000-4000-8000-000000000003',
      'bedrock.call.status': 'complete', 'bedrock.call.model_id': MODEL, 'bedrock.call.attempts': 1,
      'bedrock.attribution.team': 'payments', 'bedrock.attribution.service': 'checkout',
    });
  });

  test.each([
    ['ConverseStream', async (bedrock: BedrockRuntimeClient) => all((await bedrock.send(converseStream())).stream)],
    ['InvokeModelWithResponseStream', async (bedrock: BedrockRuntimeClient) => all((await bedrock.send(invokeStream())).body)],
  ])('of %s end with the stream', async (_, consume) => {
    let now = 0;
    await consume(client({ clock: () => now += 500 }));
    expect(telemetry.spans).toHaveLength(1);
    expect(telemetry.spans[0].attributes).toMatchObject({
      ...USAGE, 'gen_ai.request.stream': true, 'gen_ai.response.time_to_first_chunk': 0.5, 'bedrock.call.status': 'complete',
    });
  });

  test('of a stream that its consumer left say so, have no counts, and no error', async () => {
    for await (const event of (await client().send(converseStream())).stream!) {
      expect(telemetry.spans).toEqual([]);
      expect(event).toHaveProperty('messageStart');
      break;
    }
    const [{ attributes, status }] = telemetry.spans;
    expect(attributes).toMatchObject({ 'bedrock.call.status': 'partial' });
    expect(Object.keys(attributes).filter(name => name.startsWith('gen_ai.usage') || name === 'error.type')).toEqual([]);
    expect(status.code).toBe(SpanStatusCode.UNSET);
  });

  test('of a stream that broke have the error', async () => {
    endpoint.order('ConverseStream', { exceptionEvent: { code: 'ServiceUnavailableException', message: 'later', afterEvents: 1 } });
    await expect(client().send(converseStream()).then(({ stream }) => all(stream))).rejects.toThrow('later');
    expect(telemetry.spans[0]).toMatchObject({
      status: { code: SpanStatusCode.ERROR }, attributes: { 'bedrock.call.status': 'partial', 'error.type': 'ServiceUnavailableException' },
    });
  });

  test('of a call that fails have the name of the error, and not its message, which may name a person', async () => {
    endpoint.order('Converse', { code: 'AccessDeniedException', message: 'User: arn:aws:sts::111122223333:assumed-role/x/alice is not authorized' });
    await expect(client().send(converse())).rejects.toThrow('alice');
    const [span] = telemetry.spans;
    expect(span.attributes).toMatchObject({ 'bedrock.call.status': 'failed', 'error.type': 'AccessDeniedException' });
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(JSON.stringify([span.attributes, span.events])).not.toContain('alice');
  });

  test('are one for all attempts of a call', async () => {
    endpoint.order('Converse', { code: 'ThrottlingException' });
    await client().send(converse());
    expect(telemetry.spans.map(({ attributes }) => attributes['bedrock.call.attempts'])).toEqual([2]);
  });

  test('have the model that was asked for in their name, and the profile that was called beside it', async () => {
    await client({}, stamping({ profiles: { route: () => ({ modelId: PROFILE }) } })).send(invoke());
    expect(telemetry.spans[0]).toMatchObject({ name: `chat ${MODEL}`, attributes: { 'gen_ai.request.model': MODEL, 'bedrock.call.model_id': PROFILE } });
  });

  test.each([
    ['amazon.titan-embed-text-v2:0', 'embeddings'],
    ['cohere.embed-multilingual-v3', 'embeddings'],
    ['amazon.titan-text-express-v1', 'text_completion'],
    ['meta.llama3-8b-instruct-v1:0', 'text_completion'],
    ['amazon.nova-canvas-v1:0', 'generate_content'],
    ['amazon.nova-lite-v1:0', 'chat'],
    [PROFILE, 'chat'],
  ])('of InvokeModel of %s are named %s', async (modelId, name) => {
    await client().send(invoke(modelId));
    expect(telemetry.spans[0].name).toBe(`${name} ${modelId}`);
  });

  test('are named after the operation alone when there is no model', async () => {
    await expect(client().send(new ConverseCommand({ modelId: undefined, messages: MESSAGES }))).rejects.toThrow();
    expect(telemetry.spans[0].name).toBe('chat');
  });

  test('are children of the active span, and are active while the call is made', async () => {
    const bedrock = client();
    const active: (string | undefined)[] = [];
    bedrock.middlewareStack.add(next => args => {
      active.push(trace.getActiveSpan()?.spanContext().spanId);
      return next(args);
    }, { step: 'finalizeRequest' });
    const parent = telemetry.tracer.startSpan('request');
    await context.with(trace.setSpan(context.active(), parent), async () => {
      await bedrock.send(converse());
      expect(trace.getActiveSpan()).toBe(parent);
    });
    const [span] = telemetry.spans;
    expect(span.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
    expect(active).toEqual([span.spanContext().spanId]);
  });

  test('of calls at once have their own attribution, and parents of their own', async () => {
    const calls = stamping();
    const bedrock = client({}, calls);
    const features = Array.from({ length: 50 }, (_, index) => `f${index}`);
    const parents = new Map(await Promise.all(features.map(async feature => {
      const parent = telemetry.tracer.startSpan(feature);
      const send = (): Promise<unknown> => calls.withAttribution({ feature }, () => bedrock.send(converse()));
      await context.with(trace.setSpan(context.active(), parent), send);
      return [feature, parent.spanContext().spanId] as const;
    })));
    expect(telemetry.spans).toHaveLength(50);
    for (const { attributes, parentSpanContext } of telemetry.spans) {
      expect(parentSpanContext?.spanId).toBe(parents.get(attributes['bedrock.attribution.feature'] as string));
    }
  });

  test('have the keys that were chosen and no others', async () => {
    await client({ attributes: { span: ['team', 'feature'] } }).send(converse());
    expect(Object.keys(telemetry.spans[0].attributes).filter(name => name.startsWith('bedrock.attribution.'))).toEqual(['bedrock.attribution.team']);
  });

  test('have personal values as their keyed hashes', async () => {
    const calls = attribution(SCHEMA, { team: 'payments', service: 'checkout' }, { personalHashKey: 'k'.repeat(32) });
    const bedrock = client({}, calls as unknown as ReturnType<typeof stamping>);
    await calls.withAttribution({ user: 'alice@example.com' }, () => bedrock.send(converse()));
    expect(telemetry.spans[0].attributes['bedrock.attribution.user']).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([undefined, { span: ['team', 'user'] }])('have no personal value that a call site sends as it is, and nothing that is not in the schema (%j)', async attributes => {
    const bedrock = clientOf(endpoint);
    clients.push(bedrock);
    bedrock.middlewareStack.use(observeWithOpenTelemetry({ schema: SCHEMA, attributes, tracer: telemetry.tracer, meter: telemetry.meter }));
    await bedrock.send(new ConverseCommand({ modelId: MODEL, messages: MESSAGES, requestMetadata: { team: 'payments', user: 'alice@example.com', note: 'of alice' } }));
    const [{ attributes: found }] = telemetry.spans;
    expect(found['bedrock.attribution.team']).toBe('payments');
    expect(JSON.stringify(found)).not.toContain('alice');
  });

  test('come from the global provider unless a tracer is given', async () => {
    const bedrock = client({ tracer: undefined, meter: undefined });
    trace.setGlobalTracerProvider(telemetry.tracerProvider);
    metrics.setGlobalMeterProvider(telemetry.meterProvider);
    try {
      await bedrock.send(converse());
      expect(telemetry.spans).toHaveLength(1);
      expect(await telemetry.sums('gen_ai.client.token.usage')).toHaveLength(2);
    } finally {
      trace.disable();
      metrics.disable();
    }
  });
});

describe('metrics', () => {
  const BY_TEAM = { 'bedrock.attribution.team': 'payments', 'bedrock.attribution.service': 'checkout' };

  test('count tokens of prompts and answers, with the units and buckets of the conventions', async () => {
    const bedrock = client();
    await bedrock.send(converse());
    await bedrock.send(converse());
    const common = {
      ...BY_TEAM, 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'aws.bedrock', 'gen_ai.request.model': MODEL,
      'server.address': '127.0.0.1', 'server.port': Number(new URL(endpoint.url).port),
    };
    expect(await telemetry.sums('gen_ai.client.token.usage')).toEqual([
      { attributes: { ...common, 'gen_ai.token.type': 'input' }, sum: 40, count: 2 },
      { attributes: { ...common, 'gen_ai.token.type': 'output' }, sum: 14, count: 2 },
    ]);
    const found = await telemetry.metrics();
    expect(found.get('gen_ai.client.token.usage')!.descriptor).toMatchObject({ unit: '{token}', advice: { explicitBucketBoundaries: expect.arrayContaining([1, 67108864]) } });
    expect(found.get('gen_ai.client.operation.duration')!.descriptor).toMatchObject({ unit: 's', advice: { explicitBucketBoundaries: expect.arrayContaining([0.01, 81.92]) } });
  });

  test.each([
    ['input_tokens', 20],
    ['output_tokens', 7],
    ['cache_read.input_tokens', 5],
    ['cache_write.input_tokens', 3],
  ])('have a counter of %s', async (name, sum) => {
    await client().send(converse());
    expect(await telemetry.sums(`gen_ai.client.inference.usage.${name}`)).toMatchObject([{ attributes: { ...BY_TEAM, 'gen_ai.token.modality': 'unknown' }, sum }]);
  });

  test('measure durations in seconds, by status and error', async () => {
    let now = 0;
    const bedrock = client({ clock: () => now += 2000 });
    await bedrock.send(converse());
    endpoint.order('Converse', { code: 'ValidationException' });
    await bedrock.send(converse()).catch(() => undefined);
    const durations = await telemetry.sums('gen_ai.client.operation.duration');
    expect(durations).toMatchObject([
      { attributes: { 'bedrock.call.status': 'complete' }, sum: 2, count: 1 },
      { attributes: { 'bedrock.call.status': 'failed', 'error.type': 'ValidationException' }, sum: 2, count: 1 },
    ]);
    expect(durations[0].attributes).not.toHaveProperty('error.type');
    expect(await telemetry.sums('gen_ai.client.operation.time_to_first_chunk')).toEqual([]);
  });

  test('of a partial stream have a duration, the time to its first chunk and no counts', async () => {
    let now = 0;
    for await (const event of (await client({ clock: () => now += 1000 }).send(converseStream())).stream!) {
      expect(event).toBeDefined();
      break;
    }
    expect(await telemetry.sums('gen_ai.client.operation.duration')).toMatchObject([{ attributes: { 'bedrock.call.status': 'partial' }, sum: 2 }]);
    expect(await telemetry.sums('gen_ai.client.operation.time_to_first_chunk')).toMatchObject([{ sum: 1, count: 1 }]);
    expect(await telemetry.sums('gen_ai.client.token.usage')).toEqual([]);
    expect(await telemetry.sums('gen_ai.client.inference.usage.input_tokens')).toMatchObject([{ sum: 0 }]);
  });

  test('are not split by a key of high cardinality, a personal one or one that is not required', async () => {
    const calls = attribution(SCHEMA, { team: 'payments', service: 'checkout' }, { personalHashKey: 'k'.repeat(32) });
    const bedrock = client({}, calls as unknown as ReturnType<typeof stamping>);
    for (let call = 0; call < 5; call++) {
      await calls.withAttribution({ user: `u${call}`, request_id: `r${call}`, feature: `f${call}` }, () => bedrock.send(converse()));
    }
    expect(await telemetry.sums('gen_ai.client.inference.usage.output_tokens')).toMatchObject([{ attributes: BY_TEAM, sum: 35 }]);
    expect(JSON.stringify([...await telemetry.metrics()])).not.toMatch(/attribution\.(user|request_id|feature)/);
  });

  test('are split by the keys that were chosen', async () => {
    const calls = stamping();
    const bedrock = client({ attributes: { metric: ['feature'] } }, calls);
    for (const feature of ['a', 'b']) await calls.withAttribution({ feature }, () => bedrock.send(converse()));
    const points = await telemetry.sums('gen_ai.client.inference.usage.output_tokens');
    expect(points.map(({ attributes }) => attributes['bedrock.attribution.feature'])).toEqual(['a', 'b']);
    expect(points.every(({ attributes }) => !('bedrock.attribution.team' in attributes))).toBe(true);
  });

  test('are no longer split by a key that has become personal', async () => {
    const personal = defineAttributionSchema({ version: 2, keys: [{ name: 'team', description: 'Team of one.', required: true, personal: true }] });
    const source = { current: SCHEMA.current };
    const bedrock = client({ schema: source });
    await bedrock.send(converse());
    source.current = personal.current;
    await bedrock.send(converse());
    const points = await telemetry.sums('gen_ai.client.inference.usage.output_tokens');
    expect(points.map(({ attributes }) => attributes['bedrock.attribution.team'])).toEqual(['payments', undefined]);
  });
});

describe('attributes', () => {
  test('fails for keys that are unknown or must not split metrics, with all of them', () => {
    const attributes = { metric: ['team', 'user', 'request_id', 'tema'], span: ['team', 'nobody'] };
    const thrown = (): unknown => {
      try {
        return observeWithOpenTelemetry({ schema: SCHEMA, attributes });
      } catch (error) {
        return error;
      }
    };
    expect(thrown()).toMatchObject({
      name: 'AttributionError', code: 'InvalidConfiguration',
      problems: [
        { code: 'metricKey', path: 'attributes.metric', got: '"user"' },
        { code: 'metricKey', path: 'attributes.metric', got: '"request_id"' },
        { code: 'unknownKey', path: 'attributes.metric', got: '"tema"' },
        { code: 'unknownKey', path: 'attributes.span', got: '"nobody"' },
      ],
    });
  });

  test('a tracer or a meter that fails breaks no call', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const broken = (): never => {
      throw new Error('exporter is gone');
    };
    const noTracer = client({ tracer: { startSpan: broken, startActiveSpan: broken } });
    const noMeter = client({ meter: { ...telemetry.meter, createHistogram: broken } });
    expect((await noTracer.send(converse())).stopReason).toBe('end_turn');
    expect(await all((await noMeter.send(converseStream())).stream)).toHaveLength(6);
    expect(warnings.mock.calls.filter(([message]) => String(message).includes('exporter is gone'))).toHaveLength(2);
    warnings.mockRestore();
  });
});
