import { createHmac } from 'node:crypto';
import { ConverseCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { type AttributionOptions, withAttribution } from '../../src';
import { HASH_KEY, MESSAGES, MODEL, Wire } from './wired-client';

const wire = new Wire();

const KINDS: [string, () => ConverseCommand][] = [
  ['Converse', () => new ConverseCommand({ modelId: MODEL, messages: MESSAGES })],
  ['InvokeModel', () => new InvokeModelCommand({ modelId: MODEL, body: '{}' }) as unknown as ConverseCommand],
];

/** Sends a call with values that the types would not let pass, as an untyped caller does. */
async function send(values: Record<string, string>, command: ConverseCommand, options: AttributionOptions<never> = {}): Promise<void> {
  const { client } = wire.stamped(options);
  await withAttribution(values, () => client.send(command));
}

describe.each(KINDS)('%s', (_, command) => {
  const ILLEGAL = { 'feature': 'sum|mary (ä)', 'stage': 'production', 'no such key': 'x' };

  test('goes on without the wrong pairs by default', async () => {
    await send(ILLEGAL, command());
    expect(wire.endpoint.requests).toMatchObject([{ requestMetadata: { team: 'payments' }, signatureValid: true, outcome: 'answered' }]);
    expect(wire.endpoint.requests[0].requestMetadata).not.toHaveProperty('feature');
    expect(wire.warnings.map(({ path }) => path)).toEqual(expect.arrayContaining(['requestMetadata.feature', 'requestMetadata.stage']));
  });

  test('goes on with characters replaced where that is the policy', async () => {
    await send(ILLEGAL, command(), { onInvalid: 'sanitise-and-warn' });
    expect(wire.endpoint.requests[0].requestMetadata).toEqual({ team: 'payments', feature: 'sum_mary ___' });
    expect(wire.warnings).not.toEqual([]);
  });

  test('goes on with a long value cut to what the service takes', async () => {
    await send({ feature: 'x'.repeat(300) }, command(), { onInvalid: 'sanitise-and-warn' });
    expect(wire.endpoint.requests[0].requestMetadata).toEqual({ team: 'payments', feature: 'x'.repeat(256) });
  });

  test('fails with all problems, and is not sent, where that is the policy', async () => {
    await expect(send(ILLEGAL, command(), { onInvalid: 'throw' })).rejects.toMatchObject({ name: 'AttributionError', code: 'InvalidCallAttribution' });
    await expect(send(ILLEGAL, command(), { onInvalid: 'throw' })).rejects.toThrow(/feature[\s\S]*stage|stage[\s\S]*feature/);
    expect(wire.endpoint.requests).toEqual([]);
  });

  test.each(['drop-and-warn', 'sanitise-and-warn'] as const)('is accepted by the service whatever comes, by %s', async onInvalid => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_each, index) => [`key_${index}`, '\r\nx-forged: 1 💥'.repeat(30)]));
    await send({ ...many, feature: '\u0000"\\', stage: '' }, command(), { onInvalid });
    expect(wire.endpoint.requests).toMatchObject([{ requestMetadata: { team: 'payments' }, signatureValid: true, outcome: 'answered' }]);
    expect(wire.endpoint.requests[0].headers).not.toHaveProperty('x-forged');
  });

  test('carries the keyed hash of a person, and never the person', async () => {
    await send({ user_id: 'alice@example.com' }, command(), { personalHashKey: HASH_KEY });
    const [request] = wire.endpoint.requests;
    expect(request.requestMetadata).toEqual({ team: 'payments', user_id: createHmac('sha256', HASH_KEY).update('alice@example.com').digest('hex') });
    expect(JSON.stringify(request)).not.toContain('alice');
  });

  test('carries nothing of a person where there is no key for the hash, and the warning has no name', async () => {
    await send({ user_id: 'alice@example.com' }, command());
    expect(JSON.stringify(wire.endpoint.requests)).not.toContain('alice');
    expect(wire.endpoint.requests[0].requestMetadata).toEqual({ team: 'payments' });
    expect(wire.warnings).toMatchObject([{ code: 'personalHashKey' }]);
    expect(JSON.stringify(wire.warnings)).not.toContain('alice');
  });
});
