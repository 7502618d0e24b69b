/** Beginning of the names of all SSM parameters that the library computes. */
const ROOT = '/bedrock-cost-attribution';

/** Where a schema is published unless somebody says otherwise. */
export const SCHEMA_PARAMETER_NAME = `${ROOT}/schema`;

const UTF8 = new TextEncoder();

/** The name of an SSM parameter from its levels: different levels never give the same name. Whoever reads parameters computes it too. */
export function parameterName(collection: string, levels: string[]): string {
  return [ROOT, collection, ...levels.map(encodeLevel)].join('/');
}

/**
 * A text as one level of a parameter name: ASCII letters, digits, `.` and `-` stand for themselves, every other character is written as
 * `_` and two lower-case hexadecimal digits for each byte of its UTF-8 form.
 */
export function encodeLevel(text: string): string {
  return text.replace(/[^a-zA-Z0-9.-]/gu, character => Array.from(UTF8.encode(character), byte => `_${byte.toString(16).padStart(2, '0')}`).join(''));
}
