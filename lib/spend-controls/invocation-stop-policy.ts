import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { stopStatements } from './invocation-stop-statements';

/**
 * Properties of an invocation stop policy.
 */
export interface InvocationStopPolicyProps {
  /**
   * Name of the managed policy: 1 to 128 letters, digits and `+=,.@_-`.
   *
   * @default - CloudFormation makes a name
   */
  readonly managedPolicyName?: string;
}

/**
 * A managed policy that denies whatever is billed by Amazon Bedrock. Nobody has it until somebody attaches it, such as an
 * `AttributionBudgetAction`.
 *
 * Belongs into the account of the roles, users and groups that it is to stop. A denial is stronger than any permission, and holds for
 * sessions that are open already as soon as IAM has spread it. It denies in both prefixes, on any resource:
 *
 * - `bedrock:`: `Invoke*` (models with and without a stream, Converse, asynchronous calls, agents, flows, data automation),
 *   `Create*Job` (batch, customization, import, copies, evaluation), `CreateCustomModel*`, `CreateProvisionedModelThroughput`,
 *   `CreateMarketplaceModelEndpoint`, `UpdateMarketplaceModelEndpoint`, `*Retrieve*` (knowledge bases), `Rerank`, `Generate*`, `Optimize*`,
 *   `Ingest*`, `Start*`, `ApplyGuardrail` and `CallWithBearerToken` (API keys);
 * - `bedrock-mantle:`: `Create*` (calls, fine-tuning, models, files, reservations, projects), `UpdateReservation` and
 *   `CallWithBearerToken`.
 *
 * All else stays as it is, so that a team can look and clean up: to read, list, cancel, stop and delete, and to make profiles. Guardrails
 * are billed by Bedrock, so an application that checks the answers of other models with them is stopped as well.
 *
 * What runs already goes on: a batch job until somebody stops it, provisioned throughput and reservations until somebody deletes them. A
 * job, an agent or a knowledge base calls models as its own service role, which needs the policy too. Other services that run models for
 * themselves, such as Amazon Bedrock AgentCore and SageMaker, are other prefixes.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock-mantle.html
 */
export class InvocationStopPolicy extends iam.ManagedPolicy {
  constructor(scope: Construct, id: string, props: InvocationStopPolicyProps = {}) {
    super(scope, id, {
      managedPolicyName: props.managedPolicyName,
      description: 'Denies whatever is billed by Amazon Bedrock; to read, stop and delete stays allowed',
      statements: stopStatements(),
    });
  }
}
