import { ArnFormat, Names, RemovalPolicy, type IResource, Resource } from 'aws-cdk-lib';
import * as bedrockmantle from 'aws-cdk-lib/aws-bedrockmantle';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { holdTags } from '../private/attribution-tags';
import { throwProblems } from '../private/errors';
import { claimParameterName } from '../private/parameter-path';
import type { AttributionSchema } from '../schema';
import { countProject } from './count-projects';
import { MantleProjectGrants } from './mantle-project-grants';
import { arnProblems, attributionTags, nameProblems, projectParameter } from './validate-mantle-project';

/**
 * A project of the mantle endpoint, made here or elsewhere.
 */
export interface IMantleProject extends IResource, bedrockmantle.IProjectRef {
  /**
   * ARN of the project, by which policies name it.
   *
   * @attribute
   */
  readonly projectArn: string;

  /**
   * Id of the project, `proj_…`, the end of its ARN.
   *
   * Callers send it with every call: as `OpenAI-Project` to the Responses and Chat Completions APIs, and as `anthropic-workspace-id` to the
   * Messages API, where a project is called a workspace. A call without it is billed to the default project, which has no tags.
   *
   * @attribute
   */
  readonly projectId: string;

  /** Permissions on the project. */
  readonly grants: MantleProjectGrants;
}

/**
 * Properties of a project of the mantle endpoint.
 */
export interface MantleProjectProps {
  /** The attribution keys and how they are spelled as resource tags. */
  readonly schema: AttributionSchema;

  /**
   * Whom calls are billed to: values by key name of the schema, all required keys among them.
   *
   * They become tags of the project in the schema's spelling, and no tag of a stack or app takes their place. They can be changed without
   * replacing the project; calls that were made before keep the values that they had.
   */
  readonly attribution: Record<string, string>;

  /**
   * Name of the project: 1 to 128 characters, and unique in the account.
   *
   * AWS has published two accounts of this name: by one it can be changed in place and has up to 128 characters, by the other a change
   * replaces the project, whose id then changes, and it has up to 64 letters and digits, each followed by at most one space, `_` or `-`.
   * Choose a name of the narrower kind, and do not change it.
   *
   * @default - a name made from the construct's path and the Region, which fits both accounts
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cloudformation-projects.html
   */
  readonly projectName?: string;

  /**
   * What becomes of the project when it leaves the stack, or when a change replaces it.
   *
   * It stays unless you ask for its removal: the id on bills and in CloudTrail still leads to a name and to tags, and callers that were not
   * told keep being attributed. When it stays, its name is taken: to deploy the same stack again, bring the project back with `cdk import`.
   * The API of the service archives projects and deletes none; an archived one takes no calls. AWS does not document whether CloudFormation
   * does the same, and whether that frees the name.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/projects.html
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Name of the SSM parameter that holds ARN and id of the project: a path of at most 15 levels and 954 characters.
   *
   * The default is `/bedrock-cost-attribution/projects/` and the values of the schema's required resource-tag keys in the order of the
   * schema, such as `/bedrock-cost-attribution/projects/payments/checkout/prod`: whoever knows whom a call is for can compute it.
   * Characters other than ASCII letters, digits, `.` and `-` are written as `_` and two lower-case hexadecimal digits for each byte in
   * UTF-8. Two projects of a stack that would have the same name fail synthesis.
   *
   * @default - computed as above; with values that are known at deployment only, synthesis fails and asks for a name
   * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
   */
  readonly parameterName?: string;

  /**
   * Whether to publish the project as an SSM parameter: compact JSON with `projectArn` and `projectId`. The parameter goes with the stack.
   *
   * Deploy once with `false` before the construct gets another id or path: the new parameter has the name of the old one, and
   * CloudFormation refuses it with `ParameterAlreadyExists`.
   *
   * @default true
   */
  readonly publishParameter?: boolean;
}

abstract class MantleProjectBase extends Resource implements IMantleProject {
  public abstract readonly projectArn: string;
  public abstract readonly projectId: string;

