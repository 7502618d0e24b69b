import * as fs from 'fs';
import { packageFile } from './package-file';

/** What Cost Explorer and Budgets call the services that AWS itself sells. */
const AWS_SERVICES = ['Amazon Bedrock', 'Amazon Bedrock AgentCore', 'Amazon Bedrock Service'];

/** Every model that is sold through AWS Marketplace is a service of its own, whose name ends so. */
export const MARKETPLACE_EDITION = '(Amazon Bedrock Edition)';

/**
 * The codes of the services that AWS itself sells. Models sold through AWS Marketplace have codes of their own, which say nothing.
 *
 * @see https://github.com/aws-solutions-library-samples/cloud-intelligence-dashboards-framework/blob/main/dashboards/cudos/CUDOS-v5.yaml
 */
export const BEDROCK_SERVICE_CODES = ['AmazonBedrock', 'AmazonBedrockAgentCore', 'AmazonBedrockFoundationModels', 'AmazonBedrockService'];

/**
 * The names under which Cost Explorer and Budgets know Amazon Bedrock, as of this release: that of the service, and one for each model
 * that is billed through AWS Marketplace. Sorted. There is no product family there to ask for instead.
 */
export function bedrockServiceNames(): string[] {
  const { entries } = JSON.parse(fs.readFileSync(packageFile('lib', 'price-book', 'data', 'model-aliases.json'), 'utf8')) as {
    entries: { kind: string; alias: string }[];
  };
  const editions = entries.filter(({ kind, alias }) => kind === 'product_name' && alias.endsWith(MARKETPLACE_EDITION));
  return [...AWS_SERVICES, ...editions.map(({ alias }) => alias)].sort();
}
