import { Arn, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import { CfnApplicationInferenceProfile, type IApplicationInferenceProfileRef } from 'aws-cdk-lib/aws-bedrock';

/**
 * ARN of a foundation model.
 *
 * @param region code of a Region, `*` for any, or empty: global profiles are authorized with an ARN that has none
 */
export function foundationModelArn(stack: Stack, region: string, modelId: string): string {
  return stack.formatArn({ service: 'bedrock', region, account: '', resource: 'foundation-model', resourceName: modelId });
}

/**
 * ARN of an application inference profile, whichever construct stands for it.
 *
 * The CDK's reference carries an identifier only, which may be an id or an ARN.
 */
export function profileArn(profile: IApplicationInferenceProfileRef): string {
  if (CfnApplicationInferenceProfile.isCfnApplicationInferenceProfile(profile)) return profile.attrInferenceProfileArn;
  if ('inferenceProfileArn' in profile && typeof profile.inferenceProfileArn === 'string') return profile.inferenceProfileArn;

  const { inferenceProfileIdentifier } = profile.applicationInferenceProfileRef;
  if (!Token.isUnresolved(inferenceProfileIdentifier) && inferenceProfileIdentifier.startsWith('arn:')) return inferenceProfileIdentifier;
  return Arn.format({
    service: 'bedrock',
    region: profile.env.region,
    account: profile.env.account,
    resource: 'application-inference-profile',
    resourceName: inferenceProfileIdentifier,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  }, Stack.of(profile));
}
