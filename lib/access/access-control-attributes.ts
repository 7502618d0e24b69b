import { Resource, Token } from 'aws-cdk-lib';
import * as sso from 'aws-cdk-lib/aws-sso';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import { type AttributionSchema, Carrier } from '../schema';

/**
 * Properties of the attributes for access control.
 */
export interface AccessControlAttributesProps {
  /** The attribution keys and how they are spelled as session tags. */
  readonly schema: AttributionSchema;

  /** ARN of the instance of IAM Identity Center, `arn:<partition>:sso:::instance/ssoins-…`. */
  readonly instanceArn: string;

  /**
   * Where the directory has the value of each key: paths by name of the key, such as
   * `{ team: '${path:enterprise.department}' }`. All keys that are required and ride on session tags are among them.
   *
   * @see https://docs.aws.amazon.com/singlesignon/latest/userguide/attributemappingsconcept.html
   */
  readonly paths: Record<string, string>;
}

/**
 * What IAM Identity Center says about a user as tags of the session: the attributes for access control of its instance.
 *
 * Belongs into the account of Identity Center. An instance has one such configuration, and this is all of it: where there is one already,
 * add the attributes to that instead. A user whose directory has no value for an attribute gets no tag, and is denied by
 * `FederatedPermissionSet`.
 *
 * @see https://docs.aws.amazon.com/singlesignon/latest/userguide/attributesforaccesscontrol.html
 */
export class AccessControlAttributes extends Resource {
  constructor(scope: Construct, id: string, props: AccessControlAttributesProps) {
    super(scope, id);
    const keys = props.schema.activeKeys.filter(key => key.ridesOn(Carrier.SESSION_TAG));
    const names = keys.map(({ name }) => name);
    throwProblems('InvalidAccessControlAttributes', 'the attributes for access control', [
      ...keys.filter(key => key.isRequiredOn() && !(key.name in props.paths)).map(({ name }) => (
        `paths has no ${name}, which the schema requires: say where the directory has it, such as "\${path:enterprise.department}"`
      )),
      ...Object.entries(props.paths).flatMap(([name, path]) => [
        ...names.includes(name) ? [] : [
          `paths has the key ${JSON.stringify(name)}, which is no key in use that rides on session tags: use ${names.join(', ')}, or change the schema`,
        ],
        ...Token.isUnresolved(path) || /^\$\{(path|user):[^}]+\}$/.test(path) ? [] : [
          `paths.${name} is ${JSON.stringify(path)}: use a path of the directory, such as "\${path:enterprise.department}"`,
        ],
      ]),
    ], this);

    new sso.CfnInstanceAccessControlAttributeConfiguration(this, 'Resource', {
      instanceArn: props.instanceArn,
      accessControlAttributes: keys.filter(key => key.name in props.paths).map(key => ({
        key: key.spelling(Carrier.SESSION_TAG),
        value: { source: [props.paths[key.name]] },
      })),
    });
  }
}
