import { schema } from '../../lib';

const { AttributionKey, Carrier } = schema;

/** The attribution keys. A tenant is known to the gateway only: it rides on sessions, and no profile or project has one. */
export const keys = new schema.AttributionSchema({
  version: 1,
  keys: [
    AttributionKey.TEAM,
    AttributionKey.SERVICE,
    AttributionKey.ENV.withAllowedValues(['dev', 'prod']),
    AttributionKey.of('tenant', {
      description: 'Tenant in whose name the gateway calls.',
      assurance: schema.Assurance.ENFORCED,
      pattern: 'tenant-[a-z0-9]{1,40}',
      carriers: [Carrier.SESSION_TAG, Carrier.REQUEST_METADATA],
    }),
    AttributionKey.REQUEST_ID,
  ],
});
