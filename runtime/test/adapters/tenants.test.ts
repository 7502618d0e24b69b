import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import AnthropicBedrock from '@anthropic-ai/bedrock-sdk';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { STSClient } from '@aws-sdk/client-sts';
import { ChatBedrockConverse } from '@langchain/aws';
import { generateText } from 'ai';
import { type Attribution, attribution, defineAttributionSchema } from '../../src';
import { attributeAnthropic } from '../../src/anthropic';
import { attributedFetch } from '../../src/fetch';
import { attributeLangChain } from '../../src/langchain';
import { TenantCredentials } from '../../src/tenants';
import { attributedBedrockSettings } from '../../src/vercel-ai';
import { endpointOfFile } from '../support/endpoint-of-file';
import { REGION } from './attributed-calls';

const SCHEMA = defineAttributionSchema({ version: 1, keys: [{ name: 'tenant', description: 'Tenant.' }] });
const NOVA = 'amazon.nova-lite-v1:0';
const CLAUDE = 'anthropic.claude-sonnet-4-5-20250929-v1:0';

const endpoint = endpointOfFile();
const clients: { destroy(): void }[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

function kept<C extends { destroy(): void }>(client: C): C {
  clients.push(client);
  return client;
}

function tenantsOf(): TenantCredentials {
  const { url, credentials } = endpoint();
  return new TenantCredentials(SCHEMA, {
    client: kept(new STSClient({ region: REGION, endpoint: url, credentials })),
    roleArn: 'arn:aws:iam::111122223333:role/tenant',
    sessionKeys: ['tenant'],
  });
}

type Ask = (text: string) => Promise<unknown>;

/** One client of each package, which asks in the name of whoever runs. */
const ADAPTERS: [string, (calls: Attribution, tenants: TenantCredentials) => Ask][] = [
  ['fetch', (calls, { credentials }) => {
    const bedrock = attributedFetch(calls, { region: REGION, endpoint: endpoint().url, auth: { credentials } });
    return async text => bedrock(`${endpoint().url}/model/${NOVA}/converse`, {
      method: 'POST', body: JSON.stringify({ messages: [{ role: 'user', content: [{ text }] }] }),
    });
  }],
  ['the AI SDK', (calls, { credentials: credentialProvider }) => {
    const bedrock = createAmazonBedrock(attributedBedrockSettings(calls, { region: REGION, baseURL: endpoint().url, credentialProvider }));
    return async prompt => generateText({ model: bedrock(NOVA), prompt, maxRetries: 0 });
  }],
  ['LangChain', (calls, tenants) => {
    const client = kept(new BedrockRuntimeClient({ region: REGION, endpoint: endpoint().url, credentials: tenants.credentials }));
    client.middlewareStack.use(tenants);
    const model = attributeLangChain(new ChatBedrockConverse({ model: NOVA, region: REGION, client }), calls);
    return async text => model.invoke(text);
  }],
  ['the Anthropic SDK', (calls, { credentials }) => {
    const client = attributeAnthropic(new AnthropicBedrock({
      awsRegion: REGION, baseURL: endpoint().url, apiKey: null, providerChainResolver: () => Promise.resolve(credentials),
    }), calls);
    return async content => client.messages.create({ model: CLAUDE, max_tokens: 10, messages: [{ role: 'user', content }] });
  }],
];

test.each(ADAPTERS)('many tenants at once over one client are each signed and stamped for themselves: %s', async (_, clientOf) => {
  const tenants = tenantsOf();
  const ask = clientOf(attribution(SCHEMA, {}), tenants);
  const names = Array.from({ length: 40 }, (__, index) => `tenant-${index % 10}`);
  // the second time, all sessions are there, and the calls go on side by side
  for (let time = 0; time < 2; time++) await Promise.all(names.map(tenant => tenants.session({ tenant }).run(() => ask(tenant))));
  const calls = endpoint().requests.filter(({ operation }) => operation !== 'AssumeRole');
  expect(calls).toHaveLength(80);
  for (const { accessKeyId, body, requestMetadata, signatureValid } of calls) {
    const { tenant = '' } = requestMetadata ?? {};
    expect([signatureValid, endpoint().session(accessKeyId)?.sessionName]).toEqual([true, tenant]);
    expect(body).toContain(`"${tenant}"`);
  }
});
