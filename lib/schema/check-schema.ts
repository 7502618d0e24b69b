import type { AttributionKey } from './attribution-key';
import { Cardinality } from './attribution-key';
import { Carrier } from './carrier';
import { Limits } from './limits';
import type { ProblemParts } from './new-problem';
import { newProblem } from './new-problem';
import type { Problem } from './problem';
import { ReservedNames } from './reserved-names';
import { PrincipalTagSink, RequestMetadataSink, ResourceTagSink } from './sinks';
import { checkTagKey } from './sinks/check-tags';

const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const NAME_LENGTH = 64;

/** What JavaScript, Java and RE2 do not read alike: lookaround, named groups and back-references. */
const ENGINE_SPECIFIC = /\(\?[=!<P]|\\[1-9k]/;

/** Carriers that end on the bill, where every value makes lines of its own. */
export const BILLING_CARRIERS = [Carrier.RESOURCE_TAG, Carrier.PRINCIPAL_TAG, Carrier.SESSION_TAG];

/** Everything that is wrong with the meaning of a schema. */
export function checkSchema(version: number, keys: AttributionKey[]): Problem[] {
  return [
    ...checkVersion(version),
    ...keys.flatMap((key, index) => checkKey(`keys[${index}]`, key, version)),
    ...keys.flatMap((key, index) => checkSuccessor(`keys[${index}].deprecatedInFavourOf`, key, keys)),
    ...checkNames(keys),
    ...checkSpellings(keys),
    ...checkMetadataCount(keys),
  ];
}

/** Reports a problem when a rule does not hold. */
function unless(holds: boolean, parts: ProblemParts): Problem[] {
  return holds ? [] : [newProblem(parts)];
}

function checkVersion(version: number): Problem[] {
  return unless(Number.isInteger(version) && version >= 1, {
    code: 'version', path: 'version', got: version, allowed: 'a whole number from 1', remedy: 'start with 1 and count up with each change',
  });
}

function checkKey(path: string, key: AttributionKey, version: number): Problem[] {
  const { name, description, since, requiredFrom, required } = key;
  const reserved = ReservedNames.COLUMNS.includes(name) || ReservedNames.SQL_WORDS.includes(name);
  return [
    ...unless(NAME.test(name) && name.length <= NAME_LENGTH, {
      code: 'name', path: `${path}.name`, got: name, allowed: `lower snake case, 1 to ${NAME_LENGTH} characters`,
      remedy: 'write it like cost_center and keep the spelling of your tags in spellings',
    }),
    ...unless(!reserved, {
      code: 'reservedName', path: `${path}.name`, got: name, allowed: 'a name that is no column of the views and no word of SQL',
      remedy: `choose another one, such as app_${name}`,
    }),
    ...unless(description.trim() !== '', {
      code: 'description', path: `${path}.description`, got: description, allowed: 'a sentence', remedy: 'say what the key tells about a call',
    }),
    ...unless(Number.isInteger(since) && since >= 1 && since <= version, {
      code: 'since', path: `${path}.since`, got: since, allowed: `a whole number from 1 to the version of the schema, ${version}`,
      remedy: 'give the version that brought the key, or raise the version of the schema',
    }),
    ...unless(requiredFrom === undefined || required, {
      code: 'requiredFrom', path: `${path}.requiredFrom`, got: requiredFrom, allowed: 'nothing for an optional key', remedy: 'set required, or leave it out',
    }),
    ...unless(requiredFrom === undefined || isIsoDate(requiredFrom), {
      code: 'date', path: `${path}.requiredFrom`, got: requiredFrom, allowed: 'an ISO date', remedy: 'write it like 2027-01-31',
    }),
    ...checkValueRules(path, key),
    ...checkCarriers(path, key),
  ];
}

function checkValueRules(path: string, key: AttributionKey): Problem[] {
  const { allowedValues, pattern } = key;
  return [
    ...unless(allowedValues === undefined || pattern === undefined, {
      code: 'valueRules', path, got: { allowedValues, pattern }, allowed: 'allowedValues or pattern', remedy: 'leave out one of the two',
    }),
    ...unless(allowedValues?.length !== 0, {
      code: 'allowedValues', path: `${path}.allowedValues`, got: allowedValues, allowed: 'at least one value', remedy: 'list the values, or leave it out to allow any',
    }),
    ...unless(new Set(allowedValues).size === (allowedValues?.length ?? 0), {
      code: 'allowedValues', path: `${path}.allowedValues`, got: allowedValues, allowed: 'each value once', remedy: 'leave out the repetition',
    }),
    ...(allowedValues ?? []).flatMap((value, index) => checkAllowedValue(`${path}.allowedValues[${index}]`, key, value)),
    ...unless(pattern === undefined || isPattern(pattern), {
      code: 'pattern', path: `${path}.pattern`, got: pattern, allowed: 'a regular expression without lookaround, named groups and back-references',
      remedy: 'use what JavaScript, Java and RE2 read alike',
    }),
  ];
}

/** An allowed value must fit every carrier of its key; on a carrier that gets a hash instead, the value never arrives. */
function checkAllowedValue(path: string, key: AttributionKey, value: string): Problem[] {
  const empty = unless(value !== '', {
    code: 'allowedValues', path, got: value, allowed: 'at least one character', remedy: 'leave the value out, an empty one attributes nothing',
  });
  if (key.personal) return empty;
  const problems = [
    ...key.ridesOn(Carrier.RESOURCE_TAG) ? ResourceTagSink.validate('key', value) : [],
    ...key.ridesOn(Carrier.PRINCIPAL_TAG) || key.ridesOn(Carrier.SESSION_TAG) ? PrincipalTagSink.validate('key', value) : [],
    ...key.ridesOn(Carrier.REQUEST_METADATA) ? RequestMetadataSink.validate('key', value) : [],
  ];
  return [...empty, ...problems.map(problem => newProblem({ ...problem, path: `${path} as ${problem.path.split('.')[0]}`, got: value }))];
}

function checkCarriers(path: string, { carriers, cardinality }: AttributionKey): Problem[] {
  return [
    ...unless(carriers.length > 0, {
      code: 'carriers', path: `${path}.carriers`, got: carriers, allowed: 'at least one carrier', remedy: 'leave it out to take them all',
    }),
    ...unless(cardinality !== Cardinality.HIGH || !carriers.some(carrier => BILLING_CARRIERS.includes(carrier)), {
      code: 'highCardinality', path: `${path}.carriers`, got: carriers, allowed: `${Carrier.REQUEST_METADATA} alone for a high-cardinality key`,
      remedy: 'leave out the tags: on the bill every value makes lines of its own',
    }),
  ];
}

function checkSuccessor(path: string, key: AttributionKey, keys: AttributionKey[]): Problem[] {
  const { deprecatedInFavourOf: successor } = key;
  if (successor === undefined) return [];
  const chain = new Set([key.name]);
  let next: string | undefined = successor;
  while (next !== undefined && !chain.has(next)) {
    chain.add(next);
    next = keys.find(({ name }) => name === next)?.deprecatedInFavourOf;
  }
  return [
    ...unless(keys.some(({ name }) => name === successor), {
      code: 'successor', path, got: successor, allowed: 'the name of another key of the schema', remedy: 'add that key, or correct the name',
    }),
    ...unless(next === undefined, {
      code: 'successorCycle', path, got: [...chain, next], allowed: 'a chain that ends at a key in use', remedy: 'leave the last successor in use',
    }),
  ];
}

function checkNames(keys: AttributionKey[]): Problem[] {
  const names = keys.map(({ name }) => name);
  return [
    ...unless(keys.some(({ deprecatedInFavourOf }) => deprecatedInFavourOf === undefined), {
      code: 'noKeys', path: 'keys', got: names, allowed: 'at least one key in use', remedy: 'add a key such as team',
    }),
    ...names.flatMap((name, index) => unless(names.indexOf(name) === index, {
      code: 'duplicateName', path: `keys[${index}].name`, got: name, allowed: 'each name once', remedy: 'leave out one of the two',
    })),
    ...names.flatMap((name, index) => unless(!ReservedNames.SUFFIXES.some(suffix => names.some(other => name === `${other}_${suffix}`)), {
      code: 'reservedName', path: `keys[${index}].name`, got: name, allowed: 'a name that is no column which the views make of another key',
      remedy: `choose another one, such as app_${name}`,
    })),
  ];
}

/** Tags are read whatever their case, and tags of principals and sessions meet in one column: there a spelling must belong to one key. */
function checkSpellings(keys: AttributionKey[]): Problem[] {
  const owners = new Map<string, string>();
  return keys.flatMap((key, index) => BILLING_CARRIERS.filter(carrier => key.ridesOn(carrier)).flatMap(carrier => {
    const spelling = key.spelling(carrier);
    const path = `keys[${index}].spellings.${carrier}`;
    const place = `${carrier === Carrier.RESOURCE_TAG ? 'resource' : 'principal'}/${spelling.toLowerCase()}`;
    const owner = owners.get(place) ?? key.name;
    owners.set(place, owner);
    const limit = carrier === Carrier.RESOURCE_TAG ? Limits.RESOURCE_TAG_KEY : Limits.PRINCIPAL_TAG_KEY;
    return [
      ...checkTagKey(path, spelling, limit),
      ...unless(owner === key.name, {
        code: 'duplicateSpelling', path, got: spelling, allowed: `a spelling that is not the one of ${owner}, upper and lower case apart`,
        remedy: 'give one of the two keys another spelling',
      }),
    ];
  }));
}

function checkMetadataCount(keys: AttributionKey[]): Problem[] {
  const count = keys.filter(key => key.deprecatedInFavourOf === undefined && key.ridesOn(Carrier.REQUEST_METADATA)).length;
  return unless(count <= Limits.REQUEST_METADATA_MAX_PAIRS, {
    code: 'metadataCount', path: 'keys', got: count, allowed: `at most ${Limits.REQUEST_METADATA_MAX_PAIRS} keys in use on ${Carrier.REQUEST_METADATA}`,
    remedy: 'take some off that carrier',
  });
}

/** Whether a text is a day of the calendar, written as `2027-01-31`. */
export function isIsoDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
  } catch {
    return false;
  }
  return text !== '' && !ENGINE_SPECIFIC.test(text);
}
