import { AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { AttributionError, type Problem } from '../../src';
import { type MantleProject, openProject, type OpenProjectOptions } from '../../src/mantle';
import { AwsEndpoint } from '../support/aws-endpoint';

const ID = 'proj_abc123';

let endpoint: AwsEndpoint;
let elsewhere: AwsEndpoint;

beforeAll(async () => {
  [endpoint, elsewhere] = [await AwsEndpoint.start(), await AwsEndpoint.start()];
});
beforeEach(() => {
  endpoint.projects.set(ID, { id: ID, name: 'Assistant', status: 'active', tags: {} });
});
afterEach(() => {
  endpoint.reset();
  elsewhere.reset();
});
afterAll(() => Promise.all([endpoint.close(), elsewhere.close()]));

const AUTH = {
  'an API key': () => ({ bearerToken: endpoint.apiKey }),
  'an API key that changes': () => ({ bearerToken: () => Promise.resolve(endpoint.apiKey) }),
  'a signature': () => ({ credentials: endpoint.credentials }),
};

function open(options: Partial<OpenProjectOptions> = {}): Promise<MantleProject> {
  return openProject({ projectId: ID, region: 'us-east-1', auth: AUTH['an API key'](), endpoint: endpoint.url, ...options });
}

/** What reached the endpoint beside the question about the project. */
function calls(): typeof endpoint.requests {
  return endpoint.requests.filter(({ operation }) => operation !== 'GetProject');
}

const TEXT = (): string => endpoint.output.texts.join('');
const MESSAGES = [{ role: 'user' as const, content: 'hello' }];

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

describe.each(Object.entries(AUTH))('with %s', (kind, auth) => {
  const isSigned = kind === 'a signature';

  function expectCall(operation: string, header: string): void {
    expect(calls()).toHaveLength(1);
    const [request] = calls();
    expect(request).toMatchObject({ operation, outcome: 'answered', headers: { [header]: ID } });
    const other = header === 'openai-project' ? 'anthropic-workspace-id' : 'openai-project';
    expect(request.headers).not.toHaveProperty(other);
    expect(request.bearerToken).toBe(isSigned ? undefined : endpoint.apiKey);
    expect(request.signatureValid).toBe(isSigned ? true : undefined);
    if (isSigned) expect(request.signedHeaders).toContain(header);
  }

  async function openAI(): Promise<OpenAI> {
    const project = await open({ auth: auth() });
    // what the client is made with is not what the endpoint sees
    return new OpenAI({ baseURL: project.baseURL('openai'), apiKey: 'unused', project: null, fetch: project.fetch, maxRetries: 0 });
  }

  test('OpenAI calls Chat Completions in the name of the project', async () => {
    const answer = await (await openAI()).chat.completions.create({ model: 'openai.gpt-oss-120b', messages: MESSAGES });
    expect(answer.choices[0].message.content).toBe(TEXT());
    expectCall('ChatCompletions', 'openai-project');
  });

  test('OpenAI streams Chat Completions in the name of the project', async () => {
    const stream = await (await openAI()).chat.completions.create({ model: 'openai.gpt-oss-120b', messages: MESSAGES, stream: true });
    expect((await all(stream)).map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(TEXT());
    expectCall('ChatCompletions', 'openai-project');
  });

  test('OpenAI calls Responses in the name of the project', async () => {
    const answer = await (await openAI()).responses.create({ model: 'openai.gpt-oss-120b', input: 'hello' });
    expect(answer.output_text).toBe(TEXT());
    expectCall('Responses', 'openai-project');
  });

  test('OpenAI streams Responses in the name of the project', async () => {
    const stream = await (await openAI()).responses.create({ model: 'openai.gpt-oss-120b', input: 'hello', stream: true });
    const texts = (await all(stream)).flatMap(event => event.type === 'response.output_text.delta' ? [event.delta] : []);
    expect(texts.join('')).toBe(TEXT());
    expectCall('Responses', 'openai-project');
  });

  const CLIENTS = {
    'Anthropic with an API key': (project: MantleProject) => new Anthropic({ apiKey: 'unused', baseURL: project.baseURL('anthropic'), fetch: project.fetch }),
    'Anthropic with a token': (project: MantleProject) => new Anthropic({ authToken: 'unused', baseURL: project.baseURL('anthropic'), fetch: project.fetch }),
    'the Anthropic client of Bedrock': (project: MantleProject) =>
      new AnthropicBedrockMantle({ skipAuth: true, awsRegion: 'us-east-1', baseURL: project.baseURL('anthropic'), fetch: project.fetch }),
  };

  test.each(Object.entries(CLIENTS))('%s calls Messages in the name of the project', async (_, client) => {
    const answer = await client(await open({ auth: auth() })).messages.create({ model: 'anthropic.claude-opus-4-7', max_tokens: 100, messages: MESSAGES });
    expect(answer.content.map(block => block.type === 'text' ? block.text : '').join('')).toBe(TEXT());
    expectCall('Messages', 'anthropic-workspace-id');
    expect(calls()[0].headers).not.toHaveProperty('x-api-key');
  });

  test.each(Object.entries(CLIENTS))('%s streams Messages in the name of the project', async (_, client) => {
    const request = { model: 'anthropic.claude-opus-4-7', max_tokens: 100, messages: MESSAGES, stream: true } as const;
    const stream = await client(await open({ auth: auth() })).messages.create(request);
    const texts = (await all(stream)).flatMap(event => event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? [event.delta.text] : []);
    expect(texts.join('')).toBe(TEXT());
    expectCall('Messages', 'anthropic-workspace-id');
  });

  test('fetch calls in the name of the project, with an address or a Request', async () => {
    const project = await open({ auth: auth() });
    const init = { method: 'POST', body: JSON.stringify({ model: 'm' }), headers: { 'content-type': 'application/json', 'x-own': 'one' } };
    await project.fetch(`${endpoint.url}/v1/chat/completions`, init);
    await project.fetch(new URL(`${endpoint.url}/v1/chat/completions`), init);
    await project.fetch(new Request(`${endpoint.url}/v1/chat/completions`, init));
    expect(calls()).toHaveLength(3);
    for (const call of calls()) {
      expect(call).toMatchObject({ json: { model: 'm' }, outcome: 'answered', headers: { 'openai-project': ID, 'x-own': 'one' } });
    }
  });
});

test.each(['/v1/files', '/openai/v1/responses'])('%s is an API of the OpenAI kind', async path => {
  const project = await open();
  await project.fetch(`${endpoint.url}${path}`, { method: 'POST', body: '{}' });
  expect(calls()[0].headers).toMatchObject({ 'openai-project': ID });
});

test('an endpoint may be below a path of a proxy, outside of which nothing is in the name of the project', async () => {
  const sent: [string, Headers][] = [];
  const project = await open({
    endpoint: `${endpoint.url}/mantle/`,
    verify: false,
    fetch: (input, init) => Promise.resolve(new Response(String(sent.push([input as string, new Headers(init?.headers)])))),
  });
  expect(project.baseURL('anthropic')).toBe(`${endpoint.url}/mantle/anthropic`);
  for (const path of ['/mantle/v1/responses', '/mantle/anthropic/v1/messages', '/mantle-of-others/v1/responses']) await project.fetch(`${endpoint.url}${path}`);
  expect(sent.map(([, headers]) => [headers.get('openai-project'), headers.get('anthropic-workspace-id')])).toEqual([[ID, null], [null, ID], [null, null]]);
});

test('headers are there for clients that take no fetch', async () => {
  const project = await open();
  expect(project.headers('openai')).toEqual({ 'OpenAI-Project': ID });
  expect(project.headers('anthropic')).toEqual({ 'anthropic-workspace-id': ID });
});

test('a call to another host has neither the project nor credentials', async () => {
  const project = await open({ auth: { credentials: endpoint.credentials } });
  await project.fetch(`${elsewhere.url}/v1/chat/completions`, { method: 'POST', body: '{}', headers: { 'x-own': 'one' } });
  const { headers } = elsewhere.requests[0];
  expect(headers).toMatchObject({ 'x-own': 'one' });
  for (const name of ['openai-project', 'anthropic-workspace-id', 'authorization', 'x-amz-date']) expect(headers).not.toHaveProperty(name);
});

test('fails when the endpoint redirects, so that nothing goes along to another host', async () => {
  const project = await open();
  endpoint.order('ChatCompletions', { status: 307, headers: { location: `${elsewhere.url}/v1/chat/completions` } });
  await expect(project.fetch(`${endpoint.url}/v1/chat/completions`, { method: 'POST', body: '{}' })).rejects.toThrow('fetch failed');
  expect(elsewhere.requests).toEqual([]);
});

test('an answer that redirects is given to a caller who looks at it', async () => {
  const project = await open();
  endpoint.order('ChatCompletions', { status: 307, headers: { location: elsewhere.url }, times: 2 });
  const [url, init] = [`${endpoint.url}/v1/chat/completions`, { method: 'POST', body: '{}', redirect: 'manual' }] as const;
  expect((await project.fetch(url, init)).status).toBe(307);
  expect((await project.fetch(new Request(url, init))).status).toBe(307);
});

test('a call to bedrock-runtime is sent without the project, and a warning says that no project attributes it', async () => {
  const [warnings, sent]: [Problem[], unknown[]] = [[], []];
  const project = await open({
    verify: false,
    onWarning: problem => warnings.push(problem),
    fetch: (...call) => Promise.resolve(new Response(String(sent.push(call)))),
  });
  const [url, init] = ['https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1/responses', { method: 'POST', body: '{}' }] as const;
  await project.fetch(url, init);
  expect(sent).toEqual([[url, init]]);
  expect(warnings).toMatchObject([{ code: 'withoutProject', got: '"bedrock-runtime.us-east-1.amazonaws.com"' }]);
});

test.each([
  'https://bedrock-mantle.eu-west-1.api.aws/v1/responses',
  'https://bedrock-mantle-fips.us-gov-west-1.api.aws/v1/responses',
  'https://vpce-1a2b.bedrock-mantle.us-east-1.vpce.amazonaws.com/v1/responses',
])('fails for %s, which is not the endpoint that the project was opened for', async url => {
  const project = await open();
  const error: unknown = await project.fetch(url, { method: 'POST', body: '{}' }).catch((reason: unknown) => reason);
  expect(AttributionError.is(error) && error).toMatchObject({ code: 'InvalidProject', problems: [{ code: 'endpoint', allowed: endpoint.url }] });
});

describe('a call site that names a project itself', () => {
  const NAMES = ['OpenAI-Project', 'anthropic-workspace-id', 'anthropic-workspace'];

  test.each(NAMES)('fails when it is another one, by %s', async name => {
    const project = await open();
    const error: unknown = await project.fetch(`${endpoint.url}/v1/responses`, { headers: { [name]: 'proj_other' } }).catch((reason: unknown) => reason);
    expect(AttributionError.is(error) && error).toMatchObject({ code: 'InvalidProject', problems: [{ code: 'anotherProject', path: `headers.${name}`, got: '"proj_other"' }] });
    expect(calls()).toEqual([]);
  });

  test('fails with an error that the client of OpenAI hands on', async () => {
    const project = await open();
    const client = new OpenAI({ baseURL: project.baseURL('openai'), apiKey: 'unused', project: 'proj_other', fetch: project.fetch, maxRetries: 0 });
    const error: unknown = await client.responses.create({ model: 'm', input: 'hello' }).catch((reason: unknown) => reason);
    expect(AttributionError.is((error as Error).cause)).toBe(true);
    expect(calls()).toEqual([]);
  });

  test.each(NAMES)('is replaced with a warning where that is asked for, by %s', async name => {
    const warnings: Problem[] = [];
    const project = await open({ callerProject: 'replace-and-warn', onWarning: problem => warnings.push(problem) });
    await project.fetch(`${endpoint.url}/anthropic/v1/messages`, { method: 'POST', body: '{}', headers: { [name]: 'proj_other' } });
    expect(warnings).toMatchObject([{ code: 'anotherProject', got: '"proj_other"' }]);
    const named = Object.entries(calls()[0].headers).filter(([header]) => /project|workspace/.test(header));
    expect(named).toEqual([['anthropic-workspace-id', ID]]);
  });

  test.each<[string, () => unknown]>([
    ['throws', () => {
      throw new Error('no such metric');
    }],
    ['rejects', () => Promise.reject(new Error('no such metric'))],
  ])('is called all the same when the listener of warnings %s', async (_, onWarning) => {
    const printed = jest.spyOn(process, 'emitWarning').mockImplementation();
    const project = await open({ callerProject: 'replace-and-warn', onWarning });
    const answer = await project.fetch(`${endpoint.url}/v1/responses`, { method: 'POST', body: '{}', headers: { 'OpenAI-Project': 'proj_other' } });
    expect(answer.status).toBe(200);
    expect(printed).toHaveBeenCalledWith(expect.stringContaining('no such metric'), { type: 'AttributionWarning', code: 'onWarning' });
    printed.mockRestore();
  });

  test('may name the project that was opened', async () => {
    const project = await open();
    const answer = await project.fetch(`${endpoint.url}/v1/responses`, { method: 'POST', body: '{}', headers: project.headers('openai') });
    expect(answer.status).toBe(200);
  });
});

test.each(Object.entries(AUTH))('a signature or key of the caller gives way to the one of the project, with %s', async (_, auth) => {
  const project = await open({ auth: auth() });
  const headers = { 'authorization': 'AWS4-HMAC-SHA256 Credential=x', 'x-amz-date': '20200101T000000Z', 'x-amz-security-token': 'stale', 'x-api-key': 'other' };
  await project.fetch(`${endpoint.url}/v1/responses`, { method: 'POST', body: '{}', headers });
  const [call] = calls();
  expect(call.outcome).toBe('answered');
  for (const name of ['x-amz-security-token', 'x-api-key']) expect(call.headers).not.toHaveProperty(name);
  expect(call.headers['x-amz-date']).not.toBe('20200101T000000Z');
});

test('a key is asked for each call', async () => {
  const keys = ['first', endpoint.apiKey, 'third'];
  const project = await open({ verify: false, auth: { bearerToken: () => keys.shift()! } });
  const [one, two] = [await project.fetch(`${endpoint.url}/v1/responses`, { method: 'POST', body: '{}' }), await project.fetch(`${endpoint.url}/v1/responses`, { method: 'POST', body: '{}' })];
  expect([one.status, two.status]).toEqual([403, 200]);
});

test('fails as aborted while the key is waited for', async () => {
  const abort = new AbortController();
  const project = await open({ verify: false, auth: { bearerToken: () => {
    abort.abort(new Error('nobody waits any more'));
    return new Promise<string>(() => undefined);
  } } });
  await expect(project.fetch(`${endpoint.url}/v1/responses`, { method: 'POST', body: '{}', signal: abort.signal })).rejects.toThrow('nobody waits any more');
});

test('a key that ends with a line feed, as those of files do, is sent without it', async () => {
  const project = await open({ verify: false, auth: { bearerToken: `${endpoint.apiKey}\n` } });
  expect((await project.fetch(`${endpoint.url}/v1/responses`, { method: 'POST', body: '{}' })).status).toBe(200);
});

test('an aborted stream is aborted at the endpoint', async () => {
  let more = (): void => undefined;
  const waits = new Promise<void>(resolve => more = resolve);
  endpoint.order('ChatCompletions', { slowEvents: index => index === 0 ? Promise.resolve() : waits });
  const project = await open();
  const client = new OpenAI({ baseURL: project.baseURL('openai'), apiKey: 'unused', project: null, fetch: project.fetch, maxRetries: 0 });
  const stream = await client.chat.completions.create({ model: 'm', messages: MESSAGES, stream: true });
  for await (const event of stream) {
    expect(event.object).toBe('chat.completion.chunk');
    break;
  }
  more();
  while (calls()[0].outcome === undefined) await new Promise(setImmediate);
  expect(calls()[0].outcome).toBe('client-gone');
});
