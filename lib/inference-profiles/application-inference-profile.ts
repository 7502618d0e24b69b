import { ArnFormat, type IResource, Resource } from 'aws-cdk-lib';
import * as bedrock from 'aws-cdk-lib/aws-bedrock';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { holdTags } from '../private/attribution-tags';
import { throwProblems } from '../private/errors';
import { claimParameterName } from '../private/parameter-path';
import type { AttributionSchema } from '../schema';
import { ApplicationInferenceProfileGrants } from './application-inference-profile-grants';
import type { ModelSource } from './model-source';
import { replaceableName } from './replaceable-name';
import { attributesProblems, attributionTags, profileParameter, profileProblems } from './validate-application-inference-profile';

/**
 * An application inference profile, made here or elsewhere.
 */
export interface IApplicationInferenceProfile extends IResource, bedrock.IApplicationInferenceProfileRef {
  /**
   * ARN of the profile: what to call instead of a model id.
   *
   * @attribute
   */
  readonly inferenceProfileArn: string;

  /**
   * Id of the profile, the end of its ARN.
   *
   * @attribute
   */
  readonly inferenceProfileId: string;

  /** What the profile was copied from. */
  readonly modelSource: ModelSource;

  /** Name of the parameter that the profile is published as, if it is; not known of a profile that was made elsewhere. */
  readonly parameterName?: string;

  /** Permissions on the profile. */
  readonly grants: ApplicationInferenceProfileGrants;
}

/**
 * Properties of an application inference profile.
 */
export interface ApplicationInferenceProfileProps {
  /** The foundation model or system-defined profile that calls go to. Another one replaces the profile, and its ARN changes. */
  readonly modelSource: ModelSource;

  /** The attribution keys and how they are spelled as resource tags. */
  readonly schema: AttributionSchema;

  /**
   * Whom calls are billed to: values by key name of the schema, all required keys among them.
   *
   * They become tags of the profile in the schema's spelling, and no tag of a stack or app takes their place.
   */
  readonly attribution: Record<string, string>;

  /**
   * Name of the profile: 1 to 64 letters and digits, each followed by at most one space, `_` or `-`.
   *
   * Every change but one of tags replaces a profile, and the new one is made while the old one still has its name. A name of your own is
   * taken as it is: change it along with `modelSource` and `description`, or CloudFormation cannot replace the profile.
   *
   * @default - a name made from the construct's path and from what replaces the profile, which never stands in the way
   */
  readonly inferenceProfileName?: string;

  /**
   * What the profile is for: 1 to 200 letters, digits, `:` and `.`, each followed by at most one space, `_` or `-`. Changing it replaces
   * the profile.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Name of the SSM parameter that holds ARN, source and model of the profile: a path of at most 15 levels and 954 characters.
   *
   * The default is `/bedrock-cost-attribution/inference-profiles/`, the values of the schema's required resource-tag keys in the order of
   * the schema, and the id of the source, such as
   * `/bedrock-cost-attribution/inference-profiles/payments/checkout/prod/amazon.nova-lite-v1_3a0`: whoever knows whom a call is for and
   * which model can compute it. Characters other than ASCII letters, digits, `.` and `-` are written as `_` and two lower-case hexadecimal
   * digits for each byte in UTF-8. Two profiles of a stack that would have the same name fail synthesis.
   *
   * @default - computed as above; with values or a source that are known at deployment only, synthesis fails and asks for a name
   * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
   */
  readonly parameterName?: string;

  /**
   * Whether to publish the profile as an SSM parameter: compact JSON with `inferenceProfileArn`, `sourceId` and `modelId`, which is `*`
   * where the model is not known at synthesis.
   *
   * Deploy once with `false` before the construct gets another id or path: the new parameter has the name of the old one, and
   * CloudFormation refuses it with `ParameterAlreadyExists`.
   *
   * @default true
   */
  readonly publishParameter?: boolean;
}

/**
 * What identifies a profile that was made elsewhere.
 */
export interface ApplicationInferenceProfileAttributes {
  /** ARN of the profile, `arn:<partition>:bedrock:<region>:<account>:application-inference-profile/<id>`. Account and Region count. */
  readonly inferenceProfileArn: string;

  /** What the profile was copied from, so that permissions can be given on the model behind it. */
  readonly modelSource: ModelSource;
}

abstract class ApplicationInferenceProfileBase extends Resource implements IApplicationInferenceProfile {
  public abstract readonly inferenceProfileArn: string;
  public abstract readonly inferenceProfileId: string;
  public abstract readonly modelSource: ModelSource;
  public abstract readonly parameterName?: string;

