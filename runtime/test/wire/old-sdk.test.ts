import {
  InvokeModelCommand, type InvokeModelCommandInput, type InvokeModelCommandOutput, InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import type { SerializeMiddleware } from '@smithy/types';
import { MODEL, Wire } from './wired-client';

const wire = new Wire();
const HEADER = 'x-amzn-bedrock-request-metadata';

/** An SDK from before May 2026: what its model of the operation does not know, it does not write. */
function forgetMetadata(command: InvokeModelCommand): InvokeModelCommand {
  const forget: SerializeMiddleware<InvokeModelCommandInput, InvokeModelCommandOutput> = next => args => {
    const input = { ...args.input };
    delete input.requestMetadata;
    return next({ ...args, input });
  };
  command.middlewareStack.addRelativeTo(forget, { relation: 'before', toMiddleware: 'serializerMiddleware', name: 'forgetMetadata' });
  return command;
}

const KINDS: [string, () => InvokeModelCommand][] = [
  ['InvokeModel', () => new InvokeModelCommand({ modelId: MODEL, body: '{}' })],
  ['InvokeModelWithResponseStream', () => new InvokeModelWithResponseStreamCommand({ modelId: MODEL, body: '{}' }) as unknown as InvokeModelCommand],
];

describe.each(KINDS)('%s of an SDK that does not know the member', (operation, command) => {
  test('is really sent without it where nobody stamps', async () => {
    await wire.bare().send(forgetMetadata(command()));
    expect(wire.endpoint.requestsOf(operation)[0].headers).not.toHaveProperty(HEADER);
  });

  test('carries the header, signed', async () => {
    const { calls, client } = wire.stamped();
    await calls.withAttribution({ feature: 'summary' }, () => client.send(forgetMetadata(command())));
    const [request] = wire.endpoint.requestsOf(operation);
    expect(request).toMatchObject({ requestMetadata: { team: 'payments', feature: 'summary' }, signatureValid: true });
    expect(request.signedHeaders).toContain(HEADER);
  });

  test('carries it with each attempt', async () => {
    const { client } = wire.stamped();
    wire.endpoint.order(operation, { code: 'ThrottlingException', times: 2 });
    await client.send(forgetMetadata(command()));
    expect(wire.endpoint.requestsOf(operation).map(({ requestMetadata, signatureValid }) => [requestMetadata, signatureValid]))
      .toEqual(Array.from({ length: 3 }, () => [{ team: 'payments' }, true]));
  });
});
