/**
 * The calls of the access matrix: each with all the authorizations that AWS makes for it, and what AWS knows about the request then.
 *
 * What the caller brings along (`aws:PrincipalTag/…`, `aws:PrincipalArn`) is added by the scenario. Where AWS documents nothing, the call
 * names what is assumed, and has a sibling that assumes the opposite.
 */
import {
  ACCOUNT, bedrock, CLOSED_REGION, GEO_PROFILE, GEO_REGIONS, GLOBAL_PROFILE, iam, mantle, MODEL, model, OIDC_ISSUER, OTHERS, OWN, profile,
  REGION, type Tags,
} from './places';

/** Condition keys and their values. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

/** One thing that IAM decides about. */
export interface Authorization {
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

/** What somebody does, with everything that IAM decides about before it happens. */
export interface Call {
  readonly authorizations: readonly Authorization[];
  /** Where AWS documents which authorizations these are. */
  readonly source: string;
  /** What is assumed where AWS documents nothing. */
  readonly assumption?: string;
}

const BEDROCK_ACTIONS = 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html';
const MANTLE_ACTIONS = 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock-mantle.html';
const IAM_ACTIONS = 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagement.html';
const PROFILES = 'https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html';
const GLOBAL = 'https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html';
const RESPONSES = 'https://docs.aws.amazon.com/bedrock/latest/userguide/bedrock-mantle.html';
const API_KEYS = 'https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-permissions.html';
const ROUTERS = 'https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-routing.html';
const ROUTER_MODELS = 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_PromptRouterTargetModel.html';
const PROJECTS = 'https://docs.aws.amazon.com/bedrock/latest/userguide/security-iam-projects.html';
const BATCH = 'https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-permissions.html';
const SESSION_TAGS = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html';
const SAML = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_saml.html';
const OIDC = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html';
const FEDERATION_TOKEN = 'https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html';
const POD_IDENTITY = 'https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html';
const BOOTSTRAP = 'https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html';
const TAGS_OF_ROLES = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_roles.html';
const TAGS_OF_USERS = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_users.html';

const INVOKE = 'bedrock:InvokeModel';
const STREAM = 'bedrock:InvokeModelWithResponseStream';
const NAMED_WRAPPED = 'bedrock:InferenceProfileArn names the wrapped system-defined profile';
const NAMED_APPLICATION = 'bedrock:InferenceProfileArn names the application profile';

/** Authorization in the Region of the resource; global profiles are decided about in a Region that is called `unspecified`. */
export const authorization = (action: string, resource: string, context: Context = {}): Authorization => {
  const [, , service, region = ''] = resource.split(':');
  const requested = service === 'bedrock' && region === '' ? 'unspecified' : (region || REGION);
  return { action, resource, context: { 'aws:RequestedRegion': requested, ...context } };
};

const call = (source: string, ...authorizations: Authorization[]): Call => ({ source, authorizations });
const assuming = (assumption: string, { source, authorizations }: Call): Call => ({ source, authorizations, assumption });

const tagged = (prefix: 'aws:ResourceTag' | 'aws:RequestTag', tags: Tags): Context => (
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}/${key}`, value]))
);

/** Tags that a request brings along: their values, and the list of their keys. Without tags, neither is there. */
export const requestTags = (tags: Tags): Context => (
  Object.keys(tags).length === 0 ? {} : { ...tagged('aws:RequestTag', tags), 'aws:TagKeys': Object.keys(tags) }
);

interface ProfileCall {
  readonly tags?: Tags;
  readonly action?: string;
  /** The system-defined profile behind the application profile. */
  readonly wrapped?: string;
  readonly models?: readonly string[];
  /** What `bedrock:InferenceProfileArn` names; the application profile, if nothing is said. */
  readonly named?: string;
}

/** A call through an application profile: the profile, what it wraps, and the model wherever it may run. */
function throughProfile(
  id: string, { tags = OWN, action = INVOKE, wrapped, models = [model()], named = profile(id) }: ProfileCall = {},
): Authorization[] {
  return [
    authorization('bedrock:GetInferenceProfile', profile(id), tagged('aws:ResourceTag', tags)),
    authorization(action, profile(id), tagged('aws:ResourceTag', tags)),
    ...wrapped === undefined ? [] : [authorization(action, wrapped)],
    ...models.map(arn => authorization(action, arn, { 'bedrock:InferenceProfileArn': named })),
  ];
}

const GEO = bedrock(`inference-profile/${GEO_PROFILE}`);
const GEO_CALL = { wrapped: GEO, models: GEO_REGIONS.map(model) };
const WORLD = bedrock(`inference-profile/${GLOBAL_PROFILE}`);
const WORLD_CALL = { wrapped: WORLD, models: [model(), model('')] };

/** A call of a system-defined profile without an application profile before it. */
const throughSystemProfile = ({ wrapped, models }: typeof GEO_CALL, action = INVOKE): Authorization[] => [
  authorization(action, wrapped),
  ...models.map(arn => authorization(action, arn, { 'bedrock:InferenceProfileArn': wrapped })),
];

/** A call of the Responses API on the runtime endpoint: the target, and the project that it is recorded in. */
const responses = [
  ...throughSystemProfile(GEO_CALL).map(({ action, resource, context }) => authorization(action, resource, { ...context, 'bedrock:ProjectArn': bedrock('project/default') })),
  authorization(INVOKE, bedrock('project/default'), { 'bedrock:ModelArn': GEO }),
];

const infer = (project: string, tags: Tags = {}): Authorization => (
  authorization('bedrock-mantle:CreateInference', mantle(`project/${project}`), { ...tagged('aws:ResourceTag', tags), 'bedrock-mantle:Model': MODEL })
);

/** What a client does around a call: which models are there, and what became of the call. */
const follow = (project: string, tags: Tags = {}): Authorization[] => (
  ['GetProject', 'ListModels', 'GetModel', 'GetInference', 'CancelInference'].map(action => (
    authorization(`bedrock-mantle:${action}`, mantle(`project/${project}`), tagged('aws:ResourceTag', tags))
  ))
);

const bearer = (prefix: 'bedrock' | 'bedrock-mantle', type: 'SHORT_TERM' | 'LONG_TERM'): Authorization => (
  authorization(`${prefix}:CallWithBearerToken`, '*', { [`${prefix}:BearerTokenType`]: type })
);

/** Making a profile is authorized on the new profile and on what it is copied from, with its tags each time. */
const createProfile = (tags: Tags, sources = [model()]): Authorization[] => (
  [profile('new0profile0'), ...sources].map(arn => authorization('bedrock:CreateInferenceProfile', arn, requestTags(tags)))
);
const createProject = (tags: Tags): Authorization => authorization('bedrock-mantle:CreateProject', mantle('project/proj_new'), requestTags(tags));
const createThroughput = (tags: Tags): Authorization => authorization('bedrock:CreateProvisionedModelThroughput', model(), requestTags(tags));
const createJob = (tags: Tags): Authorization[] => [
  ...[model(), bedrock('model-invocation-job/new0job00000')].map(arn => authorization('bedrock:CreateModelInvocationJob', arn, requestTags(tags))),
  authorization('iam:PassRole', iam('role/batch'), { 'iam:PassedToService': 'bedrock.amazonaws.com' }),
];
const startAsync = (called: Authorization[], tags: Tags): Authorization[] => [
  ...called,
  authorization(INVOKE, bedrock('async-invoke/new0async000'), requestTags(tags)),
];

/** How somebody may get the tags of a request wrong. */
const TAG_SETS = {
  'own tags': OWN,
  'no tags': {},
  'no team': { service: OWN.service, env: OWN.env },
  'no service': { team: OWN.team, env: OWN.env },
  'no env': { team: OWN.team, service: OWN.service },
  'an empty team': { ...OWN, team: '' },
  'an empty service': { ...OWN, service: '' },
  'another team': OTHERS.team,
  'another service': OTHERS.service,
  'another stage': OTHERS.stage,
  'an illegal env': { ...OWN, env: 'qa' },
  'a key in another case': { Team: OWN.team, service: OWN.service, env: OWN.env },
} satisfies Record<string, Tags>;

type TagSet = keyof typeof TAG_SETS;

/** One call for each set of tags. */
function created<Name extends string>(name: Name, source: string, make: (tags: Tags) => Authorization[]): Record<`${Name}, ${TagSet}`, Call> {
  const calls = Object.entries(TAG_SETS).map(([set, tags]) => [`${name}, ${set}`, call(source, ...make(tags))]);
  return Object.fromEntries(calls) as Record<`${Name}, ${TagSet}`, Call>;
}

/** Keys that somebody may tag with. */
const TAG_KEYS = { 'an attribution key': 'team', 'an attribution key in another case': 'Team', 'an optional key': 'CostCenter', 'another key': 'owner' };
type TagKey = keyof typeof TAG_KEYS;

function tagging<Name extends string>(name: Name, source: string, make: (key: string) => Authorization[]): Record<`${Name} ${TagKey}`, Call> {
  return Object.fromEntries(Object.entries(TAG_KEYS).map(([what, key]) => [`${name} ${what}`, call(source, ...make(key))])) as Record<`${Name} ${TagKey}`, Call>;
}

const tagKeys = (key: string, value = 'payments'): Context => requestTags({ [key]: value });
const untagKeys = (key: string): Context => ({ 'aws:TagKeys': [key] });
const OWN_PROFILE = tagged('aws:ResourceTag', OWN);

const INVOCATIONS = {
  'own profile': call(PROFILES, ...throughProfile('own-model')),
  'own profile, streamed': call(PROFILES, ...throughProfile('own-model', { action: STREAM })),
  'own geo profile': assuming(NAMED_APPLICATION, call(PROFILES, ...throughProfile('own-geo', GEO_CALL))),
  'own geo profile, streamed': assuming(NAMED_APPLICATION, call(PROFILES, ...throughProfile('own-geo', { ...GEO_CALL, action: STREAM }))),
  'own geo profile, wrapped named': assuming(NAMED_WRAPPED, call(PROFILES, ...throughProfile('own-geo', { ...GEO_CALL, named: GEO }))),
  'own global profile': assuming(NAMED_APPLICATION, call(GLOBAL, ...throughProfile('own-global', WORLD_CALL))),
  'own global profile, streamed': assuming(NAMED_APPLICATION, call(GLOBAL, ...throughProfile('own-global', { ...WORLD_CALL, action: STREAM }))),
  'own global profile, wrapped named': assuming(NAMED_WRAPPED, call(GLOBAL, ...throughProfile('own-global', { ...WORLD_CALL, named: WORLD }))),
  'profile of another team': call(PROFILES, ...throughProfile('other-team', { tags: OTHERS.team })),
  'geo profile of another team': call(PROFILES, ...throughProfile('other-team-geo', { ...GEO_CALL, tags: OTHERS.team })),
  'profile of another service': call(PROFILES, ...throughProfile('other-service', { tags: OTHERS.service })),
  'profile of another stage': call(PROFILES, ...throughProfile('other-stage', { tags: OTHERS.stage })),
  'profile without tags': call(PROFILES, ...throughProfile('untagged', { tags: {} })),
  'profile without team': call(PROFILES, ...throughProfile('no-team', { tags: TAG_SETS['no team'] })),
  'profile without service': call(PROFILES, ...throughProfile('no-service', { tags: TAG_SETS['no service'] })),
  'profile without env': call(PROFILES, ...throughProfile('no-env', { tags: TAG_SETS['no env'] })),
  'geo profile directly': call(PROFILES, ...throughSystemProfile(GEO_CALL)),
  'geo profile directly, streamed': call(PROFILES, ...throughSystemProfile(GEO_CALL, STREAM)),
  'global profile directly': call(GLOBAL, ...throughSystemProfile(WORLD_CALL)),
  'model directly': call(BEDROCK_ACTIONS, authorization(INVOKE, model())),
  'model directly, streamed': call(BEDROCK_ACTIONS, authorization(STREAM, model())),
  'model directly in a closed Region': call(BEDROCK_ACTIONS, authorization(INVOKE, model(CLOSED_REGION))),
  'own provisioned model': call(BEDROCK_ACTIONS, authorization(INVOKE, bedrock('provisioned-model/own000000000'), OWN_PROFILE)),
  'provisioned model of another team': call(BEDROCK_ACTIONS, authorization(INVOKE, bedrock('provisioned-model/other0000000'), tagged('aws:ResourceTag', OTHERS.team))),
  'imported model': call(BEDROCK_ACTIONS, authorization(INVOKE, bedrock('imported-model/imported0000'))),
  'Marketplace endpoint': call(BEDROCK_ACTIONS, authorization(INVOKE, bedrock('marketplace/model-endpoint/all-access'))),
  'make a Marketplace endpoint': call(BEDROCK_ACTIONS, authorization('bedrock:CreateMarketplaceModelEndpoint', '*')),
  'reserve capacity': call(MANTLE_ACTIONS, ...['project/proj_own', 'reservation/new'].map(name => authorization('bedrock-mantle:CreateReservation', mantle(name)))),
  'custom model deployment': call(BEDROCK_ACTIONS, authorization(INVOKE, bedrock('custom-model-deployment/custom000000'))),
  'prompt router': call(ROUTERS, ...[bedrock('prompt-router/router'), model()].map(arn => authorization(INVOKE, arn, { 'bedrock:PromptRouterArn': bedrock('prompt-router/router') }))),
  'default prompt router': call(ROUTERS, authorization(INVOKE, bedrock('default-prompt-router/amazon.nova:1')), ...throughSystemProfile(GEO_CALL)),
  'prompt router over own profile': call(ROUTER_MODELS, authorization(INVOKE, bedrock('prompt-router/router')), ...throughProfile('own-model')),
  'Responses on the runtime endpoint': call(RESPONSES, ...responses),
  'agent': call(BEDROCK_ACTIONS, authorization('bedrock:InvokeAgent', bedrock('agent-alias/AGENT/ALIAS'))),
  'flow': call(BEDROCK_ACTIONS, authorization('bedrock:InvokeFlow', bedrock('flow/FLOW/alias/ALIAS'))),
  'flow execution': call(BEDROCK_ACTIONS, authorization('bedrock:StartFlowExecution', bedrock('flow/FLOW/alias/ALIAS'))),
  'AgenticRetrieveStream': call(BEDROCK_ACTIONS, authorization('bedrock:AgenticRetrieveStream', '*')),
  'ApplyGuardrail': call(BEDROCK_ACTIONS, authorization('bedrock:ApplyGuardrail', bedrock('guardrail/guard0000000'))),
  'RetrieveAndGenerate': call(BEDROCK_ACTIONS, authorization('bedrock:RetrieveAndGenerate', '*')),
  'Rerank': call(BEDROCK_ACTIONS, authorization('bedrock:Rerank', '*'), authorization(INVOKE, model())),
  'OptimizePrompt': call(BEDROCK_ACTIONS, authorization('bedrock:OptimizePrompt', '*')),
  'GenerateQuery': call(BEDROCK_ACTIONS, authorization('bedrock:GenerateQuery', '*')),
  'configure invocation logging': call(BEDROCK_ACTIONS, authorization('bedrock:PutModelInvocationLoggingConfiguration', '*')),
  'CreateModelCustomizationJob': call(BEDROCK_ACTIONS, authorization('bedrock:CreateModelCustomizationJob', model(), requestTags(OWN))),
} satisfies Record<string, Call>;

const MANTLE = {
  'mantle, own project': call(MANTLE_ACTIONS, infer('proj_own', OWN)),
  'mantle, project of another team': call(MANTLE_ACTIONS, infer('proj_team', OTHERS.team)),
  'mantle, project of another service': call(MANTLE_ACTIONS, infer('proj_service', OTHERS.service)),
  'mantle, project of another stage': call(MANTLE_ACTIONS, infer('proj_stage', OTHERS.stage)),
  'mantle, project without tags': call(MANTLE_ACTIONS, infer('proj_untagged')),
  'mantle, default project': call(PROJECTS, infer('default')),
  'mantle, own project in a closed Region': call(MANTLE_ACTIONS, authorization(
    'bedrock-mantle:CreateInference', mantle('project/proj_far', CLOSED_REGION), { ...tagged('aws:ResourceTag', OWN), 'bedrock-mantle:Model': MODEL },
  )),
  'mantle, follow calls in own project': call(MANTLE_ACTIONS, ...follow('proj_own', OWN)),
  'mantle, follow calls in the default project': call(MANTLE_ACTIONS, ...follow('default')),
  'mantle, fine-tuning in a project of another team': call(MANTLE_ACTIONS, authorization('bedrock-mantle:CreateFineTuningJob', mantle('project/proj_team'), tagged('aws:ResourceTag', OTHERS.team))),
  'mantle, fine-tuning in own project': call(MANTLE_ACTIONS, authorization('bedrock-mantle:CreateFineTuningJob', mantle('project/proj_own'), OWN_PROFILE)),
} satisfies Record<string, Call>;

const API_KEY_CALLS = {
  'short-term key, own profile': call(API_KEYS, bearer('bedrock', 'SHORT_TERM'), ...throughProfile('own-model')),
  'long-term key, own profile': call(API_KEYS, bearer('bedrock', 'LONG_TERM'), ...throughProfile('own-model')),
  'short-term key, model directly': call(API_KEYS, bearer('bedrock', 'SHORT_TERM'), authorization(INVOKE, model())),
  'long-term key, model directly': call(API_KEYS, bearer('bedrock', 'LONG_TERM'), authorization(INVOKE, model())),
  'short-term key, mantle, own project': call(API_KEYS, bearer('bedrock-mantle', 'SHORT_TERM'), infer('proj_own', OWN)),
  'long-term key, mantle, own project': call(API_KEYS, bearer('bedrock-mantle', 'LONG_TERM'), infer('proj_own', OWN)),
  'make a long-term key for Bedrock': call(IAM_ACTIONS, authorization('iam:CreateServiceSpecificCredential', iam('user/alice'), { 'iam:ServiceSpecificCredentialServiceName': 'bedrock.amazonaws.com' })),
  'make a credential for CodeCommit': call(IAM_ACTIONS, authorization('iam:CreateServiceSpecificCredential', iam('user/alice'), { 'iam:ServiceSpecificCredentialServiceName': 'codecommit.amazonaws.com' })),
} satisfies Record<string, Call>;

const CREATIONS = {
  ...created('CreateInferenceProfile', BEDROCK_ACTIONS, tags => createProfile(tags)),
  ...created('CreateProject', MANTLE_ACTIONS, tags => [createProject(tags)]),
  ...created('CreateProvisionedModelThroughput', BEDROCK_ACTIONS, tags => [createThroughput(tags)]),
  ...created('CreateModelInvocationJob', BATCH, createJob),
  ...created('StartAsyncInvoke', BEDROCK_ACTIONS, tags => startAsync([authorization(INVOKE, model())], tags)),
  ...created('StartAsyncInvoke through own profile', BEDROCK_ACTIONS, tags => startAsync(throughProfile('own-model'), tags)),
  'CreateInferenceProfile of a geo profile, own tags': call(BEDROCK_ACTIONS, ...createProfile(OWN, [GEO, ...GEO_REGIONS.map(model)])),
  'CreateInferenceProfile of a geo profile, another team': call(BEDROCK_ACTIONS, ...createProfile(OTHERS.team, [GEO, ...GEO_REGIONS.map(model)])),
  'CreateInferenceProfile, own tags, tagging authorized': assuming('AWS asks for bedrock:TagResource as well', call(
    PROFILES, ...createProfile(OWN), authorization('bedrock:TagResource', profile('new0profile0'), requestTags(OWN)),
  )),
  'CreateProject, own tags, tagging authorized': assuming('AWS asks for bedrock-mantle:TagResource as well', call(
    PROJECTS, createProject(OWN), authorization('bedrock-mantle:TagResource', mantle('project/proj_new'), requestTags(OWN)),
  )),
} satisfies Record<string, Call>;

const TAGGING = {
  ...tagging('tag a profile with', BEDROCK_ACTIONS, key => [authorization('bedrock:TagResource', profile('own-model'), { ...OWN_PROFILE, ...tagKeys(key) })]),
  ...tagging('untag a profile of', BEDROCK_ACTIONS, key => [authorization('bedrock:UntagResource', profile('own-model'), { ...OWN_PROFILE, ...untagKeys(key) })]),
  ...tagging('tag a project with', MANTLE_ACTIONS, key => [authorization('bedrock-mantle:TagResource', mantle('project/proj_own'), { ...OWN_PROFILE, ...tagKeys(key) })]),
  ...tagging('untag a project of', MANTLE_ACTIONS, key => [authorization('bedrock-mantle:UntagResource', mantle('project/proj_own'), { ...OWN_PROFILE, ...untagKeys(key) })]),
  ...tagging('tag a role with', IAM_ACTIONS, key => [authorization('iam:TagRole', iam('role/app'), tagKeys(key))]),
  ...tagging('untag a role of', IAM_ACTIONS, key => [authorization('iam:UntagRole', iam('role/app'), untagKeys(key))]),
  ...tagging('tag a user with', IAM_ACTIONS, key => [authorization('iam:TagUser', iam('user/alice'), tagKeys(key))]),
  ...tagging('untag a user of', IAM_ACTIONS, key => [authorization('iam:UntagUser', iam('user/alice'), untagKeys(key))]),
  // a principal that is created with tags is authorized as tagged, too
  ...tagging('make a role with', TAGS_OF_ROLES, key => ['iam:CreateRole', 'iam:TagRole'].map(action => authorization(action, iam('role/new'), tagKeys(key)))),
  ...tagging('make a user with', TAGS_OF_USERS, key => ['iam:CreateUser', 'iam:TagUser'].map(action => authorization(action, iam('user/new'), tagKeys(key)))),
  'make a role without tags': call(IAM_ACTIONS, authorization('iam:CreateRole', iam('role/new'))),
  'make a user without tags': call(IAM_ACTIONS, authorization('iam:CreateUser', iam('user/new'))),
} satisfies Record<string, Call>;

/** What somebody says who assumes a role. */
interface Assumption {
  readonly action?: string;
  readonly tags?: Tags;
  readonly transitive?: readonly string[];
  readonly context?: Context;
}

/** Assuming a role; with session tags, giving them is authorized as well, and with a source identity that too. */
function assume(role: string, { action = 'sts:AssumeRole', tags = {}, transitive, context = {} }: Assumption = {}): Authorization[] {
  const given = { ...requestTags(tags), ...transitive === undefined ? {} : { 'sts:TransitiveTagKeys': transitive } };
  return [
    authorization(action, iam(`role/${role}`), { 'sts:RoleSessionName': 'app', ...given, ...context }),
    ...Object.keys(tags).length === 0 ? [] : [authorization('sts:TagSession', iam(`role/${role}`), given)],
    ...Object.entries(context).filter(([key]) => key === 'sts:SourceIdentity').map(([key, value]) => (
      authorization('sts:SetSourceIdentity', iam(`role/${role}`), { [key]: value })
    )),
  ];
}

/** What a gateway has to say that starts a session for a tenant, and what it may say in place of it. */
const TENANT: Required<Pick<Assumption, 'tags' | 'transitive' | 'context'>> = {
  tags: { team: 'payments', CostCenter: 'cc-4711' },
  transitive: ['team'],
  context: { 'sts:RoleSessionName': 'payments', 'sts:SourceIdentity': 'payments', 'sts:ExternalId': 'llm-gateway' },
};
const startTenant = (change: Assumption = {}): Call => call(SESSION_TAGS, ...assume('tenant', { ...TENANT, ...change }));
const startPlain = (change: Assumption = {}): Call => call(SESSION_TAGS, ...assume('plain-tenant', {
  tags: { team: 'payments' }, context: { 'sts:RoleSessionName': 'payments' }, ...change,
}));

const TENANT_SESSIONS = {
  'start a tenant session': startTenant(),
  'start a tenant session without tags': startTenant({ tags: {} }),
  'start a tenant session without team': startTenant({ tags: { CostCenter: 'cc-4711' } }),
  'start a tenant session with an empty team': startTenant({ tags: { ...TENANT.tags, team: '' } }),
  'start a tenant session without cost center': startTenant({ tags: { team: 'payments' } }),
  'start a tenant session with an illegal cost center': startTenant({ tags: { ...TENANT.tags, CostCenter: 'marketing' } }),
  'start a tenant session with a key of the role': startTenant({ tags: { ...TENANT.tags, env: 'dev' } }),
  'start a tenant session with another key': startTenant({ tags: { ...TENANT.tags, owner: 'alice' } }),
  'start a tenant session with a key in another case': startTenant({ tags: { Team: 'payments', CostCenter: 'cc-4711' } }),
  'start a tenant session named like another team': startTenant({ context: { ...TENANT.context, 'sts:RoleSessionName': 'risk' } }),
  'start a tenant session with the source of another team': startTenant({ context: { ...TENANT.context, 'sts:SourceIdentity': 'risk' } }),
  'start a tenant session without source': startTenant({ context: { 'sts:RoleSessionName': 'payments', 'sts:ExternalId': 'llm-gateway' } }),
  'start a tenant session without transitive tags': startTenant({ transitive: undefined }),
  'start a tenant session with more transitive tags': startTenant({ transitive: ['team', 'CostCenter'] }),
  'start a tenant session with another external id': startTenant({ context: { ...TENANT.context, 'sts:ExternalId': 'other' } }),
  'start a plain tenant session': startPlain(),
  'start a plain tenant session without tags': startPlain({ tags: {} }),
  'start a plain tenant session with another key': startPlain({ tags: { team: 'payments', owner: 'alice' } }),
  'start a plain tenant session named like another team': startPlain({ context: { 'sts:RoleSessionName': 'risk' } }),
  'start a plain tenant session with a source': startPlain({ context: { 'sts:RoleSessionName': 'payments', 'sts:SourceIdentity': 'payments' } }),
  'start a plain tenant session with transitive tags': startPlain({ transitive: ['team'] }),
} satisfies Record<string, Call>;

const signInWithSaml = (tags: Tags, change: Assumption = {}): Call => call(SAML, ...assume('workforce', {
  action: 'sts:AssumeRoleWithSAML', tags, context: { 'sts:RoleSessionName': 'alice', 'saml:aud': 'https://signin.aws.amazon.com/saml' }, ...change,
}));
const OIDC_CONTEXT = { 'sts:RoleSessionName': 'alice', [`${OIDC_ISSUER}:sub`]: 'alice', [`${OIDC_ISSUER}:aud`]: 'bedrock' };
const signInWithOidc = (tags: Tags, change: Assumption = {}): Call => call(OIDC, ...assume('workforce-oidc', {
  action: 'sts:AssumeRoleWithWebIdentity', tags, context: OIDC_CONTEXT, ...change,
}));

const SIGN_INS = {
  'sign in with SAML': signInWithSaml(TENANT.tags),
  'sign in with SAML without tags': signInWithSaml({}),
  'sign in with SAML without team': signInWithSaml({ CostCenter: 'cc-4711' }),
  'sign in with SAML with an empty team': signInWithSaml({ ...TENANT.tags, team: '' }),
  'sign in with SAML with an illegal cost center': signInWithSaml({ ...TENANT.tags, CostCenter: 'marketing' }),
  'sign in with SAML with a key of the role': signInWithSaml({ ...TENANT.tags, env: 'dev' }),
  'sign in with SAML with another key': signInWithSaml({ ...TENANT.tags, owner: 'alice' }),
  'sign in with SAML with a key in another case': signInWithSaml({ Team: 'payments', CostCenter: 'cc-4711' }),
  'sign in with SAML with transitive tags': signInWithSaml(TENANT.tags, { transitive: ['team'] }),
  'sign in with SAML at another place': signInWithSaml(TENANT.tags, { context: { 'sts:RoleSessionName': 'alice', 'saml:aud': 'https://example.com' } }),
  'sign in with OIDC': signInWithOidc({ team: 'payments' }),
  'sign in with OIDC without tags': signInWithOidc({}),
  'sign in with OIDC with an empty team': signInWithOidc({ team: '' }),
  'sign in with OIDC with another key': signInWithOidc({ team: 'payments', owner: 'alice' }),
  'sign in with OIDC with transitive tags': signInWithOidc({ team: 'payments' }, { transitive: ['team'] }),
  'sign in with OIDC under the name of somebody else': signInWithOidc({ team: 'payments' }, { context: { ...OIDC_CONTEXT, 'sts:RoleSessionName': 'bob' } }),
  'sign in with OIDC to another client': signInWithOidc({ team: 'payments' }, { context: { ...OIDC_CONTEXT, [`${OIDC_ISSUER}:aud`]: 'other' } }),
} satisfies Record<string, Call>;

const SESSIONS = {
  'assume a role': call(SESSION_TAGS, ...assume('other')),
  'cdk deploy, assume the role of the bootstrap': call(BOOTSTRAP, ...assume(`cdk-hnb659fds-deploy-role-${ACCOUNT}-${REGION}`)),
  ...tagging('assume a role with', SESSION_TAGS, key => assume('other', { tags: { [key]: 'payments' } })),
  'federation token with an attribution key': call(FEDERATION_TOKEN, ...['sts:GetFederationToken', 'sts:TagSession'].map(action => (
    authorization(action, `arn:aws:sts::${ACCOUNT}:federated-user/app`, requestTags({ team: 'risk' }))
  ))),
  'assume an approved role with an attribution key': call(SESSION_TAGS, ...assume('approved', { tags: { team: 'payments' } })),
  'pod identity starts a session': call(POD_IDENTITY, ...assume('matching-role', { tags: { 'kubernetes-namespace': 'shop', 'kubernetes-service-account': 'checkout' } })),
  'pod identity gives an attribution key': call(POD_IDENTITY, ...assume('matching-role', { tags: { team: 'risk' } })),
  'pod identity gives an attribution key in another case': call(POD_IDENTITY, ...assume('matching-role', { tags: { Team: 'risk' } })),
} satisfies Record<string, Call>;

/** Every call by its name in the matrix. */
export const CALLS = {
  ...INVOCATIONS, ...MANTLE, ...API_KEY_CALLS, ...CREATIONS, ...TAGGING, ...SESSIONS, ...TENANT_SESSIONS, ...SIGN_INS,
};

export type CallName = keyof typeof CALLS;
