import {
  type BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand, InvokeModelCommand, InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { attribution, AttributionError, type AttributionOptions, defineAttributionSchema, type Problem } from '../../src';
import { loadInferenceProfiles, type LoadInferenceProfilesOptions, type RefreshedInferenceProfiles } from '../../src/ssm';
import { TestRegion } from './test-region';

const NOVA = 'amazon.nova-lite-v1:0';
const TITAN = 'amazon.titan-embed-text-v2:0';
const PATH = '/bedrock-cost-attribution/inference-profiles/payments/checkout/prod';
const BASE = { team: 'payments', service: 'checkout', env: 'prod' };
const MESSAGES = [{ role: 'user' as const, content: [{ text: 'hello' }] }];

const schema = defineAttributionSchema({
  version: 1,
  keys: [
    { name: 'team', description: 'Team.', required: true },
    { name: 'service', description: 'Service.', required: true },
    { name: 'env', description: 'Stage.', required: true },
    { name: 'feature', description: 'Feature.' },
  ],
});

let eu: TestRegion;
let us: TestRegion;
let now = 0;
const heard: unknown[] = [];

beforeAll(async () => {
  [eu, us] = [await TestRegion.start('eu-west-1'), await TestRegion.start('us-east-1')];
});
beforeEach(() => {
  now = 1_000_000;
  heard.length = 0;
});
afterEach(() => {
  for (const { endpoint } of [eu, us]) endpoint.reset();
});
afterAll(async () => {
  for (const region of [eu, us]) await region.close();
});

function load(options: Partial<LoadInferenceProfilesOptions> = {}): Promise<RefreshedInferenceProfiles> {
  const onRefreshError = (error: unknown): void => void heard.push(error);
  return loadInferenceProfiles({ client: eu.ssm, schema, attribution: BASE, clock: () => now, onRefreshError, ...options });
}

function clientOf(region: TestRegion, profiles: RefreshedInferenceProfiles, options: AttributionOptions<never> = {}): BedrockRuntimeClient {
  const client = region.newBedrock();
  client.middlewareStack.use(attribution(schema, BASE, { profiles, ...options }));
  return client;
}

/** Models and profiles that were called in a Region. */
function called({ endpoint }: TestRegion): (string | undefined)[] {
  return endpoint.requests.filter(({ service }) => service === 'bedrock-runtime').map(({ modelId }) => modelId);
}

describe('on the wire', () => {
  test('every operation calls the profile by its encoded ARN, signed', async () => {
    const arn = eu.publish(PATH, `eu.${NOVA}`, NOVA);
    const client = clientOf(eu, await load());
    await client.send(new ConverseCommand({ modelId: NOVA, messages: MESSAGES }));
    await client.send(new ConverseStreamCommand({ modelId: `eu.${NOVA}`, messages: MESSAGES }));
    await client.send(new InvokeModelCommand({ modelId: NOVA, body: '{}' }));
    await client.send(new InvokeModelWithResponseStreamCommand({ modelId: NOVA, body: '{}' }));
    const requests = eu.endpoint.requests.slice(1);
    const ends = ['converse', 'converse-stream', 'invoke', 'invoke-with-response-stream'];
    expect(requests).toMatchObject(ends.map(end => (
      { path: `/model/${encodeURIComponent(arn)}/${end}`, signatureValid: true, requestMetadata: BASE }
    )));
  });

  test('embeddings go through InvokeModel like everything else', async () => {
    const arn = eu.publish(PATH, TITAN, TITAN);
    const client = clientOf(eu, await load());
    await client.send(new InvokeModelCommand({ modelId: TITAN, body: '{"inputText":"hello"}' }));
    expect(called(eu)).toEqual([arn]);
  });

  test('clients of two Regions call the profiles of their own', async () => {
    const arns = [eu.publish(PATH, `eu.${NOVA}`, NOVA, 'europe'), us.publish(PATH, `us.${NOVA}`, NOVA, 'america')];
    const profiles = await load({ client: [eu.ssm, us.ssm] });
    for (const region of [eu, us]) await clientOf(region, profiles).send(new ConverseCommand({ modelId: NOVA, messages: MESSAGES }));
    expect([called(eu), called(us)]).toEqual([[arns[0]], [arns[1]]]);
  });

  test('fails to call a model without a profile, with the profiles that there are, and nothing is sent', async () => {
    eu.publish(PATH, `eu.${NOVA}`, NOVA);
    us.publish(PATH, TITAN, TITAN);
    const client = clientOf(eu, await load({ client: [eu.ssm, us.ssm] }));
    const error: unknown = await client.send(new InvokeModelCommand({ modelId: TITAN, body: '{}' })).catch((thrown: unknown) => thrown);
    expect(AttributionError.is(error) && error.code).toBe('BareModelRefused');
    expect((error as Error).message).toContain(`in eu-west-1 (eu.${NOVA})`);
    expect((error as Error).message).toContain('call it in us-east-1, where there is one');
    expect(called(eu)).toEqual([]);
  });

  test('fails to call another geography than the one that is named', async () => {
    eu.publish(PATH, `eu.${NOVA}`, NOVA);
    const client = clientOf(eu, await load());
    await expect(client.send(new ConverseCommand({ modelId: `us.${NOVA}`, messages: MESSAGES }))).rejects.toMatchObject({ code: 'BareModelRefused' });
    expect(called(eu)).toEqual([]);
  });

  test.each([['warn', 1], ['allow', 0]] as const)('a model without a profile is called as it is named, where bareModels is %s', async (bareModels, warnings) => {
    eu.publish(PATH, `eu.${NOVA}`, NOVA);
    const told: Problem[] = [];
    const client = clientOf(eu, await load(), { bareModels, onWarning: problem => told.push(problem) });
    await client.send(new InvokeModelCommand({ modelId: TITAN, body: '{}' }));
    expect(called(eu)).toEqual([TITAN]);
    expect(told.map(({ code }) => code)).toEqual(Array.from({ length: warnings }, () => 'bareModel'));
  });
});

describe('what is read', () => {
  test('is one level below the path, without recursion, ten at a time', async () => {
    for (let index = 0; index < 23; index++) eu.publish(PATH, `maker.model-${index}`, '*', `p${index}`);
    eu.publish(`${PATH}/deeper`, 'maker.other', '*');
    const profiles = await load();
    expect(profiles.entries).toHaveLength(23);
    expect(eu.endpoint.requestsOf('GetParametersByPath').map(({ json }) => json)).toMatchObject([10, 10, 10].map(() => ({ Path: PATH, Recursive: false, MaxResults: 10 })));
  });

  test('may be at a path of its own', async () => {
    const arn = eu.publish('/company/profiles', NOVA, NOVA);
    const profiles = await loadInferenceProfiles({ client: eu.ssm, parameterPath: '/company/profiles' });
    expect(profiles.route(NOVA, 'eu-west-1')).toEqual({ modelId: arn });
  });

  test('obeys the fallback', async () => {
    eu.publish(PATH, `eu.${NOVA}`, NOVA);
    expect((await load({ fallback: 'none' })).route(NOVA, 'eu-west-1').problem).toMatchObject({ code: 'bareModel' });
  });
});

describe('a replaced profile', () => {
  test('is called by its new ARN once the old value is old, without a call that waits', async () => {
    const before = eu.publish(PATH, NOVA, NOVA, 'before');
    const profiles = await load();
    const after = eu.publish(PATH, NOVA, NOVA, 'after');
    expect(profiles.route(NOVA, 'eu-west-1')).toEqual({ modelId: before });
    now += 300_000;
    expect(profiles.route(NOVA, 'eu-west-1')).toEqual({ modelId: before });
    // waits for the attempt that is on its way
    await profiles.refresh();
    expect(profiles.route(NOVA, 'eu-west-1')).toEqual({ modelId: after });
    expect(eu.endpoint.requestsOf('GetParametersByPath')).toHaveLength(2);
  });
});

describe('calls that find the profiles old', () => {
  test('start one attempt together, and none of them waits for it', async () => {
    const arn = eu.publish(PATH, NOVA, NOVA);
    const profiles = await load();
    const client = clientOf(eu, profiles);
    let release = (): void => undefined;
    eu.endpoint.order('GetParametersByPath', { until: new Promise<void>(resolve => {
      release = resolve;
    }) });
    now += 300_000;
    await Promise.all(Array.from({ length: 50 }, () => client.send(new ConverseCommand({ modelId: NOVA, messages: MESSAGES }))));
    expect(called(eu)).toEqual(Array.from({ length: 50 }, () => arn));
    await eu.endpoint.arrived('GetParametersByPath', 2);
    release();
    await profiles.refresh();
    expect(eu.endpoint.requestsOf('GetParametersByPath')).toHaveLength(2);
  });
});

describe('while Systems Manager is down', () => {
  test.each(['reset', 'unavailable'] as const)('the last good profiles stay in use (%s)', async outage => {
    const arn = eu.publish(PATH, NOVA, NOVA);
    const profiles = await load();
    eu.endpoint.down('ssm', outage);
    now += 300_000;
    await expect(profiles.refresh()).rejects.toThrow();
    const client = clientOf(eu, profiles);
    await client.send(new ConverseCommand({ modelId: NOVA, messages: MESSAGES }));
    expect(called(eu)).toEqual([arn]);
    expect(heard).toHaveLength(1);
    eu.endpoint.up('ssm');
    await profiles.refresh();
  });

  test('those of all Regions stay when one cannot be read', async () => {
    const [before] = [eu.publish(PATH, NOVA, NOVA, 'before'), us.publish(PATH, NOVA, NOVA)];
    const profiles = await load({ client: [eu.ssm, us.ssm] });
    eu.publish(PATH, NOVA, NOVA, 'after');
    us.endpoint.down('ssm');
    await expect(profiles.refresh()).rejects.toThrow();
    expect(profiles.route(NOVA, 'eu-west-1')).toEqual({ modelId: before });
  });

  test('a start takes the initial profiles, and the published ones when they can be read', async () => {
    eu.endpoint.down('ssm');
    const initial = { [NOVA]: 'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/initial' };
    const profiles = await load({ initial });
    expect(profiles.route(NOVA, 'eu-west-1')).toEqual({ modelId: initial[NOVA] });
    expect(heard).toHaveLength(1);
    eu.endpoint.up('ssm');
    const arn = eu.publish(PATH, NOVA, NOVA);
    await profiles.refresh();
    expect(profiles.route(NOVA, 'eu-west-1')).toEqual({ modelId: arn });
  });

  test('fails to start without initial profiles', async () => {
    eu.endpoint.down('ssm', 'unavailable');
    await expect(load()).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  });

  test('fails to start when nothing answers in time', async () => {
    let release = (): void => undefined;
    eu.endpoint.order('GetParametersByPath', { until: new Promise<void>(resolve => {
      release = resolve;
    }) });
    await expect(load({ timeoutSeconds: 0.05 })).rejects.toMatchObject({ name: 'TimeoutError' });
    release();
  });
});

describe('profiles that cannot be right', () => {
  test.each<[string, string, RegExp]>([
    ['no JSON', 'hello', /got "a text that is no JSON object", allowed is an object/],
    ['a list', '[]', /got "a text that is no JSON object", allowed is an object/],
    ['another JSON', '{"sourceId":"amazon.nova-lite-v1:0"}', /inferenceProfileArn: got nothing/],
  ])('fail at start, by the name of the parameter: %s', async (_, text, message) => {
    eu.publish(PATH, NOVA, NOVA);
    eu.endpoint.parameters.set(`${PATH}/other`, text);
    const error: unknown = await load().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'InvalidConfiguration', message: expect.stringMatching(message) });
    expect((error as AttributionError).problems[0].path).toMatch(new RegExp(`^${PATH}/other`));
  });

  test('fail without their text, which may be a secret that lies beside them', async () => {
    for (const [name, text] of Object.entries({ key: 'hunter2', number: '271828', json: '{"password":"hunter2","pin":271828}' })) eu.endpoint.parameters.set(`${PATH}/${name}`, text);
    const error: unknown = await load().catch((thrown: unknown) => thrown);
    expect((error as AttributionError).problems).toHaveLength(4);
    expect(JSON.stringify(error) + String(error)).not.toMatch(/hunter2|271828/);
  });

  test('never take the place of good ones', async () => {
    const arn = eu.publish(PATH, NOVA, NOVA);
    const profiles = await load();
    eu.endpoint.parameters.set(`${PATH}/other`, 'hello');
    await expect(profiles.refresh()).rejects.toMatchObject({ code: 'InvalidConfiguration' });
    expect(profiles.route(NOVA, 'eu-west-1')).toEqual({ modelId: arn });
  });

  test('fail when there are none in some Region, which is named', async () => {
    eu.publish(PATH, NOVA, NOVA);
    const error = load({ client: [eu.ssm, us.ssm] });
    await expect(error).rejects.toMatchObject({ code: 'InvalidConfiguration', message: expect.stringContaining(`${PATH}: got nothing, allowed is at least one profile in us-east-1`) });
  });

  test('fail when two clients of one Region find the same', async () => {
    eu.publish(PATH, NOVA, NOVA);
    await expect(load({ client: [eu.ssm, eu.ssm] })).rejects.toMatchObject({ problems: [expect.objectContaining({ code: 'duplicateProfile' })] });
  });

  test('a path that disappears leaves the last good ones', async () => {
    const arn = eu.publish(PATH, NOVA, NOVA);
    const profiles = await load();
    eu.endpoint.parameters.clear();
    await expect(profiles.refresh()).rejects.toMatchObject({ code: 'InvalidConfiguration' });
    expect(profiles.route(NOVA, 'eu-west-1')).toEqual({ modelId: arn });
  });
});

