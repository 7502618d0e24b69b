/**
 * The attribution keys, declared once: the stack makes tags and policies of them, the gateway stamps its calls by them.
 *
 * A tenant is known to the gateway only: it rides on sessions and on calls, and no profile or project has one.
 */
export const definition = {
  version: 1,
  keys: [
    { name: 'team', description: 'Team that answers for the spend.', required: true, assurance: 'enforced' },
    { name: 'service', description: 'Service or application that makes the call.', required: true, assurance: 'enforced' },
    { name: 'env', description: 'Stage that the service runs in.', required: true, assurance: 'enforced', allowedValues: ['dev', 'prod'] },
    {
      name: 'tenant',
      description: 'Tenant in whose name the gateway calls.',
      assurance: 'enforced',
      pattern: 'tenant-[a-z0-9]{1,40}',
      carriers: ['sessionTag', 'requestMetadata'],
    },
    { name: 'request_id', description: "Request of the tenant's own system that led to the call.", cardinality: 'high' },
  ],
} as const;

/** Whom the gateway itself belongs to: the tags of its profile, its project and the role of its tenants. */
export const attributionOfGateway = { team: 'platform', service: 'gateway', env: 'prod' } as const;
