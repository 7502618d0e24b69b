import {
  ApplyGuardrailCommand, ConverseCommand, ConverseStreamCommand, CountTokensCommand, InvokeModelCommand,
  InvokeModelWithResponseStreamCommand, StartAsyncInvokeCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { attribution, defineAttributionSchema } from '../../src';
import { MESSAGES, MODEL, Wire } from './wired-client';

const wire = new Wire();
const HEADER = 'x-amzn-bedrock-request-metadata';

describe('operations with a body of Bedrock', () => {
  test.each([
    ['Converse', new ConverseCommand({ modelId: MODEL, messages: MESSAGES })],
    ['ConverseStream', new ConverseStreamCommand({ modelId: MODEL, messages: MESSAGES })],
  ])('%s carries the map in its body', async (operation, command) => {
    const { calls, client } = wire.stamped();
    await calls.withAttribution({ feature: 'summary' }, () => client.send(command as ConverseCommand));
    const [request] = wire.endpoint.requestsOf(operation);
    expect(request).toMatchObject({ modelId: MODEL, signatureValid: true, json: { requestMetadata: { team: 'payments', feature: 'summary' } } });
    expect(request.headers).not.toHaveProperty(HEADER);
  });
});

describe('operations with a body of the model', () => {
  const body = '{"anthropic_version":"bedrock-2023-05-31","max_tokens":10,"messages":[]}';

  test.each([
    ['InvokeModel', new InvokeModelCommand({ modelId: MODEL, body })],
    ['InvokeModelWithResponseStream', new InvokeModelWithResponseStreamCommand({ modelId: MODEL, body })],
  ])('%s carries JSON text in a header that is signed, and leaves the body as it is', async (operation, command) => {
    const { calls, client } = wire.stamped();
    await calls.withAttribution({ feature: 'summary' }, () => client.send(command as InvokeModelCommand));
    const [request] = wire.endpoint.requestsOf(operation);
    expect(request.headers[HEADER]).toBe('{"team":"payments","feature":"summary"}');
    expect(request.signedHeaders).toContain(HEADER);
    expect(request.signatureValid).toBe(true);
    expect(request.body).toBe(body);
  });
});

test('a call with a bearer token carries the header too', async () => {
  const { client } = wire.stamped({}, { token: { token: wire.endpoint.apiKey }, authSchemePreference: ['httpBearerAuth'] });
  await client.send(new InvokeModelCommand({ modelId: MODEL, body: '{}' }));
  expect(wire.endpoint.requests).toMatchObject([{ bearerToken: wire.endpoint.apiKey, requestMetadata: { team: 'payments' }, outcome: 'answered' }]);
});

test('one attribution serves several clients', async () => {
  const { calls, client } = wire.stamped();
  const other = wire.bare();
  other.middlewareStack.use(calls);
  for (const each of [client, other]) await each.send(new ConverseCommand({ modelId: MODEL, messages: MESSAGES }));
  expect(wire.endpoint.requests.map(request => request.requestMetadata)).toEqual([{ team: 'payments' }, { team: 'payments' }]);
});

test('a client without the plug-in stays as it is', async () => {
  wire.stamped();
  await wire.bare().send(new ConverseCommand({ modelId: MODEL, messages: MESSAGES }));
  expect(wire.endpoint.requests[0].json).not.toHaveProperty('requestMetadata');
});

test('a command that is sent twice carries what holds each time', async () => {
  const { calls, client } = wire.stamped();
  const command = new ConverseCommand({ modelId: MODEL, messages: MESSAGES });
  await calls.withAttribution({ feature: 'first' }, () => client.send(command));
  await calls.withAttribution({ feature: 'second' }, () => client.send(command));
  await client.send(command);
  expect(wire.endpoint.requests.map(({ requestMetadata }) => requestMetadata?.feature)).toEqual(['first', 'second', undefined]);
  expect(command.input).not.toHaveProperty('requestMetadata');
});

describe('operations that cannot carry metadata', () => {
  const UNCARRIED = {
    CountTokens: new CountTokensCommand({ modelId: MODEL, input: { converse: { messages: MESSAGES } } }),
    StartAsyncInvoke: new StartAsyncInvokeCommand({
      modelId: 'amazon.nova-reel-v1:1',
      modelInput: { prompt: 'a cat' },
      // the SDK makes one up for each call unless there is one
      clientRequestToken: 'the-same',
      outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://b' } },
    }),
    ApplyGuardrail: new ApplyGuardrailCommand({ guardrailIdentifier: 'g', guardrailVersion: '1', source: 'INPUT', content: [{ text: { text: 'x' } }] }),
  };

  test.each(Object.entries(UNCARRIED))('%s is sent as without the plug-in', async (operation, command) => {
    const { client } = wire.stamped();
    await wire.bare().send(command as CountTokensCommand);
    await client.send(command as CountTokensCommand);
    const [bare, stamped] = wire.endpoint.requestsOf(operation);
    expect(stamped).toMatchObject({ path: bare.path, body: bare.body, signedHeaders: bare.signedHeaders, signatureValid: true, outcome: 'answered' });
    expect(stamped.headers).not.toHaveProperty(HEADER);
  });

  test('only those that spend money are told of', async () => {
    const { client } = wire.stamped();
    for (const command of Object.values(UNCARRIED)) await client.send(command as CountTokensCommand);
    expect(wire.warnings.map(({ code, path }) => [code, path])).toEqual([['notCarried', 'StartAsyncInvoke'], ['notCarried', 'ApplyGuardrail']]);
  });
});

test.each([
  ['Converse', new ConverseCommand({ modelId: MODEL, messages: MESSAGES })],
  ['InvokeModel', new InvokeModelCommand({ modelId: MODEL, body: '{}' })],
  ['Converse', new ConverseCommand({ modelId: MODEL, messages: MESSAGES, requestMetadata: {} })],
  ['InvokeModel', new InvokeModelCommand({ modelId: MODEL, body: '{}', requestMetadata: '{}' })],
])('%s without any value carries no empty map, which the service refuses', async (operation, command) => {
  const optional = defineAttributionSchema({ version: 1, keys: [{ name: 'feature', description: 'Feature that makes the call.' }] });
  const client = wire.bare();
  client.middlewareStack.use(attribution(optional, {}));
  await client.send(command as ConverseCommand);
  const [request] = wire.endpoint.requestsOf(operation);
  expect(request.outcome).toBe('answered');
  expect(request.json).not.toHaveProperty('requestMetadata');
  expect(request.headers).not.toHaveProperty(HEADER);
});

test('a model is called by its profile, in a path that is encoded and signed', async () => {
  const arn = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123def456';
  const routed: [string, string | undefined][] = [];
  const { client } = wire.stamped({
    profiles: {
      route: (modelId, region) => {
        routed.push([modelId, region]);
        return { modelId: arn };
      },
    },
  });
  await client.send(new ConverseCommand({ modelId: MODEL, messages: MESSAGES }));
  await client.send(new InvokeModelCommand({ modelId: MODEL, body: '{}' }));
  expect(routed).toEqual([[MODEL, 'us-east-1'], [MODEL, 'us-east-1']]);
  expect(wire.endpoint.requests.map(({ modelId, signatureValid, requestMetadata }) => [modelId, signatureValid, requestMetadata]))
    .toEqual([[arn, true, { team: 'payments' }], [arn, true, { team: 'payments' }]]);
});

test('fails for a client that has an attribution already', () => {
  const { calls, client } = wire.stamped();
  for (const second of [calls, wire.stamped().calls]) {
    expect(() => {
      client.middlewareStack.use(second);
    }).toThrow('the client has 1 problem:\n  - middlewareStack: got "a second attribution"');
  }
});
