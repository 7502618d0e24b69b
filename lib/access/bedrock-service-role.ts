import { type Duration, type IResource, Resource, Token } from 'aws-cdk-lib';
import type * as bedrock from 'aws-cdk-lib/aws-bedrock';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcard } from '../private/acknowledge';
import { holdTags, spellTags, type TagCheck } from '../private/attribution-tags';
import { throwProblems } from '../private/errors';
import { type AttributionSchema, Carrier } from '../schema';
import { anyModelArns, anySystemProfileArn, invocationStatements } from './invocation-statements';

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
   * Who may assume the role, such as a service principal.
   *
   * Let nobody pass session tags (`sts:TagSession`) that he could make up: on the bill, the tag of a session takes the place of the role's.
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
   * The application inference profiles through which the service calls models: at least one, and no more than about 30, for IAM allows
   * 10,240 characters of inline policies per role. Name all of them here: a grant on another profile cannot overcome the denial.
   */
  readonly profiles: bedrock.IApplicationInferenceProfileRef[];

  /**
   * Ids of the system-defined profiles behind `profiles`, such as `eu.amazon.nova-lite-v1:0`, if calls are refused without them.
   *
   * AWS does not document whether `bedrock:InferenceProfileArn` names the application profile or the system-defined one behind it when IAM
   * decides about the model. By default it has to name the application profile. Should it name the other one, calls through profiles that
   * wrap a system-defined profile fail with `AccessDeniedException` on `foundation-model/…`, and listing the ids here lets them through.
   * The service may then call these system-defined profiles directly as well; such calls have the tags of the role on the bill and none of
   * a profile.
   *
   * @default - none: models run through `profiles` only
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
   */
  readonly wrappedSystemProfiles?: string[];

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
 * One role per service: its cost tags are on the role, and it calls models through its own profiles only.
 *
 * Belongs into the account of the service. The tags reach the bill as `iamPrincipal/…` on every call that the role makes, once the payer
 * account has activated them. The role may invoke a model on the condition that the call came through one of its profiles, and is denied
 * `bedrock:InvokeModel` and `bedrock:InvokeModelWithResponseStream` on every foundation model otherwise, whatever policies are attached to
 * it later. Models that no profile can be made of are out of its reach. Batch jobs, provisioned throughput, custom models and the
 * `bedrock-mantle` endpoint are other permissions, which it neither has nor is denied. The name of the session does not tell the
 * service: one role for two services is one line on the bill.
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
    const { schema, profiles } = props;
    const wrapped = props.wrappedSystemProfiles ?? [];
    const { tags, unresolved: unknownTags, problems } = spellTags(schema.keys, Carrier.PRINCIPAL_TAG, props.attribution);
    const check: TagCheck = (all, unresolved) => schema.validatePrincipalTags(all, { unresolved }).map(problem => problem.message);
    throwProblems('InvalidBedrockServiceRole', 'the Bedrock service role', [
      ...profiles.length === 0 ? ['profiles is empty: give at least one, for the role calls models through its profiles only'] : [],
      ...wrappedProblems(wrapped, tags),
      ...problems,
      ...check(tags, unknownTags),
    ], this);

    const role = new iam.Role(this, 'Resource', {
      assumedBy: props.assumedBy,
      roleName: props.roleName,
      description: props.description ?? 'Calls Amazon Bedrock through its own inference profiles',
      maxSessionDuration: props.maxSessionDuration,
      inlinePolicies: {
        InvokeThroughProfiles: new iam.PolicyDocument({ statements: invocationStatements(this.stack, profiles, wrapped) }),
      },
    });
    holdTags(this, (role.node.defaultChild as iam.CfnRole).tags, tags, check);
    this.acknowledgeWildcards(role);
    this.role = role;
    this.grantPrincipal = role;
  }

  private acknowledgeWildcards(role: iam.Role): void {
    const reason = 'the condition on bedrock:InferenceProfileArn ties every call to the profiles of the service';
    for (const arn of [...anyModelArns(this.stack), anySystemProfileArn(this.stack)]) acknowledgeWildcard(role, arn, reason);
  }
}

function wrappedProblems(ids: string[], tags: Record<string, string>): string[] {
  const malformed = ids.filter(id => !Token.isUnresolved(id) && !/^[a-z-]+(\.[a-zA-Z0-9-]+){2,}(:[a-zA-Z0-9.]+)*$/.test(id));
  return [
    ...malformed.map(id => `wrappedSystemProfiles has ${JSON.stringify(id)}: use the id of a system-defined profile, such as "eu.amazon.nova-lite-v1:0", not an ARN`),
    ...ids.length === 0 || Object.keys(tags).length > 0 ? [] : [
      'wrappedSystemProfiles is given but attribution has no principal tag, so that direct calls would go unattributed: leave it out, or let a key ride on principal tags',
    ],
  ];
}
