/**
 * What attributes a call.
 */
export enum AttributionRequirement {
  /** The tags of the caller: whatever a tagged caller calls is on the bill under `iamPrincipal/<key>`. */
  PRINCIPAL_TAG = 'principalTag',

  /**
   * The tags of what is called: models run through application inference profiles only, and are on the bill under `resourceTags/<key>`. The
   * caller needs no tags, and which profiles it may call is up to its policies. It attributes inference only: ask for both where agents,
   * knowledge bases, evaluations and fine-tuning are in use, which run without a profile.
   */
  PROFILE = 'profile',

  /** Both: a tagged caller, and a profile. */
  BOTH = 'both',
}

/**
 * Which roads around attribution are closed, and for whom they stay open.
 *
 * No policy that allows more can overcome a control. All hold for `bedrock` and for `bedrock-mantle`, where the endpoint has such a thing.
 */
export interface AttributionControls {
  /**
   * What attributes a call.
   *
   * @default AttributionRequirement.PRINCIPAL_TAG
   */
  readonly require?: AttributionRequirement;

  /**
   * Names of the compared keys: those in which the caller and what it calls or creates must agree. Leave out those in which they may
   * differ, such as `service` for a profile that several services of one team share.
   *
   * @default - the required keys that ride on principal or session tags and on resource tags, and that the schema enforces
   */
  readonly comparedKeys?: string[];

  /**
   * ARNs, with `*` where parts of them vary, of the roles that write attribution tags for others: the execution role of CloudFormation
   * and that of a landing zone. They may create with other values than their own, and tag; they still need to write the required keys.
   *
   * @default - nobody: deployments with the CDK are refused as soon as they tag
   */
  readonly provisioners?: string[];

  /**
   * ARNs of the roles whose sessions may be given attribution tags, such as that of a `TenantSessionRole`, whose trust policy decides
   * which tags these are.
   *
   * @default - none
   */
  readonly approvedSessionRoles?: string[];

  /**
   * What `bedrock:InferenceProfileArn` may be when a model runs, with `*` and `?`; only for `require` with a profile.
   *
   * AWS does not document what the key holds for an application profile that wraps a system-defined one. If it names the latter in your
   * account, calls through such profiles are refused: then list the ARN of that system-defined profile here, beside
   * `arn:*:bedrock:*:*:application-inference-profile/*`, and require principal tags as well, for it can be called directly from then on.
   *
   * @default - any application inference profile
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
   */
  readonly inferenceProfileArns?: string[];

  /**
   * Blocks calls of models, jobs, agents, flows, knowledge bases and the like by a caller without one of the required tags, or with
   * an empty one.
   *
   * @default - true, if the tags of the caller are required
   */
  readonly denyUntaggedCallers?: boolean;

  /**
   * Blocks the same calls by a caller with a value that the schema does not allow, and makes `denyUntaggedCreation` look at values where
   * they need not be the creator's own. Of a `pattern`, policies hold the literal beginning. Long lists of values make policies large.
   *
   * @default - true, for callers if their tags are required; false in an `AttributionBoundary`
   */
  readonly denyUnlistedValues?: boolean;

  /**
   * Blocks calls through application inference profiles and projects whose tags differ from the caller's own in one of
   * the compared keys, or which have none.
   *
   * @default - true, if the tags of the caller are required
   */
  readonly denyForeignProfiles?: boolean;

  /**
   * Blocks making inference profiles, projects, provisioned throughput, batch jobs and asynchronous invocations without one of the
   * required resource tags, or with an empty one. Holds for provisioners as well.
   *
   * @default true
   */
  readonly denyUntaggedCreation?: boolean;

  /**
   * Blocks making the same with values that differ from the creator's own in one of the compared keys.
   *
   * @default true
   */
  readonly denyForeignCreation?: boolean;

  /**
   * Blocks tagging and untagging of Bedrock resources with attribution keys, in whatever case they are written. Where AWS asks for the
   * permission to tag when something is created with tags, only provisioners can create it.
   *
   * @default true
   */
  readonly denyResourceTagTampering?: boolean;

  /**
   * Blocks tagging and untagging of IAM roles and users with attribution keys, and creating any that have them: they are what the other
   * controls compare with.
   *
   * @default true
   */
  readonly denyPrincipalTagTampering?: boolean;

  /**
   * Blocks giving attribution tags to sessions of roles that are not approved. Sign-ins by SAML and OIDC, and callers of other accounts,
   * are not under the policies of this account: there the trust policy of the role decides alone.
   *
   * @default true
   */
  readonly denyUnapprovedSessionTags?: boolean;

  /**
   * Blocks calls with long-term API keys of Amazon Bedrock, and making such keys. Short-term keys have the identity, tags and session of
   * whoever made them.
   *
   * @default true
   */
  readonly denyLongTermApiKeys?: boolean;

  /**
   * Blocks buying capacity that is billed by time and carries no attribution: reservations of the mantle endpoint and endpoints of Bedrock
   * Marketplace. Provisioners may.
   *
   * @default true
   */
  readonly denyCapacityPurchases?: boolean;

  /**
   * Blocks the default projects of both endpoints, which have no tags: on the mantle endpoint calls that name no project, on the runtime
   * endpoint all of the Responses API.
   *
   * @default - true, if profiles are required
   */
  readonly denyDefaultProjects?: boolean;

  /**
   * Blocks prompt routers, which choose a model without the caller's profile.
   *
   * @default - true, if profiles are required
   */
  readonly denyPromptRouters?: boolean;

  /**
   * Blocks on-demand deployments of custom models, of which no profile can be made.
   *
   * @default - true, if profiles are required
   */
  readonly denyCustomModels?: boolean;

  /**
   * Blocks imported models and endpoints of Bedrock Marketplace: they are billed by the time that they run and not by the call, so that
   * no caller is on the bill.
   *
   * @default true
   */
  readonly denyImportedModels?: boolean;
}