  /** Permissions on the profile. */
  public readonly grants = ApplicationInferenceProfileGrants.fromApplicationInferenceProfile(this);

  /** The reference by which other constructs take the profile. */
  public get applicationInferenceProfileRef(): bedrock.ApplicationInferenceProfileReference {
    return { inferenceProfileIdentifier: this.inferenceProfileId };
  }
}

/**
 * An application inference profile: a model with cost tags on it.
 *
 * Belongs into each workload account and Region that calls the model. Calls through it reach the bill with its tags (`resourceTags/…`),
 * once the payer account has activated these; calls that go around it do not. It serves InvokeModel, Converse and Chat Completions, but
 * neither the Responses API nor batch jobs. An account has 1,000 profiles per Region unless AWS raises the quota.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-application-inference-profiles.html
 */
export class ApplicationInferenceProfile extends ApplicationInferenceProfileBase {
  /**
   * Brings in a profile that was made elsewhere, in another account or Region too.
   */
  public static fromApplicationInferenceProfileAttributes(
    scope: Construct, id: string, attrs: ApplicationInferenceProfileAttributes,
  ): IApplicationInferenceProfile {
    class Import extends ApplicationInferenceProfileBase {
      /** Passed through. */
      public readonly inferenceProfileArn = attrs.inferenceProfileArn;
      /** Passed through. */
      public readonly modelSource = attrs.modelSource;
      /** Not known. */
      public readonly parameterName = undefined;

      /** The end of the ARN. */
      public get inferenceProfileId(): string {
        return this.stack.splitArn(this.inferenceProfileArn, ArnFormat.SLASH_RESOURCE_NAME).resourceName ?? '';
      }
    }
    throwProblems('InvalidApplicationInferenceProfileAttributes', 'the imported application inference profile', attributesProblems(attrs), scope);
    return new Import(scope, id, { environmentFromArn: attrs.inferenceProfileArn });
  }

  /**
   * ARN of the profile: what to call instead of a model id.
   *
   * @attribute
   */
  public readonly inferenceProfileArn: string;

  /** What the profile was copied from. */
  public readonly modelSource: ModelSource;

  /** Name of the parameter that the profile is published as, if it is. */
  public readonly parameterName?: string;

  /** The parameter that the profile is published as, if it is. */
  public readonly parameter?: ssm.IParameterRef;

  private readonly resource: bedrock.CfnApplicationInferenceProfile;

  constructor(scope: Construct, id: string, props: ApplicationInferenceProfileProps) {
    super(scope, id);
    const { tags, check, problems } = attributionTags(props.schema, props.attribution);
    const { parameterName, problems: parameterProblems } = profileParameter(props);
    throwProblems('InvalidApplicationInferenceProfile', 'the application inference profile', [
      ...profileProblems(props),
      ...problems,
      ...parameterProblems,
      ...parameterName === undefined ? [] : claimParameterName(parameterName, this),
    ], this);

    this.modelSource = props.modelSource;
    this.resource = this.createProfile(props);
    holdTags(this, this.resource.cdkTagManager, tags, check);
    this.inferenceProfileArn = this.resource.attrInferenceProfileArn;
    this.parameterName = parameterName;
    this.parameter = parameterName === undefined ? undefined : this.createParameter(parameterName);
  }

  /**
   * Id of the profile, the end of its ARN.
   *
   * @attribute
   */
  public get inferenceProfileId(): string {
    return this.resource.attrInferenceProfileId;
  }

  private createProfile(props: ApplicationInferenceProfileProps): bedrock.CfnApplicationInferenceProfile {
    const { modelSource, inferenceProfileName, description } = props;
    const replacing = [modelSource.sourceId, `${modelSource.isSystemProfile}`, description ?? ''];
    return new bedrock.CfnApplicationInferenceProfile(this, 'Resource', {
      inferenceProfileName: inferenceProfileName ?? replaceableName(this, replacing),
      description,
      modelSource: { copyFrom: modelSource.sourceArn(this) },
    });
  }

  private createParameter(name: string): ssm.CfnParameter {
    const { sourceId, modelId } = this.modelSource;
    // ids and ARNs have no character that JSON would escape, so that the text stays right when a placeholder in it becomes a value
    const value = JSON.stringify({ inferenceProfileArn: this.inferenceProfileArn, sourceId, modelId });
    return new ssm.CfnParameter(this, 'Parameter', { type: 'String', name, value });
  }
}
