import type { Authorization } from '../access/simulation/contexts';
import { bedrock, GEO_PROFILE, GEO_REGIONS, model, type Tags } from '../access/simulation/places';
import type { Callable } from './example';

/** Something that somebody does, as all that IAM decides about before it happens. */
export interface Call {
  readonly authorizations: readonly Authorization[];
  readonly source: string;
}

const INVOKE = 'bedrock:InvokeModel';
const GEO = bedrock(`inference-profile/${GEO_PROFILE}`);
const PROFILES = 'https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html';
const PROJECTS = 'https://docs.aws.amazon.com/bedrock/latest/userguide/security-iam-projects.html';
const API_KEYS = 'https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-permissions.html';
const ACTIONS = 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html';
const SESSIONS = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html';
const TAGS = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html';

/** A foundation model, called directly. */
export const callModel: Call = { source: PROFILES, authorizations: [{ action: INVOKE, resource: model(), context: {} }] };

/** A profile of one foundation model. */
export function callProfile({ arn, tags }: Callable): Call {
  return {
    source: PROFILES,
    authorizations: [...callable('bedrock:GetInferenceProfile', arn, tags), ...callable(INVOKE, arn, tags), ...modelLegs(arn, [model()])],
  };
}

/** A profile that wraps the European one, which runs the model in several Regions. */
export function callGeoProfile({ arn, tags }: Callable): Call {
  return {
    source: PROFILES,
    authorizations: [
      ...callable('bedrock:GetInferenceProfile', arn, tags),
      ...callable(INVOKE, arn, tags),
      { action: INVOKE, resource: GEO, context: {} },
      ...modelLegs(arn, GEO_REGIONS.map(model)),
    ],
  };
}

/** The European profile, without an application profile before it. */
export const callSystemProfile: Call = {
  source: PROFILES, authorizations: [{ action: INVOKE, resource: GEO, context: {} }, ...modelLegs(GEO, GEO_REGIONS.map(model))],
};

/** A project of the mantle endpoint. */
export function callProject({ arn, tags }: Callable): Call {
  return { source: PROJECTS, authorizations: callable('bedrock-mantle:CreateInference', arn, tags) };
}

/** What an API key is asked for before anything else, on one of the endpoints. */
export function callWithKey(endpoint: 'bedrock' | 'bedrock-mantle', type: 'SHORT_TERM' | 'LONG_TERM'): Call {
  return { source: API_KEYS, authorizations: [{ action: `${endpoint}:CallWithBearerToken`, resource: '*', context: { [`${endpoint}:BearerTokenType`]: type } }] };
}

/** A long-term key of a user for a service. */
export function makeKey(user: string, service: string): Call {
  const context = { 'iam:ServiceSpecificCredentialServiceName': service };
  return { source: API_KEYS, authorizations: [{ action: 'iam:CreateServiceSpecificCredential', resource: user, context }] };
}

/** A session of a role, with a name and with tags. */
export function assume(role: string, sessionName: string, tags: Tags): Call {
  const context = { 'sts:RoleSessionName': sessionName, ...requestTags(tags) };
  const actions = ['sts:AssumeRole', ...Object.keys(tags).length === 0 ? [] : ['sts:TagSession']];
  return { source: SESSIONS, authorizations: actions.map(action => ({ action, resource: role, context })) };
}

/** The same call, should `bedrock:InferenceProfileArn` name the system-defined profile behind the application profile. */
export function namingWrapped({ source, authorizations }: Call): Call {
  const named = 'bedrock:InferenceProfileArn';
  return { source, authorizations: authorizations.map(leg => named in leg.context ? { ...leg, context: { [named]: GEO } } : leg) };
}

/** A new application profile with tags. */
export function create(tags: Tags): Call {
  const resources = [bedrock('application-inference-profile/new'), model()];
  return { source: PROFILES, authorizations: resources.map(resource => ({ action: 'bedrock:CreateInferenceProfile', resource, context: requestTags(tags) })) };
}

/** Something that has no condition. */
export function act(action: string, resource: string): Call {
  return { source: ACTIONS, authorizations: [{ action, resource, context: {} }] };
}

/** A change of the tags of a user, role, profile or project. */
export function changeTags(action: string, resource: string, tags: Tags): Call {
  return { source: TAGS, authorizations: [{ action, resource, context: requestTags(tags) }] };
}

/** Tags that come with a request. */
export function requestTags(tags: Tags): Record<string, string | string[]> {
  const values = Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]));
  return Object.keys(tags).length === 0 ? {} : { ...values, 'aws:TagKeys': Object.keys(tags) };
}

function callable(action: string, resource: string, tags: Tags): Authorization[] {
  return [{ action, resource, context: Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value])) }];
}

function modelLegs(named: string, models: string[]): Authorization[] {
  return models.map(resource => ({ action: INVOKE, resource, context: { 'bedrock:InferenceProfileArn': named } }));
}
