import { type Duration, type IResource, Resource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import type { AttributionSchema } from '../schema';
import type { FederatedIdentity } from './federated-identity';
import type { InvocationTarget } from './invocation-target';
import { SessionRole } from './session-role';
import { boundKeyProblems } from './trust-statements';

/**
 * The role of federated users, made here or elsewhere.
 */
export interface IFederatedRole extends IResource, iam.IGrantable {
  /** The role itself. */
  readonly role: iam.IRole;
}

/**
 * Properties of a federated role.
 */
export interface FederatedRoleProps {
  /** The attribution keys, their values and how they are spelled as tags. */
  readonly schema: AttributionSchema;

  /** Who vouches for the users. */
  readonly identity: FederatedIdentity;

  /** What the users may call. */
  readonly targets: InvocationTarget[];

  /**
   * What all users have in common, by key name; it becomes the tags of the role.
   *
   * @default - nothing
   */
  readonly attribution?: Record<string, string>;

  /**
   * Names of the keys that the identity provider gives to each session. Every session must have all of them, and no other tags.
   *
   * @default - the required keys that ride on session tags and that `attribution` does not have
   */
  readonly sessionKeys?: string[];

  /**
   * Name of the session key whose value has to be the name of the session, which ends the caller's ARN on the bill and in the logs.
   *
   * @default - with SAML the name that the provider asserts, with OIDC the subject of the token
   */
  readonly sessionNameKey?: string;

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
   * @default 'Calls Amazon Bedrock for federated users'
   */
  readonly description?: string;

  /**
   * How long a session may last, 1 to 12 hours.
   *
   * @default Duration.hours(1)
   */
  readonly maxSessionDuration?: Duration;
}

/**
 * A role that people sign in to with the identity provider of their company, which says whom their calls are billed to.
 *
 * Belongs into the account in which models are called, beside the provider. The provider sends claims as tags of the session; they reach
 * the bill as `iamPrincipal/<key>`. Nobody gets in without all session keys, with other tags, or with values that the schema does not
 * allow. What the provider sends about somebody is taken as it is: attribution is as good as the directory behind it. For permission
 * sets of IAM Identity Center see `FederatedPermissionSet`.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
export class FederatedRole extends Resource implements IFederatedRole {
  /**
   * Brings in a role that was made elsewhere. Its trust, tags and policies are taken as they are.
   */
  public static fromRoleArn(scope: Construct, id: string, roleArn: string): IFederatedRole {
    class Import extends Resource implements IFederatedRole {
      /** The imported role. */
      public readonly role = iam.Role.fromRoleArn(this, 'Role', roleArn);
      /** The imported role. */
      public readonly grantPrincipal = this.role;
    }
    return new Import(scope, id, { environmentFromArn: roleArn });
  }

  /** The role itself. */
  public readonly role: iam.IRole;

  /** The principal that permissions are given to. */
  public readonly grantPrincipal: iam.IPrincipal;

  constructor(scope: Construct, id: string, props: FederatedRoleProps) {
    super(scope, id);
    const { identity, sessionNameKey } = props;
    const sessions = SessionRole.of(props);
    throwProblems('InvalidFederatedRole', 'the federated role', [
      ...identity._problems,
      ...sessions.problems,
      ...boundKeyProblems('sessionNameKey', sessionNameKey, sessions.sessionKeys),
    ], this);

    const role = sessions.create(this, {
      description: 'Calls Amazon Bedrock for federated users',
      trust: {
        principal: identity._principal,
        assumeAction: identity._assumeAction,
        sessionName: sessions.valueOf(sessionNameKey) ?? identity._sessionName,
        transitiveKeys: [],
        conditions: identity._conditions,
      },
    });
    this.role = role;
    this.grantPrincipal = role;
  }
}
