import { CfnParameter } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AttributedInvocationPolicy, AttributionBoundary, type AttributionBoundaryProps } from '../../lib/access';
import type { Authorization, Statement } from '../support/evaluate-policy';
import { iam as iamArn } from './simulation/places';
import { largeSchema } from './support/large-schemas';
import { ALLOW_ALL, type CallName, decide, documentsOf, makeStack, SCHEMA } from './support/policies';

const TYPE = 'AWS::IAM::ManagedPolicy';

function boundaryOf(props: Partial<AttributionBoundaryProps> = {}): Statement[] {
  const stack = makeStack();
  new AttributionBoundary(stack, 'Boundary', { schema: SCHEMA, ...props });
  const [policy] = Object.values(Template.fromStack(stack).findResources(TYPE));
  return policy.Properties.PolicyDocument.Statement as Statement[];
}

const elsewhere: Authorization[][] = [
  [{ action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/key' }],
  [{ action: 'iam:PassRole', resource: iamArn('role/batch') }],
  [{ action: 'sts:AssumeRole', resource: iamArn('role/other') }],
  [{ action: 'bedrock:ListFoundationModels', resource: '*' }],
];

test('leaves to policies what is attributed, and everything else', () => {
  const boundary = boundaryOf();
  const passing: CallName[] = ['own profile', 'own global profile', 'model directly', 'mantle, own project', 'tag a role with another key', 'CreateProject, own tags'];
  expect([...passing, ...elsewhere].filter(call => !decide({ boundary }, call))).toEqual([]);
});

test('blocks what is not attributed, whatever policies allow', () => {
  const boundary = boundaryOf();
  const blocked: CallName[] = [
    'profile of another team', 'mantle, project of another team', 'imported model', 'long-term key, own profile', 'CreateProject, another team',
    'CreateInferenceProfile, no team', 'tag a profile with an attribution key', 'tag a role with an attribution key in another case',
  ];
  expect(blocked.filter(call => decide({ boundary }, call))).toEqual([]);
  expect(decide({ boundary }, 'model directly', { tags: {} })).toBe(false);
  expect(decide({ boundary }, elsewhere[0], { tags: {} })).toBe(true);
});

test('gives no permission', () => {
  const identity: Statement[] = [{ ...ALLOW_ALL, Action: 's3:*' }];
  expect(decide({ identity, boundary: boundaryOf() }, 'own profile')).toBe(false);
  expect(decide({ identity, boundary: boundaryOf() }, elsewhere[0])).toBe(true);
});

test('denies what the policy that is attached to a role denies', () => {
  const controls = { comparedKeys: ['team'], denyUnlistedValues: false, provisioners: [iamArn('role/cdk-*')] };
  const attached = documentsOf(new AttributedInvocationPolicy(makeStack(), 'Policy', { schema: SCHEMA, ...controls }).policies).flat();
  const [rest, tagged, ...denials] = boundaryOf(controls);
  expect(rest).toMatchObject({ Sid: 'LeaveTheRestToPolicies', Effect: 'Allow', Resource: '*' });
  expect(tagged).toMatchObject({ Sid: 'CallOnlyTagged', Effect: 'Allow', Action: (rest as { NotAction?: unknown }).NotAction });
  expect(denials).toEqual(attached.filter(({ Sid }) => Sid?.startsWith('CallOnlyWith') !== true));
});

test('allows everything where callers need no tags', () => {
  const [rest] = boundaryOf({ denyUntaggedCallers: false });
  expect(rest).toMatchObject({ Sid: 'LeaveTheRestToPolicies', Effect: 'Allow', Action: '*', Resource: '*' });
});

test('is set on roles', () => {
  const stack = makeStack();
  const { policy } = new AttributionBoundary(stack, 'Boundary', { schema: SCHEMA });
  const arn: unknown = stack.resolve(policy.managedPolicyArn);
  new iam.Role(stack, 'Given', { assumedBy: new iam.AccountRootPrincipal(), permissionsBoundary: policy });
  const applied = new iam.Role(stack, 'Applied', { assumedBy: new iam.AccountRootPrincipal() });
  iam.PermissionsBoundary.of(applied).apply(policy);
  Template.fromStack(stack).allResourcesProperties('AWS::IAM::Role', { PermissionsBoundary: arn });
});

test.each([['the given name', 'attribution', 'attribution'], ['none that would stand in the way of a second stack', undefined, Match.absent()]])('has %s', (_, policyName, expected) => {
  const stack = makeStack();
  new AttributionBoundary(stack, 'Boundary', { schema: SCHEMA, policyName });
  Template.fromStack(stack).hasResourceProperties(TYPE, { ManagedPolicyName: expected });
});

test('provisioners that are not known at synthesis pass', () => {
  const stack = makeStack();
  new AttributionBoundary(stack, 'Boundary', {
    schema: SCHEMA, comparedKeys: ['team'], provisioners: [new CfnParameter(stack, 'Role').valueAsString],
  });
  expect(JSON.stringify(Template.fromStack(stack).findResources(TYPE))).toContain('{"Ref":"Role"}');
});

test('fails once with all that is wrong', () => {
  expect(() => boundaryOf({ provisioners: ['*'], comparedKeys: ['tema'] })).toThrow(/the attribution boundary has 2 problems:\n.*comparedKeys.*\n.*provisioners/);
});

test('fails where it does not fit into the one policy that a boundary is, and says what to do', () => {
  expect(() => boundaryOf({ schema: largeSchema({ keys: 10, values: 50, length: 16 }) }))
    .toThrow(/its \d+ statements have \d{5} characters, and it may have 6144: compare fewer keys/);
});

test('fits after what the error says has been done', () => {
  const schema = largeSchema({ keys: 3, values: 50, length: 16 });
  const size = (statements: Statement[]): number => JSON.stringify({ Statement: statements, Version: '2012-10-17' }).length;
  expect(() => boundaryOf({ schema, denyUnlistedValues: true })).toThrow(/and it may have 6144/);
  expect(size(boundaryOf({ schema }))).toBeLessThanOrEqual(6144);
  expect(() => boundaryOf({ schema, provisioners: [iamArn('role/cdk-*')] })).toThrow(/and it may have 6144: compare fewer keys/);
  expect(size(boundaryOf({ schema, provisioners: [iamArn('role/cdk-*')], comparedKeys: [] }))).toBeLessThanOrEqual(6144);
});
