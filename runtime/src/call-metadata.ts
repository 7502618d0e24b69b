import type { AttributionSchema, Problem } from '../../lib/schema';
import { Carrier, Limits, RequestMetadataSink } from '../../lib/schema';
import { checkValue } from '../../lib/schema/check-values';
import { newProblem } from '../../lib/schema/new-problem';
import { wholeText } from '../../lib/schema/whole-text';
import { kindOf } from './kind-of';
import { hashPersonal, type PersonalHashKey, personalProblems } from './personal-values';

/** What happens to a call whose own values are wrong. */
export type InvalidCallPolicy =
  /** The wrong pairs are left out, and a warning is given: attribution never breaks a request. */
  | 'drop-and-warn'
  /** Characters and lengths that the service refuses are replaced and cut; what is still wrong is left out. A warning is given. */
  | 'sanitise-and-warn'
  /** The call is not made. */
  | 'throw';

/** Values by the names of keys, as they were given. */
export type Values = Readonly<Record<string, string>>;

/** What a call is stamped with, and what was wrong with its values. */
export interface CallMetadata {
  /** Pairs as they are sent; empty when there is nothing to send. */
  readonly metadata: Values;
  /** Everything that is wrong with what was given. */
  readonly problems: readonly Problem[];
}

/** The values that come with a call, from the least to the most specific. */
export interface CallLayers {
  /** Values that no call site may override. */
  readonly pinned: Values;
  /** Values that a call site may choose. */
  readonly values: Values;
}

/** What is needed to judge values. */
export interface Rules {
  readonly schema: AttributionSchema;
  readonly hashKey?: PersonalHashKey;
  /** ISO date that decides about `requiredFrom`. */
  readonly day: string;
}

const METADATA = Carrier.REQUEST_METADATA;

/**
 * What a client stamps on each of its calls: the pairs as they are sent, and what is wrong with the values that it was made with.
 *
 * @param perCall names of required keys that come with each call, and may be missing here
 */
export function baseMetadata(rules: Rules, base: Values, perCall: readonly string[]): CallMetadata {
  const elsewhere = Object.keys(base).filter(name => rules.schema.key(name)?.ridesOn(METADATA) === false);
  const { metadata, problems } = toMetadata(rules, without(base, elsewhere));
  const empty = Object.keys(metadata).length === 0;
  return {
    metadata,
    problems: [
      ...problems,
      ...elsewhere.flatMap(name => {
        const key = rules.schema.key(name);
        return key === undefined ? [] : checkValue(key, `attribution.${name}`, base[name], rules.day);
      }),
      ...metadataProblems(rules, metadata)
        .filter(problem => !(problem.code === 'missingKey' && perCall.some(name => problem.path === pathOf(name))))
        .filter(problem => !(problem.code === 'count' && empty)),
    ],
  };
}

/** What one call is stamped with, by the policy for wrong values. Under `throw`, nothing is mended: the problems are to be thrown. */
export function callMetadata(rules: Rules, base: Values, layers: CallLayers, policy: InvalidCallPolicy): CallMetadata {
  const { schema } = rules;
  const pinned = toMetadata(rules, riding(schema, layers.pinned));
  // where what is pinned cannot be sent, the value of the client would be another's
  const lost = Object.keys(layers.pinned)
    .filter(name => !Object.hasOwn(pinned.metadata, name))
    .flatMap(name => [name, ...synonyms(schema, name)]);
  const fixed = { ...without(base, lost), ...pinned.metadata };
  const isFixed = (name: string): boolean => Object.hasOwn(fixed, name) || Object.hasOwn(layers.pinned, name);
  const closed = Object.keys(layers.values).flatMap(name => {
    const by = [name, ...synonyms(schema, name)].find(isFixed);
    return by === undefined ? [] : [{ name, by }];
  });
  const own = toMetadata(rules, without(layers.values, closed.map(({ name }) => name)));
  const before = [...pinned.problems, ...overrides(rules, layers.values, closed, fixed), ...own.problems];

  const metadata = { ...fixed, ...own.metadata };
  const empty = Object.keys(metadata).length === 0;
  // an empty map is not sent at all, which is fine unless the schema requires a key
  const found = metadataProblems(rules, metadata).filter(({ code }) => !(code === 'count' && empty));
  const problems = [...before, ...found];
  if (found.length === 0 || policy === 'throw') return { metadata, problems };
  // a value that is mended would be another's: what a call site cannot choose is right, or left out
  const mendable = policy === 'sanitise-and-warn' ? Object.keys(own.metadata) : [];
  return { metadata: mended(rules, metadata, found, mendable), problems };
}

