import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parameterName } from '../../lib/schema/parameter-name';
import { AwsEndpoint } from '../../runtime/test/support/aws-endpoint';

const PROFILE = 'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abcdefghijkl';
const MODEL = 'eu.amazon.nova-pro-v1:0';
const ISSUER = 'https://login.example.com/';
const AUDIENCE = 'llm-gateway';
const CLAIM = 'https://llm-gateway.example.com/tenant';
const QUESTION = { messages: [{ role: 'user', content: [{ text: 'Who spent what?' }] }] };

let endpoint: AwsEndpoint;
let keyServer: Server;
let gateway: ChildProcess;
let url: string;
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as an identity provider would sign it. */
function token(claims: object, key: KeyObject = privateKey, header: object = { alg: 'ES256', kid: 'one' }): string {
  const now = Math.floor(Date.now() / 1000);
  const text = `${base64url({ typ: 'JWT', ...header })}.${base64url({ iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 600, ...claims })}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

interface Ask {
  readonly bearer?: string;
  readonly headers?: Record<string, string>;
  readonly body?: object;
  readonly model?: string;
  readonly kind?: 'converse' | 'converse-stream';
  readonly signal?: AbortSignal;
}

const ask = ({ bearer, headers, body = QUESTION, model = MODEL, kind = 'converse', signal }: Ask): Promise<Response> => fetch(`${url}/model/${encodeURIComponent(model)}/${kind}`, {
  method: 'POST',
  headers: { ...bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }, ...headers },
  body: JSON.stringify(body),
  signal,
});

const tenant = (name: unknown): string => token({ [CLAIM]: name });

beforeAll(async () => {
  endpoint = await AwsEndpoint.start();
  offerModel();
  keyServer = createServer((_, response) => response.end(JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }] })));
  await once(keyServer.listen(0, '127.0.0.1'), 'listening');
  const { accessKeyId, secretAccessKey } = endpoint.credentials;
  gateway = spawn(process.execPath, ['--import', 'tsx', join('examples', 'llm-gateway', 'server.ts')], {
    cwd: join(__dirname, '..', '..'),
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      HOST: '127.0.0.1',
      TENANT_ROLE_ARN: 'arn:aws:iam::111122223333:role/llm-gateway-tenant',
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
      JWKS_URL: `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/jwks`,
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: endpoint.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_MAX_ATTEMPTS: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  gateway.stderr?.on('data', (chunk: Buffer) => said += chunk.toString());
  const [line] = await Promise.race([
    once(createInterface({ input: gateway.stdout! }), 'line'),
    once(gateway, 'exit').then(() => {
      throw new Error(`the gateway did not start: ${said}`);
    }),
  ]) as [string];
  url = `http://127.0.0.1:${/\d+$/.exec(line)?.[0]}`;
});

afterAll(async () => {
  const ended = once(gateway, 'exit');
  gateway.kill('SIGKILL');
  await ended;
  keyServer.closeAllConnections();
  keyServer.close();
  await endpoint.close();
});

beforeEach(() => {
  endpoint.requests.length = 0;
});

function offerModel(): void {
  endpoint.parameters.set(
    parameterName('inference-profiles', ['platform', 'gateway', 'prod', MODEL]),
    JSON.stringify({ inferenceProfileArn: PROFILE, sourceId: MODEL, modelId: MODEL.slice(3) }),
  );
}

test('a call is signed, tagged and stamped with the tenant of the token, and goes through the profile', async () => {
  const response = await ask({ bearer: tenant('tenant-a1'), headers: { 'x-request-id': 'r-1' } });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ output: { message: { role: 'assistant' } }, usage: { inputTokens: expect.any(Number) as number } });
  const [call] = endpoint.requestsOf('Converse');
  expect(call).toMatchObject({
    modelId: PROFILE,
    signatureValid: true,
    requestMetadata: { team: 'platform', service: 'gateway', env: 'prod', tenant: 'tenant-a1', request_id: 'r-1' },
  });
  expect(endpoint.session(call.accessKeyId)).toMatchObject({ sessionName: 'tenant-a1', tags: { tenant: 'tenant-a1' } });
});

test('answers are streamed event by event', async () => {
  const response = await ask({ bearer: tenant('tenant-a1'), kind: 'converse-stream' });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events = [...(await response.text()).matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
  expect(events.at(0)).toBe('messageStart');
  expect(events).toContain('contentBlockDelta');
  expect(events.at(-1)).toBe('metadata');
});

test('many tenants at once have a session each, and each call is signed with its own', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `tenant-many${index}`);
  const statuses = await Promise.all([...names, ...names].map(async name => (await ask({ bearer: tenant(name) })).status));
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(endpoint.requestsOf('AssumeRole')).toHaveLength(names.length);
  for (const { accessKeyId, requestMetadata } of endpoint.requestsOf('Converse')) {
    expect(endpoint.session(accessKeyId)?.sessionName).toBe(requestMetadata?.tenant);
  }
});

test('what a caller says of the tenant in headers is not heard', async () => {
  const headers = {
    'x-tenant': 'tenant-b2',
    'tenant': 'tenant-b2',
    'x-amzn-bedrock-request-metadata': '{"tenant":"tenant-b2"}',
    'x-request-id': 'tenant=tenant-b2',
  };
  expect((await ask({ bearer: tenant('tenant-a1'), headers })).status).toBe(200);
  const [call] = endpoint.requestsOf('Converse');
  expect(call.requestMetadata).toMatchObject({ tenant: 'tenant-a1' });
  expect(endpoint.session(call.accessKeyId)?.tags).toEqual({ tenant: 'tenant-a1' });
});

