// A service that stamps its calls: a request of each kind to an endpoint of its own, in CommonJS.
const { BedrockRuntimeClient, ConverseCommand, InvokeModelCommand } = require('@aws-sdk/client-bedrock-runtime');
const { attribution, AttributionError, defineAttributionSchema } = require('bedrock-cost-attribution-runtime');
const { clientOptions, listen } = require('./endpoint.cjs');

const schema = defineAttributionSchema({
  version: 1,
  keys: [
    { name: 'team', description: 'Team that answers for the spend.', required: true, allowedValues: ['payments', 'search'] },
    { name: 'feature', description: 'Feature that makes the call.' },
  ],
});
const calls = attribution(schema, { team: 'payments' });

async function main() {
  const endpoint = await listen();
  const client = new BedrockRuntimeClient(clientOptions(endpoint.url));
  client.middlewareStack.use(calls);

  const modelId = 'amazon.nova-lite-v1:0';
  await calls.withAttribution({ feature: 'summary' }, () => client.send(new ConverseCommand({ modelId, messages: [] })));
  await client.send(calls.attribute(new InvokeModelCommand({ modelId, body: '{}' }), { feature: 'search' }));

  let refused;
  try {
    attribution(schema, { team: 'nobody' });
  } catch (error) {
    refused = { isAttributionError: error instanceof AttributionError, code: error.code };
  }
  endpoint.close();
  console.log(JSON.stringify({ version: process.versions.node, requests: endpoint.requests, refused }));
}

main();
