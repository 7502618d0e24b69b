import type * as bedrockmantle from 'aws-cdk-lib/aws-bedrockmantle';
import * as iam from 'aws-cdk-lib/aws-iam';
import { projectArn } from '../private/arns';
import { MANTLE_INVOKE_ACTIONS } from '../private/bedrock-actions';
import { throwProblems } from '../private/errors';
import { defaultProjectProblems } from './validate-mantle-project';

const READ_ACTIONS = ['bedrock-mantle:GetProject', 'bedrock-mantle:ListTagsForResource'];

/**
 * Permissions on a project of the mantle endpoint.
 */
export class MantleProjectGrants {
  /**
   * The permissions that can be given on a project. Each fails for the default project, since what that spends is attributed to nobody.
   */
  public static fromMantleProject(project: bedrockmantle.IProjectRef): MantleProjectGrants {
    return new MantleProjectGrants(project);
  }

  private constructor(private readonly project: bedrockmantle.IProjectRef) {}

  /**
   * Lets a principal call any model on the bill of this project, and of no other: a call that names another project, or none, is refused.
   *
   * Allows `bedrock-mantle:CancelInference`, `bedrock-mantle:CreateInference`, `bedrock-mantle:GetInference`, `bedrock-mantle:GetModel`,
   * `bedrock-mantle:GetProject` and `bedrock-mantle:ListModels` on the project: make a call, follow or cancel it, and find out what can be
   * called. Left out, because no call of a model needs them, are `bedrock-mantle:DeleteInference`, which deletes a stored response,
   * `bedrock-mantle:CountTokens`, files, fine-tuning and reservations.
   *
   * Which models may be called is not limited: add a policy with the condition `bedrock-mantle:Model` for that.
   *
   * @param grantee a role, user or group; a service principal cannot hold a policy, so nothing is granted to one
   * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock-mantle.html
   */
  public invoke(grantee: iam.IGrantable): iam.Grant {
    return this.onProject(grantee, MANTLE_INVOKE_ACTIONS);
  }

  /**
   * Lets a principal look at the project and its tags.
   *
   * Allows `bedrock-mantle:GetProject` and `bedrock-mantle:ListTagsForResource` on the project.
   *
   * @param grantee a role, user or group
   */
  public read(grantee: iam.IGrantable): iam.Grant {
    return this.onProject(grantee, READ_ACTIONS);
  }

  /**
   * Lets a principal call with short-term API keys, which have its own identity and tags and live for at most 12 hours. The OpenAI and
   * Anthropic clients use them; a client that signs its requests needs no key.
   *
   * Allows `bedrock-mantle:CallWithBearerToken` on all resources, on the condition that the key is a short-term one
   * (`bedrock-mantle:BearerTokenType`). The action has no resource type, so that it cannot be limited to the project; it opens none: what a
   * key may call is decided by `invoke()`. cdk-nag (AwsSolutions-IAM5) reports the `*` on the grantee, where you acknowledge it.
   *
   * @param grantee a role, user or group
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-permissions.html
   */
  public callWithShortTermApiKey(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['bedrock-mantle:CallWithBearerToken'],
      resourceArns: ['*'],
      conditions: { StringEquals: { 'bedrock-mantle:BearerTokenType': 'SHORT_TERM' } },
    });
  }

  private onProject(grantee: iam.IGrantable, actions: string[]): iam.Grant {
    const arn = projectArn(this.project);
    throwProblems('DefaultMantleProject', 'the grant', defaultProjectProblems(arn), this.project);
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [arn] });
  }
}
