import { type Duration, type IResource, Resource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { holdTags } from '../private/attribution-tags';
import { throwProblems } from '../private/errors';
import { PolicyLimit } from '../private/policy-size';
import type { AttributionSchema } from '../schema';
import { acknowledgeTargetWildcards, needsTaggedCaller, targetProblems, targetStatements, unmatchedProblems } from './invocation-statements';
import type { InvocationTarget } from './invocation-target';
import { FEWER_TARGETS, packStatements } from './pack-statements';
import { principalTags } from './tag-principal';
import { trustSizeProblems } from './trust-size';
import { callerTagKeys } from './value-conditions';

/**
 * The role of one service, made here or elsewhere.
 */
export interface IBedrockServiceRole extends IResource, iam.IGrantable {
  /** The role itself, to be given to a function, task or instance. */
  readonly role: iam.IRole;
}

/**
 * Properties of a Bedrock service role.
 */
export interface BedrockServiceRoleProps {
  /**
   * Who may assume the role: the service principal of what the service runs on, such as `lambda.amazonaws.com`. For pod identity of EKS,
   * `new iam.SessionTagsPrincipal(new iam.ServicePrincipal('pods.eks.amazonaws.com'))`; for IRSA an `iam.FederatedPrincipal`.
   */
  readonly assumedBy: iam.IPrincipal;

  /** The attribution keys and how they are spelled as principal tags. */
  readonly schema: AttributionSchema;

  /**
   * Whom the service's calls are billed to: values by key name of the schema, all required keys among them.
   *
   * They become tags of the role in the schema's spelling, and no tag of a stack or app takes their place.
   */
  readonly attribution: Record<string, string>;

  /**
   * What the service calls: its profiles and projects, or those that are tagged like the role.
   *
   * Name all profiles here: a grant on another one cannot overcome the denial. About 20 of them fit, for IAM allows 10,240 characters of
   * inline policies per role; with `InvocationTarget.matchingTags()` the policy has the same size for any number.
   */
  readonly targets: InvocationTarget[];

  /**
   * The most that the role may ever do, such as the policy of an `AttributionBoundary`.
   *
   * @default - no boundary
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;

  /**
   * Name of the role: 1 to 64 letters, digits and `_+=,.@-`.
   *
   * @default - CloudFormation makes a name
   */
  readonly roleName?: string;

  /**
   * What the role is for, up to 1000 characters.
   *
   * @default 'Calls Amazon Bedrock through its own inference profiles'
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
 * One role per service: its cost tags are on the role, and it calls its own profiles and projects only.
 *
 * Belongs into the account of the service. The tags reach the bill as `iamPrincipal/…` on every call that the role makes, once the payer
 * account has activated them. Nobody may give a session of the role other values: tags of a session would take their place on the bill.
 * The role may run a model on the condition that the call came through one of its profiles, and is denied `bedrock:InvokeModel` and
 * `bedrock:InvokeModelWithResponseStream` on every foundation model otherwise, whatever policies are attached to it later. For batch jobs,
 * provisioned throughput, custom models and other projects it has no permission, and no denial either: see `AttributionBoundary`.
 * The name of the session does not tell the service: one role for two services is one line on the bill.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-iam-principal-tracking.html
 */
export class BedrockServiceRole extends Resource implements IBedrockServiceRole {
  /**
   * Brings in the role of a service that was made elsewhere. Its tags and policies are taken as they are.
   */
  public static fromRoleArn(scope: Construct, id: string, roleArn: string): IBedrockServiceRole {
    class Import extends Resource implements IBedrockServiceRole {
      /** The imported role. */
      public readonly role = iam.Role.fromRoleArn(this, 'Role', roleArn);
      /** The imported role. */
      public readonly grantPrincipal = this.role;
    }
    return new Import(scope, id, { environmentFromArn: roleArn });
  }

  /** The role itself, to be given to a function, task or instance. */
  public readonly role: iam.IRole;

  /** The principal that permissions are given to. */
  public readonly grantPrincipal: iam.IPrincipal;

  constructor(scope: Construct, id: string, props: BedrockServiceRoleProps) {
    super(scope, id);
    const { schema, targets } = props;
    const { tags, problems, check } = principalTags(schema, props.attribution);
    throwProblems('InvalidBedrockServiceRole', 'the Bedrock service role', [
      ...targetProblems(schema, targets),
      ...problems,
      ...unmatchedProblems(schema, targets, props.attribution),
      ...needsTaggedCaller(targets) && Object.keys(tags).length === 0 ? [
        'targets let the role call models without a profile, but attribution has no principal tag, so that such calls would go unattributed: leave them out, or let a key ride on principal tags',
      ] : [],
    ], this);

    const statements = targetStatements(this, schema, targets);
    const [document] = packStatements(this, statements, { limit: PolicyLimit.INLINE, most: 1, remedy: FEWER_TARGETS });
    const role = new iam.Role(this, 'Resource', {
      assumedBy: props.assumedBy,
      roleName: props.roleName,
      description: props.description ?? 'Calls Amazon Bedrock through its own inference profiles',
      maxSessionDuration: props.maxSessionDuration,
      permissionsBoundary: props.permissionsBoundary,
      inlinePolicies: { CallTargets: document },
    });
    role.assumeRolePolicy?.addStatements(keepTagsOfRole(schema));
    holdTags(this, (role.node.defaultChild as iam.CfnRole).tags, tags, check);
    acknowledgeTargetWildcards(role, schema, targets);
    this.node.addValidation({ validate: () => trustSizeProblems(role) });
    this.role = role;
    this.grantPrincipal = role;
  }
}

/**
 * Denies giving attribution tags to a session of the role. On the bill and in conditions they would take the place of the role's tags,
 * whatever their case.
 */
function keepTagsOfRole(schema: AttributionSchema): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'KeepTagsOfRole',
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: ['sts:TagSession'],
    conditions: { 'ForAnyValue:StringEqualsIgnoreCase': { 'aws:TagKeys': callerTagKeys(schema) } },
  });
}
