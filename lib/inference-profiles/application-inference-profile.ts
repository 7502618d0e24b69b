import { createHash } from 'node:crypto';
import { ArnFormat, type IResource, Names, Resource, Token } from 'aws-cdk-lib';
import * as bedrock from 'aws-cdk-lib/aws-bedrock';
import type { Construct } from 'constructs';
import { holdTags, spellTags, type TagCheck } from '../private/attribution-tags';
import { throwProblems } from '../private/errors';
import { type AttributionSchema, Carrier } from '../schema';
import { ApplicationInferenceProfileGrants } from './application-inference-profile-grants';
import type { ModelSource } from './model-source';
import { messages, profileProblems } from './validate-application-inference-profile';

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
   * Nearly every change replaces a profile, and the new one is made while the old one still has its name: a name of your own must be
   * changed along with it.
   *
   * @default - a name made from the construct's path and from what replaces the profile
   */
  readonly inferenceProfileName?: string;

  /**
   * What the profile is for: 1 to 200 letters, digits, `:` and `.`, each followed by at most one space, `_` or `-`. Changing it replaces
   * the profile.
   *
   * @default - none
   */
  readonly description?: string;
}

/**
 * What identifies a profile that was made elsewhere.
 */
export interface ApplicationInferenceProfileAttributes {
  /** ARN of the profile. */
  readonly inferenceProfileArn: string;

  /** What the profile was copied from, so that permissions can be given on the model behind it. */
  readonly modelSource: ModelSource;
}

abstract class ApplicationInferenceProfileBase extends Resource implements IApplicationInferenceProfile {
  public abstract readonly inferenceProfileArn: string;
  public abstract readonly inferenceProfileId: string;
  public abstract readonly modelSource: ModelSource;

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
   * Brings in a profile that was made elsewhere.
   */
  public static fromApplicationInferenceProfileAttributes(
    scope: Construct, id: string, attrs: ApplicationInferenceProfileAttributes,
  ): IApplicationInferenceProfile {
    class Import extends ApplicationInferenceProfileBase {
      /** Passed through. */
      public readonly inferenceProfileArn = attrs.inferenceProfileArn;
      /** Passed through. */
      public readonly modelSource = attrs.modelSource;

      /** The end of the ARN. */
      public get inferenceProfileId(): string {
        return this.stack.splitArn(this.inferenceProfileArn, ArnFormat.SLASH_RESOURCE_NAME).resourceName ?? '';
      }
    }
    return new Import(scope, id, { environmentFromArn: attrs.inferenceProfileArn });
  }

  /**
   * ARN of the profile: what to call instead of a model id.
   *
   * @attribute
   */
  public readonly inferenceProfileArn: string;

  /**
   * Id of the profile, the end of its ARN.
   *
   * @attribute
   */
  public readonly inferenceProfileId: string;

  /** What the profile was copied from. */
  public readonly modelSource: ModelSource;

  constructor(scope: Construct, id: string, props: ApplicationInferenceProfileProps) {
    super(scope, id);
    const { schema, modelSource, description } = props;
    const { tags, unresolved: unknownTags, problems } = spellTags(schema.keys, Carrier.RESOURCE_TAG, props.attribution);
    const check: TagCheck = (all, unresolved) => messages(schema.validateResourceTags(all, { unresolved }));
    throwProblems('InvalidApplicationInferenceProfile', 'the application inference profile', [
      ...profileProblems(props),
      ...problems,
      ...check(tags, unknownTags),
    ], this);

    this.modelSource = modelSource;
    const resource = new bedrock.CfnApplicationInferenceProfile(this, 'Resource', {
      inferenceProfileName: props.inferenceProfileName ?? this.replaceableName(description),
      description,
      modelSource: { copyFrom: modelSource.sourceArn(this) },
    });
    holdTags(this, resource.cdkTagManager, tags, check);
    this.inferenceProfileArn = resource.attrInferenceProfileArn;
    this.inferenceProfileId = resource.attrInferenceProfileId;
  }

  /** A name that changes with the settings that replace a profile, as far as they are known at synthesis. */
  private replaceableName(description: string | undefined): string {
    const settings = [this.modelSource.sourceId, `${this.modelSource.isSystemProfile}`, description ?? ''];
    const known = settings.map(setting => Token.isUnresolved(setting) ? '' : setting);
    const hash = createHash('sha256').update(known.join('\n')).digest('hex').slice(0, 8);
    return `${Names.uniqueResourceName(this, { maxLength: 55, separator: '-' })}-${hash}`;
  }
}
