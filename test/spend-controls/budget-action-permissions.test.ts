import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as budgets from 'aws-cdk-lib/aws-budgets';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AttributionBudgetAction, BudgetActionTarget } from '../../lib/spend-controls';
import { isAllowed, isAllowedWithin, type Statement } from '../support/evaluate-policy';

const ACCOUNT = '111122223333';
const MEMBER = '444455556666';
const UNIT = 'ou-ab12-cdef3456';
const STOP = `arn:aws:iam::${ACCOUNT}:policy/stop`;

const iamArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:${name}`;
const organization = (name: string): string => `arn:aws:organizations::${ACCOUNT}:${name}`;

/** The resources of a stack that has an action on a target, and nothing else. */
function templateOf(target: (stack: Stack) => BudgetActionTarget): Template {
  const stack = new Stack(new App(), 'Stack', { env: { account: ACCOUNT, region: 'us-east-1' } });
  const budget = new budgets.CfnBudget(stack, 'Budget', { budget: { budgetType: 'COST', timeUnit: 'MONTHLY' } });
  new AttributionBudgetAction(stack, 'Action', { budget, target: target(stack), emails: ['finops@example.com'] });
  return Template.fromStack(stack);
}

/** What Budgets may do as the execution role. */
function permissionsOf(target: (stack: Stack) => BudgetActionTarget): Statement[] {
  return Object.values(templateOf(target).findResources('AWS::IAM::Policy'))
    .flatMap(({ Properties }) => (Properties as { PolicyDocument: { Statement: Statement[] } }).PolicyDocument.Statement);
}

const stopOf = (stack: Stack): iam.IManagedPolicy => iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Stop', STOP);

const PRINCIPALS: [string, string, (stack: Stack) => BudgetActionTarget][] = [
  ['Role', 'role/services/checkout', stack => (
    BudgetActionTarget.roles([iam.Role.fromRoleArn(stack, 'Checkout', iamArn('role/services/checkout'))], stopOf(stack))
  )],
  ['User', 'user/alice', stack => BudgetActionTarget.users([iam.User.fromUserArn(stack, 'Alice', iamArn('user/alice'))], stopOf(stack))],
  ['Group', 'group/callers', stack => BudgetActionTarget.groups([iam.Group.fromGroupArn(stack, 'Callers', iamArn('group/callers'))], stopOf(stack))],
];

describe.each(PRINCIPALS)('for an action on a %s, Budgets', (noun, name, target) => {
  const permissions = permissionsOf(target);
  const attach = (resource: string, policy: string, verb = 'Attach'): boolean => (
    isAllowed(permissions, [{ action: `iam:${verb}${noun}Policy`, resource, context: { 'iam:PolicyARN': policy } }])
  );

  test.each(['Attach', 'Detach'])('may %s the stop policy', verb => {
    expect(attach(iamArn(name), STOP, verb)).toBe(true);
  });

  test.each([
    ['another policy', iamArn(name), iamArn('policy/other')],
    ['a policy of AWS', iamArn(name), 'arn:aws:iam::aws:policy/AdministratorAccess'],
    ['the stop policy to somebody else', iamArn(`${noun.toLowerCase()}/other`), STOP],
    ['another policy to its own role', iamArn('role/Stack-ActionExecutionRole'), 'arn:aws:iam::aws:policy/AdministratorAccess'],
  ])('may not attach %s', (_, resource, policy) => {
    expect(attach(resource, policy)).toBe(false);
  });

  test.each([
    `iam:Put${noun}Policy`, 'iam:CreatePolicyVersion', 'iam:DeletePolicy', 'iam:PassRole', 'organizations:AttachPolicy', 'bedrock:InvokeModel',
  ])('may not do %s', action => {
    const resource = action.includes('Policy') && !action.endsWith(`${noun}Policy`) ? STOP : iamArn(name);
    expect(isAllowed(permissions, [{ action, resource, context: { 'iam:PolicyARN': STOP } }])).toBe(false);
  });
});

describe('for an action on the organization, Budgets', () => {
  const permissions = permissionsOf(() => BudgetActionTarget.organization([MEMBER, UNIT], 'p-examplestop'));
  const attach = (policy: string, target: string, verb = 'Attach'): boolean => isAllowed(permissions, [policy, target].map(resource => (
    { action: `organizations:${verb}Policy`, resource: organization(resource) }
  )));
  const policy = 'policy/o-exampleorg/service_control_policy/p-examplestop';

  test.each([
    ['Attach', `account/o-exampleorg/${MEMBER}`], ['Detach', `account/o-exampleorg/${MEMBER}`],
    ['Attach', `ou/o-exampleorg/${UNIT}`], ['Detach', `ou/o-exampleorg/${UNIT}`],
  ])('may %s the policy at %s', (verb, target) => {
    expect(attach(policy, target, verb)).toBe(true);
  });

  test.each([
    ['another policy', 'policy/o-exampleorg/service_control_policy/p-exampleother', `account/o-exampleorg/${MEMBER}`],
    ['a policy of another type', 'policy/o-exampleorg/tag_policy/p-examplestop', `account/o-exampleorg/${MEMBER}`],
    ['the policy at another account', policy, 'account/o-exampleorg/777788889999'],
    ['the policy at another unit', policy, 'ou/o-exampleorg/ou-ab12-other345'],
    ['the policy at the root', policy, 'root/o-exampleorg/r-ab12'],
  ])('may not attach %s', (_, attached, target) => {
    expect(attach(attached, target)).toBe(false);
    expect(attach(attached, target, 'Detach')).toBe(false);
  });

  test('may not change the policy, nor leave the organization', () => {
    expect(isAllowed(permissions, [{ action: 'organizations:UpdatePolicy', resource: organization(policy) }])).toBe(false);
    expect(isAllowed(permissions, [{ action: 'organizations:LeaveOrganization', resource: '*' }])).toBe(false);
  });
});

describe('an account that is stopped by the service control policy', () => {
  const [resource] = Object.values(templateOf(() => BudgetActionTarget.organization([MEMBER])).findResources('AWS::Organizations::Policy'));
  const guardrails = (resource as { Properties: { Content: { Statement: Statement[] } } }).Properties.Content.Statement;
  const identity: Statement[] = [{ Effect: 'Allow', Action: '*', Resource: '*' }];
  const model = 'arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0';

  test.each([
    ['bedrock:InvokeModel', model], ['bedrock:InvokeModelWithResponseStream', model], ['bedrock:CreateModelInvocationJob', model],
    ['bedrock-mantle:CreateInference', `arn:aws:bedrock-mantle:eu-west-1:${ACCOUNT}:project/default`],
  ])('is denied %s, administrators too', (action, called) => {
    expect(isAllowedWithin({ identity }, [{ action, resource: called }])).toBe(true);
    expect(isAllowedWithin({ identity, guardrails }, [{ action, resource: called }])).toBe(false);
  });

  test.each([
    ['bedrock:ListFoundationModels', '*'], ['bedrock:StopModelInvocationJob', `arn:aws:bedrock:eu-west-1:${ACCOUNT}:model-invocation-job/job000000000`],
    ['bedrock:DeleteProvisionedModelThroughput', `arn:aws:bedrock:eu-west-1:${ACCOUNT}:provisioned-model/own000000000`],
    ['s3:GetObject', 'arn:aws:s3:::bucket/key'], ['cloudformation:DeleteStack', `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/app/id`],
  ])('may still do %s', (action, used) => {
    expect(isAllowedWithin({ identity, guardrails }, [{ action, resource: used }])).toBe(true);
  });
});
