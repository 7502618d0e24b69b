import { type AttributionKey, type AttributionSchema, Carrier, type Problem, SessionNameSink } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import type { PersonalHashKey } from '../personal-values';

/** Which keys a session has, and what else they are for. */
export interface SessionRules {
  /** The schema that the keys are of. */
  readonly schema: AttributionSchema;
  /** The keys that every session is tagged with, in the order of the options. */
  readonly keys: readonly AttributionKey[];
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
  readonly sessionNameKey?: string;
  readonly sourceIdentityKey?: string;
  readonly transitiveKeys?: readonly string[];
  readonly personalHashKey?: PersonalHashKey;
  readonly claims?: object;
}

const SESSION_TAG = Carrier.SESSION_TAG;

/** What the options mean by a schema, and everything that is wrong with that. */
export function sessionRules(schema: AttributionSchema, options: KeyOptions): { rules: SessionRules; problems: Problem[] } {
  const attribution = Object.keys(options.attribution ?? {});
  const possible = schema.activeKeys.filter(key => key.ridesOn(SESSION_TAG)).map(({ name }) => name);
  const names = options.sessionKeys ?? schema.activeKeys
    .filter(key => key.ridesOn(SESSION_TAG) && key.isRequiredOn() && !attribution.includes(key.name))
    .map(({ name }) => name);
  const keys = names.filter(name => possible.includes(name)).flatMap(name => schema.key(name) ?? []);
  const sessionNameKey = options.sessionNameKey ?? keys.at(0)?.name;
  const transitiveKeys = options.transitiveKeys ?? [];
  return {
    rules: {
      schema,
      keys,
      sessionNameKey,
      sourceIdentityKey: options.sourceIdentityKey,
      transitiveTags: keys.filter(({ name }) => transitiveKeys.includes(name)).map(key => key.spelling(SESSION_TAG)),
      hashKey: options.personalHashKey,
    },
    problems: [
      ...attribution.filter(name => schema.key(name) === undefined).map(name => unknown(schema, 'attribution', name)),
      ...names.length === 0 ? [nothingToTell(possible)] : [],
      ...names.filter((name, index) => names.indexOf(name) !== index).map(name => newProblem({
        code: 'sessionKeys', path: 'sessionKeys', got: name, allowed: 'each key once', remedy: 'leave out one of the two',
      })),
      ...names.filter(name => !possible.includes(name)).map(name => unfit(schema, name, possible)),
      ...names.filter(name => attribution.includes(name)).map(name => newProblem({
        code: 'sessionKeys',
        path: 'sessionKeys',
        got: name,
        allowed: 'keys that attribution does not have',
        remedy: 'leave it out of one of them, for the tag of a session would take the place of the tag of the role',
      })),
      ...boundProblems('sessionNameKey', sessionNameKey, names, keys),
      ...boundProblems('sourceIdentityKey', options.sourceIdentityKey, names, keys),
      ...transitiveKeys.filter(name => !names.includes(name)).map(name => notAmong('transitiveKeys', name, names)),
      ...Object.keys(options.claims ?? {}).filter(name => !names.includes(name)).map(name => notAmong('claims', name, names)),
      ...options.personalHashKey !== undefined ? [] : keys.filter(key => key.personal).map(({ name }) => newProblem({
        code: 'personalHashKey',
        path: 'sessionKeys',
        got: name,
        allowed: 'keys that are not personal, without personalHashKey',
        remedy: 'give personalHashKey, or leave the key out',
      })),
    ],
  };
}

function nothingToTell(possible: readonly string[]): Problem {
  return newProblem({
    code: 'sessionKeys',
    path: 'sessionKeys',
    got: [],
    allowed: 'at least one key, or all sessions would look alike',
    remedy: `name ${oneOf(possible)}`,
  });
}

function unknown(schema: AttributionSchema, path: string, name: string): Problem {
  const allowed = oneOf(schema.activeKeys.map(key => key.name));
  return newProblem({ code: 'unknownKey', path, got: name, allowed, remedy: 'leave it out, or add it to the schema' });
}

function unfit(schema: AttributionSchema, name: string, possible: readonly string[]): Problem {
  const key = schema.key(name);
  if (key === undefined) return unknown(schema, 'sessionKeys', name);
  const allowed = `a key in use that rides on session tags: ${oneOf(possible)}`;
  if (key.deprecatedInFavourOf !== undefined) {
    return newProblem({ code: 'deprecatedKey', path: 'sessionKeys', got: name, allowed, remedy: `use ${key.deprecatedInFavourOf}` });
  }
  const remedy = `leave it out, or add ${SESSION_TAG} to its carriers, which a key of high cardinality cannot have`;
  return newProblem({ code: 'carrier', path: 'sessionKeys', got: name, allowed, remedy });
}

function notAmong(path: string, name: string, names: readonly string[]): Problem {
  return newProblem({ code: 'notSessionKey', path, got: name, allowed: `a key of sessionKeys: ${oneOf(names)}`, remedy: 'use one of them, or add it to sessionKeys' });
}

function oneOf(names: readonly string[]): string {
  return names.length === 0 ? 'none of this schema' : `one of ${names.join(', ')}`;
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
