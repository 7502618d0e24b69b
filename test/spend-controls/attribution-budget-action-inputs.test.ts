import { App, Aws, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  AttributionBudget, type AttributionBudgetActionProps, BudgetActionTarget, BudgetActionThreshold, BudgetPeriod, InvocationStopPolicy,
} from '../../lib/spend-controls';
import { ACCOUNT, addAction, expectAction, makeBudget, makeRole, makeStack, OTHER } from './budget-action-stack';
import { LEAST } from './make-budget';

describe('what is known at deployment only passes', () => {
  test('the account, in a stack for any account', () => {
    const stack = new Stack();
    addAction(stack, {
      target: BudgetActionTarget.roles([iam.Role.fromRoleArn(stack, 'Imported', `arn:aws:iam::${OTHER}:role/app`)]),
      topic: sns.Topic.fromTopicArn(stack, 'Topic', `arn:aws:sns:us-east-1:${OTHER}:alerts`),
    });
    expectAction(stack, { Definition: { IamActionDefinition: { Roles: ['app'] } } });
  });

  test('a role, an address, an amount', () => {
    const stack = makeStack();
    const role = iam.Role.fromRoleArn(stack, 'Imported', new CfnParameter(stack, 'RoleArn').valueAsString);
    addAction(stack, {
      target: BudgetActionTarget.roles([role]),
      emails: [new CfnParameter(stack, 'Email').valueAsString],
      threshold: BudgetActionThreshold.actualUsd(new CfnParameter(stack, 'Amount', { type: 'Number' }).valueAsNumber),
    });
    expectAction(stack, { Subscribers: [{ Type: 'EMAIL', Address: { Ref: 'Email' } }], ActionThreshold: { Type: 'ABSOLUTE_VALUE', Value: { Ref: 'Amount' } } });
  });

  test('the id of a target, which may be an account or a unit, and that of a policy', () => {
    const stack = makeStack();
    addAction(stack, { target: BudgetActionTarget.organization([new CfnParameter(stack, 'Target').valueAsString], new CfnParameter(stack, 'Scp').valueAsString) });
    expectAction(stack, { Definition: { ScpActionDefinition: { PolicyId: { Ref: 'Scp' }, TargetIds: [{ Ref: 'Target' }] } } });
    const text = JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    expect(text).toContain(`:organizations::${ACCOUNT}:account/o-*/`);
    expect(text).toContain(`:organizations::${ACCOUNT}:ou/o-*/`);
  });

  test('the list of targets as a whole, of which any may then get this one policy', () => {
    const stack = makeStack();
    addAction(stack, { target: BudgetActionTarget.organization(new CfnParameter(stack, 'Targets', { type: 'CommaDelimitedList' }).valueAsList) });
    expectAction(stack, { Definition: { ScpActionDefinition: { TargetIds: { Ref: 'Targets' } } } });
    const text = JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    expect(text).toContain(`:organizations::${ACCOUNT}:account/o-*/*`);
    expect(text).toContain(`:organizations::${ACCOUNT}:ou/o-*/*`);
  });
});

