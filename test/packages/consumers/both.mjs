// A process with both copies of the client: a library in CommonJS says what the call is for, an application of ES modules makes it.
import { createRequire } from 'node:module';
import { attribution, AttributionError, defineAttributionSchema } from 'bedrock-cost-attribution-runtime';

const commonJs = createRequire(import.meta.url)('bedrock-cost-attribution-runtime');
const schema = defineAttributionSchema({ version: 1, keys: [{ name: 'feature', description: 'Feature that makes the call.' }] });

const stamped = commonJs.withAttribution({ feature: 'summary' }, () => attribution(schema, {}).stamp().metadata);
const other = new commonJs.AttributionError('InvalidTenant', 'the tenant', []);
console.log(JSON.stringify({ areTwo: commonJs.attribution !== attribution, stamped, isKnown: AttributionError.is(other), isInstance: other instanceof AttributionError }));
