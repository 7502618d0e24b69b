import type { Random } from './random';
import { ACCOUNTS, type Operation, type Target, type Who, type Workload } from './world';

const CONVERSE: readonly Operation[] = ['Converse', 'ConverseStream'];
const INVOKE: readonly Operation[] = ['InvokeModel', 'InvokeModelWithResponseStream'];

/** Application inference profiles of the demo, by the id that their ARN ends in. */
export const PROFILES = {
  triage: { id: 'a1b2c3d4e5f6', source: 'us.anthropic.claude-haiku-4-5-20251001-v1:0', isSystemProfile: true, tags: { team: 'support', service: 'ticket-triage', env: 'prod' } },
  search: { id: 'k7m2p9q4r1s8', source: 'amazon.nova-micro-v1:0', isSystemProfile: false, tags: { team: 'insights', env: 'prod' } },
} as const;

const profileArn = (id: string): string => `arn:aws:bedrock:{region}:{account}:application-inference-profile/${id}`;

function role(name: string, ...sessions: string[]): Who[] {
  return sessions.map(session => ({ kind: 'role', name, session }));
}

function target(modelId: string, model: Target['model'], route: Target['route'], weight = 1): Target {
  return { modelId, model, route, weight };
}

/** Metadata with a feature and the caller's own request id, as the runtime client sends it. */
function declares(team: string, service: string, env: string, ...features: string[]): (random: Random) => Record<string, string> {
  return random => ({ team, service, env, feature: random.pick(features), request_id: `req-${random.hex(12)}` });
}

function principalTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`iamPrincipal/${key}`, value]));
}

const TENANTS = [['academy', 'course-tutor'], ['retail', 'gift-finder'], ['travel', 'trip-planner']] as const;

/** Services that do everything right, as far as AWS lets them. */
const WELL_BEHAVED: readonly Workload[] = [
  {
    name: 'checkout-assistant', account: ACCOUNTS.shop, region: 'us-east-1', weight: 150,
    callers: role('CheckoutAssistant', 'task-1', 'task-2', 'task-3'),
    targets: [target('us.anthropic.claude-sonnet-4-6', 'sonnet', 'geo', 3), target('arn:aws:bedrock:{region}:{account}:inference-profile/global.anthropic.claude-sonnet-4-6', 'sonnet', 'global')],
    operations: CONVERSE, metadata: declares('payments', 'checkout-assistant', 'prod', 'chat', 'summary'),
    tags: principalTags({ team: 'payments', service: 'checkout-assistant', env: 'prod' }), usesCache: true, isDiscounted: true,
  },
  {
    // only the team is enforced on the bill, and only since its tag was activated; the service, an empty tag, is what the caller declares
    name: 'fraud-scoring', account: ACCOUNTS.shop, region: 'us-west-2', weight: 130,
    callers: role('FraudScoring', 'lambda-fraud-scoring'),
    targets: [target('amazon.nova-2-lite-v1:0', 'novaLite', 'regional', 2), target('global.amazon.nova-2-lite-v1:0', 'novaLite', 'global')],
    operations: CONVERSE, metadata: declares('payments', 'fraud-scoring', 'prod', 'score'),
    tags: principalTags({ team: 'payments', service: '' }), tagsFrom: 6, flex: 0.3, isDiscounted: true,
  },
  {
    name: 'ticket-triage', account: ACCOUNTS.shop, region: 'us-east-1', weight: 110,
    callers: role('TicketTriage', 'worker-a', 'worker-b'),
    targets: [target(profileArn(PROFILES.triage.id), 'haikuCamel', 'geo')],
    operations: INVOKE, metadata: declares('support', 'ticket-triage', 'prod', 'classify', 'reply'),
    tags: { 'resourceTags/team': 'support', 'resourceTags/service': 'ticket-triage', 'resourceTags/env': 'prod' },
    usesCache: true, logsBodies: true,
  },
  {
    // a gateway: its role is tagged with the environment only, and it declares team and service for those behind it
    name: 'llm-gateway', account: ACCOUNTS.labs, region: 'us-east-1', weight: 120,
    callers: role('LlmGateway', 'gateway'),
    targets: [target('us.anthropic.claude-haiku-4-5-20251001-v1:0', 'haikuSnake', 'geo'), target('openai.gpt-oss-120b-1:0', 'gptOss', 'regional')],
    operations: CONVERSE,
    metadata: (random) => {
      const [team, service] = random.pick(TENANTS);
      return declares(team, service, 'prod', 'tenant')(random);
    },
    tags: principalTags({ env: 'prod' }), usesCache: false,
  },
];

