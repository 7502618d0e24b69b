import { EventStreamCodec } from '@smithy/eventstream-codec';
import type { AttributionOptions } from '../../src';
import { attributedFetch, type AttributedFetchOptions, type FetchFunction } from '../../src/fetch';
import {
  ILLEGAL, MADE_ALL_THE_SAME, payments, paymentsWithProfile, PROFILE_ARN, REGION, SAID, warnedOf,
} from '../adapters/attributed-calls';
import { endpointOfFile } from '../support/endpoint-of-file';
import { thrownBy } from '../thrown-by';

const METADATA = 'x-amzn-bedrock-request-metadata';
const MODEL = 'amazon.nova-lite-v1:0';
const MESSAGES = [{ role: 'user', content: [{ text: 'grüße' }] }];

const endpoint = endpointOfFile();

function options(own: Partial<AttributedFetchOptions> = {}): AttributedFetchOptions {
  return { region: REGION, auth: { credentials: endpoint().credentials }, endpoint: endpoint().url, ...own };
}

function post(bedrock: FetchFunction, path: string, content: object = { messages: MESSAGES }, own: Record<string, string> = {}) {
  const headers = { 'content-type': 'application/json', ...own };
  return bedrock(`${endpoint().url}${path}`, { method: 'POST', body: JSON.stringify(content), headers });
}

function pathOf(kind: string, model = MODEL): string {
  return `/model/${encodeURIComponent(model)}/${kind}`;
}

const KINDS = [['converse'], ['converse-stream'], ['invoke'], ['invoke-with-response-stream']];

describe.each(KINDS)('a request to %s', kind => {
  test('carries what the client and the code around it stand for, and is signed', async () => {
    const calls = payments();
    const answer = await calls.withAttribution({ feature: 'summary' }, () => post(attributedFetch(calls, options()), pathOf(kind)));
    expect(answer.status).toBe(200);
    const [request] = endpoint().requests;
    expect(request).toMatchObject({ signatureValid: true, modelId: MODEL, requestMetadata: { team: 'payments', feature: 'summary' }, json: { messages: MESSAGES } });
    expect(request.signedHeaders).toContain(kind.startsWith('invoke') ? METADATA : 'content-type');
  });

  test('carries it with a bearer token as well, whatever token the caller has set', async () => {
    const answer = await post(attributedFetch(payments(), options({ auth: { bearerToken: endpoint().apiKey } })), pathOf(kind), undefined, { authorization: 'Bearer other' });
    expect(answer.status).toBe(200);
    expect(endpoint().requests[0]).toMatchObject({ bearerToken: endpoint().apiKey, requestMetadata: { team: 'payments' } });
    expect(endpoint().requests[0].accessKeyId).toBeUndefined();
  });

  test('carries what the caller sends itself besides, and never instead', async () => {
    const own = { team: 'search', step: 'draft' };
    const [body, headers] = kind.startsWith('converse') ? [{ requestMetadata: own }, {}] : [{}, { [METADATA]: JSON.stringify(own) }];
    await post(attributedFetch(payments(), options()), pathOf(kind), { messages: MESSAGES, ...body }, headers);
    expect(endpoint().requests[0]).toMatchObject({ signatureValid: true, requestMetadata: { team: 'payments', step: 'draft' } });
  });

  test('is not made when a value is illegal and the policy is to throw', async () => {
    const calls = payments({ onInvalid: 'throw' });
    const call = calls.withAttribution({ feature: ILLEGAL }, () => post(attributedFetch(calls, options()), pathOf(kind)));
    await expect(call).rejects.toMatchObject({ name: 'AttributionError', code: 'InvalidCallAttribution', problems: [{ path: 'requestMetadata.feature' }] });
    expect(endpoint().requests).toEqual([]);
  });

  test.each(MADE_ALL_THE_SAME)('is made when a value is illegal and the policy is %s', async (onInvalid, requestMetadata) => {
    expect(await warnedOf(onInvalid, calls => post(attributedFetch(calls, options()), pathOf(kind)))).toEqual(['requestMetadata.feature']);
    expect(endpoint().requests.map(request => [request.signatureValid, request.requestMetadata])).toEqual([[true, requestMetadata]]);
  });

  test.each([[MODEL], [encodeURIComponent(MODEL)]])('of %s goes to the profile of the service', async model => {
    await post(attributedFetch(paymentsWithProfile(MODEL), options()), `/model/${model}/${kind}`);
    expect(endpoint().requests[0]).toMatchObject({ signatureValid: true, path: pathOf(kind, PROFILE_ARN), modelId: PROFILE_ARN });
  });

  test('of a model without a profile is not made', async () => {
    const call = post(attributedFetch(paymentsWithProfile('amazon.nova-pro-v1:0'), options()), pathOf(kind));
    await expect(call).rejects.toMatchObject({ code: 'BareModelRefused' });
    expect(endpoint().requests).toEqual([]);
  });

  test('carries the values of its own call among many at once', async () => {
    const calls = payments();
    const bedrock = attributedFetch(calls, options());
    const features = Array.from({ length: 40 }, (_, index) => `feature-${index}`);
    await Promise.all(features.map(feature => calls.withAttribution({ feature }, () => post(bedrock, pathOf(kind), { marker: feature }))));
    expect(endpoint().requests).toHaveLength(40);
    for (const { json, requestMetadata, signatureValid } of endpoint().requests) {
      expect({ feature: requestMetadata?.feature, signatureValid }).toEqual({ feature: json?.marker, signatureValid: true });
    }
  });
});

