import { type AttributionKey, type AttributionSchema, Carrier, type Problem, SessionNameSink } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import type { PersonalHashKey } from '../personal-values';

/** Which keys a session has, and what else they are for. */
export interface SessionRules {
  /** The schema that the keys are of. */
  readonly schema: AttributionSchema;
  /** The keys that every session is tagged with, in the order of the options. */
  readonly keys: readonly AttributionKey[];
  /** The keys that are pinned in request metadata beside those of the session. */
  readonly pinnedKeys: readonly AttributionKey[];
  readonly sessionNameKey?: string;
  readonly sourceIdentityKey?: string;
  /** Spellings of the tags that stay when a session starts another one. */
  readonly transitiveTags: readonly string[];
  readonly hashKey?: PersonalHashKey;
}

/** The options that depend on the schema. */
export interface KeyOptions {
  readonly attribution?: object;
  readonly sessionKeys?: readonly string[];
  readonly pinnedKeys?: readonly string[];
  readonly sessionNameKey?: string;
  readonly sourceIdentityKey?: string;
  readonly transitiveKeys?: readonly string[];
  readonly personalHashKey?: PersonalHashKey;
  readonly claims?: object;
}

/** What the options mean by a schema, and everything that is wrong with that. */
export function sessionRules(schema: AttributionSchema, options: KeyOptions): { rules: SessionRules; problems: Problem[] } {
  const { pinnedKeys: pinnedNames = [], transitiveKeys = [], sourceIdentityKey, personalHashKey: hashKey } = options;
  const attribution = Object.keys(options.attribution ?? {});
  const names = options.sessionKeys ?? riding(schema, Carrier.SESSION_TAG)
    .filter(key => key.isRequiredOn() && !attribution.includes(key.name))
    .map(({ name }) => name);
  const keys = found(schema, Carrier.SESSION_TAG, names);
  const pinnedKeys = found(schema, Carrier.REQUEST_METADATA, pinnedNames);
  const sessionNameKey = options.sessionNameKey ?? keys.at(0)?.name;
  const all = [...names, ...pinnedNames];
  return {
    rules: {
      schema,
      keys,
      pinnedKeys,
      sessionNameKey,
      sourceIdentityKey,
      transitiveTags: keys.filter(({ name }) => transitiveKeys.includes(name)).map(key => key.spelling(Carrier.SESSION_TAG)),
      hashKey,
    },
    problems: [
      ...attribution.filter(name => schema.key(name) === undefined).map(name => unknown(schema, 'attribution', name)),
      ...names.length === 0 ? [nothingToTell(schema)] : [],
      ...names.flatMap((name, index) => listedProblems(schema, 'sessionKeys', Carrier.SESSION_TAG, name, [...attribution, ...names.slice(0, index)])),
      ...pinnedNames.flatMap((name, index) => (
        listedProblems(schema, 'pinnedKeys', Carrier.REQUEST_METADATA, name, [...attribution, ...names, ...pinnedNames.slice(0, index)])
      )),
      ...boundProblems('sessionNameKey', sessionNameKey, names, keys),
      ...boundProblems('sourceIdentityKey', sourceIdentityKey, names, keys),
      ...transitiveKeys.filter(name => !names.includes(name)).map(name => notAmong('transitiveKeys', name, names)),
      ...Object.keys(options.claims ?? {}).filter(name => !all.includes(name)).map(name => notAmong('claims', name, all)),
      ...hashKey !== undefined ? [] : [...keys, ...pinnedKeys].filter(key => key.personal).map(({ name }) => newProblem({
        code: 'personalHashKey',
        path: names.includes(name) ? 'sessionKeys' : 'pinnedKeys',
        got: name,
        allowed: 'keys that are not personal, without personalHashKey',
        remedy: 'give personalHashKey, or leave the key out',
      })),
    ],
  };
}

function riding(schema: AttributionSchema, carrier: Carrier): AttributionKey[] {
  return schema.activeKeys.filter(key => key.ridesOn(carrier));
}

function found(schema: AttributionSchema, carrier: Carrier, names: readonly string[]): AttributionKey[] {
  return names.flatMap(name => riding(schema, carrier).find(key => key.name === name) ?? []);
}

function nothingToTell(schema: AttributionSchema): Problem {
  return newProblem({
    code: 'sessionKeys',
    path: 'sessionKeys',
    got: [],
    allowed: 'at least one key, or all sessions would look alike',
    remedy: `name ${oneOf(riding(schema, Carrier.SESSION_TAG))}`,
  });
}

/** A key in a list of the options has to be fit for it, and may be nowhere else. */
function listedProblems(schema: AttributionSchema, path: string, carrier: Carrier, name: string, elsewhere: readonly string[]): Problem[] {
  if (elsewhere.includes(name)) {
    const allowed = 'each key once, and none that attribution has';
    const remedy = 'leave it out of one of them: tags of a session take the place of those of the role, and go into request metadata by themselves';
    return [newProblem({ code: 'duplicateKey', path, got: name, allowed, remedy })];
  }
  const key = schema.key(name);
  if (key === undefined) return [unknown(schema, path, name)];
  const allowed = `a key in use that rides on ${carrier}: ${oneOf(riding(schema, carrier))}`;
  if (key.deprecatedInFavourOf !== undefined) {
    return [newProblem({ code: 'deprecatedKey', path, got: name, allowed, remedy: `use ${key.deprecatedInFavourOf}` })];
  }
  if (key.ridesOn(carrier)) return [];
  const remedy = `leave it out, or add ${carrier} to its carriers; a key of high cardinality can ride on ${Carrier.REQUEST_METADATA} alone`;
  return [newProblem({ code: 'carrier', path, got: name, allowed, remedy })];
}

function unknown(schema: AttributionSchema, path: string, name: string): Problem {
  return newProblem({ code: 'unknownKey', path, got: name, allowed: oneOf(schema.activeKeys), remedy: 'leave it out, or add it to the schema' });
}

function notAmong(path: string, name: string, names: readonly string[]): Problem {
  const allowed = `a key of the tenant: ${names.join(', ')}`;
  return newProblem({ code: 'notTenantKey', path, got: name, allowed, remedy: 'use one of them, or add it to sessionKeys' });
}

function oneOf(keys: readonly AttributionKey[]): string {
  return keys.length === 0 ? 'none of this schema' : `one of ${keys.map(({ name }) => name).join(', ')}`;
}

/** A key whose value names the session, or its source, is a session key of which no listed value is unfit for that. */
function boundProblems(path: string, name: string | undefined, names: readonly string[], keys: readonly AttributionKey[]): Problem[] {
  if (name === undefined) return [];
  if (!names.includes(name)) return [notAmong(path, name, names)];
  const listed = keys.find(key => key.name === name && !key.personal)?.allowedValues ?? [];
  return listed.flatMap(value => SessionNameSink.validate(value)).map(problem => newProblem({
    ...problem, path: `${path} ${name}`, got: JSON.parse(problem.got), remedy: `${problem.remedy}, or choose another key`,
  }));
}
