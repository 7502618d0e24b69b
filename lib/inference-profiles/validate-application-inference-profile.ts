import { Token } from 'aws-cdk-lib';
import type { Problem } from '../schema';
import { ProfileNameSink } from '../schema';
import type { ModelSource } from './model-source';

/** What is checked about a profile, beside its tags. */
export interface ProfileToValidate {
  readonly inferenceProfileName?: string;
  readonly description?: string;
  readonly modelSource: ModelSource;
}

const MAX_DESCRIPTION = 200;

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

/** The sentences of problems. */
export function messages(problems: Problem[]): string[] {
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

function sourceProblems({ sourceId, isSystemProfile }: ModelSource): string[] {
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
