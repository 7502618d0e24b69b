import * as iam from 'aws-cdk-lib/aws-iam';
import { type AttributionKey, Carrier } from '../../schema';
import type { BedrockArns } from '../bedrock-arns';
import type { ResolvedControls } from '../resolve-controls';
import { ANY_VALUE, isNotPermitted, ownValue, permittedValues } from '../value-conditions';
import { notProvisioners } from './provisioners';
import { sid } from './sid';

/** What makes something that is billed by its own tags. */
const CREATE_ACTIONS = [
  'bedrock-mantle:CreateProject',
  'bedrock:CreateInferenceProfile',
  'bedrock:CreateModelInvocationJob',
  'bedrock:CreateProvisionedModelThroughput',
];

/** What starts an asynchronous invocation; on anything else than its result the same action is an ordinary call, which has no tags. */
const ASYNC_ACTION = 'bedrock:InvokeModel';

type Conditions = Record<string, Record<string, string | string[]>>;

/**
 * Denies making what is billed by its own tags without these tags, or with somebody else's.
 *
 * The tags of a request are there on each of its authorizations, hence no resource: throughput is authorized on the model only. Somebody
 * else's value and no value are one denial where both are denied, which keeps policies small.
 */
export function creationStatements(controls: ResolvedControls, arns: BedrockArns): iam.PolicyStatement[] {
  const { denyUntaggedCreation, denyForeignCreation, comparedKeys } = controls;
  return controls.schema.activeKeys.filter(key => key.ridesOn(Carrier.RESOURCE_TAG)).flatMap(key => {
    const isTagged = denyUntaggedCreation && key.isRequiredOn();
    const isOwn = denyForeignCreation && comparedKeys.includes(key);
    if (isTagged && isOwn) return taggedByOwner(key, controls, arns);
    if (isTagged) return tagged(key, controls, arns);
    return isOwn ? [ownIfAny(key, controls)] : [];
  });
}

/**
 * The value must be there, and the creator's own. If the creator's is of the schema then this is: to list the values once keeps policies
 * small. Provisioners write for others, so theirs are listed again.
 */
function taggedByOwner(key: AttributionKey, controls: ResolvedControls, arns: BedrockArns): iam.PolicyStatement[] {
  const isNotOwn = { StringNotEquals: { [requestTag(key)]: ownValue(key) } };
  return [
    deny(`CreateOnlyWithOwn${sid(key)}`, CREATE_ACTIONS, '*', { ...isNotOwn, ...notProvisioners(controls) }),
    deny(`StartOnlyWithOwn${sid(key)}`, [ASYNC_ACTION], arns.bedrock('async-invoke/*'), isNotOwn),
    ...controls.provisioners.length === 0 ? [] : [deny(`CreateOnlyWith${sid(key)}`, CREATE_ACTIONS, '*', isIllegal(key, controls))],
  ];
}

/** The value must be there, and one of the schema. */
function tagged(key: AttributionKey, controls: ResolvedControls, arns: BedrockArns): iam.PolicyStatement[] {
  return [
    deny(`CreateOnlyWith${sid(key)}`, CREATE_ACTIONS, '*', isIllegal(key, controls)),
    deny(`StartOnlyWith${sid(key)}`, [ASYNC_ACTION], arns.bedrock('async-invoke/*'), isIllegal(key, controls)),
  ];
}

function isIllegal(key: AttributionKey, { denyUnlistedValues }: ResolvedControls): Conditions {
  return isNotPermitted(requestTag(key), denyUnlistedValues ? permittedValues(key) : ANY_VALUE);
}

/** A value that is there must be the creator's own. */
function ownIfAny(key: AttributionKey, controls: ResolvedControls): iam.PolicyStatement {
  return deny(`CreateOnlyWithOwn${sid(key)}`, [...CREATE_ACTIONS, ASYNC_ACTION], '*', {
    Null: { [requestTag(key)]: 'false' },
    StringNotEquals: { [requestTag(key)]: ownValue(key) },
    ...notProvisioners(controls),
  });
}

function deny(statementId: string, actions: string[], resource: string, conditions: Conditions): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: statementId, effect: iam.Effect.DENY, actions, resources: [resource], conditions });
}

function requestTag(key: AttributionKey): string {
  return `aws:RequestTag/${key.spelling(Carrier.RESOURCE_TAG)}`;
}
