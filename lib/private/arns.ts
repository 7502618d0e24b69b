import { Arn, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import { CfnApplicationInferenceProfile, type IApplicationInferenceProfileRef } from 'aws-cdk-lib/aws-bedrock';
import { CfnProject, type IProjectRef } from 'aws-cdk-lib/aws-bedrockmantle';

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

/**
 * ARN of a project of the mantle endpoint, whichever construct stands for it.
 *
 * The CDK's reference to its own resource is what `Ref` gives, which one edition of the documentation calls the ARN and another the id.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cloudformation-projects.html
 */
export function projectArn(project: IProjectRef): string {
  return CfnProject.isCfnProject(project) ? project.attrArn : project.projectRef.projectArn;
}

/** Whether a project is the one that calls without a project go to, even where other parts of its ARN are known at deployment only. */
export function isDefaultProject(arn: string): boolean {
  return arn.endsWith(':project/default');
}
