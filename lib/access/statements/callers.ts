import * as iam from 'aws-cdk-lib/aws-iam';
import type { AttributionKey } from '../../schema';
import type { ResolvedControls } from '../resolve-controls';
import { requiredOnCaller } from '../resolve-controls';
import { ANY_VALUE, callerTag, isNotPermitted, isPermitted, mergeConditions, permittedValues, ridesOnCaller } from '../value-conditions';
import { sid } from './sid';

/**
 * What runs models, on either endpoint, by jobs, agents, flows and knowledge bases; what is billed by tags of its own is another control.
 * Wildcards, so that tomorrow's ways to run a model are denied to the untagged from their first day. Guardrails and the like are not among
 * them: AWS names the caller for inference only.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
 */
export const SPENDING_ACTIONS = [
  'bedrock-mantle:CreateFin*',
  'bedrock-mantle:CreateInf*',
  'bedrock:*Retrieve*',
  'bedrock:Create*Job',
  'bedrock:Generate*',
  'bedrock:Invoke*',
  'bedrock:Optimize*',
  'bedrock:Rerank',
  'bedrock:StartFlow*',
];

/** Denies spending to callers whose tags are missing, empty or not of the schema. */
export function callerStatements({ schema, denyUntaggedCallers, checkCallerValues }: ResolvedControls): iam.PolicyStatement[] {
  const required = requiredOnCaller(schema);
  const optional = schema.activeKeys.filter(key => ridesOnCaller(key) && !required.includes(key));
  return [
    ...denyUntaggedCallers ? untaggedCallerStatements(required, checkCallerValues) : [],
    ...checkCallerValues ? unlistedValueStatements(denyUntaggedCallers ? optional : [...required, ...optional]) : [],
  ];
}

/**
 * The same as permissions, for a document that has little room: here the conditions on all keys stand in one statement, since all of them
 * must hold for a permission, and the rest is allowed as it is.
 */
export function callerPermissions({ schema, denyUntaggedCallers, checkCallerValues }: ResolvedControls): iam.PolicyStatement[] {
  const required = requiredOnCaller(schema);
  const optional = schema.activeKeys.filter(key => ridesOnCaller(key) && !required.includes(key));
  if (!denyUntaggedCallers) {
    return [
      new iam.PolicyStatement({ sid: 'LeaveTheRestToPolicies', actions: ['*'], resources: ['*'] }),
      ...checkCallerValues ? unlistedValueStatements([...required, ...optional]) : [],
    ];
  }
  return [
    new iam.PolicyStatement({ sid: 'LeaveTheRestToPolicies', notActions: SPENDING_ACTIONS, resources: ['*'] }),
    new iam.PolicyStatement({
      sid: 'CallOnlyTagged',
      actions: SPENDING_ACTIONS,
      resources: ['*'],
      conditions: mergeConditions(required.map(key => isPermitted(callerTag(key), checkCallerValues ? permittedValues(key) : ANY_VALUE))),
    }),
    ...checkCallerValues ? unlistedValueStatements(optional) : [],
  ];
}

/**
 * Denies spending to callers without a tag: a statement per key, since the conditions of one statement must all hold.
 *
 * @param checkValues whether a value that the schema does not allow is as bad as none
 */
export function untaggedCallerStatements(keys: AttributionKey[], checkValues: boolean): iam.PolicyStatement[] {
  return keys.map(key => deny(`CallOnlyWith${sid(key)}`, isNotPermitted(callerTag(key), checkValues ? permittedValues(key) : ANY_VALUE)));
}

function unlistedValueStatements(keys: AttributionKey[]): iam.PolicyStatement[] {
  return keys.filter(key => permittedValues(key) !== ANY_VALUE).map(key => deny(`CallWithNoUnlisted${sid(key)}`, {
    Null: { [callerTag(key)]: 'false' },
    ...isNotPermitted(callerTag(key), permittedValues(key)),
  }));
}

function deny(statementId: string, conditions: Record<string, Record<string, string | string[]>>): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: statementId, effect: iam.Effect.DENY, actions: SPENDING_ACTIONS, resources: ['*'], conditions });
}
