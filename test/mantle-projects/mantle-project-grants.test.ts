import { runSimulation } from '@cloud-copilot/iam-simulate';
import { App, Resource, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as bedrockmantle from 'aws-cdk-lib/aws-bedrockmantle';
import * as iam from 'aws-cdk-lib/aws-iam';
import { MantleProject, MantleProjectGrants } from '../../lib/mantle-projects';
import { AttributionSchema } from '../../lib/schema';
import { nagFindings } from '../nag/nag-findings';
import { isAllowed, type Statement } from '../support/evaluate-policy';

const OWN = 'arn:aws:bedrock-mantle:eu-west-1:111122223333:project/proj_own1';
const FOREIGN = 'arn:aws:bedrock-mantle:eu-west-1:111122223333:project/proj_other2';
const DEFAULT = 'arn:aws:bedrock-mantle:eu-west-1:111122223333:project/default';
const lambda = new iam.ServicePrincipal('lambda.amazonaws.com');

function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
}

function make(stack: Stack): MantleProject {
  return new MantleProject(stack, 'Project', { schema: AttributionSchema.starter(), attribution: { team: 't', service: 's', env: 'e' } });
}

function granted(grant: (grants: MantleProjectGrants, grantee: iam.IGrantable) => iam.Grant): Statement[] {
  const stack = makeStack();
  grant(MantleProject.fromProjectArn(stack, 'Project', OWN).grants, new iam.Role(stack, 'Role', { assumedBy: lambda })).assertSuccess();
  const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  return policy.Properties.PolicyDocument.Statement as Statement[];
}

const invoke = granted((grants, role) => grants.invoke(role));
const read = granted((grants, role) => grants.read(role));
const bearer = granted((grants, role) => grants.callWithShortTermApiKey(role));

test('what is granted names the project that is made', () => {
  const stack = makeStack();
  const project = make(stack);
  project.grants.invoke(new iam.User(stack, 'User'));
  const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  const logicalId = stack.getLogicalId(project.node.defaultChild as bedrockmantle.CfnProject);
  expect(policy.Properties.PolicyDocument.Statement[0].Resource).toEqual({ 'Fn::GetAtt': [logicalId, 'Arn'] });
});

test.each([
  ...[...invoke, ...read].flatMap(({ Action }) => Action).map(action => [action, OWN]),
  ['bedrock-mantle:CallWithBearerToken', '*'],
])('the service authorization reference knows %s on %s', async (action, resource) => {
  const { resultType } = await runSimulation({
    request: { principal: 'arn:aws:iam::111122223333:role/caller', action, resource: { resource, accountId: '111122223333' }, contextVariables: {} },
    identityPolicies: [],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }, {});
  expect(resultType).toBe('single');
});

test.each([
  ['CreateInference', OWN, true],
  ['CreateInference', FOREIGN, false],
  ['CreateInference', DEFAULT, false],
  ['GetInference', OWN, true],
  ['ListModels', OWN, true],
  ['ListModels', DEFAULT, false],
  ['DeleteInference', OWN, false],
  ['CreateFile', OWN, false],
  ['UpdateProject', OWN, false],
  ['TagResource', OWN, false],
])('who may invoke may %s on %s: %j', (action, resource, allowed) => {
  expect(isAllowed(invoke, [{ action: `bedrock-mantle:${action}`, resource }])).toBe(allowed);
});

test.each([
  ['GetProject', true],
  ['ListTagsForResource', true],
  ['CreateInference', false],
])('who may read may %s: %j', (action, allowed) => {
  expect(isAllowed(read, [{ action: `bedrock-mantle:${action}`, resource: OWN }])).toBe(allowed);
});

test.each([
  ['a short-term key', bearer, { 'bedrock-mantle:BearerTokenType': 'SHORT_TERM' }, true],
  ['a long-term key', bearer, { 'bedrock-mantle:BearerTokenType': 'LONG_TERM' }, false],
  ['a key of unknown kind', bearer, undefined, false],
  ['a short-term key, without being asked to,', invoke, { 'bedrock-mantle:BearerTokenType': 'SHORT_TERM' }, false],
])('calling with %s is allowed only when that was granted', (_, statements, context, allowed) => {
  expect(isAllowed(statements, [{ action: 'bedrock-mantle:CallWithBearerToken', resource: '*', context }])).toBe(allowed);
});

test('short-term keys open no project', () => {
  expect(isAllowed(bearer, [{ action: 'bedrock-mantle:CreateInference', resource: DEFAULT }])).toBe(false);
});

describe('grantees', () => {
  test('an imported role gets a policy of its own', () => {
    const stack = makeStack();
    const role = iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/app');
    expect(make(stack).grants.invoke(role).success).toBe(true);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: ['app'] });
  });

  test('a user gets a policy', () => {
    const stack = makeStack();
    expect(make(stack).grants.read(new iam.User(stack, 'User')).success).toBe(true);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 1);
  });

  test('a service principal gets nothing, and the grant says so', () => {
    const stack = makeStack();
    const { grants } = make(stack);
    const all = [grants.invoke(lambda), grants.read(lambda), grants.callWithShortTermApiKey(lambda)];
    expect(all.map(({ success }) => success)).toEqual([false, false, false]);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });
});

describe('a project that is no construct of ours', () => {
  test('can be granted on', () => {
    const stack = makeStack();
    const project = new bedrockmantle.CfnProject(stack, 'Project', { name: 'ours' });
    MantleProjectGrants.fromMantleProject(project).invoke(new iam.User(stack, 'User')).assertSuccess();
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: [{ Resource: { 'Fn::GetAtt': ['Project', 'Arn'] } }] } });
  });

  test.each(['invoke', 'read'] as const)('fails to %s when it is the default project', method => {
    const stack = makeStack();
    class DefaultProject extends Resource implements bedrockmantle.IProjectRef {
      public readonly projectRef = { projectArn: DEFAULT };
    }
    const grants = MantleProjectGrants.fromMantleProject(new DefaultProject(stack, 'Project'));
    expect(() => grants[method](new iam.User(stack, 'User'))).toThrow(/the grant has 1 problem:.*\n.*the default project, which cannot be tagged/);
  });
});

test('a role that may invoke and read is nag-clean', () => {
  expect(nagFindings(stack => {
    const role = new iam.Role(stack, 'Role', { assumedBy: lambda });
    const { grants } = make(stack);
    grants.invoke(role);
    grants.read(role);
  })).toEqual([]);
});

test.each([
  ['is reported for its wildcard, which cannot be avoided', false, ['AwsSolutions-IAM5[Resource::*] at Nag/Role/DefaultPolicy/Resource']],
  ['is nag-clean once that is acknowledged', true, []],
])('a role that may call with short-term keys %s', (_, acknowledged, findings) => {
  expect(nagFindings(stack => {
    const role = new iam.Role(stack, 'Role', { assumedBy: lambda });
    make(stack).grants.callWithShortTermApiKey(role);
    if (!acknowledged) return;
    const policy = role.node.findChild('DefaultPolicy').node.defaultChild!;
    Validations.of(policy).acknowledge({ id: 'AwsSolutions-IAM5[Resource::*]', reason: 'CallWithBearerToken has no resource type' });
  })).toEqual(findings);
});
