import type { AttributionKey } from './attribution-key';
import type { AttributionSchema } from './attribution-schema';
import { Carrier } from './carrier';
import { wholePattern } from './check-values';
import { Limits } from './limits';

const HASHED = 'Personal: send a keyed hash of the value. The rules for its values hold before hashing and are not repeated here.';

/** JSON Schema of the metadata of one request. */
export function requestMetadataSchema(schema: AttributionSchema, day?: string): object {
  const keys = schema.keys.filter(key => key.ridesOn(Carrier.REQUEST_METADATA));
  const names = new Set(keys.map(({ name }) => name));
  const required = keys.filter(key => key.isRequiredOn(day))
    .map(key => [key.name, ...schema.deprecatedNames(key.name).filter(name => names.has(name))]);
  const { minLength, maxLength, pattern } = Limits.REQUEST_METADATA_VALUE;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Request metadata, attribution schema version ${schema.version}`,
    type: 'object',
    properties: Object.fromEntries(keys.map(key => [key.name, property(key, required.flat().includes(key.name))])),
    required: required.filter(({ length }) => length === 1).flat(),
    // a key that replaced others is there under any of their names
    ...anyOfEach(required.filter(({ length }) => length > 1)),
    additionalProperties: false,
    minProperties: Limits.REQUEST_METADATA_MIN_PAIRS,
    maxProperties: Limits.REQUEST_METADATA_MAX_PAIRS,
    $defs: { value: { type: 'string', minLength, maxLength, pattern } },
  };
}

function anyOfEach(alternatives: string[][]): object {
  if (alternatives.length === 0) return {};
  return { allOf: alternatives.map(names => ({ anyOf: names.map(name => ({ required: [name] })) })) };
}

function property(key: AttributionKey, required: boolean): object {
  return {
    type: 'string',
    $ref: '#/$defs/value',
    description: key.personal ? `${key.description} ${HASHED}` : key.description,
    ...required ? { minLength: 1 } : {},
    ...key.allowedValues !== undefined && !key.personal ? { enum: key.allowedValues } : {},
    ...key.pattern !== undefined && !key.personal ? { pattern: wholePattern(key.pattern) } : {},
    ...key.deprecatedInFavourOf !== undefined ? { deprecated: true } : {},
  };
}
