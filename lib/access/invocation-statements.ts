import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { acknowledgeWildcard } from '../private/acknowledge';
import { isDefaultProject, profileArn, projectArn } from '../private/arns';
import { GET_ACTION, INVOKE_ACTIONS, MANTLE_INVOKE_ACTIONS } from '../private/bedrock-actions';
import { type AttributionKey, type AttributionSchema, Carrier } from '../schema';
import { BedrockArns } from './bedrock-arns';
import type { InvocationTarget } from './invocation-target';
import { comparedKeyProblems, enforcedKeys, type ResolvedControls } from './resolve-controls';
import { callerTag } from './value-conditions';

/** Targets sorted by what a policy says of them. */
interface SortedTargets {
  readonly profileArns: string[];
  readonly systemProfileIds: string[];
  readonly projectArns: string[];
  readonly matchings: AttributionKey[][];
  readonly anyModel: boolean;
}

/**
 * What a principal may do that calls some targets only.
 *
 * A call through a profile is authorized three times: on the profile, on the system-defined profile that it may wrap, and on the model
 * in each Region that may run it. The condition on the model ties all three to the given profiles; which models these wrap need not be
 * known, and so the size of the policy does not grow with models and Regions. A call without any profile has no
 * `bedrock:InferenceProfileArn` at all, which counts as different and is denied, whatever policies are attached later. So is a
 * system-defined profile that is called directly: that call names itself there.
 *
 * @param arns where the targets are, by default in the account of `scope`
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
 */
export function targetStatements(
  scope: IConstruct, schema: AttributionSchema, targets: InvocationTarget[], arns = BedrockArns.inAccountOf(Stack.of(scope)),
): iam.PolicyStatement[] {
  if (targets.length === 0) return [];
  const sorted = sortTargets(schema, targets);
  return [...profileStatements(sorted, arns), ...projectStatements(sorted, arns), ...anyModelStatements(sorted, arns)];
}

/** What is wrong with targets, or with callers that are given them. */
export function targetProblems(schema: AttributionSchema, targets: InvocationTarget[]): string[] {
  const { profileArns, systemProfileIds, projectArns, matchings } = sortTargets(schema, targets);
  const malformed = systemProfileIds.filter(id => !Token.isUnresolved(id) && !/^[a-z-]+(\.[a-zA-Z0-9-]+){2,}(:[a-zA-Z0-9.]+)*$/.test(id));
  return [
    ...targets.length === 0 ? ['targets is empty: give at least one, such as InvocationTarget.matchingTags()'] : [],
    ...malformed.map(id => `targets has the system-defined profile ${JSON.stringify(id)}: use its id, such as "eu.amazon.nova-lite-v1:0", not an ARN`),
    ...[...profileArns, ...projectArns].filter(arn => arn.includes('*')).map(arn => (
      `targets has ${JSON.stringify(arn)}, which stands for more than one: name each, or use InvocationTarget.matchingTags()`
    )),
    ...projectArns.filter(isDefaultProject).map(arn => (
      `targets has the project ${JSON.stringify(arn)}, the default one, which has no tags: make a project, or use InvocationTarget.anyModel() for callers that have tags themselves`
    )),
    ...targets.flatMap(({ _is }) => comparedKeyProblems('matchingTags()', schema, _is.matchingKeys ?? [])),
    ...matchings.some(keys => keys.length === 0) && targets.some(({ _is }) => _is.matchingKeys?.length === 0) ? [
      'matchingTags() names no key, and the schema has no required and enforced key that rides on principal or session tags and on resource tags: name the keys',
    ] : [],
  ];
}

/** Tags that a caller is compared by but does not have: it could call nothing. */
export function unmatchedProblems(schema: AttributionSchema, targets: InvocationTarget[], attribution: Record<string, string>): string[] {
  const { matchings } = sortTargets(schema, targets);
  const missing = [...new Set(matchings.flat().map(({ name }) => name))].filter(name => !(name in attribution));
  return missing.map(name => `targets are compared by ${name}, which attribution does not have: add it, or name other keys in matchingTags()`);
}

/** Targets that a caller could not reach, since models may run through application profiles only. */
export function unreachableProblems(targets: InvocationTarget[], { requireProfile, inferenceProfileArns }: ResolvedControls): string[] {
  if (!requireProfile || inferenceProfileArns.length > 0) return [];
  const remedy = 'but require asks for a profile: name what bedrock:InferenceProfileArn may be in inferenceProfileArns, or leave the target out';
  return [
    ...targets.some(({ _is }) => _is.anyModel === true) ? [`targets has InvocationTarget.anyModel(), ${remedy}`] : [],
    ...targets.some(({ _is }) => _is.systemProfileId !== undefined) ? [`targets has InvocationTarget.systemProfile(), ${remedy}`] : [],
  ];
}

/** Whether some target has the tags of the caller on the bill and no others. */
export function needsTaggedCaller(targets: InvocationTarget[]): boolean {
  return targets.some(({ _is }) => _is.anyModel === true || _is.systemProfileId !== undefined);
}

