import { App, Aws, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as budgets from 'aws-cdk-lib/aws-budgets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  AttributionBudgetAction, type AttributionBudgetActionProps, BudgetActionApproval, BudgetActionTarget, BudgetActionThreshold,
  InvocationStopPolicy,
} from '../../lib/spend-controls';
import { nagFindings } from '../nag/nag-findings';

const TYPE = 'AWS::Budgets::BudgetsAction';
const ACCOUNT = '111122223333';
const OTHER = '444455556666';
const UNIT = 'ou-ab12-cdef3456';
const EMAILS = ['finops@example.com'];

function makeStack(account: string | undefined = ACCOUNT): Stack {
  return new Stack(new App(), 'Stack', { env: { account, region: 'us-east-1' } });
}

function makeBudget(stack: Stack): budgets.CfnBudget {
  return new budgets.CfnBudget(stack, 'Budget', { budget: { budgetType: 'COST', timeUnit: 'MONTHLY', budgetLimit: { amount: 100, unit: 'USD' } } });
}

function makeRole(stack: Stack, id = 'Role'): iam.Role {
  return new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
}

function addAction(stack: Stack, props: Partial<AttributionBudgetActionProps> = {}): AttributionBudgetAction {
  return new AttributionBudgetAction(stack, 'Action', {
    budget: props.budget ?? makeBudget(stack),
    target: props.target ?? BudgetActionTarget.roles([makeRole(stack)]),
    emails: EMAILS,
    ...props,
  });
}

function expectAction(stack: Stack, properties: object): void {
  Template.fromStack(stack).hasResourceProperties(TYPE, properties);
}

describe('an action', () => {
  test('waits for somebody to approve it when the limit has been spent', () => {
    const stack = makeStack();
    addAction(stack);
    expectAction(stack, {
      BudgetName: { Ref: 'Budget' },
      ActionType: 'APPLY_IAM_POLICY',
      NotificationType: 'ACTUAL',
      ActionThreshold: { Type: 'PERCENTAGE', Value: 100 },
      ApprovalModel: 'MANUAL',
      Subscribers: [{ Type: 'EMAIL', Address: 'finops@example.com' }],
    });
  });

  test.each<[string, BudgetActionThreshold, object]>([
    ['a part of the limit', BudgetActionThreshold.actualPercent(80.5), { NotificationType: 'ACTUAL', ActionThreshold: { Type: 'PERCENTAGE', Value: 80.5 } }],
    ['an amount', BudgetActionThreshold.actualUsd(250), { NotificationType: 'ACTUAL', ActionThreshold: { Type: 'ABSOLUTE_VALUE', Value: 250 } }],
    ['a forecast of a part', BudgetActionThreshold.forecastPercent(120), { NotificationType: 'FORECASTED', ActionThreshold: { Type: 'PERCENTAGE', Value: 120 } }],
    ['a forecast of an amount', BudgetActionThreshold.forecastUsd(0.01), { NotificationType: 'FORECASTED', ActionThreshold: { Type: 'ABSOLUTE_VALUE', Value: 0.01 } }],
  ])('is due at %s', (_, threshold, expected) => {
    const stack = makeStack();
    addAction(stack, { threshold });
    expectAction(stack, expected);
  });

  test('needs no approval when asked so', () => {
    const stack = makeStack();
    addAction(stack, { approval: BudgetActionApproval.AUTOMATIC });
    expectAction(stack, { ApprovalModel: 'AUTOMATIC' });
  });

  test('says what it made, and which id to execute it by', () => {
    const stack = makeStack();
    const action = addAction(stack);
    expect(stack.resolve(action.actionId)).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Action/), 'ActionId'] });
    expect(action.managedPolicy).toBeInstanceOf(InvocationStopPolicy);
    expect(action.serviceControlPolicyId).toBeUndefined();
    expect(action.executionRole).toBeInstanceOf(iam.Role);
  });

  test('comes after the permissions of its role', () => {
    const stack = makeStack();
    addAction(stack);
    const [policy] = Object.keys(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    Template.fromStack(stack).hasResource(TYPE, { DependsOn: Match.arrayWith([policy]) });
  });
});