describe('what is sent', () => {
  test('has no metadata when there is nothing to say', async () => {
    const nothing = { stamp: () => ({}), route: (model: string) => model, routes: false, warnUncarried: () => undefined };
    const bedrock = attributedFetch(nothing, options());
    await post(bedrock, pathOf('invoke'), {}, { [METADATA]: '{}' });
    await post(bedrock, pathOf('converse'), { messages: MESSAGES, requestMetadata: {} });
    expect(endpoint().requests[0].headers).not.toHaveProperty(METADATA);
    expect(endpoint().requests[1].json).toEqual({ messages: MESSAGES });
  });

  test.each(['invoke', 'converse'])('is a Request to %s, with its method, headers and body', async kind => {
    const bedrock = attributedFetch(payments(), options());
    await bedrock(new Request(`${endpoint().url}${pathOf(kind)}`, { method: 'POST', body: JSON.stringify({ messages: MESSAGES }), headers: { 'x-own': 'one' } }));
    expect(endpoint().requests[0]).toMatchObject({ signatureValid: true, requestMetadata: { team: 'payments' }, json: { messages: MESSAGES }, headers: { 'x-own': 'one' } });
  });

  test('has the length of the new body, whatever the caller had counted', async () => {
    const bedrock = attributedFetch(payments(), options({ auth: { bearerToken: endpoint().apiKey } }));
    const answer = await post(bedrock, pathOf('converse'), undefined, { 'content-length': '2' });
    expect(answer.status).toBe(200);
    expect(endpoint().requests[0].requestMetadata).toEqual({ team: 'payments' });
  });

  test.each(['{"messages":', '{"requestMetadata":{"team":"search"}} more', '[]', '"text"', 'null', ''])('fails with a body that is no object: %j', async body => {
    const call = attributedFetch(payments(), options())(`${endpoint().url}${pathOf('converse')}`, { method: 'POST', body });
    await expect(call).rejects.toMatchObject({ code: 'InvalidCallAttribution', problems: [{ code: 'body', path: 'body' }] });
    await expect(call).rejects.not.toThrow('search');
    expect(endpoint().requests).toEqual([]);
  });

  test('has the last of two members of one name, as any other reader of JSON', async () => {
    const body = '{"requestMetadata":{"step":"one"},"requestMetadata":{"team":"search","step":"two"}}';
    await attributedFetch(payments(), options())(`${endpoint().url}${pathOf('converse')}`, { method: 'POST', body });
    expect(endpoint().requests[0].json).toEqual({ requestMetadata: { team: 'payments', step: 'two' } });
  });

  test('has one header of metadata, however often the caller sets it', async () => {
    const headers: [string, string][] = [[METADATA, '{"team":"search"}'], ['X-Amzn-Bedrock-Request-Metadata', '{"team":"ads"}']];
    await attributedFetch(payments(), options())(`${endpoint().url}${pathOf('invoke')}`, { method: 'POST', body: '{}', headers });
    expect(endpoint().requests[0]).toMatchObject({ signatureValid: true, headers: { [METADATA]: '{"team":"payments"}' } });
  });

  test.each(['converse', 'count-tokens'])('has no header of metadata of the caller where there is no place for it: %s', async kind => {
    await post(attributedFetch(payments(), options()), pathOf(kind), {}, { [METADATA]: '{"team":"search"}' });
    expect(endpoint().requests[0].headers).not.toHaveProperty(METADATA);
  });

  test.each(['/model/m/converse/', '/model/m//converse', '//model/m/converse', '/model/m/%63onverse', '/%6dodel/m/converse', '/model/m/./converse'])(
    'is stamped by whatever spelling of its path: %s', async path => {
      await post(attributedFetch(payments(), options()), path, { requestMetadata: { team: 'search' } });
      expect(endpoint().requests[0]).toMatchObject({ path: '/model/m/converse', signatureValid: true, requestMetadata: { team: 'payments' } });
    },
  );

  test('is signed with what a provider gives, asked for each request', async () => {
    let asked = 0;
    const credentials = () => {
      asked += 1;
      return Promise.resolve(endpoint().credentials);
    };
    const bedrock = attributedFetch(payments(), options({ auth: { credentials } }));
    await post(bedrock, pathOf('converse'));
    await post(bedrock, pathOf('converse'));
    expect(asked).toBe(2);
    expect(endpoint().requests.map(({ signatureValid }) => signatureValid)).toEqual([true, true]);
  });

  test.each([
    ['at once', () => endpoint().apiKey],
    ['later', () => Promise.resolve(endpoint().apiKey)],
  ])('has the bearer token that a function gives %s', async (_, bearerToken) => {
    const bedrock = attributedFetch(payments(), options({ auth: { bearerToken } }));
    expect((await post(bedrock, pathOf('converse'))).status).toBe(200);
  });

  test('fails with the error of a provider', async () => {
    const bedrock = attributedFetch(payments(), options({ auth: { credentials: () => Promise.reject(new Error('no role')) } }));
    await expect(post(bedrock, pathOf('converse'))).rejects.toThrow('no role');
  });

  test('goes out by the fetch of the options', async () => {
    const sent: string[] = [];
    const bedrock = attributedFetch(payments(), options({
      fetch: (input, init) => {
        sent.push(input as string);
        return fetch(input, init);
      },
    }));
    await post(bedrock, pathOf('converse'));
    expect(sent).toEqual([`${endpoint().url}${pathOf('converse')}`]);
  });
});

