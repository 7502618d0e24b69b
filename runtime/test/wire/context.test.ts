import { ConverseCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { withAttribution } from '../../src';
import { MODEL, Wire } from './wired-client';

const wire = new Wire();

function converse(text = 'hello'): ConverseCommand {
  return new ConverseCommand({ modelId: MODEL, messages: [{ role: 'user', content: [{ text }] }] });
}

function stampedPairs(): unknown[] {
  return wire.endpoint.requests.map(({ requestMetadata }) => requestMetadata);
}

test('the inner values are over the outer ones, and end with their function', async () => {
  const { calls, client } = wire.stamped();
  await calls.withAttribution({ feature: 'outer', stage: 'dev' }, async () => {
    await client.send(converse());
    await calls.withAttribution({ feature: 'inner' }, () => client.send(converse()));
    await client.send(converse());
  });
  await client.send(converse());
  expect(stampedPairs()).toEqual([
    { team: 'payments', feature: 'outer', stage: 'dev' },
    { team: 'payments', feature: 'inner', stage: 'dev' },
    { team: 'payments', feature: 'outer', stage: 'dev' },
    { team: 'payments' },
  ]);
});

test('values of one command are over those of the functions around it', async () => {
  const { calls, client } = wire.stamped();
  await calls.withAttribution({ feature: 'outer', stage: 'dev' }, async () => {
    await client.send(calls.attribute(converse(), { feature: 'own' }));
    await client.send(calls.attribute(new InvokeModelCommand({ modelId: MODEL, body: '{}' }), { feature: 'own' }));
  });
  const expected = { team: 'payments', feature: 'own', stage: 'dev' };
  expect(stampedPairs()).toEqual([expected, expected]);
});

test('a function that fails leaves nothing behind', async () => {
  const { calls, client } = wire.stamped();
  await expect(calls.withAttribution({ feature: 'broken' }, () => Promise.reject(new Error('as it happens')))).rejects.toThrow('as it happens');
  await client.send(converse());
  expect(stampedPairs()).toEqual([{ team: 'payments' }]);
});

test('values of the client cannot be overridden by a call', async () => {
  const { client } = wire.stamped();
  await withAttribution({ team: 'search', feature: 'summary' }, () => client.send(converse()));
  expect(stampedPairs()).toEqual([{ team: 'payments', feature: 'summary' }]);
  expect(wire.warnings).toMatchObject([{ code: 'fixedKey', path: 'requestMetadata.team', got: '"search"' }]);
});

test('1,000 calls that are under way at once carry the values of their own functions', async () => {
  const { calls, client } = wire.stamped();
  const CALLS = 1000;
  // nothing is answered before the last call has arrived
  wire.endpoint.order('Converse', { until: wire.endpoint.arrived('Converse', CALLS), times: CALLS });
  await Promise.all(Array.from({ length: CALLS }, (_, index) => calls.withAttribution({ feature: `f-${index}` }, async () => {
    // they take turns between where the values are set and where the call is made
    for (let turn = index % 3; turn >= 0; turn--) await new Promise(setImmediate);
    await client.send(converse(`f-${index}`));
  })));
  const requests = wire.endpoint.requestsOf('Converse');
  expect(new Set(requests.map(({ requestMetadata }) => requestMetadata?.feature)).size).toBe(CALLS);
  for (const { json, requestMetadata, signatureValid } of requests) {
    expect([requestMetadata, signatureValid]).toEqual([{ team: 'payments', feature: json?.messages[0].content[0].text }, true]);
  }
});
