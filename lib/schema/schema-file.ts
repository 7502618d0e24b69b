import type { AttributionKeyProps } from './attribution-key';
import { Assurance, AttributionKey, Cardinality } from './attribution-key';
import { Carrier } from './carrier';
import { newProblem } from './new-problem';
import type { Problem } from './problem';

/** What a schema file says, with everything that is wrong with its form. */
export interface ParsedSchema {
  readonly version: number;
  readonly keys: AttributionKey[];
  readonly problems: Problem[];
}

interface Field {
  readonly allowed: string;
  readonly accepts: (value: unknown) => boolean;
  /** What stands in for a field that must not be absent, so that the rest of the key can still be checked. */
  readonly standIn?: string;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isListOf = (accepts: (item: unknown) => boolean) => (value: unknown): boolean => Array.isArray(value) && value.every(accepts);
const oneOf = (values: string[]): Field => ({ allowed: `one of ${values.join(', ')}`, accepts: value => values.includes(value as string) });

const TEXT: Field = { allowed: 'a string', accepts: isText };
const FLAG: Field = { allowed: 'true or false', accepts: value => typeof value === 'boolean' };
const COUNT: Field = { allowed: 'a number', accepts: value => typeof value === 'number' };

/** The fields of a key in the order in which they are written. */
const KEY_FIELDS: Record<string, Field> = {
  name: { ...TEXT, standIn: '' },
  description: { ...TEXT, standIn: '-' },
  required: FLAG,
  requiredFrom: TEXT,
  allowedValues: { allowed: 'a list of strings', accepts: isListOf(isText) },
  pattern: TEXT,
  assurance: oneOf(Object.values(Assurance)),
  cardinality: oneOf(Object.values(Cardinality)),
  personal: FLAG,
  since: COUNT,
  deprecatedInFavourOf: TEXT,
  carriers: { allowed: `a list of ${Object.values(Carrier).join(', ')}`, accepts: isListOf(item => Object.values(Carrier).includes(item as Carrier)) },
  spellings: { allowed: 'an object', accepts: isObject },
};

const SPELLING_FIELDS: Record<string, Field> = { resourceTag: TEXT, principalTag: TEXT, sessionTag: TEXT };

/** `$schema` is what editors write there; it says nothing about the schema and is not kept. */
const FILE_FIELDS: Record<string, Field> = {
  $schema: TEXT,
  version: { ...COUNT, standIn: '-' },
  keys: { allowed: 'a list of keys', accepts: isListOf(isObject), standIn: '-' },
};

/** Reads the text of a schema file, finding all that is wrong with its form. */
export function parseSchemaFile(text: string): ParsedSchema {
  const problems: Problem[] = [];
  const file = pick('schema', parseObject(text, problems), FILE_FIELDS, problems);
  const keys = (file.keys as object[] | undefined ?? []).map((key, index) => parseKey(`keys[${index}]`, key, problems));
  return { version: file.version as number | undefined ?? Number.MAX_SAFE_INTEGER, keys, problems };
}

/** Reads any JSON text that must hold an object; an unreadable text is a problem and gives an object without fields. */
export function parseObject(text: string, problems: Problem[]): object | undefined {
  const allowed = 'the JSON text of an object';
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
    problems.push(newProblem({ code: 'json', path: 'schema', got: value, allowed, remedy: 'wrap it in an object with version and keys' }));
  } catch (error) {
    problems.push(newProblem({ code: 'json', path: 'schema', got: text.slice(0, 40), allowed, remedy: `correct the text (${(error as Error).message})` }));
  }
  return undefined;
}

function parseKey(path: string, raw: object, problems: Problem[]): AttributionKey {
  const fields = pick(path, raw, KEY_FIELDS, problems);
  const spellings = isObject(fields.spellings) ? pick(`${path}.spellings`, fields.spellings, SPELLING_FIELDS, problems) : undefined;
  const props = { description: '-', ...fields, spellings } as AttributionKeyProps;
  return AttributionKey.of(fields.name as string | undefined ?? '', props);
}

/** Takes the well-formed fields out of an object and reports the others; `undefined` stands for an object that was reported already. */
function pick(path: string, raw: object | undefined, fields: Record<string, Field>, problems: Problem[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  if (raw === undefined) return picked;
  for (const [name, value] of Object.entries(raw as Record<string, unknown>)) {
    if (!Object.hasOwn(fields, name)) {
      const allowed = `one of ${Object.keys(fields).join(', ')}`;
      problems.push(newProblem({ code: 'unknownField', path, got: name, allowed, remedy: 'correct the spelling or leave it out' }));
    } else if (fields[name].accepts(value)) {
      picked[name] = value;
    } else {
      problems.push(newProblem({ code: 'fieldType', path: `${path}.${name}`, got: value, allowed: fields[name].allowed, remedy: 'correct the value' }));
    }
  }
  for (const [name, { standIn, allowed }] of Object.entries(fields)) {
    if (standIn === undefined || Object.hasOwn(raw, name)) continue;
    problems.push(newProblem({ code: 'missingField', path, got: undefined, allowed: `${name}: ${allowed}`, remedy: `add ${name}` }));
  }
  return picked;
}

/** The fields of a key that differ from their defaults, in the order of the file format. */
export function keyFields(key: AttributionKey): Record<string, unknown> {
  const plain = AttributionKey.of(key.name, { description: key.description, cardinality: key.cardinality });
  const always = new Set(['name', 'description', 'required', 'assurance', 'cardinality']);
  const values = key as unknown as Record<string, unknown>;
  const defaults = plain as unknown as Record<string, unknown>;
  const fields: Record<string, unknown> = {};
  for (const name of Object.keys(KEY_FIELDS)) {
    const value = canonical(name, values[name]);
    if (always.has(name) || JSON.stringify(value) !== JSON.stringify(canonical(name, defaults[name]))) fields[name] = value;
  }
  return fields;
}

/** Brings what has no order of its own into one order: the carriers, and the fields of the spellings. */
function canonical(name: string, value: unknown): unknown {
  if (name === 'carriers') return Object.values(Carrier).filter(carrier => (value as Carrier[]).includes(carrier));
  if (name !== 'spellings') return value;
  return Object.fromEntries(Object.keys(SPELLING_FIELDS).flatMap(field => {
    const spelling = (value as Record<string, string | undefined>)[field];
    return spelling === undefined ? [] : [[field, spelling]];
  }));
}
