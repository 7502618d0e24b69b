import { PROFILES } from './workloads';
import { ACCOUNTS } from './world';

export const ENVS = ['dev', 'staging', 'prod'];
/** Keys that the schema of the demo holds as enforced, in its order. */
export const ENFORCED_KEYS = ['team', 'service', 'env'] as const;
/** Keys that it only lets callers declare. */
export const DECLARED_KEYS = ['feature', 'request_id'] as const;

/** The gateway may name other teams and services than its own. */
export const GATEWAY = { account: ACCOUNTS.labs, role: 'LlmGateway', declaresForOthers: ['team', 'service'] as readonly string[] };

const LISTED = [
  { account: GATEWAY.account, role: GATEWAY.role, tags: { team: 'platform', service: 'llm-gateway', env: 'prod' }, declaresForOthers: GATEWAY.declaresForOthers },
  { account: ACCOUNTS.insights, role: 'ReportWriter', tags: { team: 'data', service: 'report-writer', env: 'dev' }, declaresForOthers: [] },
  { account: ACCOUNTS.shop, role: 'CheckoutAssistant', tags: { team: 'payments', service: 'checkout-assistant', env: 'prod' }, declaresForOthers: [] },
];

/** Tags that the principals file lists for a caller, by the names that the caller goes by. */
export function listedTags(account: string, names: readonly string[]): Readonly<Record<string, string>> {
  return LISTED.find(listed => listed.account === account && names.includes(`role/${listed.role}`))?.tags ?? {};
}

const SCHEMA = {
  version: 1,
  keys: [
    { name: 'team', description: 'Team that answers for the spend.', required: true, assurance: 'enforced' },
    { name: 'service', description: 'Service or application that makes the call.', required: true, assurance: 'enforced' },
    { name: 'env', description: 'Stage that the service runs in, such as dev or prod.', required: true, assurance: 'enforced', allowedValues: ENVS },
    { name: 'feature', description: 'Feature of the service that makes the call.' },
    { name: 'request_id', description: "Request of the caller's own system that led to the call.", cardinality: 'high' },
  ],
};

/** The files that a user keeps beside logs and bill, by name. */
export function companionFiles(): Record<string, unknown> {
  return {
    'attribution-schema.json': SCHEMA,
    'profiles.json': [
      profile(PROFILES.triage, ACCOUNTS.shop, 'us-east-1'),
      profile(PROFILES.search, ACCOUNTS.insights, 'eu-west-1'),
    ],
    'principals.json': LISTED.map(({ account, role, tags, declaresForOthers }) => ({
      principal_arn: `arn:aws:iam::${account}:role/${role}`, tags, declares_for_others: declaresForOthers,
    })),
  };
}

type Profile = (typeof PROFILES)[keyof typeof PROFILES];

function profile({ id, source, isSystemProfile, tags }: Profile, account: string, region: string): unknown {
  return {
    inference_profile_arn: `arn:aws:bedrock:${region}:${account}:application-inference-profile/${id}`,
    model_source: isSystemProfile ? `arn:aws:bedrock:${region}:${account}:inference-profile/${source}` : `arn:aws:bedrock:${region}::foundation-model/${source}`,
    tags,
  };
}