describe('options', () => {
  test('fail with everything that is wrong in one error, before anything is sent', async () => {
    const error: unknown = await load({ client: [], attribution: { team: 'payments', env: '' }, ttlSeconds: 0, timeoutSeconds: NaN }).catch((thrown: unknown) => thrown);
    expect((error as AttributionError).problems.map(({ path }) => path)).toEqual(['client', 'attribution.service', 'attribution.env', 'ttlSeconds', 'timeoutSeconds']);
    expect(eu.endpoint.requests).toEqual([]);
  });

  test.each(['company', '/company/', '/comp any', '/', 'arn:aws:ssm:eu-west-1:111122223333:parameter/company'])('fail with the path %j', async parameterPath => {
    await expect(load({ parameterPath })).rejects.toMatchObject({ problems: [expect.objectContaining({ code: 'parameterPath' })] });
  });

  test('fail with initial profiles that are wrong, although those are not needed', async () => {
    eu.publish(PATH, NOVA, NOVA);
    await expect(load({ initial: { [NOVA]: 'x' } })).rejects.toMatchObject({ problems: [expect.objectContaining({ code: 'profileArn' })] });
  });

  test.each([[0.001, true], [2_147_482, true], [2_147_483, false], [-1, false], [Infinity, false]])('may have a time of %d seconds: %p', async (ttlSeconds, good) => {
    eu.publish(PATH, NOVA, NOVA);
    const loading = load({ ttlSeconds });
    if (good) await expect(loading).resolves.toBeDefined();
    else await expect(loading).rejects.toMatchObject({ problems: [expect.objectContaining({ path: 'ttlSeconds' })] });
  });
});
