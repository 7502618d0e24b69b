// What an entry throws is an error of the core, in both kinds of modules.
import { createRequire } from 'node:module';
import * as core from 'bedrock-cost-attribution-runtime';
import * as tenants from 'bedrock-cost-attribution-runtime/tenants';

const require = createRequire(import.meta.url);
const isInstance = ({ AttributionError, defineAttributionSchema }, { TenantCredentials }) => {
  const schema = defineAttributionSchema({ version: 1, keys: [{ name: 'tenant', description: 'Tenant in whose name the call is made.' }] });
  try {
    return new TenantCredentials(schema, { roleArn: 'no ARN' });
  } catch (error) {
    return error instanceof AttributionError;
  }
};
console.log(JSON.stringify([
  isInstance(core, tenants),
  isInstance(require('bedrock-cost-attribution-runtime'), require('bedrock-cost-attribution-runtime/tenants')),
]));
