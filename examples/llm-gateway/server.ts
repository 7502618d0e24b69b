import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { BedrockRuntimeClient, BedrockRuntimeServiceException, ConverseCommand, type ConverseRequest, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { attribution, AttributionError, defineAttributionSchema } from '../../runtime/src';
import { loadInferenceProfiles } from '../../runtime/src/ssm';
import { TenantCredentials, type TenantSession } from '../../runtime/src/tenants';
import { attributionOfGateway, definition } from './schema';

/** What a tenant may say of a call: everything but whose it is. */
const FIELDS = ['messages', 'system', 'inferenceConfig', 'toolConfig', 'guardrailConfig', 'additionalModelRequestFields'];
const ROUTE = /^\/model\/([^/]+)\/(converse|converse-stream)$/;
const CLAIM = 'https://llm-gateway.example.com/tenant';

/** An answer other than that of a model. */
class Refusal extends Error {
  public constructor(public readonly status: number, message: string) {
    super(message);
  }
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Refusal(500, `${name} is not set`);
  return value;
}

/**
 * A gateway for many tenants: verifies who asks, calls in the name of the tenant and streams the answer.
 *
 * Who pays is decided by the verified token alone. It becomes the tag and the name of the session that signs the call, and the request
 * metadata of the call; nothing that a tenant sends can change either.
 */
async function start(): Promise<void> {
  const schema = defineAttributionSchema(definition);
  const tenants = new TenantCredentials(schema, {
    client: new STSClient({ retryMode: 'adaptive' }),
    roleArn: setting('TENANT_ROLE_ARN'),
    sessionKeys: ['tenant'],
    claims: { tenant: CLAIM },
  });
  const profiles = await loadInferenceProfiles({ client: new SSMClient(), schema, attribution: attributionOfGateway });
  const calls = attribution(schema, attributionOfGateway, { onInvalid: 'sanitise-and-warn', callerMetadata: 'refuse', profiles });
  const bedrock = new BedrockRuntimeClient({ credentials: tenants.credentials });
  bedrock.middlewareStack.use(calls);

  const { createRemoteJWKSet, jwtVerify } = await import('jose');
  const keys = createRemoteJWKSet(new URL(setting('JWKS_URL')));
  const expected = { issuer: setting('JWT_ISSUER'), audience: setting('JWT_AUDIENCE'), algorithms: ['ES256', 'RS256'] };

  async function sessionOf(request: IncomingMessage): Promise<TenantSession> {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) throw new Refusal(401, 'send a token: authorization: Bearer …');
    const { payload } = await jwtVerify(token, keys, expected).catch((error: unknown) => {
      throw new Refusal(401, `the token is not accepted: ${(error as Error).message}`);
    });
    return tenants.forRequest(payload);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = ROUTE.exec(request.url ?? '');
    if (request.method !== 'POST' || route === null) throw new Refusal(404, 'POST /model/<model>/converse or /converse-stream');
    const [, modelId, kind] = route;
    const session = await sessionOf(request);
    const input = { ...await inputOf(request), modelId: decodeURIComponent(modelId) };
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    const values = { request_id: request.headers['x-request-id']?.toString() };
    await session.run(() => calls.withAttribution(values, async () => {
      if (kind === 'converse') {
        const { output, stopReason, usage } = await bedrock.send(new ConverseCommand(input), { abortSignal: gone.signal });
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ output, stopReason, usage }));
        return;
      }
      const { stream } = await bedrock.send(new ConverseStreamCommand(input), { abortSignal: gone.signal });
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      for await (const event of stream ?? []) {
        const [name] = Object.keys(event);
        // a tenant who reads slowly is not read ahead of
        if (!response.write(`event: ${name}\ndata: ${JSON.stringify(Object.values(event)[0])}\n\n`)) await once(response, 'drain', { signal: gone.signal });
      }
      response.end();
    }));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      refuse(response, error);
    });
  });
  server.listen(Number(process.env.PORT ?? 8080), process.env.HOST, () => {
    const address = server.address();
    console.log(`listening on port ${typeof address === 'object' ? address?.port : address}`);
  });
  process.once('SIGTERM', () => server.close());
}

/** The body of a call. What it must not say is refused by name, so that nobody believes that it was heard. */
async function inputOf(request: IncomingMessage): Promise<Pick<ConverseRequest, 'messages'>> {
  const body: unknown = await json(request).catch(() => undefined);
  if (typeof body !== 'object' || body === null) throw new Refusal(400, 'the body is not a JSON object');
  const unknown = Object.keys(body).filter(field => !FIELDS.includes(field));
  if (unknown.length > 0) throw new Refusal(400, `the body has ${unknown.join(', ')}: use ${FIELDS.join(', ')}`);
  return body;
}

/** Says what went wrong, or breaks off an answer that has begun: its reader must not take it for a whole one. */
function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, message } = statusOf(error);
  if (!(error instanceof Refusal)) console.error(error);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
}

function statusOf(error: unknown): { status: number; message: string } {
  if (error instanceof Refusal) return error;
  if (error instanceof URIError) return { status: 400, message: 'the model is not written as part of a URL' };
  // the details are for those who run the gateway
  if (AttributionError.is(error) && error.code === 'InvalidTenant') return { status: 403, message: 'the token names no tenant that may call' };
  if (AttributionError.is(error) && error.code === 'BareModelRefused') return { status: 404, message: 'the model is not offered here' };
  if (error instanceof BedrockRuntimeServiceException) {
    return { status: error.$fault === 'client' ? error.$metadata.httpStatusCode ?? 400 : 502, message: error.message };
  }
  return { status: 502, message: 'the call could not be made' };
}

start().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
