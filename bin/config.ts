import { inferenceProfiles } from '../lib';
import type { AppConfig } from './app-config';

const { ModelSource } = inferenceProfiles;

/** The one file to edit: your accounts, your Regions, your services. */
export const config: AppConfig = {
  bucketPrefix: 'example-bedrock-cost',
  payer: { account: '111122223333', region: 'us-east-1' },
  ledger: { account: '444455556666', region: 'us-east-1' },
  workloads: {
    accounts: ['777788889999', '123456789012'],
    regions: ['us-east-1', 'eu-west-1'],
  },
  monthlyLimits: {
    totalUsd: 10_000,
    unattributedUsd: 100,
    byKeyUsd: {
      team: { payments: 6_000, discovery: 3_000 },
      env: { dev: 500 },
    },
  },
  services: [
    {
      id: 'Checkout',
      place: { account: '777788889999', region: 'us-east-1' },
      runsOn: 'lambda.amazonaws.com',
      attribution: { team: 'payments', service: 'checkout', env: 'prod' },
      models: {
        Assistant: ModelSource.systemProfile('us.anthropic.claude-sonnet-4-5-20250929-v1:0'),
        Classifier: ModelSource.foundationModel('amazon.nova-micro-v1:0'),
      },
      monthlyLimitUsd: 4_000,
    },
    {
      id: 'Search',
      place: { account: '777788889999', region: 'eu-west-1' },
      runsOn: 'ecs-tasks.amazonaws.com',
      attribution: { team: 'discovery', service: 'search', env: 'prod' },
      models: {
        Answers: ModelSource.systemProfile('global.anthropic.claude-haiku-4-5-20251001-v1:0'),
      },
    },
    {
      id: 'Search',
      place: { account: '123456789012', region: 'eu-west-1' },
      runsOn: 'ecs-tasks.amazonaws.com',
      attribution: { team: 'discovery', service: 'search', env: 'dev' },
      models: {
        Answers: ModelSource.systemProfile('eu.amazon.nova-lite-v1:0'),
      },
    },
  ],
};
