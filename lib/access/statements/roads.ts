import * as iam from 'aws-cdk-lib/aws-iam';
import { MANTLE_CALL_ACTION } from '../../private/bedrock-actions';
import { type AttributionKey, Carrier } from '../../schema';
import type { BedrockArns } from '../bedrock-arns';
import type { ResolvedControls } from '../resolve-controls';
import { ANY_VALUE, isNotPermitted, ownValue } from '../value-conditions';
import { sid } from './sid';

/** With and without a stream. */
const CALL_ACTION = 'bedrock:InvokeModel*';

/** Whatever is made in a project, at its expense: calls, files and fine-tuning. */
const MANTLE_ACTIONS = 'bedrock-mantle:Create*';

type Conditions = Record<string, Record<string, string | string[]>>;

/** Denies the roads to a model on which the tags of the caller's own profiles and projects do not reach the bill. */
export function roadStatements(controls: ResolvedControls, arns: BedrockArns): iam.PolicyStatement[] {
  const withoutProfile = [
    ...controls.denyDefaultProjects ? [arns.defaultProject, arns.runtimeDefaultProject] : [],
    ...controls.denyPromptRouters ? [arns.bedrock('prompt-router/*'), arns.bedrock('default-prompt-router/*')] : [],
    ...controls.denyCustomModels ? [arns.bedrock('custom-model-deployment/*')] : [],
    ...controls.denyImportedModels ? [arns.bedrock('imported-model/*'), arns.bedrock('marketplace/model-endpoint/*')] : [],
  ];
  return [
    ...controls.requireProfile ? [onlyThroughProfiles(controls, arns), ...untaggedProfiles(controls, arns)] : [],
    ...withoutProfile.length > 0 ? [
      deny('CallNothingWithoutProfile', [...controls.denyDefaultProjects ? [MANTLE_ACTIONS] : [], CALL_ACTION], withoutProfile),
    ] : [],
    ...controls.denyForeignProfiles ? foreignProfiles(controls, arns) : [],
  ];
}

/**
 * Denies models that run without an application profile. Foundation models only: the system-defined profile behind an application profile
 * is authorized as well, and a denial there would refuse both.
 */
function onlyThroughProfiles({ inferenceProfileArns }: ResolvedControls, arns: BedrockArns): iam.PolicyStatement {
  const named = inferenceProfileArns.length === 0 ? [arns.applicationProfiles] : inferenceProfileArns;
  // the wildcard for the Region fits an empty one as well, which the models of global profiles have
  return deny('RunModelsOnlyThroughProfiles', [CALL_ACTION], [arns.anyFoundationModel], {
    // holds as well where the key is absent, which it is when a model is called directly
    ArnNotLike: { 'bedrock:InferenceProfileArn': named },
  });
}

/**
 * What attributes a call must have the tags for it, also where it was made before anybody had to write them. A key that is compared needs
 * no statement here: what lacks it differs from every caller.
 */
function untaggedProfiles({ schema, comparedKeys, denyForeignProfiles }: ResolvedControls, arns: BedrockArns): iam.PolicyStatement[] {
  const required = schema.activeKeys.filter(key => key.ridesOn(Carrier.RESOURCE_TAG) && key.isRequiredOn());
  return required.filter(key => !(denyForeignProfiles && comparedKeys.includes(key)))
    .map(key => denyProfiles(`CallProfilesOnlyWith${sid(key)}`, arns, isNotPermitted(resourceTag(key), ANY_VALUE)));
}

/** A statement per key: one that lists them all would hold only where all differ. */
function foreignProfiles({ comparedKeys }: ResolvedControls, arns: BedrockArns): iam.PolicyStatement[] {
  return comparedKeys.map(key => denyProfiles(`CallOnlyOwn${sid(key)}`, arns, {
    StringNotEquals: { [resourceTag(key)]: ownValue(key) },
  }));
}

/** Denies calling what is billed by the call and by tags of its own. Provisioned throughput is billed by the hour, whoever calls it. */
function denyProfiles(statementId: string, arns: BedrockArns, conditions: Conditions): iam.PolicyStatement {
  const resources = [arns.applicationProfiles, arns.projects];
  return deny(statementId, [MANTLE_CALL_ACTION, 'bedrock-mantle:CreateFineTuningJob', CALL_ACTION], resources, conditions);
}

function resourceTag(key: AttributionKey): string {
  return `aws:ResourceTag/${key.spelling(Carrier.RESOURCE_TAG)}`;
}

function deny(statementId: string, actions: string[], resources: string[], conditions?: Conditions): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: statementId, effect: iam.Effect.DENY, actions, resources, conditions });
}
