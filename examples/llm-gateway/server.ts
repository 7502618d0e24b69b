import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { attribution, defineAttributionSchema } from '../../runtime/src';
import { loadInferenceProfiles } from '../../runtime/src/ssm';
import { TenantCredentials } from '../../runtime/src/tenants';
import { attributionOfGateway, definition } from './schema';
import { inputOf, refuse, Refusal, setting } from './server-requests';
import { sessionsByToken } from './server-tokens';

const ROUTE = /^\/model\/([^/]+)\/(converse|converse-stream)$/;
const CLAIM = 'https://llm-gateway.example.com/tenant';

/**
 * A gateway for many tenants: verifies who asks, calls in the name of the tenant and streams the answer.
 *
 * Who pays is decided by the verified token alone. It becomes the tag and the name of the session that signs the call, and the request
 * metadata of the call; nothing that a tenant sends can change either.
 */
async function start(): Promise<void> {
  const schema = defineAttributionSchema(definition);
  const tenants = new TenantCredentials(schema, {
    client: new STSClient({ retryMode: 'adaptive', requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000 } }),
    roleArn: setting('TENANT_ROLE_ARN'),
    sessionKeys: ['tenant'],
    claims: { tenant: CLAIM },
  });
  const profiles = await loadInferenceProfiles({ client: new SSMClient(), schema, attribution: attributionOfGateway });
  const calls = attribution(schema, attributionOfGateway, { onInvalid: 'sanitise-and-warn', callerMetadata: 'refuse', profiles });
  const bedrock = new BedrockRuntimeClient({ credentials: tenants.credentials });
  bedrock.middlewareStack.use(calls);
  // refuses whatever is not signed with the session of its tenant
  bedrock.middlewareStack.use(tenants);

  const sessionOf = await sessionsByToken(tenants);
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = ROUTE.exec(request.url ?? '');
    if (request.method !== 'POST' || route === null) throw new Refusal(404, 'POST /model/<model>/converse or /converse-stream');
    const [, modelId, kind] = route;
    const session = await sessionOf(request);
    const input = { ...await inputOf(request), modelId: decodeURIComponent(modelId) };
    const gone = new AbortController();
    response.once('close', gone.abort.bind(gone));
    const values = { request_id: request.headers['x-request-id']?.toString() };
    await session.run(() => calls.withAttribution(values, async () => {
      if (kind === 'converse') {
        const { output, stopReason, usage } = await bedrock.send(new ConverseCommand(input), { abortSignal: gone.signal });
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ output, stopReason, usage }));
      }
      const { stream = [] } = await bedrock.send(new ConverseStreamCommand(input), { abortSignal: gone.signal });
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      for await (const event of stream) {
        const [name] = Object.keys(event);
        // a tenant who reads slowly is not read ahead of
        if (!response.write(`event: ${name}\ndata: ${JSON.stringify(Object.values(event)[0])}\n\n`)) await once(response, 'drain', { signal: gone.signal });
      }
      return response.end();
    }));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      refuse(response, error);
    });
  });
  server.listen(Number(process.env.PORT ?? 8080), process.env.HOST, () => {
    console.log(`listening on port ${(server.address() as AddressInfo).port}`);
  });
  process.once('SIGTERM', () => server.close());
}

start().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