/** Services whose dollars the logs must divide, because the bill proves nothing. */
const DECLARED_ONLY: readonly Workload[] = [
  {
    name: 'contract-review', account: ACCOUNTS.shop, region: 'eu-west-1', weight: 60,
    callers: role('ContractReview', 'nightly', 'interactive'),
    targets: [target('arn:aws:bedrock:{region}:{account}:inference-profile/eu.anthropic.claude-sonnet-4-6', 'sonnet', 'geo')],
    operations: CONVERSE, metadata: declares('legal', 'contract-review', 'prod', 'clauses'), tags: {}, lost: 0.2,
  },
  {
    // the bill names the session by day, the role alone at night, and nobody around midnight
    name: 'knowledge-search', account: ACCOUNTS.insights, region: 'eu-west-1', weight: 90,
    callers: role('KnowledgeSearch', 'pod-1', 'pod-2').map(who => ({ ...who, path: '/service-role/' })),
    targets: [target(profileArn(PROFILES.search.id), 'novaMicro', 'regional'), target('arn:aws:bedrock:{region}::foundation-model/amazon.nova-micro-v1:0', 'novaMicro', 'regional')],
    operations: CONVERSE, metadata: declares('insights', 'knowledge-search', 'prod', 'answer', 'rerank'), tags: {},
    callerOnBill: hour => hour < 2 ? 'none' : hour < 10 ? 'role' : 'session',
  },
  {
    name: 'semantic-index', account: ACCOUNTS.insights, region: 'us-west-2', weight: 100,
    callers: [{ kind: 'user', name: 'BedrockAPIKey-k3yx' }],
    targets: [target('amazon.titan-embed-text-v2:0', 'titanEmbed', 'regional')],
    operations: ['InvokeModel'], tags: {},
    // one call in five forgets the service
    metadata: random => random.chance(0.2) ? { team: 'insights', env: 'prod' } : declares('insights', 'semantic-index', 'prod', 'index')(random),
  },
  {
    name: 'ad-variants', account: ACCOUNTS.labs, region: 'eu-west-1', weight: 60,
    callers: role('AdVariants', 'batcher'), targets: [target('anthropic.claude-3-haiku-20240307-v1:0', 'haiku3', 'regional')],
    operations: INVOKE, metadata: declares('growth', 'ad-variants', 'staging', 'headline'), tags: {}, unbilledHour: 13, logsBodies: true,
  },
];