describe('what is answered', () => {
  test('is a stream, event by event as the service sends them', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    endpoint().order('ConverseStream', { slowEvents: index => index < 2 ? Promise.resolve() : held });
    const answer = await post(attributedFetch(payments(), options()), pathOf('converse-stream'));
    const reader = answer.body!.getReader();
    const first = await reader.read();
    expect(first.done).toBe(false);
    release();
    const chunks = [first.value!];
    for (let read = await reader.read(); !read.done; read = await reader.read()) chunks.push(read.value);
    expect(textsOf(Buffer.concat(chunks))).toBe(SAID);
  });

  test('is an error of the service, once', async () => {
    endpoint().order('Converse', { code: 'ThrottlingException' });
    const answer = await post(attributedFetch(payments(), options()), pathOf('converse'));
    expect(answer.status).toBe(429);
    expect(endpoint().requests).toHaveLength(1);
  });

  test('is a redirect, to which nothing is sent', async () => {
    endpoint().order('Converse', { status: 307, headers: { location: '/elsewhere' } });
    expect((await post(attributedFetch(payments(), options()), pathOf('converse'))).status).toBe(307);
    expect(endpoint().requests).toHaveLength(1);
  });

  test('fails where the caller wants redirects to fail', async () => {
    endpoint().order('Converse', { status: 307, headers: { location: '/elsewhere' } });
    const call = attributedFetch(payments(), options())(`${endpoint().url}${pathOf('converse')}`, { method: 'POST', body: '{}', redirect: 'error' });
    await expect(call).rejects.toThrow('fetch failed');
  });
});

