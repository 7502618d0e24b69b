import { Resource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from '../private/acknowledge';
import { throwProblems } from '../private/errors';
import type { AttributionSchema } from '../schema';
import { AttributedInvocationPolicy } from './attributed-invocation-policy';
import type { AttributionControls } from './attribution-controls';
import type { InvocationTarget } from './invocation-target';
import { tagPrincipal } from './tag-principal';

/**
 * Which API keys the users of a group may call with.
 */
export enum BedrockApiKeys {
  /** None: users call with access keys or from the console. */
  NONE = 'none',

  /** Short-term keys, which last as long as the session that made them and 12 hours at most. */
  SHORT_TERM = 'shortTerm',

  /** Long-term keys too, which belong to a user until somebody deletes them. Who may make them is up to other policies. */
  LONG_TERM = 'longTerm',
}

/**
 * Properties of a group of users.
 */
export interface BedrockUserGroupProps {
  /** The attribution keys, their values and how they are spelled as tags. */
  readonly schema: AttributionSchema;

  /** What the users may call. */
  readonly targets: InvocationTarget[];

  /**
   * Which roads around attribution are closed to the users.
   *
   * @default - all that `AttributedInvocationPolicy` closes
   */
  readonly controls?: AttributionControls;

  /**
   * Which API keys the users may call with.
   *
   * @default BedrockApiKeys.SHORT_TERM
   */
  readonly apiKeys?: BedrockApiKeys;

  /**
   * Name of the group, 1 to 128 letters, digits and `+=,.@_-`.
   *
   * @default - CloudFormation makes a name
   */
  readonly groupName?: string;
}

/**
 * A user to be made in a group.
 */
export interface BedrockUserOptions {
  /** Whom the calls of the user are billed to: values by key name of the schema, all required keys among them. They become its tags. */
  readonly attribution: Record<string, string>;

  /**
   * Name of the user, 1 to 64 letters, digits and `+=,.@_-`. It ends the caller's ARN on the bill and in the logs: better no e-mail
   * address.
   *
   * @default - CloudFormation makes a name
   */
  readonly userName?: string;
}

/**
 * IAM users that call Amazon Bedrock, with access keys or with API keys: for small teams and for trying things out.
 *
 * Belongs into the account of the users. Each user carries its own cost tags, and calls without them are denied, so that a user who is
 * put into the group by hand cannot call until somebody tags it. API keys have the identity and the tags of their user and cannot carry
 * others. Roles are the better choice for all that runs unattended: see `BedrockServiceRole`.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
 */
export class BedrockUserGroup extends Resource {
  /** The group. */
  public readonly group: iam.IGroup;

  /** The managed policies of the group. */
  public readonly policies: iam.IManagedPolicy[];

  private readonly schema: AttributionSchema;
  private readonly users: Construct;

  constructor(scope: Construct, id: string, props: BedrockUserGroupProps) {
    super(scope, id);
    const apiKeys = props.apiKeys ?? BedrockApiKeys.SHORT_TERM;
    throwProblems('InvalidBedrockUserGroup', 'the group of Bedrock users', [
      ...apiKeys === BedrockApiKeys.LONG_TERM && props.controls?.denyLongTermApiKeys === true ? [
        'apiKeys is BedrockApiKeys.LONG_TERM but controls.denyLongTermApiKeys is true: leave one of them out',
      ] : [],
    ], this);

    this.schema = props.schema;
    this.users = new Construct(this, 'Users');
    const group = new iam.Group(this, 'Resource', { groupName: props.groupName });
    const policy = new AttributedInvocationPolicy(this, 'Policy', {
      schema: props.schema,
      targets: props.targets,
      ...props.controls,
      denyLongTermApiKeys: props.controls?.denyLongTermApiKeys ?? apiKeys !== BedrockApiKeys.LONG_TERM,
      description: 'Calls of Amazon Bedrock by the users of a group',
    });
    policy.attachToGroup(group);
    this.allowApiKeys(group, apiKeys);
    this.group = group;
    this.policies = policy.policies;
  }

  /**
   * Makes a user in the group, with its cost tags.
   *
   * @param id id of the construct, unique among the users of the group
   */
  public addUser(id: string, options: BedrockUserOptions): iam.User {
    const user = new iam.User(this.users, id, { userName: options.userName, groups: [this.group] });
    tagPrincipal(user, this.schema, options.attribution);
    return user;
  }

  private allowApiKeys(group: iam.Group, apiKeys: BedrockApiKeys): void {
    if (apiKeys === BedrockApiKeys.NONE) return;
    const types = apiKeys === BedrockApiKeys.LONG_TERM ? ['SHORT_TERM', 'LONG_TERM'] : ['SHORT_TERM'];
    const keys = new iam.Policy(this, 'ApiKeys', {
      groups: [group],
      // the action has no resource: what a key may call is what its user may call
      statements: [
        new iam.PolicyStatement({
          sid: 'CallWithApiKey',
          actions: ['bedrock:CallWithBearerToken'],
          resources: ['*'],
          conditions: { StringEquals: { 'bedrock:BearerTokenType': types } },
        }),
        new iam.PolicyStatement({
          sid: 'CallMantleWithApiKey',
          actions: ['bedrock-mantle:CallWithBearerToken'],
          resources: ['*'],
          conditions: { StringEquals: { 'bedrock-mantle:BearerTokenType': types } },
        }),
      ],
    });
    acknowledgeWildcard(keys, '*', 'the action has no resource, and the condition names the types of keys');
  }
}