describe('who is stopped in the account', () => {
  test('roles, by a policy that nobody has before', () => {
    const stack = makeStack();
    addAction(stack, { target: BudgetActionTarget.roles([makeRole(stack, 'One'), makeRole(stack, 'Two')]) });
    const [policy] = Object.keys(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'));
    expectAction(stack, {
      Definition: { IamActionDefinition: { PolicyArn: { Ref: policy }, Roles: [{ Ref: Match.stringLikeRegexp('^One') }, { Ref: Match.stringLikeRegexp('^Two') }], Users: Match.absent(), Groups: Match.absent() } },
    });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::ManagedPolicy', { Roles: Match.absent() });
  });

  test.each<[string, (stack: Stack) => BudgetActionTarget, object, string]>([
    ['users', stack => BudgetActionTarget.users([new iam.User(stack, 'Alice')]), { Users: [{ Ref: Match.stringLikeRegexp('^Alice') }] }, 'User'],
    ['groups', stack => BudgetActionTarget.groups([new iam.Group(stack, 'Callers')]), { Groups: [{ Ref: Match.stringLikeRegexp('^Callers') }] }, 'Group'],
    ['L1 roles', stack => BudgetActionTarget.roles([new iam.CfnRole(stack, 'Raw', { assumeRolePolicyDocument: {} })]), { Roles: [{ Ref: 'Raw' }] }, 'Role'],
  ])('%s', (_, target, expected, noun) => {
    const stack = makeStack();
    addAction(stack, { target: target(stack) });
    expectAction(stack, { Definition: { IamActionDefinition: expected } });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: [`iam:Attach${noun}Policy`, `iam:Detach${noun}Policy`] })] },
    });
  });

  test('an imported role by its name without a path, of which nothing is changed', () => {
    const stack = makeStack();
    const arn = `arn:aws:iam::${ACCOUNT}:role/services/checkout`;
    addAction(stack, { target: BudgetActionTarget.roles([iam.Role.fromRoleArn(stack, 'Imported', arn)]) });
    expectAction(stack, { Definition: { IamActionDefinition: { Roles: ['checkout'] } } });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IAM::Policy', 1);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Resource: arn })] }, Roles: [{ Ref: Match.stringLikeRegexp('ExecutionRole') }],
    });
  });

  test.each<[string, (stack: Stack) => iam.IManagedPolicyRef, unknown]>([
    ['a stop policy that several actions share', stack => new InvocationStopPolicy(stack, 'Shared'), { Ref: Match.stringLikeRegexp('^Shared') }],
    ['a policy of this account', stack => iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Imported', `arn:aws:iam::${ACCOUNT}:policy/ours`), `arn:aws:iam::${ACCOUNT}:policy/ours`],
    ['a policy of AWS', () => iam.ManagedPolicy.fromAwsManagedPolicyName('AWSDenyAll'), { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/AWSDenyAll']] }],
  ])('by %s, when given', (_, policy, arn) => {
    const stack = makeStack();
    const given = policy(stack);
    const action = addAction(stack, { target: BudgetActionTarget.roles([makeRole(stack)], given) });
    expect(action.managedPolicy).toBe(given);
    expect(action.node.tryFindChild('StopPolicy')).toBeUndefined();
    expectAction(stack, { Definition: { IamActionDefinition: { PolicyArn: arn } } });
  });

  test('once each, however often they are named', () => {
    const stack = makeStack();
    const role = makeRole(stack);
    addAction(stack, { target: BudgetActionTarget.roles([role, role]) });
    expectAction(stack, { Definition: { IamActionDefinition: { Roles: [Match.anyValue()] } } });
  });

  test('up to a hundred, whose ARNs fit into the policies of the execution role', () => {
    const stack = makeStack();
    const roles = Array.from({ length: 100 }, (_, index) => iam.Role.fromRoleArn(stack, `Role${index}`, `arn:aws:iam::${ACCOUNT}:role/${'x'.repeat(60)}${index}`));
    addAction(stack, { target: BudgetActionTarget.roles(roles) });
    const template = Template.fromStack(stack);
    const inline = Object.values(template.findResources('AWS::IAM::Policy')).map(({ Properties }) => JSON.stringify(Properties.PolicyDocument).length);
    const managed = Object.values(template.findResources('AWS::IAM::ManagedPolicy')).map(({ Properties }) => JSON.stringify(Properties.PolicyDocument).length);
    expect(inline.filter(size => size > 10_240)).toEqual([]);
    expect(managed.filter(size => size > 6144)).toEqual([]);
    const documents = JSON.stringify([template.findResources('AWS::IAM::Policy'), template.findResources('AWS::IAM::ManagedPolicy')]);
    expect(roles.filter(({ roleArn }) => !documents.includes(`"${roleArn}"`))).toEqual([]);
    const [{ DependsOn }] = Object.values(template.findResources(TYPE)) as { DependsOn: string[] }[];
    const overflow = Object.keys(template.findResources('AWS::IAM::ManagedPolicy')).filter(id => id.includes('Overflow'));
    expect(overflow).not.toEqual([]);
    expect(DependsOn).toEqual(expect.arrayContaining(overflow));
  });
});

describe('who is stopped in the organization', () => {
  test('accounts and units, by a service control policy without targets that denies what the stop policy denies', () => {
    const stack = makeStack();
    const action = addAction(stack, { target: BudgetActionTarget.organization([OTHER, UNIT]) });
    new InvocationStopPolicy(stack, 'Policy');
    const template = Template.fromStack(stack);
    const [[id, { Properties }]] = Object.entries(template.findResources('AWS::Organizations::Policy'));
    const [managed] = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
    expect(Properties).toMatchObject({ Type: 'SERVICE_CONTROL_POLICY', Content: managed.Properties.PolicyDocument as object });
    expect(Properties).not.toHaveProperty('TargetIds');
    expect(JSON.stringify((Properties as { Content: object }).Content).length).toBeLessThanOrEqual(10_240);
    expectAction(stack, { ActionType: 'APPLY_SCP_POLICY', Definition: { ScpActionDefinition: { PolicyId: { 'Fn::GetAtt': [id, 'Id'] }, TargetIds: [OTHER, UNIT] } } });
    expect(stack.resolve(action.serviceControlPolicyId)).toEqual({ 'Fn::GetAtt': [id, 'Id'] });
    expect(action.managedPolicy).toBeUndefined();
  });

  test('by the given service control policy', () => {
    const stack = makeStack();
    const action = addAction(stack, { target: BudgetActionTarget.organization([OTHER], 'p-examplepolicy') });
    expect(action.serviceControlPolicyId).toBe('p-examplepolicy');
    expectAction(stack, { Definition: { ScpActionDefinition: { PolicyId: 'p-examplepolicy', TargetIds: [OTHER] } } });
    Template.fromStack(stack).resourceCountIs('AWS::Organizations::Policy', 0);
  });

  test('by policies whose names differ between two actions of a stack', () => {
    const stack = makeStack();
    const budget = makeBudget(stack);
    for (const id of ['One', 'Two']) {
      new AttributionBudgetAction(stack, id, { budget, target: BudgetActionTarget.organization([OTHER]), emails: EMAILS });
    }
    const names = Object.values(Template.fromStack(stack).findResources('AWS::Organizations::Policy')).map(({ Properties }) => (Properties as { Name: string }).Name);
    expect(new Set(names).size).toBe(2);
  });
});

describe('who hears of it', () => {
  test('addresses and a topic, which lets the budgets of the account publish', () => {
    const stack = makeStack();
    addAction(stack, { topic: new sns.Topic(stack, 'Topic'), emails: ['a@example.com', 'b@example.com'] });
    expectAction(stack, {
      Subscribers: [
        { Type: 'EMAIL', Address: 'a@example.com' }, { Type: 'EMAIL', Address: 'b@example.com' }, { Type: 'SNS', Address: { Ref: Match.stringLikeRegexp('^Topic') } },
      ],
    });
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Effect: 'Allow',
          Principal: { Service: 'budgets.amazonaws.com' },
          Action: 'sns:Publish',
          Condition: {
            StringEquals: { 'aws:SourceAccount': ACCOUNT },
            ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:budgets::${ACCOUNT}:*`]] } },
          },
        })]),
      },
    });
    const [topicPolicy] = Object.keys(Template.fromStack(stack).findResources('AWS::SNS::TopicPolicy'));
    Template.fromStack(stack).hasResource(TYPE, { DependsOn: Match.arrayWith([topicPolicy]) });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('a topic with a key, which Budgets may use', () => {
    const stack = makeStack();
    const masterKey = new kms.Key(stack, 'Key');
    addAction(stack, { topic: new sns.Topic(stack, 'Topic', { masterKey }) });
    Template.fromStack(stack).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Principal: { Service: 'budgets.amazonaws.com' }, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] })]) },
    });
  });

  test('an imported topic, with a warning that its policy is not managed here', () => {
    const stack = makeStack();
    addAction(stack, { topic: sns.Topic.fromTopicArn(stack, 'Topic', `arn:aws:sns:us-east-1:${ACCOUNT}:alerts`) });
    Annotations.fromStack(stack).hasWarning('/Stack/Action', Match.stringLikeRegexp('let "budgets.amazonaws.com" do "sns:Publish".*budgetTopicPolicyNotManaged'));
  });

  test('a topic alone', () => {
    const stack = makeStack();
    addAction(stack, { emails: undefined, topic: new sns.Topic(stack, 'Topic') });
    expectAction(stack, { Subscribers: [Match.objectLike({ Type: 'SNS' })] });
  });
});

describe('the execution role', () => {
  test('trusts Budgets for budgets of this account', () => {
    const stack = makeStack();
    addAction(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [{
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'budgets.amazonaws.com' },
          Condition: {
            StringEquals: { 'aws:SourceAccount': ACCOUNT },
            ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:budgets::${ACCOUNT}:budget/*`]] } },
          },
        }],
      },
    });
  });

  test('that is given is allowed the same', () => {
    const stack = makeStack();
    const executionRole = new iam.Role(stack, 'Budgets', { assumedBy: new iam.ServicePrincipal('budgets.amazonaws.com') });
    const action = addAction(stack, { executionRole });
    expect(action.executionRole).toBe(executionRole);
    expectAction(stack, { ExecutionRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Budgets'), 'Arn'] } });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^Budgets') }],
      PolicyDocument: { Statement: [Match.objectLike({ Action: ['iam:AttachRolePolicy', 'iam:DetachRolePolicy'] })] },
    });
  });

  test('that is imported as immutable stays as it is', () => {
    const stack = makeStack();
    const executionRole = iam.Role.fromRoleArn(stack, 'Budgets', `arn:aws:iam::${ACCOUNT}:role/budgets`, { mutable: false });
    addAction(stack, { executionRole, target: BudgetActionTarget.organization([OTHER]) });
    expectAction(stack, { ExecutionRoleArn: `arn:aws:iam::${ACCOUNT}:role/budgets` });
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });
});

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
    ['with a list of addresses that is known at deployment only', () => ({ emails: Fn.split(',', Aws.STACK_NAME) }), /emails is a list that is known at deployment only: write the addresses out/],
    ['with eleven addresses', () => ({ emails: Array.from({ length: 11 }, (_, index) => `a${index}@example.com`) }), /emails has 11 entries: name at most 10/],
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
    expect(() => addAction(makeStack(), { emails: [email] })).toThrow(`emails has ${JSON.stringify(email)}: use an address such as`);
  });

  test.each([0, -1, NaN, Infinity])('at %d', amount => {
    expect(() => addAction(makeStack(), { threshold: BudgetActionThreshold.actualPercent(amount) })).toThrow(`threshold is ${amount} percent: use a number above 0`);
    expect(() => addAction(makeStack(), { threshold: BudgetActionThreshold.forecastUsd(amount) })).toThrow(`threshold is ${amount} US dollars: use a number above 0`);
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

test.each([1, 100])('%d targets are taken', count => {
  const stack = makeStack();
  addAction(stack, { target: BudgetActionTarget.organization(Array.from({ length: count }, (_, index) => String(222200000000 + index))) });
  const template = Template.fromStack(stack);
  const text = JSON.stringify([template.findResources('AWS::IAM::Policy'), template.findResources('AWS::IAM::ManagedPolicy')]);
  expect(text).toContain(`/o-*/${222200000000 + count - 1}`);
});

test('ten addresses beside a topic are taken', () => {
  const stack = makeStack();
  addAction(stack, { topic: new sns.Topic(stack, 'Topic'), emails: Array.from({ length: 10 }, (_, index) => `a${index}@example.com`) });
  expectAction(stack, { Subscribers: Array.from({ length: 11 }, () => Match.anyValue()) });
});

test.each<[string, (stack: Stack) => BudgetActionTarget]>([
  ['roles', stack => BudgetActionTarget.roles([makeRole(stack)])],
  ['the organization', () => BudgetActionTarget.organization([OTHER, UNIT])],
  ['the organization by a given policy', () => BudgetActionTarget.organization([UNIT], 'p-examplepolicy')],
])('an action on %s is clean', (_, target) => {
  expect(nagFindings(stack => addAction(stack, { target: target(stack) }))).toEqual([]);
});
