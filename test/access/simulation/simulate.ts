import { runSimulation, runUnsafeSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import type { Authorization, Call } from './contexts';
import { ACCOUNT, REGION } from './places';
import { type NamedPolicy, namesAction, type PolicyDocument, type Statement } from './principals';
import type { Scenario } from './scenario';

/** What becomes of a call. */
export interface Verdict {
  readonly allowed: boolean;
  /** The statements that decided, as `document: Sid`, or the authorization that no statement allows. */
  readonly decidedBy: readonly string[];
  /** What the evaluator has no reference for, and so has not validated. */
  readonly unknown: readonly string[];
}

type Result = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';
type Context = Record<string, string | string[]>;

export const ALLOW_ALL: PolicyDocument = { Version: '2012-10-17', Statement: [{ Sid: 'AllowAll', Effect: 'Allow', Action: '*', Resource: '*' }] };

/** The policy that is attached to everything in an organization, beside which every other one stands. */
const FULL_ACCESS: NamedPolicy = { name: 'FullAWSAccess', policy: ALLOW_ALL };

/**
 * What becomes of a call with all its authorizations: it is allowed only when all of them are.
 *
 * Each authorization is validated by the service authorization reference that the evaluator ships, so that no action or key is invented.
 */
export async function simulate(scenario: Scenario, call: Call): Promise<Verdict> {
  const legs = await Promise.all(call.authorizations.map(async authorization => {
    const result = evaluate(scenario, authorization);
    return { authorization, result, unknown: await validate(scenario, authorization, result) };
  }));
  const denied = legs.filter(({ result }) => result !== 'Allowed');
  const explicit = denied.filter(({ result }) => result === 'ExplicitlyDenied');
  const statements = (effect: Statement['Effect'], of: typeof legs): string[] => of.flatMap(leg => deciding(scenario, leg.authorization, effect));
  const decidedBy = denied.length === 0
    ? statements('Allow', legs)
    : explicit.length > 0 ? statements('Deny', explicit) : denied.map(({ authorization }) => nothingAllows(authorization));
  const unknown = legs.flatMap(leg => leg.unknown);
  return { allowed: denied.length === 0, decidedBy: [...new Set(decidedBy)], unknown: [...new Set(unknown)] };
}

/** Whether a call is allowed, without validation: for the thousands of evaluations with changed documents. */
export function isAllowed(scenario: Scenario, { authorizations }: Call): boolean {
  return authorizations.every(authorization => evaluate(scenario, authorization) === 'Allowed');
}

function nothingAllows({ action, resource }: Authorization): string {
  return `no statement allows ${action} on ${short(resource)}`;
}

/** The part of a resource that says which one it is. */
function short(resource: string): string {
  return resource.split(':').slice(5).join(':') || resource;
}

function evaluate(scenario: Scenario, authorization: Authorization): Result {
  const simulation = simulationOf(scenario, authorization);
  const trust = scenario.trusts?.[authorization.resource];
  // without validation the evaluator wants the name of a resource policy, which it finds in what its own validation answers with
  const resourcePolicy = trust && { __validated: true, policyDocument: trust.policy, metadata: { name: trust.name }, errors: [] };
  return runUnsafeSimulation({ ...simulation, resourcePolicy }, {});
}

/**
 * What the reference does not know of an authorization.
 *
 * It knows no foundation model without a Region, which is how global profiles are authorized: there the same is validated with one.
 */
async function validate(scenario: Scenario, { action, resource, context }: Authorization, result: Result): Promise<string[]> {
  const isRegionless = resource.startsWith('arn:aws:bedrock:::');
  const known = isRegionless ? resource.replace('arn:aws:bedrock:::', `arn:aws:bedrock:${REGION}::`) : resource;
  const response = await runSimulation(simulationOf(scenario, { action, resource: known, context }), {});
  if (response.resultType === 'error') {
    if (response.errors.message === 'policy.errors') throw new Error(JSON.stringify(response.errors));
    return [`${response.errors.message} (${action} on ${short(resource)})`];
  }
  if (response.resultType === 'wildcard') throw new Error(`${resource} is no single resource`);
  const ignored = response.result.ignoredContextKeys ?? [];
  if (ignored.length === 0 && !isRegionless && response.overallResult !== result) {
    throw new Error(`${action} on ${resource} is ${response.overallResult} when validated and ${result} otherwise`);
  }
  return [
    ...ignored.map(key => `key ${key}`),
    ...isRegionless ? ['model ARN without a Region'] : [],
  ];
}

/** The statements of one effect that match an authorization, found by evaluating each of them alone. */
function deciding(scenario: Scenario, authorization: Authorization, effect: Statement['Effect']): string[] {
  const alone = (policy: NamedPolicy, statement: Statement): NamedPolicy => (
    { ...policy, policy: { ...policy.policy, Statement: [statement] } }
  );
  const trust = scenario.trusts?.[authorization.resource];
  const matches = (simulated: Scenario): boolean => evaluate(simulated, authorization) !== 'ImplicitlyDenied';
  const bare: Scenario = { ...scenario, identity: [], boundary: undefined, guardrails: [], trusts: {} };
  const named = (layer: string, policies: readonly NamedPolicy[], place: (policy: NamedPolicy) => Scenario): string[] => (
    policies.flatMap(policy => policy.policy.Statement
      .filter(statement => statement.Effect === effect && namesAction(statement, authorization.action))
      .filter(statement => matches(place(alone(policy, statement))))
      .map(statement => `${layer}: ${statement.Sid ?? policy.name}`))
  );
  // a policy alone decides nothing about a role that does not trust its holder
  const asIdentity = (policy: NamedPolicy): Scenario => ({ ...bare, identity: [policy], trusts: everybody(scenario, authorization) });
  const asTrust = (policy: NamedPolicy): Scenario => (
    { ...bare, identity: [{ name: 'everything', policy: ALLOW_ALL }], trusts: { [authorization.resource]: policy } }
  );
  return [
    ...named('identity', scenario.identity, asIdentity),
    ...named('boundary', scenario.boundary ?? [], asIdentity),
    ...named('SCP', scenario.guardrails, asIdentity),
    ...named('trust', trust === undefined ? [] : [trust], asTrust),
  ];
}

/** A trust that leaves the decision to the policies of the caller. */
export function everybody({ principal, trusts }: Scenario, { resource }: Authorization): Scenario['trusts'] {
  if (trusts?.[resource] === undefined) return {};
  const statement: Statement = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountOf(principal)}:root` }, Action: 'sts:*' };
  return { [resource]: { name: 'everybody', policy: { Version: '2012-10-17', Statement: [statement] } } };
}

function simulationOf(scenario: Scenario, { action, resource, context }: Authorization): Simulation {
  const { principal, tags, identity, boundary, guardrails, trusts } = scenario;
  return {
    request: {
      principal,
      action,
      resource: { resource, accountId: accountOf(resource) || accountOf(principal) },
      contextVariables: { ...callerContext(principal, tags), ...context as Context },
    },
    identityPolicies: identity.map(policy => ({ ...policy })),
    permissionBoundaryPolicies: boundary?.map(policy => ({ ...policy })),
    serviceControlPolicies: [{ orgIdentifier: 'o-example', policies: [FULL_ACCESS, ...guardrails] }],
    resourceControlPolicies: [],
    resourcePolicy: trusts?.[resource]?.policy,
  };
}

/** What IAM knows of every caller: the role of a session stands for it. */
function callerContext(principal: string, tags: Readonly<Record<string, string>>): Context {
  if (!principal.startsWith('arn:')) return { 'aws:PrincipalServiceName': principal, 'aws:PrincipalIsAWSService': 'true' };
  const [, , service, , account, resource] = principal.split(':');
  const arn = service === 'sts' ? `arn:aws:iam::${account}:role/${resource.split('/')[1]}` : principal;
  return {
    'aws:PrincipalArn': arn,
    'aws:PrincipalAccount': account,
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
  };
}

function accountOf(arn: string): string {
  return arn.startsWith('arn:') ? arn.split(':')[4] : ACCOUNT;
}
