import { Token } from 'aws-cdk-lib';
import { Assurance, type AttributionKey, type AttributionSchema, Carrier } from '../schema';
import { type AttributionControls, AttributionRequirement } from './attribution-controls';
import { ridesOnCaller } from './value-conditions';

/** The controls with all their defaults. */
export type ResolvedControls = Required<Omit<AttributionControls, 'require' | 'comparedKeys'>> & {
  readonly schema: AttributionSchema;
  /** Whether callers with a value that the schema does not allow are denied; `denyUnlistedValues` says so of what is created. */
  readonly checkCallerValues: boolean;
  /** Whether models may run through profiles only. */
  readonly requireProfile: boolean;
  readonly comparedKeys: AttributionKey[];
};

/** Fills in the defaults; `inferenceProfileArns` stays empty where any application profile will do. */
export function resolveControls(schema: AttributionSchema, controls: AttributionControls): ResolvedControls {
  const requireTag = controls.require !== AttributionRequirement.PROFILE;
  const requireProfile = (controls.require ?? AttributionRequirement.PRINCIPAL_TAG) !== AttributionRequirement.PRINCIPAL_TAG;
  return {
    schema,
    requireProfile,
    comparedKeys: controls.comparedKeys?.flatMap(name => schema.key(name) ?? []) ?? enforcedKeys(schema),
    provisioners: controls.provisioners ?? [],
    approvedSessionRoles: controls.approvedSessionRoles ?? [],
    inferenceProfileArns: controls.inferenceProfileArns ?? [],
    denyUntaggedCallers: controls.denyUntaggedCallers ?? requireTag,
    checkCallerValues: controls.denyUnlistedValues ?? requireTag,
    denyUnlistedValues: controls.denyUnlistedValues ?? true,
    denyForeignProfiles: controls.denyForeignProfiles ?? requireTag,
    denyUntaggedCreation: controls.denyUntaggedCreation ?? true,
    denyForeignCreation: controls.denyForeignCreation ?? true,
    denyResourceTagTampering: controls.denyResourceTagTampering ?? true,
    denyPrincipalTagTampering: controls.denyPrincipalTagTampering ?? true,
    denyUnapprovedSessionTags: controls.denyUnapprovedSessionTags ?? true,
    denyLongTermApiKeys: controls.denyLongTermApiKeys ?? true,
    denyCapacityPurchases: controls.denyCapacityPurchases ?? true,
    denyDefaultProjects: controls.denyDefaultProjects ?? requireProfile,
    denyPromptRouters: controls.denyPromptRouters ?? requireProfile,
    denyCustomModels: controls.denyCustomModels ?? requireProfile,
    denyImportedModels: controls.denyImportedModels ?? true,
  };
}

/** What is wrong with controls. */
export function controlProblems(schema: AttributionSchema, controls: AttributionControls): string[] {
  const { denyUntaggedCallers, requireProfile } = resolveControls(schema, controls);
  return [
    ...comparedKeyProblems('comparedKeys', schema, controls.comparedKeys ?? []),
    ...denyUntaggedCallers && requiredOnCaller(schema).length === 0 ? [
      'require asks for tags of the caller, but the schema has no required key that rides on principal or session tags: add one, or set require to AttributionRequirement.PROFILE',
    ] : [],
    ...schema.activeKeys.filter(key => key.ridesOn(Carrier.PRINCIPAL_TAG) && key.ridesOn(Carrier.SESSION_TAG)
      && key.spelling(Carrier.PRINCIPAL_TAG) !== key.spelling(Carrier.SESSION_TAG)).map(key => (
      `${key.name} is ${JSON.stringify(key.spelling(Carrier.PRINCIPAL_TAG))} on roles and ${JSON.stringify(key.spelling(Carrier.SESSION_TAG))} on sessions, so that no condition fits both: spell it alike, or let it ride on one of them`
    )),
    ...!requireProfile && controls.inferenceProfileArns !== undefined ? [
      'inferenceProfileArns is given but require does not ask for a profile: leave it out, or set require to AttributionRequirement.PROFILE or BOTH',
    ] : [],
    ...controls.inferenceProfileArns?.length === 0 ? ['inferenceProfileArns is empty, so that no model could run: leave it out for any application profile'] : [],
    ...roleProblems('provisioners', controls.provisioners ?? []),
    ...roleProblems('approvedSessionRoles', controls.approvedSessionRoles ?? []),
    ...known(controls.inferenceProfileArns)
      .filter(arn => !/^arn:[^:]+:bedrock:[^:]*:[^:]*:(application-)?inference-profile\/.+$/.test(arn))
      .map(arn => `inferenceProfileArns has ${JSON.stringify(arn)}: use the ARN of an inference profile, such as "arn:*:bedrock:*:*:inference-profile/eu.*"`),
  ];
}

/** What is wrong with the names of keys in which a caller and a resource are to agree. */
export function comparedKeyProblems(prop: string, schema: AttributionSchema, names: string[]): string[] {
  const comparable = comparableKeys(schema).map(({ name }) => name);
  const allowed = comparable.length === 0 ? 'no key of the schema is such: change the schema' : `use ${comparable.join(', ')}, or change the schema`;
  return names.filter(name => !comparable.includes(name)).map(name => (
    `${prop} has ${JSON.stringify(name)}, which is no key in use that rides on principal or session tags and on resource tags: ${allowed}`
  ));
}

/** What is known of a list at synthesis: nothing, where the whole list is known at deployment only. */
export function known(values: string[] = []): string[] {
  return Token.isUnresolved(values) ? [] : values.filter(value => !Token.isUnresolved(value));
}

/** The keys that every caller must have, on a tag of its role, user or session. */
export function requiredOnCaller(schema: AttributionSchema): AttributionKey[] {
  return schema.activeKeys.filter(key => key.isRequiredOn() && ridesOnCaller(key));
}

/** The keys in which a caller and a resource agree unless somebody says otherwise. */
export function enforcedKeys(schema: AttributionSchema): AttributionKey[] {
  return comparableKeys(schema).filter(key => key.isRequiredOn() && key.assurance === Assurance.ENFORCED);
}

function comparableKeys(schema: AttributionSchema): AttributionKey[] {
  return schema.activeKeys.filter(key => ridesOnCaller(key) && key.ridesOn(Carrier.RESOURCE_TAG));
}

/** A role that stands for everybody would switch a control off without saying so. */
function roleProblems(prop: string, arns: string[]): string[] {
  const isNamed = /^arn:[^:]+:iam::[^:]*:role\/.*[^*?/].*$/;
  return known(arns).filter(arn => !isNamed.test(arn)).map(arn => (
    `${prop} has ${JSON.stringify(arn)}: use the ARN of a role, such as "arn:*:iam::*:role/cdk-*-cfn-exec-role-*"; one that fits all roles would switch the control off`
  ));
}
