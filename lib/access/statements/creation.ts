import * as iam from 'aws-cdk-lib/aws-iam';
import { type AttributionKey, Carrier } from '../../schema';
import type { BedrockArns } from '../bedrock-arns';
import type { ResolvedControls } from '../resolve-controls';
import { ANY_VALUE, isNotPermitted, ownValue, permittedValues } from '../value-conditions';
import { notProvisioners } from './provisioners';
import { sid } from './sid';

/** What makes something that is billed by its own tags: projects, inference profiles, batch jobs and provisioned throughput. */
const CREATE_ACTIONS = [
  'bedrock-mantle:CreateProject',
  // shortened, because the list stands in every statement and a permissions boundary has little room
  'bedrock:CreateInferenceP*',
  'bedrock:CreateModelInv*',
  'bedrock:CreateProv*',
];

/** What starts an asynchronous invocation; on anything else than its result the same action is an ordinary call, which has no tags. */
const ASYNC_ACTION = 'bedrock:InvokeModel';

type Conditions = Record<string, Record<string, string | string[]>>;

/**
 * Denies making what is billed by its own tags without these tags, or with somebody else's.
 *
 * The tags of a request are there on each of its authorizations, hence no resource: throughput is authorized on the model only. A call that
 * makes nothing has no tags, so that conditions on tags that are there leave it alone.
 */
export function creationStatements(controls: ResolvedControls, arns: BedrockArns): iam.PolicyStatement[] {
  const { denyUntaggedCreation, denyForeignCreation, comparedKeys, provisioners } = controls;
  const isUnchecked = controls.denyUnlistedValues && !controls.checkCallerValues;
  const keys = controls.schema.activeKeys.filter(key => key.ridesOn(Carrier.RESOURCE_TAG));
  const required = denyUntaggedCreation ? keys.filter(key => key.isRequiredOn()) : [];
  const own = denyForeignCreation ? keys.filter(key => comparedKeys.includes(key)) : [];
  return [
    ...required.length > 0 ? untagged(arns) : [],
    ...required.map(tagged),
    ...own.map(key => owned(key, controls)),
    // a value that is the creator's own is of the schema if the creator's was checked; to list values once keeps policies small
    ...required.filter(key => !own.includes(key) || provisioners.length > 0 || isUnchecked).map(key => listed(key, controls)),
  ];
}

function untagged(arns: BedrockArns): iam.PolicyStatement[] {
  const conditions = { Null: { 'aws:TagKeys': 'true' } };
  return [
    deny('CreateOnlyTagged', CREATE_ACTIONS, '*', conditions),
    deny('StartOnlyTagged', [ASYNC_ACTION], arns.bedrock('async-invoke/*'), conditions),
  ];
}

/** Where there are tags, the key must be among them as the schema spells it: the bill keeps other spellings apart. */
function tagged(key: AttributionKey): iam.PolicyStatement {
  return deny(`CreateOnlyWith${sid(key)}`, [...CREATE_ACTIONS, ASYNC_ACTION], '*', {
    'Null': { 'aws:TagKeys': 'false' },
    'ForAllValues:StringNotEquals': { 'aws:TagKeys': key.spelling(Carrier.RESOURCE_TAG) },
  });
}

/** A value that is there must be the creator's own. Provisioners write for others. */
function owned(key: AttributionKey, controls: ResolvedControls): iam.PolicyStatement {
  return deny(`CreateOnlyOwn${sid(key)}`, [...CREATE_ACTIONS, ASYNC_ACTION], '*', {
    Null: { [requestTag(key)]: 'false' },
    StringNotEquals: { [requestTag(key)]: ownValue(key) },
    ...notProvisioners(controls),
  });
}

/** A value that is there must be one of the schema, or at least not empty. */
function listed(key: AttributionKey, { denyUnlistedValues }: ResolvedControls): iam.PolicyStatement {
  return deny(`CreateOnlyWithListed${sid(key)}`, [...CREATE_ACTIONS, ASYNC_ACTION], '*', {
    Null: { [requestTag(key)]: 'false' },
    ...isNotPermitted(requestTag(key), denyUnlistedValues ? permittedValues(key) : ANY_VALUE),
  });
}

function deny(statementId: string, actions: string[], resource: string, conditions: Conditions): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: statementId, effect: iam.Effect.DENY, actions, resources: [resource], conditions });
}

function requestTag(key: AttributionKey): string {
  return `aws:RequestTag/${key.spelling(Carrier.RESOURCE_TAG)}`;
}
