import { Resource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import { PolicyLimit } from '../private/policy-size';
import type { AttributionSchema } from '../schema';
import type { AttributionControls } from './attribution-controls';
import { BedrockArns } from './bedrock-arns';
import { acknowledgeTargetWildcards, targetProblems, targetStatements, unreachableProblems } from './invocation-statements';
import type { InvocationTarget } from './invocation-target';
import { FEWER_CONTROLS, packStatements } from './pack-statements';
import { controlProblems, resolveControls } from './resolve-controls';
import { controlStatements } from './statements';
import { tagPrincipal } from './tag-principal';

/** Ten managed policies may be attached to one role, user or group, unless an account has it raised. */
const PACKED = { limit: PolicyLimit.MANAGED, most: 10, remedy: FEWER_CONTROLS };

/**
 * Properties of an attributed invocation policy.
 */
export interface AttributedInvocationPolicyProps extends AttributionControls {
  /** The attribution keys, their values and how they are spelled as tags. */
  readonly schema: AttributionSchema;

  /**
   * What the principal may call.
   *
   * @default - the policy allows nothing and only denies: for principals that have been allowed to call models elsewhere
   */
  readonly targets?: InvocationTarget[];

  /**
   * What the policy is for, up to 1000 characters.
   *
   * @default 'Calls Amazon Bedrock with attribution only'
   */
  readonly description?: string;
}

/**
 * A managed policy for roles, users and groups that exist already: for the roles of Lambda functions, ECS tasks, EKS pods (pod identity
 * and IRSA) and of anything else.
 *
 * Belongs into the account of its principals. It closes the roads to Bedrock on which spend is attributed to nobody, or to somebody else;
 * see `AttributionControls` for each of them. By default a caller needs all required tags with values of the schema on its role, user or
 * session, and whatever it then calls is attributed. An administrator of the account can still detach the policy, or change whom a tagged
 * role trusts: `AttributionGuardrails` hold for administrators as well, `AttributionBoundary` for roles that others make.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-iam-principal-tracking.html
 */
export class AttributedInvocationPolicy extends Resource {
  /** The managed policies: one, or several where one would be too large. All of them belong together. */
  public readonly policies: iam.ManagedPolicy[];

  private readonly schema: AttributionSchema;

  constructor(scope: Construct, id: string, props: AttributedInvocationPolicyProps) {
    super(scope, id);
    const { schema, targets = [] } = props;
    const controls = resolveControls(schema, props);
    const denials = controlStatements(controls, BedrockArns.anywhere());
    throwProblems('InvalidAttributedInvocationPolicy', 'the attributed invocation policy', [
      ...props.targets === undefined ? [] : targetProblems(schema, targets),
      ...controlProblems(schema, props),
      ...unreachableProblems(targets, controls),
      ...targets.length === 0 && denials.length === 0 ? ['it allows nothing and denies nothing: give it targets, or leave a control on'] : [],
    ], this);

    this.schema = schema;
    const statements = [
      ...targetStatements(this, schema, targets),
      ...denials,
    ];
    this.policies = packStatements(this, statements, PACKED).map((document, index) => {
      const policy = new iam.ManagedPolicy(this, index === 0 ? 'Resource' : `Resource${index + 1}`, {
        document,
        description: props.description ?? 'Calls Amazon Bedrock with attribution only',
      });
      acknowledgeTargetWildcards(policy, schema, targets);
      return policy;
    });
  }

  /**
   * Attaches the policies to a role and tags it.
   *
   * @param role any role of the account, also an imported one; make the policy in the stack of the role, if that refers to others
   * @param attribution whom the calls of the role are billed to, by key name of the schema, all required keys among them. Without it the
   *   tags are up to you, and a role that lacks one cannot call. An imported role cannot be tagged from here
   */
  public attachToRole(role: iam.IRole, attribution?: Record<string, string>): void {
    for (const policy of this.policies) policy.attachToRole(role);
    if (attribution !== undefined) tagPrincipal(role, this.schema, attribution);
  }

  /**
   * Attaches the policies to a user and tags it.
   *
   * @param user any user of the account, also an imported one
   * @param attribution as for `attachToRole()`
   */
  public attachToUser(user: iam.IUser, attribution?: Record<string, string>): void {
    for (const policy of this.policies) policy.attachToUser(user);
    if (attribution !== undefined) tagPrincipal(user, this.schema, attribution);
  }

  /**
   * Attaches the policies to a group. A group has no tags: each of its users needs them.
   *
   * @param group any group of the account, also an imported one
   */
  public attachToGroup(group: iam.IGroup): void {
    for (const policy of this.policies) policy.attachToGroup(group);
  }
}
