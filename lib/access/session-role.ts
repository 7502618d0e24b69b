import type { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { holdTags } from '../private/attribution-tags';
import { PolicyLimit } from '../private/policy-size';
import type { AttributionKey, AttributionSchema } from '../schema';
import { acknowledgeTargetWildcards, targetProblems, targetStatements, unmatchedProblems } from './invocation-statements';
import type { InvocationTarget } from './invocation-target';
import { FEWER_TARGETS, packStatements } from './pack-statements';
import { schemaOfSessions, untaggedSessionStatements } from './session-permissions';
import { type PrincipalTags, principalTags } from './tag-principal';
import {
  missingKeys, sessionKeyProblems, sessionKeysOf, sessionTag, sessionTrustSizeProblems, type SessionTrust, TrustedCaller,
} from './trust-statements';

/** What decides about a role whose callers come in tagged sessions. */
export interface SessionRoleInput {
  readonly schema: AttributionSchema;
  readonly targets: InvocationTarget[];
  /** What all sessions have in common, by key name. */
  readonly attribution?: Record<string, string>;
  /** Names of the keys that each session is given; by default the required ones that `attribution` does not have. */
  readonly sessionKeys?: string[];
  readonly checkValuesInTrust?: boolean;
  readonly roleName?: string;
  readonly description?: string;
  readonly maxSessionDuration?: Duration;
}

/** Who may start sessions, and what the role is for unless somebody says so. */
export interface SessionRoleKind {
  readonly trust: Omit<SessionTrust, 'sessionKeys' | 'checkValues'>;
  readonly description: string;
}

/** A role whose callers come in tagged sessions: what all of them have in common is on the role, the rest on the session. */
export class SessionRole {
  /** A role to be checked, and then made. */
  public static of(input: SessionRoleInput): SessionRole {
    return new SessionRole(input);
  }

  /** Names of the keys that each session is given. */
  public readonly names: string[];

  /** The keys that each session is given. */
  public readonly sessionKeys: AttributionKey[];

  private readonly attribution: Record<string, string>;
  private readonly tags: PrincipalTags;

  private constructor(private readonly input: SessionRoleInput) {
    this.attribution = input.attribution ?? {};
    this.names = input.sessionKeys ?? missingKeys(input.schema, this.attribution);
    this.sessionKeys = sessionKeysOf(input.schema, this.names);
    this.tags = principalTags(input.schema, this.attribution, this.names);
  }

  /** What is wrong with it. */
  public get problems(): string[] {
    const { schema, targets } = this.input;
    const { attribution } = this;
    const present = Object.fromEntries([...Object.keys(attribution), ...this.names].map(name => [name, '']));
    return [
      ...targetProblems(schema, targets),
      ...this.tags.problems,
      ...sessionKeyProblems(schema, this.names, attribution),
      ...unmatchedProblems(schema, targets, present),
    ];
  }

  /** What stands in a policy for the value that a session is given for a key. */
  public valueOf(name: string | undefined): string | undefined {
    const key = this.sessionKeys.find(candidate => candidate.name === name);
    return key && `\${${sessionTag(key)}}`;
  }

  /** Makes the role. */
  public create(parent: Construct, kind: SessionRoleKind): iam.Role {
    const { schema, targets, checkValuesInTrust: checkValues = true, roleName, maxSessionDuration } = this.input;
    const { attribution, sessionKeys } = this;
    const [document] = packStatements(parent, [
      ...targetStatements(parent, schemaOfSessions(schema, sessionKeys), targets),
      ...untaggedSessionStatements(schema, sessionKeys, attribution),
    ], { limit: PolicyLimit.INLINE, most: 1, remedy: FEWER_TARGETS });
    const role = new iam.Role(parent, 'Resource', {
      assumedBy: new TrustedCaller({ ...kind.trust, sessionKeys, checkValues }),
      roleName,
      description: this.input.description ?? kind.description,
      maxSessionDuration,
      inlinePolicies: { CallTargets: document },
    });
    holdTags(parent, (role.node.defaultChild as iam.CfnRole).tags, this.tags.tags, this.tags.check);
    acknowledgeTargetWildcards(role, schema, targets);
    parent.node.addValidation({ validate: () => sessionTrustSizeProblems(role, sessionKeys, checkValues) });
    return role;
  }
}
