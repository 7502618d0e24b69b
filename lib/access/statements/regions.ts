import * as iam from 'aws-cdk-lib/aws-iam';

/** The Region that the last authorization of a call through a global profile is made for. */
const NO_REGION = 'unspecified';

/**
 * Denies calls outside of some Regions, without harm to profiles that spread calls over Regions.
 *
 * Where such a profile runs a model, the call names the profile; the profile itself is authorized in the Region of the caller only. That
 * part of a global profile which has no Region is authorized as `unspecified`.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html
 */
export function regionStatements(regions: string[]): iam.PolicyStatement[] {
  return regions.length === 0 ? [] : [new iam.PolicyStatement({
    sid: 'CallInAllowedRegionsOnly',
    effect: iam.Effect.DENY,
    actions: [
      'bedrock-mantle:CreateFineTuningJob', 'bedrock-mantle:CreateInference', 'bedrock-mantle:CreateReservation',
      'bedrock:Create*Job', 'bedrock:CreateProvisionedModelThroughput', 'bedrock:Invoke*',
    ],
    resources: ['*'],
    conditions: {
      StringNotEquals: { 'aws:RequestedRegion': [...regions, NO_REGION] },
      Null: { 'bedrock:InferenceProfileArn': 'true' },
    },
  })];
}
