import { Resource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcard } from '../private/acknowledge';
import { throwProblems } from '../private/errors';
import { PolicyLimit } from '../private/policy-size';
import type { AttributionSchema } from '../schema';
import type { AttributionControls } from './attribution-controls';
import { BedrockArns } from './bedrock-arns';
import { FEWER_CONTROLS, packStatements } from './pack-statements';
import { controlProblems, resolveControls } from './resolve-controls';
import { boundaryStatements } from './statements';
import { SPENDING_ACTIONS } from './statements/callers';

/**
 * Properties of an attribution boundary.
 */
export interface AttributionBoundaryProps extends AttributionControls {
  /** The attribution keys, their values and how they are spelled as tags. */
  readonly schema: AttributionSchema;

  /**
   * Name of the managed policy, for others to set as the boundary of roles that they make: 1 to 128 letters, digits and `+=,.@_-`.
   *
   * @default - CloudFormation makes a name
   */
  readonly policyName?: string;
}

/**
 * A permissions boundary that leaves everything as it is and closes the roads to Bedrock on which spend is attributed to nobody.
 *
 * Belongs into the account of the roles and users that it is set on. A boundary gives no permission: what a role may do is up to its
 * policies, within the boundary. Set it as `permissionsBoundary` of roles, or for all roles of a stack or app with
 * `iam.PermissionsBoundary.of(scope).apply(boundary.policy)`.
 *
 * A boundary is one policy, and there is little room in it. So it does not check values unless `denyUnlistedValues` is true, only that tags
 * are there and equal; and all controls fit for three compared keys, without `provisioners`, who should not wear it. Where the error says
 * that it is too large, compare fewer keys.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */
export class AttributionBoundary extends Resource {
  /** The managed policy to set as a permissions boundary. */
  public readonly policy: iam.IManagedPolicy;

  constructor(scope: Construct, id: string, props: AttributionBoundaryProps) {
    super(scope, id);
    throwProblems('InvalidAttributionBoundary', 'the attribution boundary', controlProblems(props.schema, props), this);

    // a list of values would take the room of a control; who may have which tag is held where tags are written
    const controls = resolveControls(props.schema, { ...props, denyUnlistedValues: props.denyUnlistedValues ?? false });
    // a boundary only limits: whatever it allows still has to be allowed by a policy of the role
    const statements = boundaryStatements(controls, BedrockArns.anywhere());
    const [document] = packStatements(this, statements, { limit: PolicyLimit.MANAGED, most: 1, remedy: FEWER_CONTROLS });
    const policy = new iam.ManagedPolicy(this, 'Resource', {
      managedPolicyName: props.policyName,
      description: 'Limits Amazon Bedrock to calls that are attributed',
      document,
    });
    const reason = 'a permissions boundary gives no permission: it allows all that it does not limit';
    acknowledge(policy, 'AwsSolutions-IAM5', reason); // for what is allowed beside some actions
    for (const action of ['*', ...SPENDING_ACTIONS]) acknowledge(policy, `AwsSolutions-IAM5[Action::${action}]`, reason);
    acknowledgeWildcard(policy, '*', reason);
    this.policy = policy;
  }
}
