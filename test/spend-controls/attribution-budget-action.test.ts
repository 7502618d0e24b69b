import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import type * as budgets from 'aws-cdk-lib/aws-budgets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AttributionSchema } from '../../lib/schema';
import {
  AttributionBudget, AttributionBudgetAction, BudgetActionApproval, BudgetActionTarget, BudgetActionThreshold, BudgetScope,
  InvocationStopPolicy,
} from '../../lib/spend-controls';
import { nagFindings } from '../nag/nag-findings';
import { ACCOUNT, addAction, EMAILS, expectAction, makeBudget, makeRole, makeStack, OTHER, TYPE } from './budget-action-stack';

const UNIT = 'ou-ab12-cdef3456';

/** Expects policies that fit, that name all of these by the end of their ARNs, and that the action comes after. */
function expectPermissionsOn(stack: Stack, arns: string[]): void {
  const template = Template.fromStack(stack);
  const inline = Object.entries(template.findResources('AWS::IAM::Policy'));
  const managed = Object.entries(template.findResources('AWS::IAM::ManagedPolicy')).filter(([id]) => id.includes('ExecutionRole'));
  // the partition at its longest, as IAM will see it
  const documents = [...inline, ...managed].map(([, { Properties }]) => JSON.stringify(Properties.PolicyDocument)
    .replaceAll('{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},"', '"arn:aws-us-gov').replaceAll('"]]}', '"'));
  expect(documents.map(({ length }, index) => length <= (index < inline.length ? 10_240 : 6144))).toEqual(documents.map(() => true));
  expect(arns.filter(arn => !documents.some(document => document.includes(`${arn}"`)))).toEqual([]);
  const [{ DependsOn }] = Object.values(template.findResources(TYPE)) as { DependsOn: string[] }[];
  expect(DependsOn).toEqual(expect.arrayContaining([...inline, ...managed].map(([id]) => id)));
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

test.each<[string, (stack: Stack) => budgets.IBudgetRef, unknown]>([
  ['a budget of ours', stack => new AttributionBudget(stack, 'Ours', {
    schema: AttributionSchema.starter(), scope: BudgetScope.total(), limitUsd: 100, emails: EMAILS,
  }), { Ref: Match.stringLikeRegexp('^Ours') }],
  ['an imported budget', stack => AttributionBudget.fromBudgetName(stack, 'Imported', 'monthly'), 'monthly'],
])('%s has an action', (_, budget, name) => {
  const stack = makeStack();
  addAction(stack, { budget: budget(stack) });
  expectAction(stack, { BudgetName: name });
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

  test('up to a hundred, whose ARNs fit into the policies of the execution role, all of which are there before the action', () => {
    const stack = makeStack();
    const arns = Array.from({ length: 100 }, (_, index) => `arn:aws:iam::${ACCOUNT}:role/${'x'.repeat(60)}${index}`);
    addAction(stack, { target: BudgetActionTarget.roles(arns.map((arn, index) => iam.Role.fromRoleArn(stack, `Role${index}`, arn))) });
    expectPermissionsOn(stack, arns);
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

  test.each([1, 100])('%d targets, whose ARNs fit into the policies of the execution role', count => {
    const ids = Array.from({ length: count }, (_, index) => index % 2 === 0 ? `${222200000000 + index}` : `ou-ab12-${10000000 + index}`);
    const stack = makeStack();
    addAction(stack, { target: BudgetActionTarget.organization(ids) });
    expectPermissionsOn(stack, ids.map(id => `:organizations::${ACCOUNT}:${id.startsWith('ou-') ? 'ou' : 'account'}/o-*/${id}`));
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

test('ten addresses beside a topic are taken', () => {
  const stack = makeStack();
  addAction(stack, { topic: new sns.Topic(stack, 'Topic'), emails: Array.from({ length: 10 }, (_, index) => `a${index}@example.com`) });
  expectAction(stack, { Subscribers: Array.from({ length: 11 }, () => Match.anyValue()) });
});

test('so many targets that the role needs further policies are clean, of a role that is given too', () => {
  const targetIds = Array.from({ length: 100 }, (_, index) => `${222200000000 + index}`);
  for (const isGiven of [false, true]) {
    const stack = makeStack();
    const executionRole = isGiven ? new iam.Role(stack, 'Budgets', { assumedBy: new iam.ServicePrincipal('budgets.amazonaws.com') }) : undefined;
    addAction(stack, { target: BudgetActionTarget.organization(targetIds), executionRole });
    // these policies are made by synthesis
    expect(Object.keys(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'))).not.toEqual([]);
    expect(new AwsSolutionsChecks(stack).validateScope(stack.node.root).violations).toEqual([]);
  }
});

test.each<[string, (stack: Stack) => BudgetActionTarget]>([
  ['roles', stack => BudgetActionTarget.roles([makeRole(stack)])],
  ['the organization', () => BudgetActionTarget.organization([OTHER, UNIT])],
  ['the organization by a given policy', () => BudgetActionTarget.organization([UNIT], 'p-examplepolicy')],
])('an action on %s is clean', (_, target) => {
  expect(nagFindings(stack => addAction(stack, { target: target(stack) }))).toEqual([]);
});
