import { Duration, type IResource, Resource, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import type { AttributionSchema } from '../schema';
import type { InvocationTarget } from './invocation-target';
import { SessionRole } from './session-role';
import { TenantSessionRoleGrants } from './tenant-session-role-grants';
import { boundKeyProblems, sessionKeysOf } from './trust-statements';

/**
 * The role of a gateway's tenants, made here or elsewhere.
 */
export interface ITenantSessionRole extends IResource {
  /** The role itself. */
  readonly role: iam.IRole;

  /** Permissions on the role. */
  readonly grants: TenantSessionRoleGrants;
}

/**
 * Properties of a tenant session role.
 */
export interface TenantSessionRoleProps {
  /** The attribution keys, their values and how they are spelled as tags. */
  readonly schema: AttributionSchema;

  /**
   * The role that the gateway runs with, and the only one that may start sessions. It is given the permission to, unless it is imported
   * from another account.
   */
  readonly gateway: iam.IRole;

  /** What all tenants have in common, such as the gateway's team, service and stage: values by key name, which become tags of the role. */
  readonly attribution: Record<string, string>;

  /** What the tenants may call. */
  readonly targets: InvocationTarget[];

  /**
   * Names of the keys that the gateway gives to each session. Every session must have all of them, and no other tags.
   *
   * @default - the required keys that ride on session tags and that `attribution` does not have
   */
  readonly sessionKeys?: string[];

  /**
   * Name of the session key whose value has to be the name of the session, which ends the caller's ARN on the bill and in the logs. Such
   * values have 2 to 64 ASCII letters, digits and `_+=,.@-`.
   *
   * @default - the first session key
   */
  readonly sessionNameKey?: string;

  /**
   * Name of the session key whose value has to be the source identity of the session, which CloudTrail keeps through all further sessions.
   *
   * @default - sessions need no source identity, and may have none
   */
  readonly sourceIdentityKey?: string;

  /**
   * Names of session keys whose tags stay when a session starts another one.
   *
   * @default - none, and the gateway cannot make any stay
   */
  readonly transitiveKeys?: string[];

  /**
   * The external id that the gateway must send, if it works in an account of somebody else: 2 to 1224 characters.
   *
   * @default - nothing
   */
  readonly externalId?: string;

  /**
   * Whether the trust policy checks the values of the tags. It has little room: when a long list does not fit, let it check that tags are
   * there, and leave their values to the permissions of the role, which check them in any case.
   *
   * @default true
   */
  readonly checkValuesInTrust?: boolean;

  /**
   * Name of the role: 1 to 64 letters, digits and `_+=,.@-`.
   *
   * @default - CloudFormation makes a name
   */
  readonly roleName?: string;

  /**
   * What the role is for, up to 1000 characters.
   *
   * @default 'Calls Amazon Bedrock for the tenants of a gateway'
   */
  readonly description?: string;

  /**
   * How long a session may last. A role that starts sessions of another role can have them for one hour at most.
   *
   * @default Duration.hours(1)
   * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
   */
  readonly maxSessionDuration?: Duration;
}

/**
 * The role that an LLM gateway assumes for each of its tenants, so that every call has the tenant on the bill.
 *
 * Belongs into the account in which models are called. The gateway starts a session per tenant with the tenant as a session tag and as the
 * name of the session; the tags reach the bill as `iamPrincipal/<key>`. The trust policy decides what it may send: all session keys with
 * values of the schema and no others, so that it cannot change what all tenants have in common. IAM takes the gateway's word for which
 * tenant it is: derive the values from a verified token, never from a header. The gateway's own role gets no permission to call models.
 * Cache sessions per tenant: each name of a session has rows of its own on the bill, and STS limits how many are started.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
export class TenantSessionRole extends Resource implements ITenantSessionRole {
  /**
   * Brings in a role that was made elsewhere. Its trust, tags and policies are taken as they are.
   */
  public static fromRoleArn(scope: Construct, id: string, roleArn: string): ITenantSessionRole {
    class Import extends Resource implements ITenantSessionRole {
      /** The imported role. */
      public readonly role = iam.Role.fromRoleArn(this, 'Role', roleArn);
      /** Permissions on the role. */
      public readonly grants = TenantSessionRoleGrants.fromTenantSessionRole(this);
    }
    return new Import(scope, id, { environmentFromArn: roleArn });
  }

  /** The role itself. */
  public readonly role: iam.IRole;

  /** Permissions on the role. */
  public readonly grants = TenantSessionRoleGrants.fromTenantSessionRole(this);

  constructor(scope: Construct, id: string, props: TenantSessionRoleProps) {
    super(scope, id);
    const sessions = SessionRole.of(props);
    const { names, sessionKeys } = sessions;
    const sessionNameKey = props.sessionNameKey ?? sessionKeys.at(0)?.name;
    throwProblems('InvalidTenantSessionRole', 'the tenant session role', [
      ...sessions.problems,
      ...boundKeyProblems('sessionNameKey', sessionNameKey, sessionKeys),
      ...boundKeyProblems('sourceIdentityKey', props.sourceIdentityKey, sessionKeys),
      ...(props.transitiveKeys ?? []).flatMap(name => names.includes(name) ? [] : [
        `transitiveKeys has ${JSON.stringify(name)}, which is not among sessionKeys: use one of ${names.join(', ')}`,
      ]),
      ...durationProblems(props.maxSessionDuration),
      ...externalIdProblems(props.externalId),
    ], this);

    const role = sessions.create(this, {
      description: 'Calls Amazon Bedrock for the tenants of a gateway',
      trust: {
        principal: new iam.ArnPrincipal(props.gateway.roleArn),
        assumeAction: 'sts:AssumeRole',
        sessionName: sessions.valueOf(sessionNameKey),
        sourceIdentity: sessions.valueOf(props.sourceIdentityKey),
        transitiveKeys: sessionKeysOf(props.schema, props.transitiveKeys ?? []),
        conditions: props.externalId === undefined ? {} : { StringEquals: { 'sts:ExternalId': props.externalId } },
      },
    });
    this.role = role;
    this.grants.assume(props.gateway);
  }
}

function durationProblems(duration: Duration | undefined): string[] {
  if (duration === undefined || duration.isUnresolved() || duration.toSeconds() === Duration.hours(1).toSeconds()) return [];
  return [`maxSessionDuration is ${duration.toHumanString()}: use 1 hour, the most that a role may start sessions of another role for, and the least that a role may have`];
}

function externalIdProblems(externalId: string | undefined): string[] {
  if (externalId === undefined || Token.isUnresolved(externalId) || /^[\w+=,.@:/-]{2,1224}$/.test(externalId)) return [];
  return [`externalId is ${JSON.stringify(externalId)}: use 2 to 1224 ASCII letters, digits and _ + = , . @ : / -`];
}
