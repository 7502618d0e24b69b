import { ArnFormat, type Stack } from 'aws-cdk-lib';
import type * as bedrock from 'aws-cdk-lib/aws-bedrock';
import * as iam from 'aws-cdk-lib/aws-iam';
import { foundationModelArn, profileArn } from '../private/arns';
import { GET_ACTION, INVOKE_ACTIONS } from '../private/bedrock-actions';

/**
 * Any foundation model in any Region, and without a Region, by which global profiles are authorized.
 */
export function anyModelArns(stack: Stack): string[] {
  return ['*', ''].map(region => foundationModelArn(stack, region, '*'));
}

/** Any system-defined profile of the account, in any Region. */
export function anySystemProfileArn(stack: Stack): string {
  return systemProfileArn(stack, '*', '*');
}

function systemProfileArn(stack: Stack, id: string, region?: string): string {
  return stack.formatArn({ service: 'bedrock', region, resource: 'inference-profile', resourceName: id, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
}

/**
 * What a principal may do that calls models through some profiles only.
 *
 * A call through a profile is authorized three times: on the profile, on the system-defined profile that it may wrap, and on the model
 * in each Region that may run it. The condition on the model ties all three to the given profiles; which models these wrap need not be
 * known, and so the size of the policy does not grow with models and Regions. A call without any profile has no
 * `bedrock:InferenceProfileArn` at all, which counts as different and is denied. So is a system-defined profile that is called directly:
 * that call names itself there.
 *
 * @param wrapped ids of system-defined profiles that the condition may name as well, since which one it names is not documented
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
 */
export function invocationStatements(
  stack: Stack, profiles: bedrock.IApplicationInferenceProfileRef[], wrapped: string[],
): iam.PolicyStatement[] {
  const profileArns = profiles.map(profileArn);
  const namedByCalls = [...profileArns, ...wrapped.map(id => systemProfileArn(stack, id))];
  return [
    new iam.PolicyStatement({
      sid: 'CallProfiles',
      actions: [GET_ACTION, ...INVOKE_ACTIONS],
      resources: [...profileArns, anySystemProfileArn(stack)],
    }),
    new iam.PolicyStatement({
      sid: 'RunModelsThroughProfiles',
      actions: INVOKE_ACTIONS,
      resources: anyModelArns(stack),
      conditions: { StringEquals: { 'bedrock:InferenceProfileArn': namedByCalls } },
    }),
    new iam.PolicyStatement({
      sid: 'RunModelsInNoOtherWay',
      effect: iam.Effect.DENY,
      actions: INVOKE_ACTIONS,
      resources: anyModelArns(stack),
      conditions: { StringNotEquals: { 'bedrock:InferenceProfileArn': namedByCalls } },
    }),
  ];
}
