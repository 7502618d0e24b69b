import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { GET_ACTION, INVOKE_ACTIONS } from '../private/bedrock-actions';
import { validationError } from '../private/errors';
import { parameterName as nameOfLevels } from '../schema/parameter-name';
import type { IApplicationInferenceProfile } from './application-inference-profile';

/** Beginning of the names that the library computes. */
const COMPUTED = `${nameOfLevels('inference-profiles', [])}/`;

/**
 * Permissions on an application inference profile.
 */
export class ApplicationInferenceProfileGrants {
  /**
   * The permissions that can be given on a profile.
   */
  public static fromApplicationInferenceProfile(profile: IApplicationInferenceProfile): ApplicationInferenceProfileGrants {
    return new ApplicationInferenceProfileGrants(profile);
  }

  private constructor(private readonly profile: IApplicationInferenceProfile) {}

  /**
   * Lets a principal call the model through this profile, and in no other way.
   *
   * Allows `bedrock:GetInferenceProfile`, `bedrock:InvokeModel` and `bedrock:InvokeModelWithResponseStream` on the profile and on the
   * system-defined profile behind it, and the latter two on the model in all Regions of the profile, on the condition that the call came
   * through this profile (`bedrock:InferenceProfileArn`). Calling the model or the system-defined profile directly stays impossible,
   * since each such call needs the model as well, and names another profile or none.
   *
   * AWS does not document the value of that condition for a profile that wraps a system-defined one. Should it not be the ARN of the
   * application profile, calls are refused and do not go unattributed. Then give the caller a `BedrockServiceRole` with the target
   * `InvocationTarget.systemProfile()` beside this profile: only a principal that carries cost tags itself may be let through by the
   * system-defined profile.
   *
   * For a profile that wraps a system-defined one, the ARN of the model has a wildcard for the Region, because AWS may add Regions at any
   * time; cdk-nag (AwsSolutions-IAM5) reports it on the grantee, where you acknowledge it.
   *
   * @param grantee a role, user or group, made here or imported; a service principal cannot hold a policy, so nothing is granted to one
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
   */
  public invoke(grantee: iam.IGrantable): iam.Grant {
    const { inferenceProfileArn, modelSource } = this.profile;
    const wrapped = modelSource.isSystemProfile ? [modelSource.sourceArn(this.profile)] : [];
    const profiles = iam.Grant.addToPrincipal({
      grantee,
      actions: [GET_ACTION, ...INVOKE_ACTIONS],
      resourceArns: [inferenceProfileArn, ...wrapped],
    });
    const models = iam.Grant.addToPrincipal({
      grantee,
      actions: INVOKE_ACTIONS,
      resourceArns: modelSource.modelArns(this.profile),
      conditions: { StringEquals: { 'bedrock:InferenceProfileArn': inferenceProfileArn } },
    });
    return profiles.combine(models);
  }

  /**
   * Lets a principal find the profile at run time by the parameter that it is published as, and gives it no way to call a model.
   *
   * Allows `ssm:GetParameter` and `ssm:GetParameters` on the parameter. Where its name was computed, also `ssm:GetParametersByPath` on the
   * path of the name, without recursion (`ssm:Recursive`): there lie the profiles of one service, and a client finds them all without being
   * told which there are. What lies beside a `parameterName` of your own is not known, and stays closed.
   *
   * Fails for a profile that is not published, or that was made elsewhere.
   *
   * @param grantee a role, user or group
   * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-retrieval-authorization.html
   */
  public readParameter(grantee: iam.IGrantable): iam.Grant {
    const { parameterName } = this.profile;
    if (parameterName === undefined) {
      const problem = 'the application inference profile has no parameter that is known here';
      const remedy = 'publish it with publishParameter, or grant on its parameter in the stack that makes it';
      throw validationError('ProfileNotPublished', `${problem}: ${remedy}`, this.profile);
    }
    const parameter = iam.Grant.addToPrincipal({
      grantee,
      actions: ['ssm:GetParameter', 'ssm:GetParameters'],
      resourceArns: [this.parameterArn(parameterName)],
    });
    // a name that is known at deployment only was not computed
    if (!parameterName.startsWith(COMPUTED)) return parameter;
    const path = iam.Grant.addToPrincipal({
      grantee,
      actions: ['ssm:GetParametersByPath'],
      resourceArns: [this.parameterArn(parameterName.slice(0, parameterName.lastIndexOf('/')))],
      conditions: { StringNotEquals: { 'ssm:Recursive': 'true' } },
    });
    return parameter.combine(path);
  }

  /** ARN of a parameter, or of a path of parameters: SSM takes both for the same kind of resource. */
  private parameterArn(name: string): string {
    const { region, account } = this.profile.env;
    return Stack.of(this.profile).formatArn({
      service: 'ssm', region, account, resource: `parameter${name}`, arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
  }
}
