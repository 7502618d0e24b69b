export type { InferenceProfileEntry } from './inference-profile-entry';
export { type InferenceProfileEntries, inferenceProfiles, type KnownInferenceProfiles, type RoutingOptions } from './inference-profiles';
export type { ModelFallback } from './routing-table';
