import { decide, type Row } from './row';

/**
 * Callers who have all permissions, under each document that closes roads: what is not closed stays open, and what is closed stays closed
 * for administrators. The boundary compares team and env only, so that services of a team share what they make.
 */
const SCENARIOS = ['policy, principalTag', 'policy, profile', 'policy, both', 'boundary', 'SCP', 'SCP, both', 'group, administrator'] as const;

const SHARED = 'the boundary does not compare service';
const NEEDS_PROP = 'where a profile is required, inferenceProfileArns has to name the wrapped profile';
const BY_PROFILE = 'a profile is required';

export const ADMINISTRATORS: readonly Row[] = decide(SCENARIOS, [
  ['own profile', '+ + + + + + +'],
  ['own profile, streamed', '+ + + + + + +'],
  ['own geo profile', '+ + + + + + +'],
  ['own geo profile, streamed', '+ + + + + + +'],
  ['own geo profile, wrapped named', '+ - - + + - +', NEEDS_PROP],
  ['own global profile', '+ + + + + + +'],
  ['own global profile, streamed', '+ + + + + + +'],
  ['own global profile, wrapped named', '+ - - + + - +', NEEDS_PROP],
  ['profile of another team', '- - - - - - -'],
  ['geo profile of another team', '- - - - - - -'],
  ['profile of another service', '- - - + - - -', SHARED],
  ['profile of another stage', '- - - - - - -'],
  ['profile without tags', '- - - - - - -'],
  ['geo profile directly', '+ - - + + - +', BY_PROFILE],
  ['geo profile directly, streamed', '+ - - + + - +', BY_PROFILE],
  ['global profile directly', '+ - - + + - +', BY_PROFILE],
  ['model directly', '+ - - + + - +', BY_PROFILE],
  ['model directly, streamed', '+ - - + + - +', BY_PROFILE],
  ['model directly in a closed Region', '+ - - + - - +', 'the guardrails open three Regions'],
  ['own provisioned model', '+ + + + + + +'],
  ['provisioned model of another team', '- - - - - - -'],
  ['imported model', '- - - - - - -', 'billed by the time that it runs, so that no caller is on the bill'],
  ['Marketplace endpoint', '- - - - - - -', 'billed by the time that it runs, so that no caller is on the bill'],
  ['custom model deployment', '+ - - + + - +', BY_PROFILE],
  ['prompt router', '+ - - + + - +', BY_PROFILE],
  ['default prompt router', '+ - - + + - +', BY_PROFILE],
  ['Responses on the runtime endpoint', '+ - - + + - +', 'this API takes no application profile'],
  ['agent', '+ + + + + + +', 'the agent calls models by its own role'],
  ['flow', '+ + + + + + +', 'the flow calls models by its own role'],
  ['RetrieveAndGenerate', '+ + + + + + +'],
  ['Rerank', '+ - - + + - +', BY_PROFILE],
  ['OptimizePrompt', '+ + + + + + +'],
  ['GenerateQuery', '+ + + + + + +'],
  ['CreateModelCustomizationJob', '+ + + + + + +'],

  ['mantle, own project', '+ + + + + + +'],
  ['mantle, project of another team', '- - - - - - -'],
  ['mantle, project of another service', '- - - + - - -', SHARED],
  ['mantle, project of another stage', '- - - - - - -'],
  ['mantle, project without tags', '- - - - - - -'],
  ['mantle, default project', '+ - - + + - +', 'it cannot be tagged'],
  ['mantle, fine-tuning in own project', '+ + + + + + +'],
  ['mantle, fine-tuning in a project of another team', '- - - - - - -'],

  ['short-term key, own profile', '+ + + + + + +'],
  ['long-term key, own profile', '- - - - - - -'],
  ['short-term key, model directly', '+ - - + + - +', BY_PROFILE],
  ['long-term key, model directly', '- - - - - - -'],
  ['short-term key, mantle, own project', '+ + + + + + +'],
  ['long-term key, mantle, own project', '- - - - - - -'],
  ['make a long-term key for Bedrock', '- - - - - - -'],
  ['make a credential for CodeCommit', '+ + + + + + +'],
]);

