import * as iam from 'aws-cdk-lib/aws-iam';

/**
 * Denies long-term API keys. The two endpoints have an action and a condition key each: one statement for both would hold for neither.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
 */
export function longTermApiKeyStatements(): iam.PolicyStatement[] {
  const deny = (sid: string, action: string, conditions: Record<string, Record<string, string>>): iam.PolicyStatement => (
    // these actions have no resource, or one that does not tell the service of the key
    new iam.PolicyStatement({ sid, effect: iam.Effect.DENY, actions: [action], resources: ['*'], conditions })
  );
  return [
    deny('CallWithNoLongTermKey', 'bedrock:CallWithBearerToken', { StringEquals: { 'bedrock:BearerTokenType': 'LONG_TERM' } }),
    deny('CallMantleWithNoLongTermKey', 'bedrock-mantle:CallWithBearerToken', { StringEquals: { 'bedrock-mantle:BearerTokenType': 'LONG_TERM' } }),
    // the names of the service that keys are made for all begin like this
    deny('MakeNoLongTermKey', 'iam:CreateServiceSpecificCredential', { StringLike: { 'iam:ServiceSpecificCredentialServiceName': 'bedrock*' } }),
  ];
}
