import * as iam from 'aws-cdk-lib/aws-iam';

/**
 * What is billed by Amazon Bedrock when it is done, on either endpoint. Wildcards, so that tomorrow's ways to run a model are stopped from
 * their first day; what reads, lists, cancels, stops and deletes is not among them.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock-mantle.html
 */
export const STOPPED_ACTIONS = [
  // a call with an API key is authorized by this action before anything else
  'bedrock-mantle:CallWithBearerToken',
  // calls, fine-tuning, models of one's own, files and reserved capacity; a project costs nothing, and is not made meanwhile either
  'bedrock-mantle:Create*',
  'bedrock-mantle:UpdateReservation',
  // knowledge bases
  'bedrock:*Retrieve*',
  'bedrock:ApplyGuardrail',
  'bedrock:CallWithBearerToken',
  // batch, customization, import, copies, evaluation and optimization of prompts
  'bedrock:Create*Job',
  'bedrock:CreateCustomModel*',
  'bedrock:CreateMarketplaceModelEndpoint',
  'bedrock:CreateProvisionedModelThroughput',
  'bedrock:Generate*',
  'bedrock:Ingest*',
  // models with and without a stream (Converse too), asynchronous calls, agents, flows and data automation
  'bedrock:Invoke*',
  'bedrock:Optimize*',
  'bedrock:Rerank',
  // flows, ingestion into knowledge bases, and automated reasoning
  'bedrock:Start*',
  'bedrock:UpdateMarketplaceModelEndpoint',
];

/** Denies whatever is billed by Amazon Bedrock: for a policy of roles and users, and for a service control policy. */
export function stopStatements(): iam.PolicyStatement[] {
  return [new iam.PolicyStatement({
    sid: 'StopSpendingOnBedrock',
    effect: iam.Effect.DENY,
    actions: STOPPED_ACTIONS,
    // whatever is called costs: any model, profile, project or agent, of this account and of others, in any Region
    resources: ['*'],
  })];
}
