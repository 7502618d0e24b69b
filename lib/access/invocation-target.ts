import type * as bedrock from 'aws-cdk-lib/aws-bedrock';
import type * as bedrockmantle from 'aws-cdk-lib/aws-bedrockmantle';

/**
 * What a principal may call.
 */
export class InvocationTarget {
  /**
   * One application inference profile, and the model behind it through this profile only.
   */
  public static profile(profile: bedrock.IApplicationInferenceProfileRef): InvocationTarget {
    return new InvocationTarget({ profile });
  }

  /**
   * A system-defined profile: directly, and behind application profiles.
   *
   * Calls of it have the tags of the caller on the bill and none of a profile. Also needed where AWS turns out to name the system-defined
   * profile when an application profile wraps it: then calls fail with `AccessDeniedException` on `foundation-model/…` without this target.
   *
   * @param profileId such as `eu.amazon.nova-lite-v1:0`
   */
  public static systemProfile(profileId: string): InvocationTarget {
    return new InvocationTarget({ systemProfileId: profileId });
  }

  /**
   * One project of the mantle endpoint.
   */
  public static project(project: bedrockmantle.IProjectRef): InvocationTarget {
    return new InvocationTarget({ project });
  }

  /**
   * Every application profile and project of the account whose tags equal the caller's own.
   *
   * The policy has the same size whatever the number of models, profiles and Regions, and new ones need no change of it.
   *
   * @param keyNames names of the keys that must be equal: all of them; without any, the required keys that ride on both and that the schema
   *   enforces. Leave one out to share what differs in it.
   */
  public static matchingTags(...keyNames: string[]): InvocationTarget {
    return new InvocationTarget({ matchingKeys: keyNames });
  }

  /**
   * Any foundation model and system-defined profile directly, and the default projects of both endpoints: for callers that are attributed
   * by their own tags. Application profiles and other projects are not among them, since their tags would reach the bill as well: add
   * `matchingTags()` for the caller's own.
   */
  public static anyModel(): InvocationTarget {
    return new InvocationTarget({ anyModel: true });
  }

  /** @internal */
  public readonly _is: TargetKind;

  private constructor(kind: TargetKind) {
    this._is = kind;
  }
}

/** One of the kinds of targets. */
interface TargetKind {
  readonly profile?: bedrock.IApplicationInferenceProfileRef;
  readonly systemProfileId?: string;
  readonly project?: bedrockmantle.IProjectRef;
  readonly matchingKeys?: string[];
  readonly anyModel?: true;
}
