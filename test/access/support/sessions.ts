import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Authorization, Statement } from '../../support/evaluate-policy';
import { iam, REGION, type Tags } from '../simulation/places';

/** A session that somebody asks for; what is left out is what the role asks for. */
export interface SessionRequest {
  readonly principal: string;
  readonly action: string;
  readonly tags: Tags;
  /** Name of the session. */
  readonly name: string;
  readonly sourceIdentity?: string;
  readonly transitive?: readonly string[];
  /** What is known of the caller beside. */
  readonly context?: Record<string, string>;
}

/**
 * All that STS authorizes before a tagged session starts.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
 */
export function startOf(
  { principal, action, tags, name, sourceIdentity, transitive = [], context = {} }: SessionRequest,
): Authorization<string | string[]>[] {
  const resource = iam('role/sessions');
  const tagContext: Record<string, string | string[]> = {
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    ...Object.keys(tags).length === 0 ? {} : { 'aws:TagKeys': Object.keys(tags) },
    ...transitive.length === 0 ? {} : { 'sts:TransitiveTagKeys': [...transitive] },
  };
  const source: Record<string, string> = sourceIdentity === undefined ? {} : { 'sts:SourceIdentity': sourceIdentity };
  return [
    { principal, resource, action, context: { 'sts:RoleSessionName': name, ...tagContext, ...source, ...context } },
    ...Object.keys(tags).length === 0 ? [] : [{ principal, resource, action: 'sts:TagSession', context: tagContext }],
    ...sourceIdentity === undefined ? [] : [{ principal, resource, action: 'sts:SetSourceIdentity', context: source }],
  ];
}

/** A call of a model by a session with these tags. */
export function modelCall(tags: Tags): Authorization[] {
  return [{
    action: 'bedrock:InvokeModel',
    resource: `arn:aws:bedrock:${REGION}::foundation-model/amazon.nova-lite-v1:0`,
    context: Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
  }];
}

/** A role as it is synthesized. */
export interface SynthesizedRole {
  readonly trust: Statement[];
  readonly permissions: Statement[];
  readonly properties: Record<string, unknown>;
}

/** The role that trusts with this statement, among those of a stack. */
export function sessionRoleOf(stack: Stack): SynthesizedRole {
  const roles = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role')).map(role => role.Properties as Record<string, unknown>);
  const statements = (document: unknown): Statement[] => (document as { Statement: Statement[] }).Statement;
  const role = roles.find(({ AssumeRolePolicyDocument }) => statements(AssumeRolePolicyDocument).some(({ Sid }) => Sid === 'StartTaggedSessions'));
  if (role === undefined) throw new Error('the stack has no role with tagged sessions');
  const [policy] = role.Policies as { PolicyDocument: unknown }[];
  return { trust: statements(role.AssumeRolePolicyDocument), permissions: statements(policy.PolicyDocument), properties: role };
}
