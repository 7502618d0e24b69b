import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';

/** A statement of a synthesized policy. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

/** A value of a condition key; a few keys, such as `aws:TagKeys`, have several. */
type OneOrMany = string | string[];

/** One thing that IAM decides about. */
export interface Authorization<Value extends OneOrMany = string> {
  /** A service or the ARN of a role or user; left out where the policy belongs to the caller. */
  readonly principal?: string;
  readonly action: string;
  readonly resource: string;
  readonly context?: Record<string, Value>;
}

/** The policies that decide about a caller. */
export interface Layers {
  readonly identity: Statement[];
  /** @default - no boundary */
  readonly boundary?: Statement[];
  /** Service control policies, beside the one that allows everything. @default - none */
  readonly guardrails?: Statement[];
}

const CALLER = 'arn:aws:iam::111122223333:role/caller';
const RESOURCE_OWNER = '123456789012';
const ALLOW_ALL: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };

/**
 * Whether statements allow all that a call is authorized for.
 *
 * Statements with a principal are the policy of the resource, in an account of its own and of callers whose own account allows them
 * everything, so that they alone decide. All others are the policy of the caller.
 */
export function isAllowed(statements: Statement[], authorizations: Authorization<OneOrMany>[]): boolean {
  const ofResource = statements.filter(({ Principal }) => Principal !== undefined);
  if (ofResource.length === 0) return isAllowedWithin({ identity: statements }, authorizations);
  return authorizations.every(authorization => decide({ identity: [ALLOW_ALL] }, authorization, ofResource));
}

/** Whether the policies of a caller, its boundary and the guardrails of its organization allow all that a call is authorized for. */
export function isAllowedWithin(layers: Layers, authorizations: Authorization<OneOrMany>[]): boolean {
  return authorizations.every(authorization => decide(layers, authorization));
}

function decide(layers: Layers, authorization: Authorization<OneOrMany>, ofResource?: Statement[]): boolean {
  const { identity, boundary, guardrails = [] } = layers;
  const { principal = CALLER, action, resource, context = {} } = authorization;
  return 'Allowed' === runUnsafeSimulation({
    request: {
      principal,
      action,
      resource: { resource: asRequested(resource), accountId: ofResource === undefined ? accountOf(principal) : RESOURCE_OWNER },
      contextVariables: context,
    },
    identityPolicies: [{ name: 'identity', policy: asDocument(identity) }],
    permissionBoundaryPolicies: boundary === undefined ? undefined : [{ name: 'boundary', policy: asDocument(boundary) }],
    serviceControlPolicies: [{ orgIdentifier: 'o-example', policies: [{ name: 'guardrails', policy: asDocument([ALLOW_ALL, ...guardrails]) }] }],
    resourceControlPolicies: [{ orgIdentifier: 'o-example', policies: [{ name: 'all', policy: asDocument([{ ...ALLOW_ALL, Principal: '*' }]) }] }],
    resourcePolicy: ofResource === undefined ? undefined : named(asDocument(ofResource)),
  }, {});
}

function asDocument(statements: Statement[]): object {
  return {
    Version: '2012-10-17',
    Statement: statements.map(statement => ({
      ...withText(statement) as Statement,
      ...statement.Resource === undefined ? {} : { Resource: texts(statement.Resource).map(asArn) },
      ...statement.NotResource === undefined ? {} : { NotResource: texts(statement.NotResource).map(asArn) },
    })),
  };
}

/** The evaluator asks every policy for its name, and gives a resource policy none; in this form a policy brings its own. */
function named(policyDocument: object): object {
  return { __validated: true, policyDocument, metadata: { name: 'resource' }, errors: [] };
}

/** The same with every reference of a template as text. */
function withText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withText);
  if (typeof value !== 'object' || value === null) return value;
  if (isReference(value)) return flatten(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withText(inner)]));
}

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(flatten);
}

/** The partition is known here; any other reference is the text of itself. */
function flatten(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if ('Fn::Join' in value) return (value['Fn::Join'] as [string, unknown[]])[1].map(flatten).join('');
  return 'Ref' in value && value.Ref === 'AWS::Partition' ? 'aws' : JSON.stringify(value);
}

function isReference(value: object): boolean {
  const keys = Object.keys(value);
  return keys.length === 1 && /^(Ref|Fn::.*)$/.test(keys[0]);
}

/** References stand for ARNs, and the evaluator compares ARNs part by part. */
function asArn(text: string): string {
  return text === '*' || text.startsWith('arn:') ? text : `arn:aws:reference:::${text}`;
}

/** A request is about one resource, and an asterisk in its name is one of its letters: the evaluator would read it as many resources. */
function asRequested(resource: string): string {
  return resource === '*' ? resource : asArn(resource).replaceAll('*', '∗');
}

function accountOf(principal: string): string {
  return principal.split(':').at(4) ?? RESOURCE_OWNER;
}
