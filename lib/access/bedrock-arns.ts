import type { Stack } from 'aws-cdk-lib';

/**
 * ARNs of what can be called on Amazon Bedrock, for policies that hold in one account or in many.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock-mantle.html
 */
export class BedrockArns {
  /** In the account and partition of a stack, in any Region. */
  public static inAccountOf(stack: Stack): BedrockArns {
    return new BedrockArns(stack.partition, stack.account);
  }

  /** In whichever account the policy comes to, in the partition of a stack. */
  public static inAnyAccount(stack: Stack): BedrockArns {
    return new BedrockArns(stack.partition, '*');
  }

  /** In any account and partition: for denials, which should not end where another account begins. */
  public static anywhere(): BedrockArns {
    return new BedrockArns('*', '*');
  }

  private constructor(private readonly partition: string, private readonly account: string) {}

  /** Any foundation model in any Region. */
  public get anyFoundationModel(): string {
    return `arn:${this.partition}:bedrock:*::foundation-model/*`;
  }

  /** Any foundation model in any Region, and without a Region, by which global profiles are authorized. */
  public get foundationModels(): string[] {
    return [this.anyFoundationModel, `arn:${this.partition}:bedrock:::foundation-model/*`];
  }

  /** Any application inference profile. */
  public get applicationProfiles(): string {
    return this.bedrock('application-inference-profile/*');
  }

  /** Any system-defined inference profile. */
  public get systemProfiles(): string {
    return this.systemProfile('*');
  }

  /** One system-defined inference profile, wherever it is called from. */
  public systemProfile(id: string): string {
    return this.bedrock(`inference-profile/${id}`);
  }

  /** Any project that somebody has made on the mantle endpoint. */
  public get projects(): string {
    return this.mantle('project/proj_*');
  }

  /** The project of the mantle endpoint that calls without a project go to. */
  public get defaultProject(): string {
    return this.mantle('project/default');
  }

  /** The project that Responses calls on the runtime endpoint go to. */
  public get runtimeDefaultProject(): string {
    return this.bedrock('project/default');
  }

  /** Something of the `bedrock` prefix in any Region. */
  public bedrock(resource: string): string {
    return `arn:${this.partition}:bedrock:*:${this.account}:${resource}`;
  }

  private mantle(resource: string): string {
    return `arn:${this.partition}:bedrock-mantle:*:${this.account}:${resource}`;
  }
}