  /** Permissions on the project. */
  public readonly grants = MantleProjectGrants.fromMantleProject(this);

  /** The reference by which other constructs take the project. */
  public get projectRef(): bedrockmantle.ProjectReference {
    return { projectArn: this.projectArn };
  }
}

/**
 * A project of the mantle endpoint: cost tags for all models that are called in its name. The Messages API calls it a workspace.
 *
 * Belongs into each workload account and Region that calls the endpoint. Calls that name it reach the bill with its tags
 * (`resourceTags/…`), once the payer account has activated these; calls that name none go to the default project and have no tags. A
 * project serves the Responses, Chat Completions and Messages APIs of `bedrock-mantle`, not those of `bedrock-runtime`: there,
 * `ApplicationInferenceProfile` does the same for one model. Nothing tells the calls of one project apart on the bill, and the endpoint
 * writes no invocation logs. An account may have 1,000 projects: an app that makes more of them in one account and Region is warned
 * (`bedrock-cost-attribution:tooManyProjects`).
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-projects.html
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-workspaces.html
 */
export class MantleProject extends MantleProjectBase {
  /**
   * Brings in a project that was made elsewhere, in another account or Region too. Fails for the default project.
   *
   * @param projectArn `arn:<partition>:bedrock-mantle:<region>:<account>:project/proj_<id>`; account and Region count
   */
  public static fromProjectArn(scope: Construct, id: string, projectArn: string): IMantleProject {
    class Import extends MantleProjectBase {
      /** Passed through. */
      public readonly projectArn = projectArn;

      /** The end of the ARN. */
      public get projectId(): string {
        return this.stack.splitArn(projectArn, ArnFormat.SLASH_RESOURCE_NAME).resourceName ?? '';
      }
    }
    throwProblems('InvalidMantleProjectArn', 'the imported mantle project', arnProblems(projectArn), scope);
    return new Import(scope, id, { environmentFromArn: projectArn });
  }

  /**
   * ARN of the project, by which policies name it.
   *
   * @attribute
   */
  public readonly projectArn: string;

  /**
   * Id of the project, `proj_…`: what callers send as `OpenAI-Project`, and as `anthropic-workspace-id` to the Messages API.
   *
   * @attribute
   */
  public readonly projectId: string;

  /** Name of the parameter that the project is published as, if it is. */
  public readonly parameterName?: string;

  /** The parameter that the project is published as, if it is. */
  public readonly parameter?: ssm.IParameterRef;

  constructor(scope: Construct, id: string, props: MantleProjectProps) {
    super(scope, id);
    const { tags, check, problems } = attributionTags(props.schema, props.attribution);
    const { parameterName, problems: parameterProblems } = projectParameter(props);
    throwProblems('InvalidMantleProject', 'the mantle project', [
      ...nameProblems(props.projectName),
      ...problems,
      ...parameterProblems,
      ...parameterName === undefined ? [] : claimParameterName(parameterName, this),
    ], this);
    countProject(this);

    const project = new bedrockmantle.CfnProject(this, 'Resource', { name: props.projectName ?? this.uniqueName() });
    // what a creation that failed has left behind is of no use to anybody, but its name would stand in the way of the next attempt
    project.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    holdTags(this, project.cdkTagManager, tags, check);

    this.projectArn = project.attrArn;
    this.projectId = project.attrId;
    this.parameterName = parameterName;
    this.parameter = parameterName === undefined ? undefined : this.createParameter(parameterName);
  }

  /** The Region is in it because AWS says that names are unique in an account, not whether this counts for each Region. */
  private uniqueName(): string {
    return `${Names.uniqueResourceName(this, { maxLength: 44, separator: '-' })}-${this.stack.region}`;
  }

  private createParameter(name: string): ssm.CfnParameter {
    // ids and ARNs have no character that JSON would escape, so that the text stays right when a placeholder in it becomes a value
    const value = JSON.stringify({ projectArn: this.projectArn, projectId: this.projectId });
    return new ssm.CfnParameter(this, 'Parameter', { type: 'String', name, value });
  }
}
