import { AttributionKey } from './attribution-key';

/** The keys of the starter schema, with the values that are known. */
export function starterKeys(teams?: string[], services?: string[], envs?: string[]): AttributionKey[] {
  const { TEAM, SERVICE, ENV, FEATURE, REQUEST_ID } = AttributionKey;
  return [withValues(TEAM, teams), withValues(SERVICE, services), withValues(ENV, envs), FEATURE, REQUEST_ID];
}

function withValues(key: AttributionKey, allowedValues?: string[]): AttributionKey {
  return allowedValues === undefined ? key : key.withAllowedValues(allowedValues);
}
