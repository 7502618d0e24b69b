import { ConverseCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import fc from 'fast-check';
import { withAttribution } from '../../src';
import { HASH_KEY, MESSAGES, MODEL, Wire } from './wired-client';

const wire = new Wire();

/** Text that breaks headers, patterns and JSON more often than chance would find it. */
const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(...Array.from('\r\n\t\u0000"\\ \u00a0\u2003\u2028\ufeffé💥a'), '\ud800'), maxLength: 40 }),
  fc.constantFrom('', '__proto__', 'constructor', 'toString', '{}', '{"team":"search"}'),
);

const VALUES = fc.dictionary(fc.oneof(fc.constantFrom('team', 'feature', 'stage', 'user_id'), HOSTILE), HOSTILE, { maxKeys: 20 });

const POLICIES = ['drop-and-warn', 'sanitise-and-warn'] as const;

test.each(POLICIES)('whatever a call says, it is accepted and names the team of the client, by %s', async onInvalid => {
  const { client } = wire.stamped({ onInvalid, personalHashKey: HASH_KEY });
  await fc.assert(fc.asyncProperty(VALUES, VALUES, async (around, own) => {
    wire.endpoint.reset();
    await withAttribution(around, async () => {
      await client.send(new InvokeModelCommand({ modelId: MODEL, body: '{}', requestMetadata: JSON.stringify(own) }));
      await client.send(new ConverseCommand({ modelId: MODEL, messages: MESSAGES, requestMetadata: own }));
    });
    const [invoke, converse] = wire.endpoint.requests;
    expect(invoke.requestMetadata).toEqual(converse.requestMetadata);
    expect(invoke.requestMetadata).toMatchObject({ team: 'payments' });
    expect([invoke.signatureValid, converse.signatureValid]).toEqual([true, true]);
  }), { numRuns: 60 });
});