export const CREATIONS: readonly Row[] = decide(SCENARIOS, [
  ['CreateInferenceProfile, own tags', '+ + + + + + +'],
  ['CreateInferenceProfile, no tags', '- - - - - - -'],
  ['CreateInferenceProfile, no team', '- - - - - - -'],
  ['CreateInferenceProfile, no service', '- - - - - - -'],
  ['CreateInferenceProfile, no env', '- - - - - - -'],
  ['CreateInferenceProfile, another team', '- - - - - - -'],
  ['CreateInferenceProfile, another service', '- - - + - - -', SHARED],
  ['CreateInferenceProfile, another stage', '- - - - - - -'],
  ['CreateInferenceProfile, an illegal env', '- - - - - - -'],
  ['CreateInferenceProfile of a geo profile, own tags', '+ + + + + + +'],
  ['CreateInferenceProfile of a geo profile, another team', '- - - - - - -'],
  ['CreateInferenceProfile, own tags, tagging authorized', '- - - - - - -', 'should AWS ask for it, only provisioners make profiles'],

  ['CreateProject, own tags', '+ + + + + + +'],
  ['CreateProject, no tags', '- - - - - - -'],
  ['CreateProject, another team', '- - - - - - -'],
  ['CreateProject, another service', '- - - + - - -', SHARED],
  ['CreateProject, another stage', '- - - - - - -'],
  ['CreateProject, an illegal env', '- - - - - - -'],
  ['CreateProject, own tags, tagging authorized', '- - - - - - -', 'should AWS ask for it, only provisioners make projects'],

  ['CreateProvisionedModelThroughput, own tags', '+ + + + + + +'],
  ['CreateProvisionedModelThroughput, no tags', '- - - - - - -'],
  ['CreateProvisionedModelThroughput, another team', '- - - - - - -'],
  ['CreateProvisionedModelThroughput, another stage', '- - - - - - -'],

  ['CreateModelInvocationJob, own tags', '+ + + + + + +', 'a batch job takes no condition on profiles'],
  ['CreateModelInvocationJob, no tags', '- - - - - - -'],
  ['CreateModelInvocationJob, another team', '- - - - - - -'],
  ['CreateModelInvocationJob, another stage', '- - - - - - -'],

  ['StartAsyncInvoke, own tags', '+ - - + + - +', BY_PROFILE],
  ['StartAsyncInvoke, no tags', '- - - - - - -'],
  ['StartAsyncInvoke, no team', '- - - - - - -'],
  ['StartAsyncInvoke, no service', '- - - - - - -'],
  ['StartAsyncInvoke, no env', '- - - - - - -'],
  ['StartAsyncInvoke, another team', '- - - - - - -'],
  ['StartAsyncInvoke, another service', '- - - + - - -', SHARED],
  ['StartAsyncInvoke, another stage', '- - - - - - -'],
  ['StartAsyncInvoke, an illegal env', '- - - - - - -'],
]);

const CASE = 'IAM reads tag keys whatever their case, aws:TagKeys does not';

export const TAMPERING: readonly Row[] = decide(SCENARIOS, [
  ['tag a profile with an attribution key', '- - - - - - -'],
  ['tag a profile with an attribution key in another case', '- - - - - - -', CASE],
  ['tag a profile with an optional key', '- - - - - - -'],
  ['tag a profile with another key', '+ + + + + + +'],
  ['untag a profile of an attribution key', '- - - - - - -'],
  ['untag a profile of another key', '+ + + + + + +'],
  ['tag a project with an attribution key', '- - - - - - -'],
  ['tag a project with an attribution key in another case', '- - - - - - -', CASE],
  ['tag a project with another key', '+ + + + + + +'],
  ['untag a project of an attribution key', '- - - - - - -'],
  ['untag a project of another key', '+ + + + + + +'],
  ['tag a role with an attribution key', '- - - - - - -'],
  ['tag a role with an attribution key in another case', '- - - - - - -', CASE],
  ['tag a role with an optional key', '- - - - - - -'],
  ['tag a role with another key', '+ + + + + + +'],
  ['untag a role of an attribution key', '- - - - - - -'],
  ['untag a role of another key', '+ + + + + + +'],
  ['tag a user with an attribution key', '- - - - - - -'],
  ['tag a user with an attribution key in another case', '- - - - - - -', CASE],
  ['tag a user with another key', '+ + + + + + +'],
  ['untag a user of an attribution key', '- - - - - - -'],
  ['untag a user of another key', '+ + + + + + +'],
  ['make a role with an attribution key', '- - - - - - -'],
  ['make a role with an attribution key in another case', '- - - - - - -', CASE],
  ['make a role with another key', '+ + + + + + +'],
  ['make a role without tags', '+ + + + + + +'],
  ['make a user with an attribution key', '- - - - - - -'],
  ['make a user with another key', '+ + + + + + +'],
  ['make a user without tags', '+ + + + + + +'],
]);
