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
 * The tags of a request are there on each of its authorizations, hence no resource: throughput is authorized on the model only.
 */
export function creationStatements(controls: ResolvedControls, arns: BedrockArns): iam.PolicyStatement[] {
  const { denyUntaggedCreation, denyForeignCreation, comparedKeys, provisioners } = controls;
  return controls.schema.activeKeys.filter(key => key.ridesOn(Carrier.RESOURCE_TAG)).flatMap(key => {
    const isTagged = denyUntaggedCreation && key.isRequiredOn();
    const isOwn = denyForeignCreation && comparedKeys.includes(key);
    return [
      ...isTagged ? tagged(key, arns) : [],
      ...isOwn ? [owned(key, controls)] : [],
      // a value that is the creator's own is of the schema if the creator's is; to list values once keeps policies small
      ...isTagged && (!isOwn || provisioners.length > 0) ? [listed(key, controls)] : [],
    ];
  });
}

/** The key must be there as the schema spells it: the bill keeps other spellings apart. Holds as well where there are no tags at all. */
function tagged(key: AttributionKey, arns: BedrockArns): iam.PolicyStatement[] {
  const conditions = { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': key.spelling(Carrier.RESOURCE_TAG) } };
  return [
    deny(`CreateOnlyWith${sid(key)}`, CREATE_ACTIONS, '*', conditions),
    deny(`StartOnlyWith${sid(key)}`, [ASYNC_ACTION], arns.bedrock('async-invoke/*'), conditions),
  ];
}

/** A value that is there must be the creator's own. Provisioners write for others. */
function owned(key: AttributionKey, controls: ResolvedControls): iam.PolicyStatement {
  return deny(`CreateOnlyWithOwn${sid(key)}`, [...CREATE_ACTIONS, ASYNC_ACTION], '*', {
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
