import { Stack, Token } from 'aws-cdk-lib';
import type { CfnBudgetsAction } from 'aws-cdk-lib/aws-budgets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { BudgetActionTarget } from './budget-action-target';

/** What a target comes to: the definition of the action, and what Budgets has to be allowed for it. */
export interface BoundTarget {
  readonly actionType: string;
  readonly definition: CfnBudgetsAction.DefinitionProperty;
  readonly statements: iam.PolicyStatement[];
  readonly managedPolicy?: iam.IManagedPolicyRef;
  readonly serviceControlPolicyId?: string;
}

export type PrincipalTarget = Extract<BudgetActionTarget['_is'], { kind: 'principals' }>;
export type OrganizationTarget = Extract<BudgetActionTarget['_is'], { kind: 'organization' }>;

/** So many ARNs in a statement that the CDK can spread the statements of a large list over several policies. */
const ARNS_PER_STATEMENT = 25;

/** An action that attaches a managed policy to principals of the account. */
export function bindPrincipals({ noun, principals }: PrincipalTarget, managedPolicy: iam.IManagedPolicyRef): BoundTarget {
  const { policyArn } = managedPolicy.managedPolicyRef;
  return {
    actionType: 'APPLY_IAM_POLICY',
    definition: {
      iamActionDefinition: { policyArn, [`${noun.toLowerCase()}s`]: [...new Set(principals.map(({ name }) => name))] },
    },
    statements: chunks([...new Set(principals.map(({ arn }) => arn))]).map(resources => new iam.PolicyStatement({
      actions: [`iam:Attach${noun}Policy`, `iam:Detach${noun}Policy`],
      resources,
      conditions: { ArnEquals: { 'iam:PolicyARN': policyArn } },
    })),
    managedPolicy,
  };
}

/** An action that attaches a service control policy to accounts and organizational units. */
export function bindOrganization(scope: IConstruct, { targetIds }: OrganizationTarget, policyId: string, policyArn: string): BoundTarget {
  return {
    actionType: 'APPLY_SCP_POLICY',
    definition: { scpActionDefinition: { policyId, targetIds } },
    // a call is authorized on the policy and on the target, so that neither can be another
    statements: chunks(targetArns(scope, targetIds)).map(resources => new iam.PolicyStatement({
      actions: ['organizations:AttachPolicy', 'organizations:DetachPolicy'],
      resources: [policyArn, ...resources],
    })),
    serviceControlPolicyId: policyId,
  };
}

/** ARN of something of the organization, whose id is not known before deployment. An account is in one organization only. */
export function organizationArn(scope: IConstruct, resource: string, name: string): string {
  return Stack.of(scope).formatArn({ service: 'organizations', region: '', resource, resourceName: `o-*/${name}` });
}

function targetArns(scope: IConstruct, targetIds: string[]): string[] {
  const ids = Token.isUnresolved(targetIds) ? ['*'] : [...new Set(targetIds)];
  return ids.flatMap(id => {
    const isKnown = id !== '*' && !Token.isUnresolved(id);
    return ['account', 'ou'].filter(resource => !isKnown || (resource === 'ou') === id.startsWith('ou-'))
      .map(resource => organizationArn(scope, resource, id));
  });
}

function chunks(arns: string[]): string[][] {
  return Array.from({ length: Math.ceil(arns.length / ARNS_PER_STATEMENT) }, (_, index) => (
    arns.slice(index * ARNS_PER_STATEMENT, (index + 1) * ARNS_PER_STATEMENT)
  ));
}
