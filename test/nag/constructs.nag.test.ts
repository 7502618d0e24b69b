import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { access, analytics, dataExports, inferenceProfiles, schema } from '../../lib';
import { makeCatalog } from '../support/make-catalog';
import { nagFindings } from './nag-findings';

const { ModelSource } = inferenceProfiles;
const starter = schema.AttributionSchema.starter();
const attribution = { team: 'payments', service: 'checkout', env: 'prod' };

test('the helper finds what is wrong, so that an empty answer means clean', () => {
  const findings = nagFindings(stack => new s3.Bucket(stack, 'Open'));
  expect(findings).toEqual(expect.arrayContaining(['AwsSolutions-S1 at Nag/Open/Resource', 'AwsSolutions-S10 at Nag/Open/Resource']));
});

test('a cost and usage export is clean', () => {
  expect(nagFindings(stack => new dataExports.CostAndUsageExport(stack, 'Export'))).toEqual([]);
});

test('a catalog is clean', () => {
  expect(nagFindings(stack => makeCatalog(stack, { store: new analytics.LedgerStore(stack, 'Store') }))).toEqual([]);
});

test.each([
  ['its own bucket', undefined],
  ['managed results', analytics.QueryResults.managed()],
])('a workgroup with %s is clean', (_, results) => {
  expect(nagFindings(stack => new analytics.QueryWorkGroup(stack, 'Queries', { results }))).toEqual([]);
});

test.each([
  ['a foundation model', ModelSource.foundationModel('amazon.nova-lite-v1:0')],
  ['a global profile', ModelSource.systemProfile('global.amazon.nova-lite-v1:0')],
])('a profile of %s and the role that calls it are clean', (_, modelSource) => {
  expect(nagFindings(stack => {
    const profile = new inferenceProfiles.ApplicationInferenceProfile(stack, 'Profile', { schema: starter, attribution, modelSource });
    const assumedBy = new iam.ServicePrincipal('lambda.amazonaws.com');
    const targets = [access.InvocationTarget.profile(profile)];
    new access.BedrockServiceRole(stack, 'Role', { schema: starter, attribution, assumedBy, targets });
  })).toEqual([]);
});

test.each<[string, access.InvocationTarget[]]>([
  ['own tags', [access.InvocationTarget.matchingTags()]],
  ['any model', [access.InvocationTarget.anyModel()]],
  ['a system-defined profile', [access.InvocationTarget.systemProfile('eu.amazon.nova-lite-v1:0')]],
  ['all of them', [
    access.InvocationTarget.matchingTags('team'), access.InvocationTarget.anyModel(), access.InvocationTarget.systemProfile('eu.amazon.nova-lite-v1:0'),
  ]],
])('a role, a policy that is attached to a group, and a group of users that call %s are clean', (_, targets) => {
  expect(nagFindings(stack => {
    const assumedBy = new iam.ServicePrincipal('lambda.amazonaws.com');
    new access.BedrockServiceRole(stack, 'Role', { schema: starter, attribution, assumedBy, targets });
    new access.AttributedInvocationPolicy(stack, 'Policy', { schema: starter, targets }).attachToGroup(new iam.Group(stack, 'Callers'));
    new access.BedrockUserGroup(stack, 'Users', { schema: starter, targets }).addUser('Alice', { attribution });
  })).toEqual([]);
});

test('a boundary is clean', () => {
  expect(nagFindings(stack => new access.AttributionBoundary(stack, 'Boundary', { schema: starter }))).toEqual([]);
});

test('guardrails are clean', () => {
  expect(nagFindings(stack => new access.AttributionGuardrails(stack, 'Guardrails', { schema: starter, allowedRegions: ['eu-central-1'] }))).toEqual([]);
});

test('a grant on a profile of one Region adds no wildcard to the role of the caller', () => {
  expect(nagFindings(stack => {
    const modelSource = ModelSource.foundationModel('amazon.nova-lite-v1:0');
    const profile = new inferenceProfiles.ApplicationInferenceProfile(stack, 'Profile', { schema: starter, attribution, modelSource });
    profile.grants.invoke(new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }));
  })).toEqual([]);
});
