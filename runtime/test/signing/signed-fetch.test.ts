import { getEventListeners } from 'node:events';
import { type FetchFunction, signedFetch, type SignedFetchOptions } from '../../src/signing';
import { endpointOfFile } from '../support/endpoint-of-file';

const METADATA = 'x-amzn-bedrock-request-metadata';

const endpoint = endpointOfFile();

function signed(options: Partial<SignedFetchOptions> = {}): FetchFunction {
  return signedFetch({ service: 'bedrock', region: 'us-east-1', credentials: endpoint().credentials, ...options });
}

function converse(model = 'amazon.nova-lite-v1:0'): string {
  return `${endpoint().url}/model/${model}/converse`;
}

const BODY = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'grüße' }] }] });

describe('what is signed', () => {
  test('is every header that the caller gives, that of request metadata among them', async () => {
    const answer = await signed()(`${endpoint().url}/model/amazon.nova-lite-v1:0/invoke`, {
      method: 'POST', body: BODY, headers: { [METADATA]: '{"team":"payments"}', 'X-Own': 'one  two', 'accept': 'application/json' },
    });
    expect(answer.status).toBe(200);
    expect(endpoint().requests[0]).toMatchObject({ signatureValid: true, requestMetadata: { team: 'payments' }, body: BODY });
    expect(endpoint().requests[0].signedHeaders).toEqual(expect.arrayContaining(['accept', 'content-type', 'host', 'x-amz-content-sha256', METADATA, 'x-own']));
  });

  test.each([
    ['a colon', 'amazon.nova-lite-v1:0'],
    ['an encoded colon', 'amazon.nova-lite-v1%3A0'],
    ['an ARN', encodeURIComponent('arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123def456')],
  ])('is a path with %s', async (_, model) => {
    await signed()(converse(model), { method: 'POST', body: BODY });
    expect(endpoint().requests[0]).toMatchObject({ signatureValid: true, modelId: decodeURIComponent(model) });
  });

  test('is the query, with a name that is there twice', async () => {
    await signed({ service: 'bedrock-mantle' })(`${endpoint().url}/v1/organization/projects?tag=b&tag=a&limit=2&name=a%20b`);
    expect(endpoint().requests[0]).toMatchObject({ operation: 'ListProjects', signatureValid: true, outcome: 'answered' });
  });

  test.each([
    ['text', () => BODY, undefined],
    ['bytes', () => new TextEncoder().encode(BODY), undefined],
    ['a buffer', () => new TextEncoder().encode(BODY).buffer, undefined],
    ['a blob', () => new Blob([BODY], { type: 'application/json' }), 'application/json'],
    ['a stream', () => new Blob([BODY]).stream(), undefined],
  ])('is a body of %s', async (_, body, type) => {
    await signed()(converse(), { method: 'POST', body: body(), duplex: 'half' });
    expect(endpoint().requests[0]).toMatchObject({ signatureValid: true, body: BODY });
    if (type !== undefined) expect(endpoint().requests[0].headers['content-type']).toBe(type);
  });

  test('is a form, with the content type of fetch', async () => {
    await signed()(converse(), { method: 'POST', body: new URLSearchParams({ a: 'b c' }) });
    expect(endpoint().requests[0]).toMatchObject({ body: 'a=b+c', headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' } });
  });

  test('is a Request, which keeps its method, headers and body', async () => {
    await signed()(new Request(converse(), { method: 'POST', body: BODY, headers: { 'x-own': 'one' } }));
    expect(endpoint().requests[0]).toMatchObject({ signatureValid: true, method: 'POST', body: BODY, headers: { 'x-own': 'one' } });
    expect(endpoint().requests[0].signedHeaders).toContain('x-own');
  });

  test('is in place of what the caller signed with, and of headers of one connection', async () => {
    await signed()(converse(), {
      method: 'POST',
      body: BODY,
      headers: {
        'Authorization': 'Bearer of-somebody-else', 'x-amz-security-token': 'stale', 'x-amz-date': '20200101T000000Z', 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD',
        'host': 'elsewhere.example', 'keep-alive': 'timeout=5', 'content-length': '3',
      },
    });
    const [request] = endpoint().requests;
    expect(request).toMatchObject({ signatureValid: true, outcome: 'answered' });
    expect(request.bearerToken).toBeUndefined();
    expect(request.headers).not.toHaveProperty('x-amz-security-token');
    expect(request.headers.host).toBe(new URL(endpoint().url).host);
    expect(request.signedHeaders).not.toEqual(expect.arrayContaining(['keep-alive']));
  });

  test('has the time of the clock', async () => {
    const clock = (): number => Date.UTC(2026, 10, 21, 12, 30, 15);
    await signed({ clock })(converse(), { method: 'POST', body: BODY });
    expect(endpoint().requests[0].headers['x-amz-date']).toBe('20261121T123015Z');
  });
});

test('credentials are asked for each request', async () => {
  let asked = 0;
  const credentials = (): Promise<ReturnType<typeof endpoint>['credentials']> => {
    asked++;
    return Promise.resolve(endpoint().credentials);
  };
  const fetchSigned = signed({ credentials });
  await fetchSigned(converse(), { method: 'POST', body: BODY });
  await fetchSigned(converse(), { method: 'POST', body: BODY });
  expect(asked).toBe(2);
});

test('fails when the credentials fail, with their error, and nothing is sent', async () => {
  const credentials = (): Promise<never> => Promise.reject(new Error('no role for this tenant'));
  await expect(signed({ credentials })(converse(), { method: 'POST', body: BODY })).rejects.toThrow('no role for this tenant');
  expect(endpoint().requests).toEqual([]);
});

test('fails with credentials that no header may have, without them in the message', async () => {
  const credentials = { ...endpoint().credentials, sessionToken: 'hunter2\nhunter2' };
  const error: unknown = await signed({ credentials })(converse(), { method: 'POST', body: BODY }).catch((thrown: unknown) => thrown);
  expect(String(error)).toBe('TypeError: the credentials have characters that no header may have: see where they come from');
  expect(error).not.toHaveProperty('cause');
  expect(endpoint().requests).toEqual([]);
});

describe('what fetch was told besides', () => {
  function recorded(): { readonly calls: [unknown, RequestInit | undefined][]; readonly fetch: FetchFunction } {
    const calls: [unknown, RequestInit | undefined][] = [];
    return { calls, fetch: (input, init) => Promise.resolve(new Response(String(calls.push([input, init])))) };
  }

  test('reaches the fetch that sends, which need not know the Request of this process', async () => {
    const { calls, fetch } = recorded();
    const { signal } = new AbortController();
    const ofOneImplementation = { proxy: 'http://proxy.example' };
    await signed({ fetch })(new URL(converse()), { method: 'POST', body: BODY, signal, redirect: 'error', ...ofOneImplementation });
    expect(calls[0][0]).toBe(converse());
    expect(calls[0][1]).toMatchObject({ method: 'POST', redirect: 'error', ...ofOneImplementation });
    expect(calls[0][1]!.signal).toBe(signal);
    // fetch names the host itself, and a signal of a whole process must not gather listeners
    expect(new Headers(calls[0][1]!.headers).has('host')).toBe(false);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('is taken from a Request, unless the options say otherwise', async () => {
    const { calls, fetch } = recorded();
    const request = new Request(converse(), { method: 'POST', body: BODY, redirect: 'error', keepalive: true, signal: new AbortController().signal });
    await signed({ fetch })(request, { redirect: 'manual' });
    expect(calls[0][1]).toMatchObject({ redirect: 'manual', keepalive: true });
    expect(calls[0][1]!.signal).toBe(request.signal);
  });

  test('fails as fetch does when it is aborted before it is sent', async () => {
    const { calls, fetch } = recorded();
    await expect(signed({ fetch })(converse(), { method: 'POST', body: BODY, signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect(calls).toEqual([]);
  });

  test('fails when it is aborted while credentials are waited for', async () => {
    const controller = new AbortController();
    const credentials = (): Promise<never> => {
      controller.abort(new Error('nobody waits any more'));
      return new Promise(() => undefined);
    };
    await expect(signed({ credentials })(converse(), { signal: controller.signal })).rejects.toThrow('nobody waits any more');
  });
});

test('an answer streams while it is written', async () => {
  let more = (): void => undefined;
  const waits = new Promise<void>(resolve => more = resolve);
  endpoint().order('ChatCompletions', { slowEvents: index => index === 0 ? Promise.resolve() : waits });
  const answer = await signed({ service: 'bedrock-mantle' })(`${endpoint().url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ model: 'm', stream: true }) });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toContain('chat.completion.chunk');
  more();
  let last: string | undefined;
  for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) last = value;
  expect(last).toContain('[DONE]');
});
