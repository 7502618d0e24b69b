import type { AttributionKey } from './attribution-key';
import type { AttributionSchema, TagCheckOptions } from './attribution-schema';
import { Carrier, TagMatch } from './carrier';
import { newProblem } from './new-problem';
import type { Problem } from './problem';
import { RequestMetadataSink } from './sinks';
import { wholeText } from './whole-text';

/** Holds the tags of one thing against the limits of their sink and against the schema. */
export function checkTags(
  schema: AttributionSchema,
  carrier: Carrier,
  tags: Record<string, string>,
  { unresolved = [], day }: TagCheckOptions,
  limits: (tags: Record<string, string>) => Problem[],
): Problem[] {
  // an empty text keeps the key in the count and passes every limit of a value
  const known = Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, unresolved.includes(key) ? '' : value]));
  const keys = schema.keys.filter(key => key.ridesOn(carrier));
  const present = new Set(Object.keys(tags).filter(tag => unresolved.includes(tag) || tags[tag] !== ''));
  return [
    ...withoutPersonalValues(limits(known), keys.map(key => key.personal ? key.spelling(carrier) : undefined)),
    ...Object.entries(tags).flatMap(([tag, value]) => {
      const key = keys.find(candidate => candidate.match(carrier, tag) !== TagMatch.NONE);
      if (key === undefined) return [];
      return [
        ...key.match(carrier, tag) === TagMatch.VARIANT ? [spellingVariant(key, carrier, tag)] : [],
        ...unresolved.includes(tag) ? [] : checkValue(key, `${carrier}.${tag}`, value, day),
      ];
    }),
    ...checkRequired(schema, carrier, present, day),
  ];
}

/** Holds request metadata against the schema, which must know every key. */
export function checkMetadata(schema: AttributionSchema, metadata: Record<string, string>, day?: string): Problem[] {
  const carrier = Carrier.REQUEST_METADATA;
  const present = new Set(Object.keys(metadata).filter(name => metadata[name] !== ''));
  return [
    ...withoutPersonalValues(RequestMetadataSink.validateAll(metadata), schema.keys.map(key => key.personal ? key.name : undefined)),
    ...Object.entries(metadata).flatMap(([name, value]) => {
      const key = schema.key(name);
      return key?.ridesOn(carrier) === true ? checkValue(key, `${carrier}.${name}`, value, day) : [unknownKey(schema, name)];
    }),
    ...checkRequired(schema, carrier, present, day),
  ];
}

/** A value that was not hashed by mistake must not end in a log by way of an error message. */
function withoutPersonalValues(problems: Problem[], personal: (string | undefined)[]): Problem[] {
  return problems.map(problem => {
    const [, ...key] = problem.path.split('.');
    // in whatever case: a value is no less personal for a key that is misspelt
    if (!personal.some(name => name?.toLowerCase() === key.join('.').toLowerCase())) return problem;
    return newProblem({ ...problem, got: 'a personal value', remedy: 'send its keyed hash in hexadecimal digits' });
  });
}

/** The rules for the values of one key; a personal value arrives hashed, and a hash keeps no rule but those of its sink. */
export function checkValue(key: AttributionKey, path: string, value: string, day?: string): Problem[] {
  // a required key without a value is reported as missing
  if (key.personal || (value === '' && key.isRequiredOn(day))) return [];
  if (key.allowedValues?.includes(value) === false) {
    const allowed = `one of ${key.allowedValues.map(item => JSON.stringify(item)).join(', ')}`;
    return [newProblem({ code: 'value', path, got: value, allowed, remedy: 'use one of them, or widen allowedValues in the schema' })];
  }
  if (key.pattern !== undefined && !matchesPattern(key.pattern, value)) {
    return [newProblem({ code: 'value', path, got: value, allowed: `text that matches ${key.pattern}`, remedy: 'correct it, or widen pattern in the schema' })];
  }
  return [];
}

/** Whether the whole text matches the pattern of a key. */
export function matchesPattern(pattern: string, text: string): boolean {
  return wholeText(wholePattern(pattern)).test(text);
}

/** The pattern of a key as one that holds for a whole text, in the words of JSON Schema. */
export function wholePattern(pattern: string): string {
  return `^(?:${pattern})$`;
}

/** A required key is there under its own spelling, in whatever case, or under the one of a key that it replaced. An empty value is none. */
function checkRequired(schema: AttributionSchema, carrier: Carrier, present: Set<string>, day?: string): Problem[] {
  return schema.activeKeys.filter(key => key.ridesOn(carrier) && key.isRequiredOn(day)).flatMap(key => {
    const spelling = key.spelling(carrier);
    if (present.has(spelling)) return [];
    const former = schema.deprecatedNames(key.name).flatMap(name => schema.key(name) ?? []);
    const accepted = [key, ...former.filter(candidate => candidate.ridesOn(carrier))];
    if ([...present].some(found => accepted.some(candidate => candidate.match(carrier, found) !== TagMatch.NONE))) return [];
    const allowed = 'a value that is not empty';
    return [newProblem({ code: 'missingKey', path: `${carrier}.${spelling}`, got: undefined, allowed, remedy: `add ${spelling}, the schema requires it` })];
  });
}

function spellingVariant(key: AttributionKey, carrier: Carrier, tag: string): Problem {
  return newProblem({
    code: 'spellingVariant',
    path: `${carrier}.${tag}`,
    got: tag,
    allowed: key.spelling(carrier),
    remedy: 'write it like that: IAM ignores the case of a tag key, but the bill keeps each spelling as a tag of its own',
  });
}

function unknownKey(schema: AttributionSchema, name: string): Problem {
  const names = schema.tagKeys(Carrier.REQUEST_METADATA);
  const near = names.find(known => known.toLowerCase() === name.toLowerCase());
  return newProblem({
    code: 'unknownKey',
    path: `${Carrier.REQUEST_METADATA}.${name}`,
    got: name,
    allowed: `one of ${names.join(', ')}`,
    remedy: near === undefined ? 'leave it out, or add it to the schema' : `write ${near}: request metadata is read exactly as it is written`,
  });
}
