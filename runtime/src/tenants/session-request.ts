import { type AttributionKey, Carrier, PrincipalTagSink, type Problem, RequestMetadataSink, SessionNameSink } from '../../../lib/schema';
import { checkValue } from '../../../lib/schema/check-values';
import { newProblem } from '../../../lib/schema/new-problem';
import { AttributionError } from '../attribution-error';
import { kindOf } from '../kind-of';
import { hashPersonal, personalProblems } from '../personal-values';
import type { SessionRules } from './session-rules';
import type { TenantValues } from './tenant-event';

/** The session that a tenant needs. */
export interface SessionRequest {
  /** Tells sessions apart: the same for the same tags, and never for others. */
  readonly id: string;
  /** Values by the names of the keys, as STS gets them. */
  readonly sent: TenantValues;
  /** Tags by the spellings of the keys. */
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTags: readonly string[];
  readonly sessionName: string;
  readonly sourceIdentity?: string;
}

/** What was given for the keys of a session: anything may come out of a token. */
export type GivenTenant = Readonly<Record<string, unknown>>;

const SESSION_TAG = Carrier.SESSION_TAG;

/**
 * The session for values that were given, if nothing at all is wrong with them.
 *
 * @throws AttributionError `InvalidTenant`
 */
export function sessionRequest(rules: SessionRules, given: GivenTenant): { request: SessionRequest; values: TenantValues } {
  const judgeEach = (keys: readonly AttributionKey[], rides: SinkOf): (Judged & { readonly key: AttributionKey })[] => (
    keys.map(key => ({ key, ...judge(rules, key, Object.hasOwn(given, key.name) ? given[key.name] : undefined, rides) }))
  );
  const judged = judgeEach(rules.keys, sessionSinks);
  const pinned = judgeEach(rules.pinnedKeys, metadataSink);
  const problems = [...[...judged, ...pinned].flatMap(({ problems: found }) => found), ...strangers(rules, given)];
  if (problems.length > 0) throw new AttributionError('InvalidTenant', 'the tenant of the call', problems);
  const sent = Object.fromEntries(judged.map(({ key, sent: value }) => [key.name, value]));
  const tags = Object.fromEntries(judged.map(({ key, sent: value }) => [key.spelling(SESSION_TAG), value]));
  return {
    request: {
      id: JSON.stringify(Object.entries(tags)),
      sent,
      tags,
      transitiveTags: rules.transitiveTags,
      sessionName: sent[rules.sessionNameKey ?? ''],
      sourceIdentity: rules.sourceIdentityKey === undefined ? undefined : sent[rules.sourceIdentityKey],
    },
    values: Object.fromEntries([...judged, ...pinned].map(({ key, value }) => [key.name, value])),
  };
}

interface Judged {
  /** The value as it was given. */
  readonly value: string;
  /** The value as it is sent. */
  readonly sent: string;
  readonly problems: readonly Problem[];
}

/** What is wrong with a value where it is sent to. */
type SinkOf = (rules: SessionRules, key: AttributionKey, value: string) => Problem[];

function judge(rules: SessionRules, key: AttributionKey, value: unknown, sinks: SinkOf): Judged {
  const path = pathOf(key.name);
  if (value === undefined || value === '') {
    const problem = newProblem({ code: 'missingKey', path, got: value, allowed: 'a text that is not empty', remedy: 'refuse the caller, or correct where its value is found' });
    return { value: '', sent: '', problems: [problem] };
  }
  if (typeof value !== 'string') {
    const problem = newProblem({ code: 'type', path, got: kindOf(value), allowed: 'one text', remedy: 'give a function that finds the one value in the claims' });
    return { value: '', sent: '', problems: [problem] };
  }
  const { hashKey } = rules;
  if (key.personal && hashKey !== undefined) {
    const wrong = personalProblems(key, value, hashKey);
    return { value, sent: hashPersonal(value, hashKey), problems: wrong.map(problem => at(path, problem)) };
  }
  const found = [...checkValue(key, path, value), ...sinks(rules, key, value)];
  return { value, sent: value, problems: found.map(problem => at(path, problem)) };
}

function sessionSinks(rules: SessionRules, key: AttributionKey, value: string): Problem[] {
  return [
    ...PrincipalTagSink.validate(key.spelling(SESSION_TAG), value),
    ...[rules.sessionNameKey, rules.sourceIdentityKey].includes(key.name) ? SessionNameSink.validate(value) : [],
    ...key.ridesOn(Carrier.REQUEST_METADATA) ? metadataSink(rules, key, value) : [],
  ];
}

/** A pair that metadata cannot hold would be left out of it, and the tenant with it. */
function metadataSink(_rules: SessionRules, key: AttributionKey, value: string): Problem[] {
  return RequestMetadataSink.validate(key.name, value);
}

/** A value that nobody has asked for would be lost. */
function strangers({ keys, pinnedKeys }: SessionRules, given: GivenTenant): Problem[] {
  const names = [...keys, ...pinnedKeys].map(({ name }) => name);
  return Object.keys(given).filter(name => given[name] !== undefined && !names.includes(name)).map(name => newProblem({
    code: 'notTenantKey', path: pathOf(name), got: kindOf(given[name]), allowed: `values of ${names.join(', ')}`, remedy: 'leave it out, or add it to sessionKeys',
  }));
}

function pathOf(name: string): string {
  return `session.${name}`;
}

/** The same problem of a value, where the caller knows it by. */
function at(path: string, problem: Problem): Problem {
  return newProblem({ ...problem, path, got: JSON.parse(problem.got) });
}