test.each([
  ['request metadata', { requestMetadata: { tenant: 'tenant-b2' } }],
  ['a model', { modelId: 'other' }],
  ['a performance configuration', { performanceConfig: { latency: 'optimized' } }],
])('fails for a body that says %s', async (_, extra) => {
  const response = await ask({ bearer: tenant('tenant-a1'), body: { ...QUESTION, ...extra } });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ message: expect.stringContaining(Object.keys(extra)[0]) as string });
  expect(endpoint.requestsOf('Converse')).toEqual([]);
});

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const claims = { [CLAIM]: 'tenant-a1' };
test.each([
  ['no token', undefined],
  ['a text that is no token', 'tenant-a1'],
  ['a token of another signer', token(claims, stranger)],
  ['a token of another issuer', token({ ...claims, iss: 'https://evil.example.com/' })],
  ['a token for another audience', token({ ...claims, aud: 'somebody-else' })],
  ['a token that has expired', token({ ...claims, exp: Math.floor(Date.now() / 1000) - 60 })],
  ['a token that never expires', token({ ...claims, exp: undefined })],
  ['an unsigned token', `${base64url({ alg: 'none' })}.${token(claims).split('.')[1]}.`],
  ['a token whose claims were changed', token(claims).replace(/\.[^.]+\./, `.${base64url({ iss: ISSUER, aud: AUDIENCE, [CLAIM]: 'tenant-b2' })}.`)],
])('fails with 401 for %s, and asks nothing of AWS', async (_, bearer) => {
  expect((await ask({ bearer })).status).toBe(401);
  expect(endpoint.requests).toEqual([]);
});

test.each([
  ['without a tenant', {}],
  ['with an empty tenant', { [CLAIM]: '' }],
  ['with a tenant outside of the pattern', { [CLAIM]: 'Tenant A' }],
  ['with several tenants', { [CLAIM]: ['tenant-a1', 'tenant-b2'] }],
  ['with a tenant that is no text', { [CLAIM]: 7 }],
])('fails with 403 for a token %s, and asks nothing of AWS', async (_, given) => {
  expect((await ask({ bearer: token(given) })).status).toBe(403);
  expect(endpoint.requests).toEqual([]);
});

test('fails with 404 for a model that the gateway has no profile of', async () => {
  expect((await ask({ bearer: tenant('tenant-a1'), model: 'us.amazon.nova-pro-v1:0' })).status).toBe(404);
  expect(endpoint.requestsOf('Converse')).toEqual([]);
});

test.each([
  ['too long', 'x'.repeat(20_000_001)],
  ['of a length that is not told', new Blob(['{}']).stream()],
])('fails with 413 for a body that is %s', async (_, body) => {
  const headers = { authorization: `Bearer ${tenant('tenant-a1')}` };
  const response = await fetch(`${url}/model/${MODEL}/converse`, { method: 'POST', headers, body, duplex: 'half' });
  expect(response.status).toBe(413);
  expect(endpoint.requestsOf('Converse')).toEqual([]);
});

test.each([
  ['404', '/model/x/invoke'],
  ['404', '/'],
  ['400', '/model/%E0%A4%A/converse'],
])('fails with %s for the path %s', async (status, path) => {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${tenant('tenant-a1')}` }, body: JSON.stringify(QUESTION) });
  expect(String(response.status)).toBe(status);
});

test('fails with the status of Amazon Bedrock when it refuses a call', async () => {
  endpoint.order('Converse', { code: 'ThrottlingException', message: 'Too many tokens' });
  expect((await ask({ bearer: tenant('tenant-a1') })).status).toBe(429);
});

test('fails with 502 when STS refuses the session, and tells callers nothing of it', async () => {
  endpoint.order('AssumeRole', { code: 'AccessDenied', message: 'is not authorized to perform: sts:TagSession' });
  const response = await ask({ bearer: tenant('tenant-refused') });
  expect(response.status).toBe(502);
  expect(await response.json()).toEqual({ message: 'the call could not be made' });
});

test('a stream that breaks is broken off, so that nobody takes it for a whole one', async () => {
  endpoint.order('ConverseStream', { abortAfterEvents: 2 });
  const response = await ask({ bearer: tenant('tenant-a1'), kind: 'converse-stream' });
  await expect(response.text()).rejects.toThrow();
});

test('a caller who leaves ends the call', async () => {
  const leaving = new AbortController();
  let release = (): void => undefined;
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  endpoint.order('ConverseStream', { slowEvents: index => index === 2 ? held : Promise.resolve() });
  const response = await ask({ bearer: tenant('tenant-a1'), kind: 'converse-stream', signal: leaving.signal });
  await response.body?.getReader().read();
  leaving.abort();
  const [call] = endpoint.requestsOf('ConverseStream');
  // the third event is never sent: only somebody who has left ends the call
  while (call.outcome === undefined) await new Promise(resolve => setImmediate(resolve));
  release();
  expect(call.outcome).toBe('client-gone');
});
