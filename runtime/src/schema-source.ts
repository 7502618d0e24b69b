import { AttributionSchema, SchemaError } from '../../lib/schema';
import { AttributionError } from './attribution-error';
import type { SchemaDefinition } from './schema-definition';

/**
 * Where the attribution keys come from. The type parameter knows them at compile time; without one, every name is a string.
 */
export interface SchemaSource<D extends SchemaDefinition = SchemaDefinition> {
  /** The schema as it is known now. A source that refreshes gives another object once the schema has changed. */
  readonly current: AttributionSchema;

  /** Only there for the compiler. */
  readonly definition?: D;
}

/**
 * Declares the attribution keys in code. Their names and allowed values become types.
 *
 * @param definition the content of a schema file
 * @throws AttributionError `InvalidSchema`, with everything that is wrong
 */
export function defineAttributionSchema<const D extends SchemaDefinition>(definition: D): SchemaSource<D> {
  return { current: parseSchema(JSON.stringify(definition)), definition };
}

/**
 * Reads the attribution keys from the text of a schema file. `bca schema types` writes the definition whose types fit.
 *
 * @param text JSON text, `{ "version": 1, "keys": [{ "name": "team", "description": "…" }] }`
 * @throws AttributionError `InvalidSchema`, with everything that is wrong
 */
export function attributionSchemaFromJson<D extends SchemaDefinition = SchemaDefinition>(text: string): SchemaSource<D> {
  return { current: parseSchema(text) };
}

/** Reads the text of a schema file, as this package reports errors. */
export function parseSchema(text: string): AttributionSchema {
  try {
    return AttributionSchema.fromJson(text);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw new AttributionError('InvalidSchema', 'the attribution schema', error.problems);
  }
}