describe('fails', () => {
  const elsewhere = (): Stack => new Stack(new App(), 'Elsewhere', { env: { account: OTHER, region: 'us-east-1' } });

  test.each<[string, (stack: Stack) => Partial<AttributionBudgetActionProps>, RegExp]>([
    ['for a budget of another account', () => ({ budget: makeBudget(elsewhere()) }), /budget is in account "444455556666" and the action in "111122223333".*put both into one/],
    ['for a role of another account', () => ({ target: BudgetActionTarget.roles([makeRole(elsewhere())]) }),
      /role Elsewhere\/Role is in account "444455556666".*put a budget for this service and its action into the workload account, or use BudgetActionTarget\.organization\(\) in the payer account/],
    ['for an imported user of another account', stack => ({ target: BudgetActionTarget.users([iam.User.fromUserArn(stack, 'Alice', `arn:aws:iam::${OTHER}:user/alice`)]) }), /user Stack\/Alice is in account "444455556666"/],
    ['for a policy of another account', stack => ({ target: BudgetActionTarget.roles([makeRole(stack)], new InvocationStopPolicy(elsewhere(), 'Stop')) }), /policy is in account "444455556666"/],
    ['for an imported policy of another account', stack => ({
      target: BudgetActionTarget.roles([makeRole(stack)], iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Stop', `arn:aws:iam::${OTHER}:policy/stop`)),
    }), /policy is in account "444455556666"/],
    ['for an execution role of another account', stack => ({ executionRole: iam.Role.fromRoleArn(stack, 'Budgets', `arn:aws:iam::${OTHER}:role/budgets`) }), /executionRole is in account "444455556666".*leave it out/],
    ['for a topic of another account', stack => ({ topic: sns.Topic.fromTopicArn(stack, 'Topic', `arn:aws:sns:us-east-1:${OTHER}:alerts`) }), /topic is in account "444455556666"/],
    ['without roles', () => ({ target: BudgetActionTarget.roles([]) }), /roles has 0 entries: name 1 to 100/],
    ['without users', () => ({ target: BudgetActionTarget.users([]) }), /users has 0 entries/],
    ['with more than a hundred roles', stack => ({ target: BudgetActionTarget.roles(Array.from({ length: 101 }, () => makeRole(stack, `Role${stack.node.children.length}`))) }), /roles has 101 entries/],
    ['without targets', () => ({ target: BudgetActionTarget.organization([]) }), /targetIds has 0 entries: name 1 to 100/],
    ['with more than a hundred targets', () => ({ target: BudgetActionTarget.organization(Array.from({ length: 101 }, (_, index) => String(222200000000 + index))) }), /targetIds has 101 entries/],
    ['for the root of the organization', () => ({ target: BudgetActionTarget.organization(['r-ab12']) }), /targetIds has "r-ab12": use the id of an account \(12 digits\) or an organizational unit \(ou-…\); Budgets does not take a root/],
    ['for the management account', () => ({ target: BudgetActionTarget.organization([ACCOUNT]) }), /targetIds has "111122223333", the account of the budget: .*use BudgetActionTarget\.roles\(\)/],
    ['for the ARN of a policy', () => ({ target: BudgetActionTarget.organization([OTHER], 'arn:aws:organizations::111122223333:policy/o-x/service_control_policy/p-x') }), /policyId is "arn:.*": use the id of a service control policy/],
    ['when nobody would hear of it', () => ({ emails: undefined }), /nobody would hear of the action: give emails or a topic/],
    ['when no address would hear of it', () => ({ emails: [] }), /nobody would hear/],
    ['with a list of addresses that is known at deployment only', () => ({ emails: Fn.split(',', Aws.STACK_NAME) }), /emails is a list that is known at deployment only; write its entries/],
    ['with eleven addresses', () => ({ emails: Array.from({ length: 11 }, (_, index) => `a${index}@example.com`) }), /emails has 11 entries; at most 10 are told, so give a topic/],
    ['with one address twice', () => ({ emails: ['a@example.com', 'a@example.com'] }), /emails has "a@example\.com" more than once/],
  ])('%s', (_, props, message) => {
    const stack = makeStack();
    const given = props(stack);
    expect(() => addAction(stack, given)).toThrow(message);
  });

  test.each(['12345678901', '1234567890123', 'ou-ab12', 'ou-ab12-CDEF3456', 'r-', ''])('for the target %j', id => {
    expect(() => addAction(makeStack(), { target: BudgetActionTarget.organization([id]) })).toThrow(`targetIds has ${JSON.stringify(id)}`);
  });

  test.each(['p-1234567', 'x-12345678', 'p-with-dashes'])('for the policy %j', policyId => {
    expect(() => addAction(makeStack(), { target: BudgetActionTarget.organization([OTHER], policyId) })).toThrow(`policyId is ${JSON.stringify(policyId)}`);
  });

  test.each(['finops', 'finops@', '@example.com', 'a b@example.com', 'a@b@example.com', ''])('for the address %j', email => {
    expect(() => addAction(makeStack(), { emails: [email] })).toThrow(`emails has ${JSON.stringify(email)}, which is no address`);
  });

  test.each([0, -1, NaN, Infinity])('at %d', amount => {
    expect(() => addAction(makeStack(), { threshold: BudgetActionThreshold.actualPercent(amount) })).toThrow(`threshold is ${amount} percent; give more than 0 and at most 1000000`);
    expect(() => addAction(makeStack(), { threshold: BudgetActionThreshold.forecastUsd(amount) })).toThrow(`threshold is ${amount} US dollars; give more than 0 and at most`);
  });

  test('at a forecast of a day, which AWS does not make', () => {
    const build = (period: BudgetPeriod): unknown => {
      const stack = makeStack();
      const budget = new AttributionBudget(stack, 'Daily', { ...LEAST, period });
      return addAction(stack, { budget, threshold: BudgetActionThreshold.forecastPercent(100) });
    };
    expect(() => build(BudgetPeriod.DAILY)).toThrow('threshold is a forecast, which AWS does not make for days');
    expect(() => build(BudgetPeriod.MONTHLY)).not.toThrow();
  });

  test('once with all that is wrong, before anything was made', () => {
    const stack = makeStack();
    const budget = makeBudget(stack);
    const before = stack.node.findAll().length;
    expect(() => addAction(stack, {
      budget, target: BudgetActionTarget.organization(['r-ab12'], 'x'), emails: [], threshold: BudgetActionThreshold.actualUsd(0),
    })).toThrow(/the budget action has 4 problems:\n.*targetIds.*\n.*policyId.*\n.*threshold.*\n.*nobody/);
    expect(stack.node.findAll().length).toBe(before + 1);
  });
});
