export {
  type ComputedPath,
  type GivenPath,
  loadInferenceProfiles,
  type LoadInferenceProfilesOptions,
  type LoadingOptions,
  type RefreshedInferenceProfiles,
} from './load-inference-profiles';
export { loadSchemaFromParameter, type LoadSchemaOptions, type RefreshedSchema } from './load-schema-from-parameter';
export type { RefreshOptions } from './refreshed-value';
