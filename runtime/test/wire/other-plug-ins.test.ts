import { InvokeModelCommand, InvokeModelWithResponseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { Wire, MODEL } from './wired-client';

const wire = new Wire();

const KINDS: [string, () => InvokeModelCommand][] = [
  ['InvokeModel', () => new InvokeModelCommand({ modelId: MODEL, body: '{}' })],
  ['InvokeModelWithResponseStream', () => new InvokeModelWithResponseStreamCommand({ modelId: MODEL, body: '{}' }) as unknown as InvokeModelCommand],
];

const SPELLINGS = ['x-amzn-bedrock-request-metadata', 'X-Amzn-Bedrock-Request-Metadata'];

/** A plug-in of somebody else, from the days when the SDK did not know the header. */
function setHeader(client: ReturnType<typeof wire.bare>, name: string, pairs: object): void {
  client.middlewareStack.add(next => args => {
    (args.request as { headers: Record<string, string> }).headers[name] = JSON.stringify(pairs);
    return next(args);
  }, { step: 'build', name: 'setHeader' });
}

describe.each(KINDS)('%s whose header another plug-in has set', (_, command) => {
  test.each(SPELLINGS)('merges it, and is not overridden by it, as %s', async name => {
    const { calls, client } = wire.stamped();
    setHeader(client, name, { team: 'search', stage: 'dev' });
    await calls.withAttribution({ feature: 'summary' }, () => client.send(command()));
    expect(wire.endpoint.requests).toMatchObject([{ signatureValid: true, requestMetadata: { team: 'payments', feature: 'summary', stage: 'dev' } }]);
    expect(wire.warnings).toMatchObject([{ code: 'fixedKey', path: 'requestMetadata.team' }]);
  });

  test('keeps the values of its command', async () => {
    const { calls, client } = wire.stamped();
    setHeader(client, SPELLINGS[1], { feature: 'own' });
    await client.send(calls.attribute(command(), { feature: 'summary' }));
    expect(wire.endpoint.requests[0].requestMetadata).toEqual({ team: 'payments', feature: 'summary' });
  });

  test('fails where metadata of call sites is refused', async () => {
    const { client } = wire.stamped({ callerMetadata: 'refuse' });
    setHeader(client, SPELLINGS[0], { stage: 'dev' });
    await expect(client.send(command())).rejects.toMatchObject({ code: 'CallerMetadataRefused' });
    expect(wire.endpoint.requests).toEqual([]);
  });
});
