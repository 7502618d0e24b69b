import { BedrockRuntimeClient, ConverseCommand, CountTokensCommand, StartAsyncInvokeCommand } from '@aws-sdk/client-bedrock-runtime';
import { attribution, type AttributionOptions, defineAttributionSchema } from '../src';
import { CapturingClient, COMMANDS, HEADER, MODEL } from './vectors/captured-call';

const schema = defineAttributionSchema({ version: 1, keys: [{ name: 'feature', description: 'Feature.' }] });
const [converse] = COMMANDS.map;
const [invoke] = COMMANDS.header;
const asynchronous = (): StartAsyncInvokeCommand => new StartAsyncInvokeCommand({
  modelId: MODEL, modelInput: {}, outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://bucket/folder' } },
});
const counted = (): CountTokensCommand => new CountTokensCommand({ modelId: MODEL, input: { converse: { messages: [] } } });

/** A client whose calls are stamped, and what was warned of. */
function stamped(options: AttributionOptions<never> = {}, region?: string): { client: CapturingClient; heard: string[] } {
  const heard: string[] = [];
  const client = new CapturingClient(region);
  client.sdk.middlewareStack.use(attribution(schema, { feature: 'f' }, {
    onWarning: ({ code }, { operation }) => heard.push(`${operation ?? 'start'}: ${code}`), ...options,
  }));
  return { client, heard };
}

test('an operation that spends money and carries no metadata is told of', async () => {
  const { client, heard } = stamped();
  await client.sdk.send(asynchronous()).catch(() => undefined);
  expect(heard).toEqual(['StartAsyncInvoke: notCarried']);
  expect(client.requests[0].headers[HEADER]).toBeUndefined();
});

test.each(['InvokeAgent', 'InvokeFlow', 'RetrieveAndGenerateStream', 'Rerank'])('%s, an operation of another client, is told of', async operation => {
  const { client, heard } = stamped();
  // steps are put together from the last to the first: the plug-in takes the call for one of that client
  client.sdk.middlewareStack.add((next, context) => {
    context.commandName = `${operation}Command`;
    return next;
  }, { step: 'build', name: 'rename' });
  await client.sdk.send(counted()).catch(() => undefined);
  expect(heard).toEqual([`${operation}: notCarried`]);
});

test('an operation that spends nothing is not told of', async () => {
  const { client, heard } = stamped();
  await client.sdk.send(counted()).catch(() => undefined);
  expect(heard).toEqual([]);
  expect(client.requests).toHaveLength(1);
});

test('a call that is refused rejects, and does not throw where it is made', async () => {
  const { client } = stamped({ callerMetadata: 'refuse' });
  const sent = client.send(converse({ feature: 'mine' }));
  await expect(sent).rejects.toMatchObject({ code: 'CallerMetadataRefused' });
});

test('the command of a call stays as it was made', async () => {
  const { client } = stamped();
  const command = invoke();
  const before = structuredClone(command.input);
  await client.send(command);
  expect(command.input).toEqual(before);
});

describe('a call that is led to a profile', () => {
  const routed: (string | undefined)[] = [];
  const profiles = { route: (modelId: string, region?: string) => { routed.push(region); return { modelId: `${modelId}-profile` }; } };

  beforeEach(() => { routed.length = 0; });

  test('is led in the Region that it is signed for', async () => {
    const { client } = stamped({ profiles }, 'us-east-1');
    const { path } = await client.send(converse());
    expect(decodeURIComponent(path)).toBe(`/model/${MODEL}-profile/converse`);
    expect(routed).toEqual(['us-east-1']);
  });

  test('is led in the Region of its endpoint when it has a bearer token', async () => {
    const client = new BedrockRuntimeClient({
      region: 'eu-central-1',
      token: { token: 'api-key' },
      authSchemePreference: ['httpBearerAuth'],
      requestHandler: { handle: () => Promise.reject(new Error('captured')) },
      maxAttempts: 1,
    });
    client.middlewareStack.use(attribution(schema, { feature: 'f' }, { profiles }));
    const call = client.send(new ConverseCommand({ modelId: MODEL, messages: [] }));
    await expect(call).rejects.toThrow('captured');
    expect(routed).toEqual(['eu-central-1']);
  });

  test('is only one that carries metadata', async () => {
    const { client } = stamped({ profiles });
    await client.sdk.send(counted()).catch(() => undefined);
    expect(routed).toEqual([]);
  });
});
