import type * as iam from 'aws-cdk-lib/aws-iam';
import { AttributionKey, AttributionSchema, Carrier } from '../schema';
import { requiredOnCaller } from './resolve-controls';
import { untaggedCallerStatements } from './statements/callers';

/**
 * The schema as the sessions of a role carry it: a session key comes as a tag of the session, and therefore in the spelling of those.
 */
export function schemaOfSessions(schema: AttributionSchema, sessionKeys: AttributionKey[]): AttributionSchema {
  const names = sessionKeys.map(({ name }) => name);
  return new AttributionSchema({
    version: schema.version,
    keys: schema.keys.map(key => names.includes(key.name) ? onSessionsOnly(key) : key),
  });
}

/**
 * Denies spending to sessions without all their keys.
 *
 * What all sessions have in common must be just what is on the role, and not only some value of the schema: a tag that a caller hands on
 * from a session of its own (a transitive one) takes the place of the role's, and AWS does not document what trust policies see of it.
 */
export function untaggedSessionStatements(
  schema: AttributionSchema, sessionKeys: AttributionKey[], attribution: Record<string, string>,
): iam.PolicyStatement[] {
  const sessions = schemaOfSessions(schema, sessionKeys);
  const required = [...[...requiredOnCaller(sessions), ...sessionKeys].map(({ name }) => name), ...Object.keys(attribution)];
  const keys = sessions.keys.filter(({ name }) => required.includes(name));
  return untaggedCallerStatements(keys.map(key => key.name in attribution ? key.withAllowedValues([attribution[key.name]]) : key), true);
}

function onSessionsOnly(key: AttributionKey): AttributionKey {
  const carriers = key.carriers.filter(carrier => carrier !== Carrier.PRINCIPAL_TAG);
  return AttributionKey.of(key.name, Object.assign({}, key, { carriers }));
}
