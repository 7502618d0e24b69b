import { decide, type Row } from './row';

/** Whoever deploys, under each document that knows provisioners. */
const SCENARIOS = ['policy, principalTag', 'policy, profile', 'policy, both', 'boundary', 'SCP', 'SCP, both'] as const;

const OTHERS = 'a provisioner writes tags for others';

export const PROVISIONERS: readonly Row[] = decide(SCENARIOS, [
  ['CreateInferenceProfile, own tags', '+ + + + + +', OTHERS],
  ['CreateInferenceProfile, another team', '+ + + + + +', OTHERS],
  ['CreateInferenceProfile, another service', '+ + + + + +', OTHERS],
  ['CreateInferenceProfile, another stage', '+ + + + + +', OTHERS],
  ['CreateInferenceProfile, own tags, tagging authorized', '+ + + + + +', OTHERS],
  ['CreateInferenceProfile of a geo profile, own tags', '+ + + + + +', OTHERS],
  ['CreateInferenceProfile, no tags', '- - - - - -', 'but write it must'],
  ['CreateInferenceProfile, no team', '- - - - - -', 'but write it must'],
  ['CreateInferenceProfile, no service', '- - - - - -', 'but write it must'],
  ['CreateInferenceProfile, no env', '- - - - - -', 'but write it must'],
  ['CreateInferenceProfile, an illegal env', '- - - - - -', 'and what the schema allows'],
  ['CreateProject, own tags', '+ + + + + +', OTHERS],
  ['CreateProject, own tags, tagging authorized', '+ + + + + +', OTHERS],
  ['CreateProject, another stage', '+ + + + + +', OTHERS],
  ['CreateProject, no team', '- - - - - -', 'but write it must'],
  ['CreateProvisionedModelThroughput, another team', '+ + + + + +', OTHERS],
  ['CreateProvisionedModelThroughput, no tags', '- - - - - -', 'but write it must'],
  ['tag a profile with an attribution key', '+ + + + + +', OTHERS],
  ['untag a profile of an attribution key', '+ + + + + +', OTHERS],
  ['tag a project with an attribution key', '+ + + + + +', OTHERS],
  ['tag a role with an attribution key', '+ + + + + +', OTHERS],
  ['untag a role of an attribution key', '+ + + + + +', OTHERS],
  ['tag a user with an attribution key', '+ + + + + +', OTHERS],
  ['make a role with an attribution key', '+ + + + + +', OTHERS],
  ['make a user with an attribution key', '+ + + + + +', OTHERS],
  ['make a long-term key for Bedrock', '- - - - - -'],
  ['own profile', '- - - - - -', 'it deploys and does not call'],
  ['model directly', '- - - - - -', 'it deploys and does not call'],
  ['mantle, default project', '- - - - - -', 'it deploys and does not call'],
], 'provisioner');
