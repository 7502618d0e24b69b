import { Duration, Resource, Token } from 'aws-cdk-lib';
import * as sso from 'aws-cdk-lib/aws-sso';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import { PolicyLimit } from '../private/policy-size';
import { type AttributionSchema, Carrier } from '../schema';
import { BedrockArns } from './bedrock-arns';
import { targetProblems, targetStatements } from './invocation-statements';
import { InvocationTarget } from './invocation-target';
import { FEWER_TARGETS, packStatements } from './pack-statements';
import { requiredOnCaller } from './resolve-controls';
import { schemaOfSessions, untaggedSessionStatements } from './session-permissions';

/**
 * Properties of a permission set.
 */
export interface FederatedPermissionSetProps {
  /** The attribution keys, their values and how they are spelled as tags. */
  readonly schema: AttributionSchema;

  /** ARN of the instance of IAM Identity Center, `arn:<partition>:sso:::instance/ssoins-…`. */
  readonly instanceArn: string;

  /**
   * Name of the permission set, 1 to 32 letters, digits and `+=,.@-_`. The roles that it makes are called
   * `AWSReservedSSO_<name>_…`.
   */
  readonly permissionSetName: string;

  /**
   * What its users may call, in whatever account they are assigned to. Profiles and projects by their tags, since they differ from account
   * to account: `InvocationTarget.matchingTags()`.
   *
   * @default [InvocationTarget.matchingTags()]
   */
  readonly targets?: InvocationTarget[];

  /**
   * What the permission set is for, up to 700 characters.
   *
   * @default 'Calls Amazon Bedrock with attribution'
   */
  readonly description?: string;

  /**
   * How long a session may last, 1 to 12 hours.
   *
   * @default Duration.hours(1)
   */
  readonly sessionDuration?: Duration;
}

/**
 * A permission set of IAM Identity Center whose users call Amazon Bedrock with attribution only.
 *
 * Belongs into the account of Identity Center. The roles of permission sets trust Identity Center alone, and their trust cannot say which
 * tags a session needs; so the permissions do: without all required tags nobody calls a model. The tags come from the directory, by
 * attributes for access control: see `AccessControlAttributes`. The name of the session is the user's name in Identity Center.
 *
 * @see https://docs.aws.amazon.com/singlesignon/latest/userguide/abac.html
 */
export class FederatedPermissionSet extends Resource {
  /**
   * ARN of the permission set, to assign users and groups to.
   *
   * @attribute
   */
  public readonly permissionSetArn: string;

  constructor(scope: Construct, id: string, props: FederatedPermissionSetProps) {
    super(scope, id);
    const { schema, permissionSetName: name, targets = [InvocationTarget.matchingTags()], sessionDuration = Duration.hours(1) } = props;
    throwProblems('InvalidFederatedPermissionSet', 'the permission set', [
      ...!Token.isUnresolved(name) && !/^[\w+=,.@-]{1,32}$/.test(name) ? [
        `permissionSetName is ${JSON.stringify(name)}: use 1 to 32 ASCII letters, digits and + = , . @ - _`,
      ] : [],
      ...targetProblems(schema, targets),
      ...requiredOnCaller(schema).length === 0 ? [
        'the schema has no required key that rides on principal or session tags, so that nobody would be denied for lack of one: add one',
      ] : [],
      ...requiredOnCaller(schema).filter(key => !key.ridesOn(Carrier.SESSION_TAG)).map(key => (
        `the schema requires ${key.name}, which does not ride on session tags, while roles of permission sets have no others: let it ride on them`
      )),
      ...durationProblems(sessionDuration),
    ], this);

    const required = requiredOnCaller(schema);
    const sessions = schemaOfSessions(schema, schema.keys.filter(key => key.ridesOn(Carrier.SESSION_TAG)));

    const [document] = packStatements(this, [
      ...targetStatements(this, sessions, targets, BedrockArns.inAnyAccount(this.stack)),
      ...untaggedSessionStatements(schema, required, {}),
    ], { limit: PolicyLimit.INLINE, most: 1, remedy: FEWER_TARGETS });
    const permissionSet = new sso.CfnPermissionSet(this, 'Resource', {
      instanceArn: props.instanceArn,
      name,
      description: props.description ?? 'Calls Amazon Bedrock with attribution',
      sessionDuration: sessionDuration.toIsoString(),
      inlinePolicy: document,
    });
    this.permissionSetArn = permissionSet.attrPermissionSetArn;
  }
}

function durationProblems(duration: Duration): string[] {
  if (duration.isUnresolved() || (duration.toSeconds() >= 3600 && duration.toSeconds() <= 12 * 3600)) return [];
  return [`sessionDuration is ${duration.toHumanString()}: use 1 to 12 hours`];
}
