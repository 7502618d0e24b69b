import * as iam from 'aws-cdk-lib/aws-iam';
import { Carrier } from '../../schema';
import type { ResolvedControls } from '../resolve-controls';
import { callerTagKeys } from '../value-conditions';
import { notProvisioners } from './provisioners';

const RESOURCE_TAG_ACTIONS = ['bedrock-mantle:TagResource', 'bedrock-mantle:UntagResource', 'bedrock:TagResource', 'bedrock:UntagResource'];
const PRINCIPAL_TAG_ACTIONS = ['iam:CreateRole', 'iam:CreateUser', 'iam:TagRole', 'iam:TagUser', 'iam:UntagRole', 'iam:UntagUser'];

/** Denies changing the tags that the bill is divided by, and those that the other denials compare with. */
export function tamperingStatements(controls: ResolvedControls): iam.PolicyStatement[] {
  const { schema, approvedSessionRoles } = controls;
  const taggable = schema.keys.filter(key => key.ridesOn(Carrier.RESOURCE_TAG));
  const resourceTags = [...new Set(taggable.map(key => key.spelling(Carrier.RESOURCE_TAG)))];
  const callerTags = callerTagKeys(schema);
  const effect = iam.Effect.DENY;
  return [
    ...controls.denyResourceTagTampering && resourceTags.length > 0 ? [new iam.PolicyStatement({
      sid: 'ChangeNoResourceTag',
      effect,
      actions: RESOURCE_TAG_ACTIONS,
      resources: ['*'],
      conditions: { ...anyOf(resourceTags), ...notProvisioners(controls) },
    })] : [],
    ...controls.denyPrincipalTagTampering && callerTags.length > 0 ? [new iam.PolicyStatement({
      sid: 'ChangeNoPrincipalTag',
      effect,
      actions: PRINCIPAL_TAG_ACTIONS,
      resources: ['*'],
      conditions: { ...anyOf(callerTags), ...notProvisioners(controls) },
    })] : [],
    ...controls.denyUnapprovedSessionTags && callerTags.length > 0 ? [new iam.PolicyStatement({
      sid: 'TagOnlyApprovedSessions',
      effect,
      actions: ['sts:TagSession'],
      ...approvedSessionRoles.length === 0 ? { resources: ['*'] } : { notResources: approvedSessionRoles },
      conditions: anyOf(callerTags),
    })] : [],
  ];
}

/** IAM reads a tag key whatever its case, so `Team` is as good a forgery as `team`. */
function anyOf(tagKeys: string[]): Record<string, Record<string, string[]>> {
  return { 'ForAnyValue:StringEqualsIgnoreCase': { 'aws:TagKeys': tagKeys } };
}
