import { Token } from 'aws-cdk-lib';
import { spellTags, type TagCheck } from '../private/attribution-tags';
import { parameterPlace, requiredParts, type ParameterPlace, type PathPart, type PublishingOptions } from '../private/parameter-path';
import { Carrier, ProfileNameSink, type AttributionSchema, type Problem } from '../schema';
import type { ModelSource } from './model-source';

/** What is checked about a profile, beside its tags and its parameter. */
export interface ProfileToValidate {
  readonly inferenceProfileName?: string;
  readonly description?: string;
  readonly modelSource: ModelSource;
}

/** What is checked about a profile that was made elsewhere. */
export interface ProfileToImport {
  readonly inferenceProfileArn: string;
  readonly modelSource: ModelSource;
}

/** What decides about the parameter of a profile. */
export interface ProfileToPublish extends PublishingOptions {
  readonly schema: AttributionSchema;
  readonly attribution: Record<string, string>;
  readonly modelSource: ModelSource;
}

/** Attribution as tags of a profile. */
export interface AttributionTags {
  readonly tags: Record<string, string>;
  /** Values of the required keys. */
  readonly required: PathPart[];
  /** What holds for these tags and for those that the stack adds. */
  readonly check: TagCheck;
  readonly problems: string[];
}

/** Answers by schema, which never changes, and attribution: a fleet asks for each service what its profiles ask again. */
const checked = new WeakMap<AttributionSchema, Map<string, AttributionTags>>();

const MAX_DESCRIPTION = 200;
const PROFILE_ARN = /^arn:[a-z0-9-]+:bedrock:[a-z0-9-]+:\d{12}:application-inference-profile\/[a-zA-Z0-9]+$/;

/** Beginnings of system-defined profile ids on 2026-11-21: only to tell the two factories of a source apart when they are mixed up. */
const GEOGRAPHIES = ['us', 'us-gov', 'eu', 'apac', 'jp', 'au', 'ca', 'in', 'global'];

/**
 * What AWS would refuse about a profile.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrock-applicationinferenceprofile.html
 */
export function profileProblems({ inferenceProfileName, description, modelSource }: ProfileToValidate): string[] {
  const problems = sourceProblems(modelSource);
  if (isKnown(inferenceProfileName)) problems.push(...messages(ProfileNameSink.validate(inferenceProfileName)));
  if (isKnown(description)) problems.push(...descriptionProblems(description));
  return problems;
}

/** What is wrong with the attributes of a profile that was made elsewhere. */
export function attributesProblems({ inferenceProfileArn, modelSource }: ProfileToImport): string[] {
  const isProfile = Token.isUnresolved(inferenceProfileArn) || PROFILE_ARN.test(inferenceProfileArn);
  const allowed = 'the ARN of an application inference profile, such as arn:<partition>:bedrock:<region>:<account>:application-inference-profile/<id>';
  return [
    ...isProfile ? [] : [`inferenceProfileArn is ${JSON.stringify(inferenceProfileArn)}: use ${allowed}`],
    ...sourceProblems(modelSource),
  ];
}

/** The tags of a profile, and what is wrong with the attribution that they are made of. */
export function attributionTags(schema: AttributionSchema, attribution: Record<string, string>): AttributionTags {
  const known = checked.get(schema) ?? new Map<string, AttributionTags>();
  checked.set(schema, known);
  const question = JSON.stringify(attribution);
  const answer = known.get(question) ?? checkAttribution(schema, attribution);
  known.set(question, answer);
  return answer;
}

function checkAttribution(schema: AttributionSchema, attribution: Record<string, string>): AttributionTags {
  const { tags, unresolved, problems } = spellTags(schema.keys, Carrier.RESOURCE_TAG, attribution);
  const required = requiredParts(schema, Carrier.RESOURCE_TAG, attribution);
  const check: TagCheck = (all, unknown) => messages(schema.validateResourceTags(all, { unresolved: unknown }));
  return { tags, required, check, problems: [...problems, ...check(tags, unresolved)] };
}

/** The parameter that a profile is published as. */
export function profileParameter({ schema, attribution, modelSource, ...options }: ProfileToPublish, remedy?: string): ParameterPlace {
  const parts = [...attributionTags(schema, attribution).required, { what: 'modelSource', value: modelSource.sourceId }];
  return parameterPlace(options, 'inference-profiles', parts, remedy);
}

/** The sentences of problems. */
function messages(problems: Problem[]): string[] {
  return problems.map(problem => problem.message);
}

function isKnown(value: string | undefined): value is string {
  return value !== undefined && !Token.isUnresolved(value);
}

function descriptionProblems(description: string): string[] {
  const problems: string[] = [];
  if (description.length < 1 || description.length > MAX_DESCRIPTION) {
    problems.push(`description has ${description.length} characters: use 1 to ${MAX_DESCRIPTION}`);
  }
  if (description.length > 0 && !/^([0-9a-zA-Z:.][ _-]?)+$/.test(description)) {
    problems.push(`description is ${JSON.stringify(description)}: use ASCII letters, digits, ":" and ".", each followed by at most one space, _ or -`);
  }
  return problems;
}

/** What is wrong with the id of a model or system-defined profile. */
export function sourceProblems({ sourceId, isSystemProfile }: ModelSource): string[] {
  if (Token.isUnresolved(sourceId)) return [];
  const got = JSON.stringify(sourceId);
  if (!/^[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+(:[a-zA-Z0-9.]+)*$/.test(sourceId)) {
    return [`modelSource is ${got}: use the id of a model or system-defined profile, such as "amazon.nova-lite-v1:0", not an ARN`];
  }
  const [first = '', ...rest] = sourceId.split('.');
  if (isSystemProfile && rest.length < 2) {
    return [`modelSource is the system-defined profile ${got}, which names no geography: write one, such as "eu.${sourceId}", or use ModelSource.foundationModel()`];
  }
  if (!isSystemProfile && GEOGRAPHIES.includes(first)) {
    return [`modelSource is the foundation model ${got}, which begins with a geography: use ModelSource.systemProfile()`];
  }
  return [];
}