/** Pairs as they are sent: personal values hashed, or left out with the reason. */
function toMetadata({ schema, hashKey }: Rules, values: Values): CallMetadata {
  const pairs: [string, string][] = [];
  const problems: Problem[] = [];
  // JavaScript may give anything
  for (const [name, value] of Object.entries<unknown>(values)) {
    const key = schema.key(name);
    if (typeof value !== 'string') {
      problems.push(newProblem({ code: 'type', path: pathOf(name), got: kindOf(value), allowed: 'a text', remedy: 'write it as a text, or leave it out' }));
      continue;
    }
    // an empty value is no person, and its hash would pass for one
    if (key?.personal !== true || value === '') {
      pairs.push([name, value]);
      continue;
    }
    const wrong = personalProblems(key, value, hashKey);
    problems.push(...wrong);
    if (wrong.length === 0 && hashKey !== undefined) pairs.push([name, hashPersonal(value, hashKey)]);
  }
  // unlike an assignment, this also takes a pair that a call site names __proto__
  return { metadata: Object.fromEntries(pairs), problems };
}

/** The other names that are read as the same key, since one was deprecated in favour of the other. */
export function synonyms(schema: AttributionSchema, name: string): string[] {
  const successor = schema.key(name)?.deprecatedInFavourOf;
  if (successor === undefined) return schema.deprecatedNames(name);
  return [successor, ...synonyms(schema, successor)].filter(other => other !== name);
}

/** A value of a call site for a key that is closed to it, by the name under which the key is fixed. */
interface Closed {
  readonly name: string;
  readonly by: string;
}

/** Call sites that say something else than what is fixed. */
function overrides(rules: Rules, values: Values, closed: readonly Closed[], fixed: Values): Problem[] {
  const said = toMetadata(rules, Object.fromEntries(closed.map(({ name }) => [name, values[name]]))).metadata;
  const isPersonal = (name: string): boolean => rules.schema.key(name)?.personal === true;
  return closed.filter(({ name, by }) => said[name] !== fixed[by]).map(({ name, by }) => newProblem({
    code: 'fixedKey',
    path: pathOf(name),
    got: isPersonal(name) || isPersonal(by) ? 'a personal value' : said[name] ?? kindOf(values[name]),
    allowed: `the value of ${by} that the client or the session of the tenant has`,
    remedy: 'leave it out: a call cannot override it',
  }));
}

/** What is wrong with pairs. The value of an unknown key is in no message: it may be that of a personal key which is spelled otherwise. */
function metadataProblems({ schema, day }: Rules, metadata: Values): Problem[] {
  const strange = new Set(Object.keys(metadata).filter(name => schema.key(name) === undefined).map(pathOf));
  return schema.validateRequestMetadata(metadata, day).filter(({ code, path }) => code === 'unknownKey' || !strange.has(path));
}

/** What is left when everything wrong is put right, where it may be, or left out. */
function mended({ schema, day }: Rules, metadata: Values, found: readonly Problem[], mendable: readonly string[]): Values {
  const left: Record<string, string> = { ...metadata };
  const isWrong = (name: string): boolean => found.some(({ path, code }) => path === pathOf(name) && code !== 'missingKey');
  for (const name of mendable.filter(isWrong)) left[name] = sanitise(left[name]);
  const wrong = new Set(schema.validateRequestMetadata(left, day).flatMap(({ path, code }) => code === 'missingKey' ? [] : [path]));
  let pairs = Object.entries(left).filter(([name]) => !wrong.has(pathOf(name)));
  // the latest pairs go first: what the client itself stands for is at the beginning
  while (pairs.length > 0 && RequestMetadataSink.validateAll(Object.fromEntries(pairs)).length > 0) pairs = pairs.slice(0, -1);
  return Object.fromEntries(pairs);
}

/** The nearest text that the service takes as a value. */
function sanitise(value: string): string {
  const { maxLength, pattern } = Limits.REQUEST_METADATA_VALUE;
  const legal = wholeText(pattern);
  return Array.from(value, character => legal.test(character) ? character : '_').slice(0, maxLength).join('');
}

function riding(schema: AttributionSchema, values: Values): Values {
  return without(values, Object.keys(values).filter(name => schema.key(name)?.ridesOn(METADATA) === false));
}

function without(values: Values, names: readonly string[]): Values {
  return names.length === 0 ? values : Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

function pathOf(name: string): string {
  return `${METADATA}.${name}`;
}