/** Acknowledges the wildcards of targets on the policy or role that has them. */
export function acknowledgeTargetWildcards(policy: IConstruct, schema: AttributionSchema, targets: InvocationTarget[]): void {
  const arns = BedrockArns.inAccountOf(Stack.of(policy));
  const { matchings, anyModel } = sortTargets(schema, targets);
  const tied = anyModel
    ? 'the caller may call any model, since its own tags attribute what it spends'
    : 'the condition on bedrock:InferenceProfileArn ties every call to the profiles that are given';
  for (const arn of [...arns.foundationModels, arns.systemProfiles]) acknowledgeWildcard(policy, arn, tied);
  for (const arn of matchings.length === 0 ? [] : [arns.applicationProfiles, arns.projects]) {
    acknowledgeWildcard(policy, arn, 'the condition on the tags ties every call to what is tagged like the caller');
  }
  for (const arn of anyModel ? [arns.defaultProject, arns.runtimeDefaultProject] : []) acknowledgeWildcard(policy, arn, tied);
}

function sortTargets(schema: AttributionSchema, targets: InvocationTarget[]): SortedTargets {
  const kinds = targets.map(({ _is }) => _is);
  return {
    profileArns: kinds.flatMap(({ profile }) => profile === undefined ? [] : [profileArn(profile)]),
    systemProfileIds: kinds.flatMap(({ systemProfileId }) => systemProfileId ?? []),
    projectArns: kinds.flatMap(({ project }) => project === undefined ? [] : [projectArn(project)]),
    matchings: kinds.flatMap(({ matchingKeys }) => matchingKeys === undefined ? [] : [
      matchingKeys.length === 0 ? enforcedKeys(schema) : matchingKeys.flatMap(name => schema.key(name) ?? []),
    ]),
    anyModel: kinds.some(kind => kind.anyModel === true),
  };
}

function profileStatements(sorted: SortedTargets, arns: BedrockArns): iam.PolicyStatement[] {
  const { profileArns, systemProfileIds, matchings, anyModel } = sorted;
  const systemProfiles = systemProfileIds.map(id => arns.systemProfile(id));
  const called = [...profileArns, ...systemProfiles, ...matchings.length > 0 ? [arns.applicationProfiles] : []];
  const nameInCall = { 'bedrock:InferenceProfileArn': called };
  const profiles = called.length === 0 ? [] : [...profileArns, ...anyModel ? [] : [arns.systemProfiles]];
  return [
    ...profiles.length > 0 ? [new iam.PolicyStatement({
      sid: 'CallProfiles',
      actions: [GET_ACTION, ...INVOKE_ACTIONS],
      resources: profiles,
    })] : [],
    ...matchings.map((keys, index) => new iam.PolicyStatement({
      sid: numbered('CallProfilesOfOwnTags', index),
      actions: [GET_ACTION, ...INVOKE_ACTIONS],
      resources: [arns.applicationProfiles],
      conditions: ownTags(keys),
    })),
    ...called.length > 0 && !anyModel ? [new iam.PolicyStatement({
      sid: 'RunModelsThroughProfiles',
      actions: INVOKE_ACTIONS,
      resources: arns.foundationModels,
      conditions: { ArnLike: nameInCall },
    })] : [],
    ...anyModel ? [] : [new iam.PolicyStatement({
      sid: 'RunModelsInNoOtherWay',
      effect: iam.Effect.DENY,
      actions: INVOKE_ACTIONS,
      resources: arns.foundationModels,
      conditions: called.length > 0 ? { ArnNotLike: nameInCall } : undefined,
    })],
  ];
}

function projectStatements({ projectArns, matchings }: SortedTargets, arns: BedrockArns): iam.PolicyStatement[] {
  return [
    ...projectArns.length > 0 ? [new iam.PolicyStatement({
      sid: 'CallProjects',
      actions: MANTLE_INVOKE_ACTIONS,
      resources: projectArns,
    })] : [],
    ...matchings.map((keys, index) => new iam.PolicyStatement({
      sid: numbered('CallProjectsOfOwnTags', index),
      actions: MANTLE_INVOKE_ACTIONS,
      resources: [arns.projects],
      conditions: ownTags(keys),
    })),
  ];
}

function anyModelStatements({ anyModel }: SortedTargets, arns: BedrockArns): iam.PolicyStatement[] {
  if (!anyModel) return [];
  return [
    new iam.PolicyStatement({
      sid: 'CallAnyModel',
      actions: [GET_ACTION, ...INVOKE_ACTIONS],
      resources: [...arns.foundationModels, arns.systemProfiles, arns.runtimeDefaultProject],
    }),
    new iam.PolicyStatement({ sid: 'CallDefaultProject', actions: MANTLE_INVOKE_ACTIONS, resources: [arns.defaultProject] }),
  ];
}

function ownTags(keys: AttributionKey[]): Record<string, Record<string, string>> {
  return {
    StringEquals: Object.fromEntries(keys.map(key => [`aws:ResourceTag/${key.spelling(Carrier.RESOURCE_TAG)}`, `\${${callerTag(key)}}`])),
  };
}

function numbered(statementId: string, index: number): string {
  return index === 0 ? statementId : `${statementId}${index + 1}`;
}
