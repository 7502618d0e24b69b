import { Aws, CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { AttributedInvocationPolicy, AttributionGuardrails, type AttributionGuardrailsProps, AttributionRequirement } from '../../lib/access';
import type { Authorization, Statement } from '../support/evaluate-policy';
import { bedrock, CLOSED_REGION, GEO_PROFILE, GEO_REGIONS, iam as iamArn, mantle, model, REGION } from './simulation/places';
import { largeSchema } from './support/large-schemas';
import { type CallName, decide, documentsOf, makeStack, only, OWN, SCHEMA } from './support/policies';

const TYPE = 'AWS::Organizations::Policy';

interface Policy {
  readonly Name: string;
  readonly Type: string;
  readonly TargetIds?: string[];
  readonly Content: { readonly Statement: Statement[] };
}

function synthesize(props: Partial<AttributionGuardrailsProps> = {}): Policy[] {
  const stack = makeStack();
  new AttributionGuardrails(stack, 'Guardrails', { schema: SCHEMA, ...props });
  return Object.values(Template.fromStack(stack).findResources(TYPE)).map(({ Properties }) => Properties as Policy);
}

function statementsOf(props?: Partial<AttributionGuardrailsProps>): Statement[] {
  return synthesize(props).flatMap(({ Content }) => Content.Statement);
}

function sidsOf(documents: string[]): unknown[] {
  return documents.flatMap(document => (JSON.parse(document) as { Statement: Statement[] }).Statement.map(({ Sid }) => Sid));
}

describe('the same policies as JSON', () => {
  const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
  const size = fc.record({ keys: upTo(10), values: upTo(50), length: upTo(16, 3) });
  const controls = { provisioners: [iamArn('role/cdk-*')], allowedRegions: GEO_REGIONS, maxPolicies: 10 };

  test('say what the construct says, within the limit, and without white space', () => {
    fc.assert(fc.property(size, fc.constantFrom(...Object.values(AttributionRequirement)), (given, require) => {
      const options = { schema: largeSchema(given), require, ...controls };
      const documents = AttributionGuardrails.documents(options);
      expect(documents.map(document => JSON.parse(document) as unknown)).toEqual(synthesize(options).map(({ Content }) => Content));
      expect(documents.filter(document => document.length > 10_240)).toEqual([]);
      expect(documents.map(document => JSON.stringify(JSON.parse(document)))).toEqual(documents);
    }), { endOnFailure: true, numRuns: 20 });
  });

  test('are one for a usual schema', () => {
    expect(AttributionGuardrails.documents({ schema: SCHEMA, ...controls })).toHaveLength(1);
  });

  test('are several for a large one, with every statement in one of them', () => {
    const schema = largeSchema({ keys: 10, values: 50, length: 12 });
    const documents = AttributionGuardrails.documents({ schema, ...controls });
    const sids = sidsOf(documents);
    expect(documents.length).toBeGreaterThan(1);
    expect(new Set(sids).size).toBe(sids.length);
    expect(sids).toEqual(sidsOf(AttributionGuardrails.documents({ schema: largeSchema({ keys: 10, values: 1, length: 3 }), ...controls })));
  });

  test('fails with what is known at deployment only, for nothing could resolve it', () => {
    expect(() => AttributionGuardrails.documents({ schema: SCHEMA, allowedRegions: [Aws.REGION] })).toThrow(/known at deployment only, and documents\(\) has no stack to resolve it: write it out/);
    expect(() => AttributionGuardrails.documents({ schema: SCHEMA, provisioners: [`arn:aws:iam::${Aws.ACCOUNT_ID}:role/x`] })).toThrow(/known at deployment only/);
  });

  test('fails with the same problems as the construct', () => {
    const options = { schema: SCHEMA, provisioners: ['*'], allowedRegions: [], maxPolicies: 0 };
    expect(() => AttributionGuardrails.documents(options)).toThrow(/the guardrails has 3 problems/);
    expect(() => synthesize(options)).toThrow(/the guardrails has 3 problems/);
  });
});

describe('what is denied', () => {
  test('is what the policy that is attached to a role denies', () => {
    const controls = { require: AttributionRequirement.BOTH, comparedKeys: ['team'], provisioners: [iamArn('role/cdk-*')] };
    expect(statementsOf(controls)).toEqual(documentsOf(new AttributedInvocationPolicy(makeStack(), 'Policy', { schema: SCHEMA, ...controls }).policies).flat());
  });

  test('nothing is allowed, so that the policy which allows everything has to stay', () => {
    expect(statementsOf({ allowedRegions: [REGION] }).filter(({ Effect }) => Effect !== 'Deny')).toEqual([]);
  });

  test('is denied to administrators', () => {
    const guardrails = statementsOf();
    expect(decide({ guardrails }, 'own profile')).toBe(true);
    expect(decide({ guardrails }, 'profile of another team')).toBe(false);
    expect(decide({ guardrails }, 'tag a role with an attribution key', { role: 'Administrator' })).toBe(false);
    expect(decide({ guardrails }, 'model directly', { tags: {} })).toBe(false);
  });

  test('leaves a deployment with the CDK alone', () => {
    const guardrails = statementsOf({ provisioners: ['arn:*:iam::*:role/cdk-*-cfn-exec-role-*'], allowedRegions: [REGION] });
    const deployment = { role: 'cdk-hnb659fds-cfn-exec-role-1', tags: {} };
    const calls: CallName[] = [
      'CreateInferenceProfile, own tags, tagging authorized', 'CreateProject, own tags, tagging authorized', 'make a role with an attribution key',
      'tag a user with an attribution key', 'untag a profile of an attribution key',
    ];
    expect(calls.filter(call => !decide({ guardrails }, call, deployment))).toEqual([]);
    expect(calls.filter(call => decide({ guardrails }, call))).toEqual([]);
  });
});

describe('allowed Regions', () => {
  const guardrails = statementsOf({ allowedRegions: [REGION] });
  const inClosed = (call: Authorization): Authorization[] => [{ ...call, context: { ...call.context, 'aws:RequestedRegion': CLOSED_REGION } }];

  test.each<CallName>([
    'model directly', 'own profile', 'own geo profile', 'own geo profile, wrapped named', 'own global profile', 'own global profile, wrapped named', 'geo profile directly',
    'global profile directly', 'mantle, own project', 'CreateModelInvocationJob, own tags', 'StartAsyncInvoke, own tags',
  ])('%s works, with whatever Regions it runs in', call => {
    expect(decide({ guardrails }, call)).toBe(true);
  });

  test.each<[string, Authorization[]]>([
    ['a model', inClosed({ action: 'bedrock:InvokeModel', resource: model(CLOSED_REGION) })],
    ['a model, streamed', inClosed({ action: 'bedrock:InvokeModelWithResponseStream', resource: model(CLOSED_REGION) })],
    ['a system-defined profile', inClosed({ action: 'bedrock:InvokeModel', resource: bedrock(`inference-profile/${GEO_PROFILE}`, CLOSED_REGION) })],
    ['an application profile', inClosed({ action: 'bedrock:InvokeModel', resource: bedrock('application-inference-profile/x', CLOSED_REGION) })],
    ['an agent', inClosed({ action: 'bedrock:InvokeAgent', resource: bedrock('agent-alias/a/b', CLOSED_REGION) })],
    ['a batch job', inClosed({ action: 'bedrock:CreateModelInvocationJob', resource: model(CLOSED_REGION) })],
    ['provisioned throughput', inClosed({ action: 'bedrock:CreateProvisionedModelThroughput', resource: model(CLOSED_REGION) })],
    ['a project', inClosed({ action: 'bedrock-mantle:CreateInference', resource: mantle('project/proj_own').replace(REGION, CLOSED_REGION) })],
  ])('%s elsewhere does not', (_, call) => {
    const ownTags = Object.fromEntries(Object.entries(OWN).flatMap(([key, value]) => [[`aws:ResourceTag/${key}`, value], [`aws:RequestTag/${key}`, value]]));
    const isMade = call[0].action.includes(':CreateModel') || call[0].action.includes('Throughput');
    const keys: Record<string, string | string[]> = isMade ? { 'aws:TagKeys': Object.keys(OWN) } : {};
    const tagged = call.map(({ context, ...rest }) => ({ ...rest, context: { ...context, ...ownTags, ...keys } }));
    expect(decide({ guardrails }, tagged)).toBe(false);
    expect(decide({ guardrails: statementsOf() }, tagged)).toBe(true);
    expect(decide({ guardrails: statementsOf({ allowedRegions: [REGION, CLOSED_REGION] }) }, tagged)).toBe(true);
  });

  test('other services and the rest of Bedrock work everywhere', () => {
    expect(decide({ guardrails }, inClosed({ action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/key' }))).toBe(true);
    expect(decide({ guardrails }, inClosed({ action: 'bedrock:ListFoundationModels', resource: '*' }))).toBe(true);
  });

  test('that are not known at synthesis pass', () => {
    expect(JSON.stringify(statementsOf({ allowedRegions: [Aws.REGION] }))).toContain('{"Ref":"AWS::Region"}');
  });
});

describe('policies of the organization', () => {
  test('are service control policies with numbered names, all attached to the same targets', () => {
    const targetIds = ['r-ab12', 'ou-ab12-abcd1234', '111122223333'];
    const policies = synthesize({ schema: largeSchema({ keys: 10, values: 50, length: 8 }), targetIds, policyName: 'attribution' });
    expect(policies.length).toBeGreaterThan(1);
    expect(policies.map(({ Name }) => Name)).toEqual(policies.map((_, index) => index === 0 ? 'attribution' : `attribution-${index + 1}`));
    expect(policies.filter(({ Type, TargetIds }) => Type !== 'SERVICE_CONTROL_POLICY' || TargetIds?.join() !== targetIds.join())).toEqual([]);
  });

  test('are attached to nothing unless asked, under a name that says what they are', () => {
    expect(synthesize()).toEqual([expect.objectContaining({ Name: 'bedrock-attribution' })]);
    expect(synthesize()[0]).not.toHaveProperty('TargetIds');
  });

  test('pass with a name and targets that are not known at synthesis', () => {
    const stack = makeStack();
    const { valueAsString } = new CfnParameter(stack, 'Unit');
    new AttributionGuardrails(stack, 'One', { schema: SCHEMA, targetIds: [valueAsString], policyName: valueAsString });
    Template.fromStack(stack).hasResourceProperties(TYPE, { TargetIds: [{ Ref: 'Unit' }], Name: { Ref: 'Unit' } });
  });

  test.each([['r-ab12'], [`r-${'a'.repeat(32)}`], ['ou-ab12-abcd1234'], [`ou-${'a'.repeat(32)}-${'b'.repeat(32)}`], ['111122223333']])('are attached to %s', target => {
    expect(synthesize({ targetIds: [target] })[0].TargetIds).toEqual([target]);
  });

  test.each([['r-abc'], ['ou-ab12'], ['ou-ab12-abcd123'], ['11112222333'], ['1111222233334'], ['production'], ['']])('fails with the target %j', target => {
    expect(() => synthesize({ targetIds: ['r-ab12', target] })).toThrow(/has 1 problem:\n.*targetIds has ".*": use the id of a root \(r-…\), an organizational unit/);
  });

  test.each([[''], ['x'.repeat(121)], ['größe']])('fails with the name %j', policyName => {
    expect(() => synthesize({ policyName })).toThrow(/policyName is ".*": use 1 to 120 ASCII characters/);
  });

  test.each([0, 11, 1.5, -1])('fails with at most %d policies', maxPolicies => {
    expect(() => synthesize({ maxPolicies })).toThrow(/maxPolicies is .*: use a whole number from 1 to 10/);
  });

  test.each(['EU', 'eu-central', 'eu_central_1', 'Frankfurt', 'eu-central-1a', ''])('fails with the Region %j', region => {
    expect(() => synthesize({ allowedRegions: [REGION, region] })).toThrow(/has 1 problem:\n.*allowedRegions has ".*": use the code of a Region/);
  });

  test.each(['eu-central-1', 'us-gov-west-1', 'ap-southeast-7', 'cn-northwest-1', 'eusc-de-east-1', 'us-isob-east-1'])('take the Region %s', region => {
    expect(JSON.stringify(statementsOf({ allowedRegions: [region] }))).toContain(`"aws:RequestedRegion":["${region}","unspecified"]`);
  });

  test('fails without any Region', () => {
    expect(() => synthesize({ allowedRegions: [] })).toThrow(/allowedRegions is empty, so that no model could be called: leave it out for any Region/);
  });

  test('fails where more policies are needed than there may be, and says what to do', () => {
    const schema = largeSchema({ keys: 10, values: 50, length: 16 });
    const needed = synthesize({ schema, maxPolicies: 10 }).length;
    expect(needed).toBeGreaterThan(1);
    expect(synthesize({ schema, maxPolicies: needed })).toHaveLength(needed);
    expect(() => synthesize({ schema, maxPolicies: needed - 1 })).toThrow(/its \d+ statements have \d+ characters, and .* may have 10240: raise maxPolicies, compare fewer keys/);
  });

  test('fail when nothing is left of them', () => {
    expect(() => synthesize(only([]))).toThrow(/they deny nothing: leave a control on/);
    expect(() => AttributionGuardrails.documents({ schema: SCHEMA, ...only([]) })).toThrow(/they deny nothing/);
  });

  test('lists and numbers that are known at deployment only pass', () => {
    const scope = new Stack();
    const list = new CfnParameter(scope, 'List', { type: 'CommaDelimitedList' }).valueAsList;
    const maxPolicies = new CfnParameter(scope, 'Most', { type: 'Number' }).valueAsNumber;
    expect(() => new AttributionGuardrails(scope, 'It', {
      schema: largeSchema({ keys: 10, values: 50, length: 30 }), targetIds: list, provisioners: list, maxPolicies,
    })).not.toThrow();
    expect(() => AttributionGuardrails.documents({ schema: SCHEMA, provisioners: list })).toThrow(/documents\(\) has no stack to resolve it/);
    expect(() => synthesize({ allowedRegions: list })).toThrow(/allowedRegions is a list that is known at deployment only/);
  });

  test.each([[3, 'each of 3 policies'], [1, 'it']])('fails with the number of policies that there may be in words: %d', (maxPolicies, words) => {
    expect(() => synthesize({ schema: largeSchema({ keys: 10, values: 50, length: 100 }), maxPolicies })).toThrow(`and ${words} may have 10240`);
  });
});
