import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { AwsEndpoint } from './aws-endpoint';

let endpoint: AwsEndpoint;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  endpoint = await AwsEndpoint.start();
  openai = new OpenAI({ baseURL: `${endpoint.url}/v1`, apiKey: endpoint.apiKey, project: 'proj_unknown', maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: `${endpoint.url}/anthropic`, apiKey: endpoint.apiKey, maxRetries: 0 });
});
afterEach(() => {
  endpoint.reset();
});
afterAll(async () => {
  await endpoint.close();
});

const MESSAGES = [{ role: 'user' as const, content: 'hello' }];

async function get(path: string, token = endpoint.apiKey): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${endpoint.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, body: await answer.json() };
}

test('answers inference whatever project is named', async () => {
  await openai.chat.completions.create({ model: 'openai.gpt-oss-120b', messages: MESSAGES });
  expect(endpoint.requests).toMatchObject([{
    service: 'bedrock-mantle',
    operation: 'ChatCompletions',
    bearerToken: endpoint.apiKey,
    headers: { 'openai-project': 'proj_unknown' },
    outcome: 'answered',
  }]);
});

test('counts tokens as OpenAI does, those that a cache knew among the others', async () => {
  const { usage } = await openai.chat.completions.create({ model: 'openai.gpt-oss-120b', messages: MESSAGES });
  expect(usage).toMatchObject({ prompt_tokens: 20, completion_tokens: 7, total_tokens: 27, prompt_tokens_details: { cached_tokens: 5 } });
});

test('tells the usage of a stream of chat completions only to those who ask', async () => {
  const input = { model: 'openai.gpt-oss-120b', messages: MESSAGES, stream: true } as const;
  const usages: unknown[] = [];
  for await (const chunk of await openai.chat.completions.create(input)) usages.push(chunk.usage);
  expect(usages.every(usage => usage === undefined)).toBe(true);
  const asked = { ...input, stream_options: { include_usage: true } };
  for await (const chunk of await openai.chat.completions.create(asked)) usages.push(chunk.usage);
  expect(usages.at(-1)).toMatchObject({ prompt_tokens: 20 });
});

test('answers responses, whole and as a stream', async () => {
  const whole = await openai.responses.create({ model: 'openai.gpt-oss-120b', input: 'hello' });
  expect([whole.output_text, whole.usage?.total_tokens]).toEqual(['Attribution is known.', 27]);
  let text = '';
  for await (const event of await openai.responses.create({ model: 'openai.gpt-oss-120b', input: 'hello', stream: true })) {
    if (event.type === 'response.output_text.delta') text += event.delta;
  }
  expect(text).toBe('Attribution is known.');
});

test('answers messages, whole and as a stream', async () => {
  const input = { model: 'anthropic.claude-opus-4-7', max_tokens: 10, messages: MESSAGES };
  const whole = await anthropic.messages.create(input, { headers: { 'anthropic-workspace-id': 'proj_1' } });
  expect(whole.usage).toMatchObject({ input_tokens: 12, cache_read_input_tokens: 5 });
  const streamed = await anthropic.messages.stream(input).finalMessage();
  expect(streamed.content).toMatchObject([{ type: 'text', text: 'Attribution is known.' }]);
  expect(endpoint.requestsOf('Messages')[0].headers['anthropic-workspace-id']).toBe('proj_1');
});

test('fails for a key that nobody has', async () => {
  expect((await get('/v1/organization/projects', 'forged')).status).toBe(403);
});

test('gives a project with its tags, archived or not', async () => {
  endpoint.projects.set('proj_1', { id: 'proj_1', name: 'checkout', status: 'archived', tags: { team: 'payments' } });
  expect(await get('/v1/organization/projects/proj_1'))
    .toMatchObject({ status: 200, body: { id: 'proj_1', status: 'archived', tags: { team: 'payments' } } });
});

test('fails for a project that does not exist', async () => {
  expect((await get('/v1/organization/projects/proj_2')).status).toBe(404);
});

test('lists active projects in pages', async () => {
  for (let index = 0; index < 3; index++) {
    endpoint.projects.set(`proj_${index}`, { id: `proj_${index}`, name: `p${index}`, status: index === 1 ? 'archived' : 'active', tags: {} });
  }
  expect(await get('/v1/organization/projects?limit=2')).toMatchObject({ body: { data: [{ id: 'default' }, { id: 'proj_0' }], has_more: true } });
  expect(await get('/v1/organization/projects?after=proj_0')).toMatchObject({ body: { data: [{ id: 'proj_2' }], has_more: false } });
});

test('breaks a stream of server-sent events', async () => {
  endpoint.order('Messages', { abortAfterEvents: 3 });
  const stream = await anthropic.messages.create({ model: 'm', max_tokens: 1, messages: MESSAGES, stream: true });
  const types: string[] = [];
  await expect((async () => {
    for await (const event of stream) types.push(event.type);
  })()).rejects.toThrow();
  expect(types).toEqual(['message_start', 'content_block_start', 'content_block_delta']);
});
