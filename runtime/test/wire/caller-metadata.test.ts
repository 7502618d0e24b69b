import { ConverseCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { MESSAGES, MODEL, Wire } from './wired-client';

const wire = new Wire();

type Pairs = Record<string, string>;

/** The same pairs in the two ways in which call sites send them. */
const KINDS: [string, (pairs: Pairs) => ConverseCommand][] = [
  ['the map of Converse', pairs => new ConverseCommand({ modelId: MODEL, messages: MESSAGES, requestMetadata: pairs })],
  // the client takes commands of all kinds: one type is enough to send them
  ['the text of InvokeModel', pairs =>
    new InvokeModelCommand({ modelId: MODEL, body: '{}', requestMetadata: JSON.stringify(pairs) }) as unknown as ConverseCommand],
];

describe.each(KINDS)('%s', (_, command) => {
  test('is merged with what the client stamps', async () => {
    const { calls, client } = wire.stamped();
    await calls.withAttribution({ stage: 'dev', feature: 'outer' }, () => client.send(command({ feature: 'own' })));
    expect(wire.endpoint.requests).toMatchObject([{ requestMetadata: { team: 'payments', stage: 'dev', feature: 'own' }, signatureValid: true }]);
    expect(wire.warnings).toEqual([]);
  });

  test('does not override the client', async () => {
    const { client } = wire.stamped();
    await client.send(command({ team: 'search' }));
    expect(wire.endpoint.requests[0].requestMetadata).toEqual({ team: 'payments' });
    expect(wire.warnings).toMatchObject([{ code: 'fixedKey', path: 'requestMetadata.team' }]);
  });

  test('is judged like other values of the call', async () => {
    const { client } = wire.stamped();
    await client.send(command({ stage: 'production', nonsense: 'x', feature: 'own' }));
    expect(wire.endpoint.requests[0].requestMetadata).toEqual({ team: 'payments', feature: 'own' });
    expect(wire.warnings.map(({ path }) => path).sort()).toEqual(['requestMetadata.nonsense', 'requestMetadata.stage']);
  });

  test('fails when it is to be refused, before anything is sent', async () => {
    const { client } = wire.stamped({ callerMetadata: 'refuse' });
    await expect(client.send(command({ feature: 'own' }))).rejects.toMatchObject({ name: 'AttributionError', code: 'CallerMetadataRefused' });
    expect(wire.endpoint.requests).toEqual([]);
  });

  test('of the caller stays in the command as it was', async () => {
    const { client } = wire.stamped();
    const made = command({ feature: 'own' });
    const before = structuredClone(made.input.requestMetadata);
    await client.send(made);
    expect(made.input.requestMetadata).toEqual(before);
  });
});

test('text of InvokeModel that is no JSON is left out with a warning that does not repeat it', async () => {
  const { client } = wire.stamped();
  await client.send(new InvokeModelCommand({ modelId: MODEL, body: '{}', requestMetadata: '{alice@example.com' }));
  expect(wire.endpoint.requests).toMatchObject([{ requestMetadata: { team: 'payments' }, outcome: 'answered' }]);
  expect(wire.warnings).toMatchObject([{ code: 'callerMetadata' }]);
  expect(JSON.stringify(wire.warnings)).not.toContain('alice');
});
