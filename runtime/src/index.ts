import type { AttributionSchema } from '../../lib/schema';

/**
 * The attribution that one call carries.
 */
export interface CallAttribution {
  /** The schema that the values belong to. */
  readonly schema: AttributionSchema;

  /** Values by the names of the keys, as the caller knows them: personal ones not hashed yet. */
  readonly values: Readonly<Record<string, string>>;
}
