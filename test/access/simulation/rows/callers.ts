import { decide, type Row } from './row';

/** Callers whose tags are not those of the scenario, under each document that looks at tags. */
const SCENARIOS = ['policy, principalTag', 'policy, profile', 'policy, both', 'boundary', 'SCP', 'SCP, both', 'group, administrator'] as const;

const BY_PROFILE = 'where a profile attributes the call, the tags of the caller may be missing';
const UP_TO_POLICIES = 'only where profiles alone attribute a call; the boundary does not compare service';
const WITHOUT_TEAM = 'a comparison with a tag that is not there must fail';

export const CALLER_TAGS: readonly Row[] = [
  ...decide(SCENARIOS, [
    ['agent', '- + - - - - -', BY_PROFILE],
    ['flow', '- + - - - - -', BY_PROFILE],
    ['flow execution', '- + - - - - -', BY_PROFILE],
    ['AgenticRetrieveStream', '- + - - - - -', BY_PROFILE],
    ['ApplyGuardrail', '+ + + + + + +', 'it runs no model, and AWS names callers of models only'],
    ['RetrieveAndGenerate', '- + - - - - -', BY_PROFILE],
    ['Rerank', '- - - - - - -'],
    ['OptimizePrompt', '- + - - - - -', BY_PROFILE],
    ['GenerateQuery', '- + - - - - -', BY_PROFILE],
    ['CreateModelCustomizationJob', '- + - - - - -', BY_PROFILE],
    ['configure invocation logging', '+ + + + + + +', 'the function that does it has no tags, and spends nothing'],
    ['own profile', '- + - - - - -', BY_PROFILE],
    ['profile without tags', '- - - - - - -', WITHOUT_TEAM],
    ['own provisioned model', '- + - - - - -', BY_PROFILE],
    ['model directly', '- - - - - - -'],
    ['mantle, own project', '- + - - - - -', BY_PROFILE],
    ['mantle, default project', '- - - - - - -'],
    ['Responses on the runtime endpoint', '- - - - - - -'],
    ['CreateInferenceProfile, own tags', '- - - - - - -', WITHOUT_TEAM],
    ['CreateProvisionedModelThroughput, own tags', '- - - - - - -', WITHOUT_TEAM],
    ['CreateModelInvocationJob, own tags', '- - - - - - -', WITHOUT_TEAM],
  ], 'untagged'),
  ...decide(SCENARIOS, [['agent', '- + - - - - -', BY_PROFILE]], 'no team'),
  ...decide(SCENARIOS, [['agent', '- + - - - - -', BY_PROFILE]], 'empty team'),
  ...decide(SCENARIOS, [['agent', '- + - - - - -', BY_PROFILE]], 'no service'),
  ...decide(SCENARIOS, [['agent', '- + - - - - -', BY_PROFILE]], 'no env'),
  ...decide(SCENARIOS, [['agent', '- + - - - - -', BY_PROFILE]], 'illegal env'),
  ...decide(SCENARIOS, [['agent', '- + - - - - -', BY_PROFILE]], 'illegal cost center'),
  ...decide(SCENARIOS, [['agent', '+ + + + + + +'], ['own profile', '+ + + + + + +']], 'cost center'),
  ...decide(SCENARIOS, [
    ['agent', '+ + + + + + +'],
    ['own profile', '- + - - - - -', UP_TO_POLICIES],
    ['profile of another team', '+ + + + + + +', 'for this caller it is its own'],
    ['mantle, own project', '- + - - - - -', UP_TO_POLICIES],
    ['CreateInferenceProfile, own tags', '- - - - - - -'],
    ['CreateInferenceProfile, another team', '+ + + + + + +', 'for this caller it is its own'],
  ], 'another team'),
  ...decide(SCENARIOS, [
    ['own profile', '- + - + - - -', UP_TO_POLICIES],
    ['profile of another service', '+ + + + + + +', 'for this caller it is its own'],
  ], 'another service'),
  ...decide(SCENARIOS, [
    ['own profile', '- + - - - - -', UP_TO_POLICIES],
    ['profile of another stage', '+ + + + + + +', 'for this caller it is its own'],
    ['CreateInferenceProfile, own tags', '- - - - - - -', 'env=prod is for callers that carry it'],
    ['CreateInferenceProfile, another stage', '+ + + + + + +', 'for this caller it is its own'],
  ], 'another stage'),
];

/** Administrators under the guardrails, seen from the resources that are not theirs. */
const ATTACKERS = ['attacker, another team', 'attacker, key in another case', 'attacker, value in another case', 'attacker, untagged'] as const;

const ONE_KEY = 'IAM takes Team and team for one key; who tags such a caller is denied, and reports list the variant';

export const FORGERIES: readonly Row[] = decide(ATTACKERS, [
  ['own profile', '- + - -', ONE_KEY],
  ['own profile, streamed', '- + - -', ONE_KEY],
  ['own geo profile', '- + - -', ONE_KEY],
  ['own global profile', '- + - -', ONE_KEY],
  ['own provisioned model', '+ + + -', 'it is billed by the hour, whoever calls it'],
  ['mantle, own project', '- + - -', ONE_KEY],
  ['profile of another team', '+ - - -'],
  ['profile without tags', '- - - -'],
  ['model directly', '+ + + -', 'billed to the tags of the caller'],
  ['short-term key, own profile', '- + - -', ONE_KEY],
  ['CreateInferenceProfile, own tags', '- + - -', ONE_KEY],
  ['CreateInferenceProfile, another team', '+ - - -'],
  ['CreateInferenceProfile, no tags', '- - - -'],
  ['CreateProject, own tags', '- + - -', ONE_KEY],
  ['CreateProvisionedModelThroughput, own tags', '- + - -', ONE_KEY],
  ['CreateModelInvocationJob, own tags', '- + - -', ONE_KEY],
  ['StartAsyncInvoke, own tags', '- + - -', ONE_KEY],
  ['tag a profile with an attribution key', '- - - -'],
  ['tag a role with an attribution key', '- - - -'],
  ['tag a role with an attribution key in another case', '- - - -'],
  ['untag a role of an attribution key', '- - - -'],
  ['tag a user with an attribution key in another case', '- - - -'],
  ['make a role with an attribution key', '- - - -'],
  ['make a role with an attribution key in another case', '- - - -'],
  ['make a user with an attribution key in another case', '- - - -'],
  ['make a long-term key for Bedrock', '- - - -'],
]);