describe('a signal of the caller', () => {
  test.each(['init', 'Request'])('ends a call that waits for its answer, given by %s', async given => {
    endpoint().order('Converse', { until: new Promise(() => undefined) });
    const aborting = new AbortController();
    const url = `${endpoint().url}${pathOf('converse')}`;
    const init = { method: 'POST', body: '{}', signal: aborting.signal };
    const bedrock = attributedFetch(payments(), options());
    const call = given === 'init' ? bedrock(url, init) : bedrock(new Request(url, init));
    await endpoint().arrived('Converse');
    aborting.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('ends a stream that is being read', async () => {
    endpoint().order('ConverseStream', { slowEvents: index => index === 0 ? Promise.resolve() : new Promise(() => undefined) });
    const aborting = new AbortController();
    const answer = await attributedFetch(payments(), options())(`${endpoint().url}${pathOf('converse-stream')}`, {
      method: 'POST', body: '{}', signal: aborting.signal,
    });
    const reader = answer.body!.getReader();
    await reader.read();
    aborting.abort();
    await expect(reader.read()).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('ends a call that waits for its bearer token', async () => {
    const aborting = new AbortController();
    const bedrock = attributedFetch(payments(), options({ auth: { bearerToken: () => new Promise(() => undefined) } }));
    const call = bedrock(`${endpoint().url}${pathOf('converse')}`, { method: 'POST', body: '{}', signal: aborting.signal });
    aborting.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('another path of the endpoint', () => {
  test('is signed as it is', async () => {
    const bedrock = attributedFetch(payments(), options());
    await post(bedrock, pathOf('count-tokens'), { input: {} });
    await bedrock(`${endpoint().url}/async-invoke`);
    for (const request of endpoint().requests) expect(request).toMatchObject({ signatureValid: true, outcome: 'answered' });
    expect(endpoint().requests.map(({ operation, body }) => [operation, body])).toEqual([['CountTokens', '{"input":{}}'], ['ListAsyncInvokes', '']]);
  });

  test.each([
    ['/async-invoke', 'StartAsyncInvoke'],
    ['/openai/v1/chat/completions', 'ChatCompletions'],
    ['/openai/v1/responses', 'Responses'],
    ['/anthropic/v1/messages', 'Messages'],
    ['/rerank', 'Rerank'],
  ])('%s spends money and cannot say for whom: a warning says so', async (path, operation) => {
    const warned: unknown[] = [];
    const onWarning: AttributionOptions['onWarning'] = ({ code }, context) => warned.push([code, context.operation]);
    await post(attributedFetch(payments({ onWarning }), options()), path);
    expect(warned).toEqual([['notCarried', operation]]);
  });
});

describe('hosts', () => {
  /** What reaches the network, instead of which nothing is sent. */
  async function reaching(url: string, own: Partial<AttributedFetchOptions> = {}): Promise<Headers> {
    const reached: Headers[] = [];
    const bedrock = attributedFetch(payments(), {
      region: 'eu-west-1',
      auth: { credentials: endpoint().credentials },
      fetch: (_, init) => {
        reached.push(new Headers(init?.headers));
        return Promise.resolve(new Response());
      },
      ...own,
    });
    await bedrock(url, { method: 'POST', body: '{}', headers: { 'x-own': 'one' } });
    expect(reached).toHaveLength(1);
    return reached[0];
  }

  test.each([
    'https://bedrock-runtime.eu-west-1.amazonaws.com',
    'https://bedrock-runtime-fips.eu-west-1.amazonaws.com',
    'https://bedrock-runtime.eu-west-1.api.aws',
    'https://bedrock-agent-runtime.eu-west-1.amazonaws.com',
  ])('of Bedrock in the Region get a signature and metadata: %s', async host => {
    const headers = await reaching(`${host}/model/m/invoke`);
    expect(headers.get('authorization')).toContain('/eu-west-1/bedrock/aws4_request');
    expect(headers.get(METADATA)).toBe('{"team":"payments"}');
  });

  test.each([
    'https://example.com',
    'http://bedrock-runtime.eu-west-1.amazonaws.com',
    'https://bedrock-runtime.eu-west-1.amazonaws.com:8443',
    'https://bedrock-runtime.eu-west-1.amazonaws.com.example.com',
    'https://bedrock-runtime-eu-west-1.amazonaws.com',
    'https://evil.bedrock-runtime.eu-west-1.amazonaws.com',
    'https://bedrock-runtime.us-east-1.amazonaws.com',
    'https://bedrock-mantle.eu-west-1.api.aws',
  ])('that are no others get what the caller sends, and nothing else: %s', async host => {
    for (const auth of [{ credentials: endpoint().credentials }, { bearerToken: 'secret' }]) {
      expect([...await reaching(`${host}/model/m/invoke`, { auth })]).toEqual([['x-own', 'one']]);
    }
  });

  test('another port of the host of the endpoint is another host', async () => {
    const headers = await reaching('https://proxy.example.com:444/model/m/invoke', { endpoint: 'https://proxy.example.com' });
    expect([...headers]).toEqual([['x-own', 'one']]);
  });

  test('an endpoint may have a path before that of Bedrock', async () => {
    const headers = await reaching('https://proxy.example.com/bedrock/model/m/invoke', { endpoint: 'https://proxy.example.com/bedrock/' });
    expect(headers.get(METADATA)).toBe('{"team":"payments"}');
  });
});

describe('options', () => {
  test.each<[string, object, string[]]>([
    ['no Region', { region: '' }, ['region']],
    ['a Region that is none', { region: 'europe' }, ['region']],
    ['an endpoint that is no address', { endpoint: 'bedrock' }, ['endpoint']],
    ['an endpoint of another protocol', { endpoint: 'ftp://example.com' }, ['endpoint']],
    ['nobody', { auth: undefined }, ['auth']],
    ['an empty token', { auth: { bearerToken: '' } }, ['auth']],
    ['a half of the credentials', { auth: { credentials: { accessKeyId: 'AKIA' } } }, ['auth']],
    ['both a token and credentials', { auth: { bearerToken: 'key', credentials: () => Promise.reject(new Error('not asked')) } }, ['auth']],
    ['all that at once', { region: 'europe', endpoint: 'bedrock', auth: {} }, ['region', 'auth', 'endpoint']],
  ])('fails with %s', (_, wrong, paths) => {
    const { code, problems } = thrownBy(() => attributedFetch(payments(), { ...options(), ...wrong }));
    expect(code).toBe('InvalidConfiguration');
    expect(problems.map(({ path }) => path)).toEqual(paths);
  });
});

/** The text of the deltas in frames of an event stream. */
function textsOf(frames: Buffer): string {
  const codec = new EventStreamCodec(bytes => Buffer.from(bytes).toString(), text => Buffer.from(text));
  let texts = '';
  for (let start = 0; start < frames.length; start += frames.readUInt32BE(start)) {
    const { body } = codec.decode(frames.subarray(start, start + frames.readUInt32BE(start)));
    const { delta } = JSON.parse(Buffer.from(body).toString()) as { delta?: { text: string } };
    texts += delta?.text ?? '';
  }
  return texts;
}