/** Services with something wrong. */
const TROUBLED: readonly Workload[] = [
  {
    // claims to be production; its role is tagged dev, and the tag of its team is spelled `Team`
    name: 'report-writer', account: ACCOUNTS.insights, region: 'us-east-1', weight: 55,
    callers: role('ReportWriter', 'cron'), targets: [target('openai.gpt-oss-120b-1:0', 'gptOss', 'regional')], operations: CONVERSE,
    metadata: random => declares('data', 'report-writer', random.chance(0.6) ? 'prod' : 'dev', 'weekly')(random),
    tags: principalTags({ Team: 'data', service: 'report-writer', env: 'dev' }),
  },
  {
    name: 'research-notebooks', account: ACCOUNTS.insights, region: 'us-east-1', weight: 30,
    callers: role('AWSReservedSSO_Research_0123456789abcdef', 'ana@example.com', 'ben@example.com'),
    targets: [target('us.anthropic.claude-sonnet-4-6', 'sonnet', 'geo')], operations: CONVERSE, metadata: () => undefined, tags: {},
    usesCache: true, cacheCountsInBody: true, logsBodies: true,
  },
  {
    // spells a metadata key `Team`, and calls a model that no price list has
    name: 'runbook-bot', account: ACCOUNTS.shop, region: 'us-west-2', weight: 20,
    callers: [{ kind: 'user', name: 'runbook-bot', path: '/ops/' }], targets: [target('xai.grok-4.6', 'unpriced', 'regional')],
    operations: ['Converse'], metadata: () => ({ Team: 'ops', service: 'runbook-bot', env: 'prod' }), tags: {},
  },
  {
    // the tag of the caller and the tag of the profile disagree
    name: 'recommender', account: ACCOUNTS.shop, region: 'us-east-1', weight: 25,
    callers: role('Recommender', 'svc'), targets: [target('deepseek.v3.2', 'deepseek', 'regional')], operations: CONVERSE,
    metadata: declares('merch', 'recommender', 'prod', 'similar'),
    tags: { 'iamPrincipal/team': 'merch', 'resourceTags/team': 'merchandising', 'resourceTags/service': 'recommender' },
  },
  {
    // pays by the hour: its records name a provisioned model, and no token of it is billed
    name: 'moderation', account: ACCOUNTS.shop, region: 'us-east-1', weight: 10,
    callers: role('Moderation', 'queue'), targets: [target('arn:aws:bedrock:{region}:{account}:provisioned-model/p0v1s10n3d', null, 'regional')],
    operations: ['InvokeModel'], metadata: declares('trust', 'moderation', 'prod', 'images'), tags: {},
  },
];

/** Calls that leave no record. */
const UNLOGGED: readonly Workload[] = [
  {
    name: 'email-copy', account: ACCOUNTS.labs, region: 'us-west-2', weight: 15,
    callers: role('EmailCopy', 'svc'), targets: [target('anthropic.claude-3-haiku-20240307-v1:0', 'haiku3', 'regional')], operations: INVOKE,
    metadata: declares('growth', 'email-copy', 'prod', 'subject'), tags: {},
  },
  {
    name: 'email-copy-tagged', account: ACCOUNTS.labs, region: 'us-west-2', weight: 5,
    callers: role('EmailCopyCanary', 'svc'), targets: [target('us.anthropic.claude-sonnet-4-6', 'sonnet', 'geo')], operations: CONVERSE,
    metadata: declares('growth', 'email-copy', 'prod', 'subject'), tags: principalTags({ team: 'growth' }),
  },
  {
    name: 'evaluation-jobs', account: ACCOUNTS.insights, region: 'us-east-1', weight: 5, unseen: 'batch',
    callers: role('EvaluationJobs', 'bedrock-batch'), targets: [target('us.anthropic.claude-sonnet-4-6', 'sonnet', 'geo'), target('amazon.nova-2-lite-v1:0', 'novaLite', 'regional')],
    operations: ['InvokeModel'], metadata: () => undefined, tags: {},
  },
  {
    // batch jobs of a caller that also calls on demand: one billing bucket, half of it unseen
    name: 'ad-variants-jobs', account: ACCOUNTS.labs, region: 'eu-west-1', weight: 4, unseen: 'batch',
    callers: role('AdVariants', 'batcher'), targets: [target('anthropic.claude-3-haiku-20240307-v1:0', 'haiku3', 'regional')],
    operations: ['InvokeModel'], metadata: () => undefined, tags: {},
  },
  {
    name: 'coding-agent', account: ACCOUNTS.labs, region: 'us-east-1', weight: 6, unseen: 'mantle',
    callers: role('CodingAgent', 'svc'), targets: [target('anthropic.claude-opus-4-8', 'opusMantle', 'regional')], operations: ['Converse'],
    metadata: () => undefined, tags: { 'resourceTags/team': 'devtools', 'resourceTags/service': 'coding-agent' }, usesCache: true,
  },
  {
    name: 'default-project', account: ACCOUNTS.insights, region: 'us-west-2', weight: 4, unseen: 'mantle',
    callers: role('Explorer', 'svc'), targets: [target('openai.gpt-oss-120b', 'gptOssMantle', 'regional')], operations: ['Converse'],
    metadata: () => undefined, tags: {},
  },
];

/** All the traffic of the month. */
export const WORKLOADS: readonly Workload[] = [...WELL_BEHAVED, ...DECLARED_ONLY, ...TROUBLED, ...UNLOGGED];
