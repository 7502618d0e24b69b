import { type IResource, Token } from 'aws-cdk-lib';
import { foundationModelArn } from '../private/arns';

/**
 * What an application inference profile is copied from: a foundation model of one Region, or a system-defined profile that spreads calls
 * over several Regions.
 *
 * Model ids are open: a model of tomorrow needs no new release of this library.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles.html
 */
export class ModelSource {
  /**
   * A foundation model in the Region of the profile.
   *
   * @param modelId such as `amazon.nova-lite-v1:0`
   */
  public static foundationModel(modelId: string): ModelSource {
    return new ModelSource(modelId, modelId, false);
  }

  /**
   * A system-defined profile, geographic or global.
   *
   * @param profileId such as `eu.amazon.nova-lite-v1:0` or `global.anthropic.claude-sonnet-4-5-20250929-v1:0`
   * @param modelId the model behind it; by default what follows the first dot of `profileId`. Where that is not known at synthesis,
   * grants cover any model, which still can be reached through the application profile only.
   */
  public static systemProfile(profileId: string, modelId?: string): ModelSource {
    return new ModelSource(profileId, modelId ?? modelBehind(profileId), true);
  }

  /** Id of the model or of the system-defined profile. */
  public readonly sourceId: string;

  /** Id of the model; `*` where it is not known at synthesis. */
  public readonly modelId: string;

  /** Whether the source is a system-defined profile. */
  public readonly isSystemProfile: boolean;

  private constructor(sourceId: string, modelId: string, isSystemProfile: boolean) {
    this.sourceId = sourceId;
    this.modelId = modelId;
    this.isSystemProfile = isSystemProfile;
  }

  /**
   * ARN that the profile is copied from.
   *
   * A system-defined profile has the ARN of the account that uses it; a foundation model has none.
   *
   * @param profile the application inference profile
   */
  public sourceArn(profile: IResource): string {
    const { region, account } = profile.env;
    return this.isSystemProfile
      ? profile.stack.formatArn({ service: 'bedrock', region, account, resource: 'inference-profile', resourceName: this.sourceId })
      : this.modelArn(profile, region);
  }

  /**
   * ARNs of the model wherever the profile may run it.
   *
   * A system-defined profile may change its Regions at any time, so all of them are covered, and the ARN without a Region that a global
   * profile is authorized with.
   *
   * @param profile the application inference profile
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
   */
  public modelArns(profile: IResource): string[] {
    return this.isSystemProfile
      ? [this.modelArn(profile, '*'), this.modelArn(profile, '')]
      : [this.modelArn(profile, profile.env.region)];
  }

  private modelArn(profile: IResource, region: string): string {
    return foundationModelArn(profile.stack, region, this.modelId);
  }
}

function modelBehind(profileId: string): string {
  return Token.isUnresolved(profileId) ? '*' : profileId.slice(profileId.indexOf('.') + 1);
}
