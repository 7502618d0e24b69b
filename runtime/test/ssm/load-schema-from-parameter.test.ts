import { type BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { attribution, AttributionError, defineAttributionSchema, type Problem, type SchemaSource } from '../../src';
import { loadInferenceProfiles, loadSchemaFromParameter, type LoadSchemaOptions, type RefreshedSchema } from '../../src/ssm';
import { TestRegion } from './test-region';

const NAME = '/bedrock-cost-attribution/schema';
const MESSAGES = [{ role: 'user' as const, content: [{ text: 'hello' }] }];

let region: TestRegion;
let now = 0;
const heard: unknown[] = [];
const told: Problem[] = [];

beforeAll(async () => {
  region = await TestRegion.start('eu-west-1');
});
beforeEach(() => {
  now = Date.UTC(2026, 10, 21);
  heard.length = 0;
  told.length = 0;
});
afterEach(() => {
  region.endpoint.reset();
});
afterAll(() => region.close());

/** Text of a schema of teams and features. */
function schemaText(features: string[], extra: object[] = []): string {
  return JSON.stringify({
    version: 1,
    keys: [
      { name: 'team', description: 'Team.', required: true },
      { name: 'feature', description: 'Feature.', allowedValues: features },
      ...extra,
    ],
  });
}

function load(options: Partial<LoadSchemaOptions> = {}): Promise<RefreshedSchema> {
  return loadSchemaFromParameter({ client: region.ssm, clock: () => now, onRefreshError: error => heard.push(error), ...options });
}

function clientOf(schema: SchemaSource): BedrockRuntimeClient {
  const client = region.newBedrock();
  client.middlewareStack.use(attribution(schema, { team: 'payments', feature: undefined }, { onWarning: problem => told.push(problem), clock: () => now }));
  return client;
}

/** What a call with a feature carries. */
async function stamped(client: BedrockRuntimeClient, feature: string): Promise<unknown> {
  await client.send(new ConverseCommand({ modelId: 'eu.amazon.nova-lite-v1:0', messages: MESSAGES, requestMetadata: { feature } }));
  return region.endpoint.requestsOf('Converse').at(-1)?.requestMetadata;
}

test('the schema is read once at start, by its usual name, without decryption', async () => {
  region.endpoint.parameters.set(NAME, schemaText(['summary']));
  const schema = await load();
  expect(schema.current.keys.map(({ name }) => name)).toEqual(['team', 'feature']);
  expect(schema.current).toBe(schema.current);
  expect(region.endpoint.requestsOf('GetParameter').map(({ json }) => json)).toEqual([{ Name: NAME }]);
});

test.each([
  ['/company/schema', '/company/schema'],
  ['arn:aws:ssm:eu-west-1:444455556666:parameter/company/schema', '/company/schema'],
])('the schema may be at %s', async (parameterName, published) => {
  region.endpoint.parameters.set(published, schemaText(['summary']));
  expect((await load({ parameterName })).current.version).toBe(1);
});

test('values that a changed schema allows are stamped as soon as it is read, without a new client', async () => {
  region.endpoint.parameters.set(NAME, schemaText(['summary']));
  const schema = await load();
  const client = clientOf(schema);
  expect(await stamped(client, 'receipts')).toEqual({ team: 'payments' });
  expect(told.map(({ path }) => path)).toEqual(['requestMetadata.feature']);

  region.endpoint.parameters.set(NAME, schemaText(['summary', 'receipts']));
  now += 300_000;
  expect(schema.current.key('feature')?.allowedValues).toEqual(['summary']);
  // waits for the attempt that this has started
  await schema.refresh();
  expect(await stamped(client, 'receipts')).toEqual({ team: 'payments', feature: 'receipts' });
  expect(region.endpoint.requestsOf('GetParameter')).toHaveLength(2);
});

test('the same text stays the same schema, which is not judged again', async () => {
  region.endpoint.parameters.set(NAME, schemaText(['summary']));
  const schema = await load();
  const before = schema.current;
  await schema.refresh();
  expect(schema.current).toBe(before);
  region.endpoint.parameters.set(NAME, schemaText(['receipts']));
  await schema.refresh();
  expect(schema.current).not.toBe(before);
});

test.each([
  ['no JSON', 'hello'],
  ['no schema', '{"version":0,"keys":[]}'],
])('a text that turns into %s never takes the place of a good one, and is told', async (_, text) => {
  region.endpoint.parameters.set(NAME, schemaText(['summary']));
  const schema = await load();
  const client = clientOf(schema);
  region.endpoint.parameters.set(NAME, text);
  await expect(schema.refresh()).rejects.toMatchObject({ code: 'InvalidSchema' });
  expect(await stamped(client, 'summary')).toEqual({ team: 'payments', feature: 'summary' });
  expect(heard).toEqual([expect.any(AttributionError)]);
});

test.each(['reset', 'unavailable'] as const)('while Systems Manager is down, the last good schema stays in use (%s)', async outage => {
  region.endpoint.parameters.set(NAME, schemaText(['summary']));
  const schema = await load();
  const client = clientOf(schema);
  region.endpoint.down('ssm', outage);
  now += 300_000;
  expect(schema.current.keys).toHaveLength(2);
  await expect(schema.refresh()).rejects.toThrow();
  expect(await stamped(client, 'summary')).toEqual({ team: 'payments', feature: 'summary' });
  expect(heard).toHaveLength(1);
});

test('a start takes the initial schema when there is no parameter yet', async () => {
  const initial = defineAttributionSchema({ version: 1, keys: [{ name: 'team', description: 'Team.' }] });
  const schema = await loadSchemaFromParameter({ client: region.ssm, initial, onRefreshError: error => heard.push(error) });
  expect(schema.current).toBe(initial.current);
  expect(heard).toEqual([expect.objectContaining({ name: 'ParameterNotFound' })]);
  region.endpoint.parameters.set(NAME, schemaText(['summary']));
  await schema.refresh();
  expect(schema.current.keys).toHaveLength(2);
});

test('a key that becomes required and has no value keeps the profiles that are known, and is told', async () => {
  const path = '/bedrock-cost-attribution/inference-profiles/payments';
  region.endpoint.parameters.set(NAME, schemaText(['summary']));
  const arn = region.publish(path, 'amazon.nova-lite-v1:0', 'amazon.nova-lite-v1:0');
  const schema = await load();
  const profiles = await loadInferenceProfiles({ client: region.ssm, schema, attribution: { team: 'payments' }, onRefreshError: error => heard.push(error) });
  region.endpoint.parameters.set(NAME, schemaText(['summary'], [{ name: 'env', description: 'Stage.', required: true }]));
  await schema.refresh();
  await expect(profiles.refresh()).rejects.toMatchObject({ problems: [expect.objectContaining({ code: 'missingKey', path: 'attribution.env' })] });
  expect(profiles.route('amazon.nova-lite-v1:0', 'eu-west-1')).toEqual({ modelId: arn });
});

describe('a start', () => {
  test('fails without a parameter', async () => {
    await expect(load()).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  test('fails with a text that is no schema, with everything that is wrong', async () => {
    region.endpoint.parameters.set(NAME, '{"version":0,"keys":[{"name":"Team"}]}');
    const error: unknown = await load().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'InvalidSchema' });
    expect((error as AttributionError).problems.length).toBeGreaterThan(1);
  });

  test.each(['hunter2', '"hunter2"', '["hunter2"]', '{"password":"hunter2"}'])('fails with a text that may be a secret, without it: %s', async text => {
    region.endpoint.parameters.set(NAME, text);
    const error: unknown = await load().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'InvalidSchema' });
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
  });

  test.each(['SecureString', 'StringList', undefined])('fails with a parameter of type %s', async type => {
    region.endpoint.parameters.set(NAME, schemaText(['summary']));
    region.endpoint.order('GetParameter', { body: { Parameter: { Name: NAME, Type: type, Value: schemaText(['summary']) } } });
    await expect(load()).rejects.toMatchObject({ code: 'InvalidSchema', problems: [expect.objectContaining({ code: 'parameterType', path: NAME })] });
  });

  test.each(['schema', '/a b', '/company/', ''])('fails with the name %j, before anything is sent', async parameterName => {
    await expect(load({ parameterName, timeoutSeconds: -1 })).rejects.toMatchObject({
      code: 'InvalidConfiguration', problems: [expect.objectContaining({ code: 'parameterName' }), expect.objectContaining({ path: 'timeoutSeconds' })],
    });
    expect(region.endpoint.requests).toEqual([]);
  });
});
