import { AttributionError } from '../attribution-error';
import type { InferenceProfiles } from '../inference-profiles';
import { type FoundEntry, type InferenceProfileEntry, readEntries } from './inference-profile-entry';
import { type ModelFallback, RoutingTable } from './routing-table';

/**
 * Application inference profiles: a list as the construct library publishes them, or ARNs by what the profiles were copied from, such as
 * `{ 'eu.amazon.nova-lite-v1:0': 'arn:…' }`. A map has the profiles of one Region only.
 */
export type InferenceProfileEntries = readonly InferenceProfileEntry[] | Readonly<Record<string, string>>;

/**
 * How models are led to profiles.
 */
export interface RoutingOptions {
  /**
   * Whether the id of a model, such as `amazon.nova-lite-v1:0`, may lead to a profile that was copied from a system-defined one, such as
   * `eu.amazon.nova-lite-v1:0`. The id of a system-defined profile never leads to another geography.
   *
   * @default 'any'
   */
  readonly fallback?: ModelFallback;
}

/** Profiles that are known. */
export interface KnownInferenceProfiles extends InferenceProfiles {
  /** The profiles as they are known now. */
  readonly entries: readonly Required<InferenceProfileEntry>[];
}

/**
 * The application inference profiles of a service from its configuration.
 *
 * @throws AttributionError `InvalidConfiguration`, with everything that is wrong
 */
export function inferenceProfiles(entries: InferenceProfileEntries, options: RoutingOptions = {}): KnownInferenceProfiles {
  return routingTable(foundIn(entries), options);
}

/** The profiles that were found somewhere. */
export function routingTable(found: readonly FoundEntry[], { fallback = 'any' }: RoutingOptions): RoutingTable {
  const { profiles, problems } = readEntries(found);
  if (problems.length > 0) throw new AttributionError('InvalidConfiguration', 'the list of inference profiles', problems);
  return new RoutingTable(profiles, fallback);
}

function foundIn(entries: InferenceProfileEntries): FoundEntry[] {
  if (isList(entries)) return entries.map((entry, index) => ({ path: `profiles[${index}]`, entry }));
  return Object.entries(entries).map(([sourceId, inferenceProfileArn]) => (
    { path: `profiles[${JSON.stringify(sourceId)}]`, entry: { sourceId, inferenceProfileArn } }
  ));
}

function isList(entries: InferenceProfileEntries): entries is readonly InferenceProfileEntry[] {
  return Array.isArray(entries);
}
