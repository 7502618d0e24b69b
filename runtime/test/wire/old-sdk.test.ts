import {
  InvokeModelCommand, type InvokeModelCommandInput, InvokeModelWithResponseStreamCommand, type ServiceInputTypes, type ServiceOutputTypes,
} from '@aws-sdk/client-bedrock-runtime';
import type { MiddlewareStack, SerializeMiddleware } from '@smithy/types';
import { MODEL, Wire } from './wired-client';

const wire = new Wire();
const HEADER = 'x-amzn-bedrock-request-metadata';

const FORGET: SerializeMiddleware<ServiceInputTypes, ServiceOutputTypes> = next => args => {
  const input = { ...args.input } as Partial<InvokeModelCommandInput>;
  delete input.requestMetadata;
  return next({ ...args, input: input as ServiceInputTypes });
};

/** An SDK from before May 2026: what its model of the operation does not know, it does not write. */
function forgetMetadata(command: InvokeModelCommand): InvokeModelCommand {
  (command as { middlewareStack: MiddlewareStack<ServiceInputTypes, ServiceOutputTypes> }).middlewareStack.addRelativeTo(FORGET, { relation: 'before', toMiddleware: 'serializerMiddleware', name: 'forgetMetadata' });
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

test('keeps concurrent calls apart where the client shares what it has resolved among them', async () => {
  const { calls, client } = wire.stamped({}, { cacheMiddleware: true });
  client.middlewareStack.addRelativeTo(FORGET, { relation: 'before', toMiddleware: 'serializerMiddleware', name: 'forgetMetadata' });
  const features = Array.from({ length: 20 }, (_, index) => `feature-${index}`);
  await Promise.all(features.map(feature => (
    calls.withAttribution({ feature }, () => client.send(new InvokeModelCommand({ modelId: MODEL, body: feature })))
  )));
  const requests = wire.endpoint.requestsOf('InvokeModel');
  expect(requests).toHaveLength(20);
  expect(requests.map(({ requestMetadata }) => requestMetadata?.feature)).toEqual(requests.map(({ body }) => body));
});
