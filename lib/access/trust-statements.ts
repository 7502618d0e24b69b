import * as iam from 'aws-cdk-lib/aws-iam';
import { policyCharacters, PolicyLimit } from '../private/policy-size';
import { type AttributionKey, type AttributionSchema, Carrier, SessionNameSink } from '../schema';
import { trustSizeProblems } from './trust-size';
import { ANY_VALUE, isPermitted, mergeConditions, permittedValues } from './value-conditions';

/** Who may start sessions of a role, and how the sessions are tagged. */
export interface SessionTrust {
  /** The caller as the trust policy names it. */
  readonly principal: iam.IPrincipal;

  /** The action that starts a session: that of STS for the kind of caller. */
  readonly assumeAction: string;

  /** The keys whose tags every session must be given, and no others. */
  readonly sessionKeys: AttributionKey[];

  /** Whether the values of the tags are those of the schema; otherwise they only must not be empty. */
  readonly checkValues: boolean;

  /** What the name of the session must be. */
  readonly sessionName?: string;

  /** What the source identity of the session must be. */
  readonly sourceIdentity?: string;

  /** Keys whose tags the session must hand on to sessions that it starts itself; none may be handed on otherwise. */
  readonly transitiveKeys: AttributionKey[];

  /** What must hold beside. */
  readonly conditions: Conditions;
}

/** Condition operators, each with context keys and values. */
export type Conditions = Record<string, Record<string, string | string[]>>;

/** A principal with a trust policy of several statements. */
export class TrustedCaller extends iam.PrincipalBase {
  public readonly policyFragment: iam.PrincipalPolicyFragment;

  constructor(private readonly trust: SessionTrust) {
    super();
    this.policyFragment = trust.principal.policyFragment;
  }

  public dedupeString(): string | undefined {
    return undefined;
  }

  /** Writes the statements: the conditions are on the start of the session, of which the permission to tag is only a part. */
  public addToAssumeRolePolicy(document: iam.PolicyDocument): void {
    const { principal, assumeAction, sourceIdentity } = this.trust;
    document.addStatements(
      new iam.PolicyStatement({
        sid: 'StartTaggedSessions',
        principals: [principal],
        actions: [assumeAction],
        conditions: startConditions(this.trust),
      }),
      // no use alone: it takes effect with a session that the statement above lets start
      new iam.PolicyStatement({
        sid: 'TagSessions',
        principals: [principal],
        actions: ['sts:TagSession', ...sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']],
      }),
    );
  }
}

/** The tag of a session that is about to start. */
export function sessionTag(key: AttributionKey): string {
  return `aws:RequestTag/${key.spelling(Carrier.SESSION_TAG)}`;
}

/** The keys of a schema by name, which ride on session tags. */
export function sessionKeysOf(schema: AttributionSchema, names: string[]): AttributionKey[] {
  return names.flatMap(name => schema.key(name) ?? []).filter(key => key.ridesOn(Carrier.SESSION_TAG));
}

/** The keys that a session is given unless somebody names them: the required ones that the role does not have. */
export function missingKeys(schema: AttributionSchema, attribution: Record<string, string>): string[] {
  const missing = schema.activeKeys.filter(key => key.ridesOn(Carrier.SESSION_TAG) && key.isRequiredOn() && !(key.name in attribution));
  return missing.map(({ name }) => name);
}

/** What is wrong with the keys that sessions are given. */
export function sessionKeyProblems(schema: AttributionSchema, names: string[], attribution: Record<string, string>): string[] {
  const possible = schema.activeKeys.filter(key => key.ridesOn(Carrier.SESSION_TAG)).map(({ name }) => name);
  return [
    ...names.length === 0 ? ['sessionKeys is empty, and attribution has all required keys, so that all sessions would look alike: use BedrockServiceRole, or name a key'] : [],
    ...names.filter((name, index) => names.indexOf(name) !== index).map(name => `sessionKeys has ${JSON.stringify(name)} more than once`),
    ...names.filter(name => !possible.includes(name)).map(name => (
      `sessionKeys has ${JSON.stringify(name)}, which is no key in use that rides on session tags: use ${possible.join(', ')}, or change the schema`
    )),
    ...names.filter(name => name in attribution).map(name => (
      `${name} is in sessionKeys and in attribution: leave it out of one of them, for the tag of a session would take the place of the role's`
    )),
  ];
}

/** What is wrong with a key whose value names the session, or its source. */
export function boundKeyProblems(prop: string, name: string | undefined, sessionKeys: AttributionKey[]): string[] {
  if (name === undefined) return [];
  const key = sessionKeys.find(candidate => candidate.name === name);
  if (key === undefined) return [`${prop} is ${JSON.stringify(name)}, which is not among sessionKeys: use one of ${sessionKeys.map(found => found.name).join(', ')}`];
  const unfit = (key.allowedValues ?? []).flatMap(value => SessionNameSink.validate(value).map(problem => problem.message));
  return unfit.map(message => `${prop} is ${JSON.stringify(name)}, but not all its allowedValues can name a session: ${message}`);
}

/** What is wrong with the size of the trust policy of a role whose sessions are tagged: which key takes how much, and what to do. */
export function sessionTrustSizeProblems(role: iam.Role, sessionKeys: AttributionKey[], checkValues: boolean): string[] {
  const trust = role.assumeRolePolicy;
  if (trust === undefined || trustSizeProblems(role).length === 0) return [];
  const taken = sessionKeys.map(key => `${key.name} takes ${JSON.stringify(permitted(key, checkValues)).length}`).join(', ');
  const remedies = [
    ...checkValues ? ['set checkValuesInTrust to false, so that only the permissions of the role check values', 'give a pattern in place of allowedValues'] : [],
    'name fewer sessionKeys',
  ];
  return [
    `the trust policy has ${policyCharacters(role, trust)} characters, and it may have ${PolicyLimit.TRUST}, of which ${taken}: ${remedies.join(', or ')}`,
  ];
}

function permitted(key: AttributionKey, checkValues: boolean): Conditions {
  return isPermitted(sessionTag(key), checkValues ? permittedValues(key) : ANY_VALUE);
}

function startConditions({ sessionKeys, checkValues, sessionName, sourceIdentity, transitiveKeys, conditions }: SessionTrust): Conditions {
  const tagKeys = (keys: AttributionKey[]): string[] => keys.map(key => key.spelling(Carrier.SESSION_TAG));
  return mergeConditions<string | string[]>([
    ...sessionKeys.map(key => permitted(key, checkValues)),
    // holds as well where there are no tags at all, which the conditions above rule out; the case of a key counts here
    { 'ForAllValues:StringEquals': { 'aws:TagKeys': tagKeys(sessionKeys) } },
    sessionName === undefined ? {} : { StringEquals: { 'sts:RoleSessionName': sessionName } },
    sourceIdentity === undefined ? {} : { StringEquals: { 'sts:SourceIdentity': sourceIdentity } },
    { Null: { 'sts:TransitiveTagKeys': transitiveKeys.length === 0 ? 'true' : 'false' } },
    transitiveKeys.length === 0 ? {} : { 'ForAllValues:StringEquals': { 'sts:TransitiveTagKeys': tagKeys(transitiveKeys) } },
    conditions,
  ]);
}
