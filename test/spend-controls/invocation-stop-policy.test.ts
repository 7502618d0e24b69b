import * as fs from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { BedrockServiceRole, InvocationTarget } from '../../lib/access';
import { packageFile } from '../../lib/private/package-file';
import { InvocationStopPolicy } from '../../lib/spend-controls';
import { STOPPED_ACTIONS } from '../../lib/spend-controls/invocation-stop-statements';
import { CALLS, type CallName } from '../access/simulation/contexts';
import { bedrock, mantle, model, profile } from '../access/simulation/places';
import { ATTRIBUTION, decide, documentsOf, makeStack, OWN, passes, SCHEMA } from '../access/support/policies';
import { nagFindings } from '../nag/nag-findings';
import type { Statement } from '../support/evaluate-policy';

const TYPE = 'AWS::IAM::ManagedPolicy';

/** What AWS knows of resources that are tagged like the role. */
const OWN_TAGS = Object.fromEntries(Object.entries(OWN).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));

function stopStatements(): Statement[] {
  const [statements] = documentsOf([new InvocationStopPolicy(makeStack(), 'Stop')]);
  return statements;
}

/** The permissions of a role that calls its own profiles and projects, as they are synthesized. */
function serviceRoleStatements(): Statement[] {
  const stack = makeStack();
  new BedrockServiceRole(stack, 'Role', {
    schema: SCHEMA, attribution: ATTRIBUTION, assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'), targets: [InvocationTarget.matchingTags(), InvocationTarget.anyModel()],
  });
  const [role] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
  const policies = role.Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

describe('the policy', () => {
  test('is attached to nobody', () => {
    const stack = makeStack();
    new InvocationStopPolicy(stack, 'Stop');
    Template.fromStack(stack).hasResourceProperties(TYPE, { Roles: Match.absent(), Users: Match.absent(), Groups: Match.absent() });
  });

  test.each([['the given name', 'stop', 'stop'], ['none that would stand in the way of a second stack', undefined, Match.absent()]])('has %s', (_, managedPolicyName, expected) => {
    const stack = new Stack();
    new InvocationStopPolicy(stack, 'Stop', { managedPolicyName });
    Template.fromStack(stack).hasResourceProperties(TYPE, { ManagedPolicyName: expected });
  });

  test('denies only, so that it is no permission to whom it is attached', () => {
    expect(stopStatements().filter(({ Effect }) => Effect !== 'Deny')).toEqual([]);
    expect(decide({ identity: stopStatements() }, [{ action: 'bedrock:ListFoundationModels', resource: '*' }])).toBe(false);
  });

  test('is small enough for a managed policy', () => {
    expect(JSON.stringify({ Statement: stopStatements(), Version: '2012-10-17' }).length).toBeLessThanOrEqual(6144);
  });

  test('denies what its documentation says', () => {
    const page = fs.readFileSync(packageFile('docs', 'budget-actions.md'), 'utf8');
    const source = fs.readFileSync(packageFile('lib', 'spend-controls', 'invocation-stop-policy.ts'), 'utf8');
    expect(stopStatements()[0].Action).toEqual(STOPPED_ACTIONS);
    expect(STOPPED_ACTIONS.filter(action => !page.includes(`\`${action}\``))).toEqual([]);
    expect(STOPPED_ACTIONS.filter(action => !source.includes(`\`${action.split(':')[1]}\``))).toEqual([]);
    expect([...page.matchAll(/`(bedrock(?:-mantle)?:[^`]+)`/g)].map(([, action]) => action).sort()).toEqual([...STOPPED_ACTIONS].sort());
  });

  test('is clean', () => {
    expect(nagFindings(stack => new InvocationStopPolicy(stack, 'Stop'))).toEqual([]);
  });
});

describe('a role of a service', () => {
  const calls: CallName[] = [
    'own profile', 'own profile, streamed', 'own geo profile', 'own geo profile, streamed', 'own global profile', 'own global profile, streamed',
    'model directly', 'model directly, streamed', 'geo profile directly', 'global profile directly', 'mantle, own project', 'mantle, default project',
    'Responses on the runtime endpoint',
  ];
  const role = serviceRoleStatements();

  test('calls profiles, models and projects as long as it is not stopped', () => {
    expect(calls.filter(call => !decide({ identity: role }, call))).toEqual([]);
  });

  test.each(calls)('is denied %s once it is stopped', call => {
    expect(decide({ identity: [...role, ...stopStatements()] }, call)).toBe(false);
  });

  test.each([
    ['resolve its profile', { action: 'bedrock:GetInferenceProfile', resource: profile('own-model'), context: OWN_TAGS }],
    ['follow a call of its project', { action: 'bedrock-mantle:GetInference', resource: mantle('project/proj_own'), context: OWN_TAGS }],
    ['cancel a call of its project', { action: 'bedrock-mantle:CancelInference', resource: mantle('project/proj_own'), context: OWN_TAGS }],
  ])('may still %s', (_, authorization) => {
    expect(decide({ identity: role }, [authorization])).toBe(true);
    expect(decide({ identity: [...role, ...stopStatements()] }, [authorization])).toBe(true);
  });
});

describe('an administrator who is stopped', () => {
  const stop = stopStatements();

  test('spends on no road of the access matrix, and does all else', () => {
    const free = /^(CreateInferenceProfile|configure invocation logging|mantle, follow|tag a|untag a)/;
    const isOfBedrock = (name: CallName): boolean => CALLS[name].authorizations.some(({ action }) => action.startsWith('bedrock'));
    const names = (Object.keys(CALLS) as CallName[]).filter(isOfBedrock);
    const passing = names.filter(name => passes(stop, name));
    expect(passing.filter(name => !free.test(name))).toEqual([]);
    expect(names.filter(name => free.test(name) && !passing.includes(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(100);
  });

  // every action of the service authorization reference that is billed by the call, the job, the hour or the month
  test.each([
    'bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream', 'bedrock:InvokeAgent', 'bedrock:InvokeInlineAgent', 'bedrock:InvokeFlow',
    'bedrock:InvokeTool', 'bedrock:InvokeBuilder', 'bedrock:InvokeGuardrailChecks', 'bedrock:InvokeAutomatedReasoningPolicy',
    'bedrock:InvokeDataAutomation', 'bedrock:InvokeDataAutomationAsync', 'bedrock:InvokeDataAutomationLibraryIngestionJob',
    'bedrock:InvokeBlueprintOptimizationAsync', 'bedrock:InvokeBlueprintRecommendationAsync',
    'bedrock:Retrieve', 'bedrock:RetrieveAndGenerate', 'bedrock:AgenticRetrieveStream', 'bedrock:Rerank', 'bedrock:GenerateQuery', 'bedrock:OptimizePrompt',
    'bedrock:ApplyGuardrail', 'bedrock:CallWithBearerToken', 'bedrock:StartFlowExecution', 'bedrock:StartIngestionJob', 'bedrock:IngestKnowledgeBaseDocuments',
    'bedrock:StartAutomatedReasoningPolicyBuildWorkflow', 'bedrock:StartAutomatedReasoningPolicyTestWorkflow',
    'bedrock:CreateModelInvocationJob', 'bedrock:CreateModelCustomizationJob', 'bedrock:CreateModelImportJob', 'bedrock:CreateModelCopyJob',
    'bedrock:CreateModelEvaluationJob', 'bedrock:CreateEvaluationJob', 'bedrock:CreateAdvancedPromptOptimizationJob',
    'bedrock:CreateCustomModel', 'bedrock:CreateCustomModelDeployment', 'bedrock:CreateProvisionedModelThroughput',
    'bedrock:CreateMarketplaceModelEndpoint', 'bedrock:UpdateMarketplaceModelEndpoint',
    'bedrock-mantle:CreateInference', 'bedrock-mantle:CreateFineTuningJob', 'bedrock-mantle:CreateCustomizedModel', 'bedrock-mantle:CreateFile',
    'bedrock-mantle:CreateReservation', 'bedrock-mantle:UpdateReservation', 'bedrock-mantle:CallWithBearerToken',
  ])('is denied %s', action => {
    const resource = action.startsWith('bedrock-mantle:') ? mantle('project/proj_own') : '*';
    expect(passes([], [{ action, resource }])).toBe(true);
    expect(passes(stop, [{ action, resource }])).toBe(false);
  });

  test.each([
    ['bedrock:InvokeModel', model()], ['bedrock:InvokeModel', model('')], ['bedrock:InvokeModel', profile('any')],
    ['bedrock:InvokeModel', bedrock('provisioned-model/own000000000')], ['bedrock:InvokeModel', bedrock('async-invoke/new0async000')],
    ['bedrock:CreateModelInvocationJob', bedrock('model-invocation-job/new0job00000')], ['bedrock:CreateProvisionedModelThroughput', model()],
    ['bedrock-mantle:CreateInference', mantle('project/default')], ['bedrock-mantle:CreateInference', mantle('project/proj_own', 'us-east-1')],
  ])('is denied %s on %s', (action, resource) => {
    expect(passes([], [{ action, resource }])).toBe(true);
    expect(passes(stop, [{ action, resource }])).toBe(false);
  });

  test.each([
    ['bedrock:ListFoundationModels', '*'], ['bedrock:GetFoundationModel', model()], ['bedrock:ListInferenceProfiles', '*'],
    ['bedrock:GetInferenceProfile', profile('any')], ['bedrock:CreateInferenceProfile', profile('any')], ['bedrock:DeleteInferenceProfile', profile('any')],
    ['bedrock:ListModelInvocationJobs', '*'], ['bedrock:GetModelInvocationJob', bedrock('model-invocation-job/job000000000')],
    ['bedrock:StopModelInvocationJob', bedrock('model-invocation-job/job000000000')], ['bedrock:StopModelCustomizationJob', bedrock('model-customization-job/job')],
    ['bedrock:StopEvaluationJob', bedrock('evaluation-job/job000000000')], ['bedrock:StopIngestionJob', bedrock('knowledge-base/KB')],
    ['bedrock:StopFlowExecution', bedrock('flow/FLOW/alias/ALIAS')], ['bedrock:GetAsyncInvoke', bedrock('async-invoke/async0000000')],
    ['bedrock:CancelInvoke', bedrock('project/default')], ['bedrock:DeleteProvisionedModelThroughput', bedrock('provisioned-model/own000000000')],
    ['bedrock:DeleteCustomModel', bedrock('custom-model/own')], ['bedrock:DeleteCustomModelDeployment', bedrock('custom-model-deployment/custom000000')],
    ['bedrock:DeleteMarketplaceModelEndpoint', '*'], ['bedrock:DeleteAgent', bedrock('agent/AGENT')], ['bedrock:DeleteKnowledgeBase', bedrock('knowledge-base/KB')],
    ['bedrock:CountTokens', model()], ['bedrock:TagResource', profile('any')],
    ['bedrock-mantle:GetInference', mantle('project/proj_own')], ['bedrock-mantle:CancelInference', mantle('project/proj_own')],
    ['bedrock-mantle:CancelFineTuningJob', mantle('project/proj_own')], ['bedrock-mantle:DeleteReservation', mantle('reservation/own')],
    ['bedrock-mantle:DeleteFile', mantle('project/proj_own')], ['bedrock-mantle:ListModels', mantle('project/proj_own')],
    ['bedrock-mantle:ArchiveProject', mantle('project/proj_own')], ['s3:GetObject', 'arn:aws:s3:::bucket/key'],
  ])('may still do %s on %s', (action, resource) => {
    expect(passes(stop, [{ action, resource }])).toBe(true);
  });
});
