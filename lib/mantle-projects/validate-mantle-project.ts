import { Token } from 'aws-cdk-lib';
import { isDefaultProject } from '../private/arns';
import { spellTags, type TagCheck } from '../private/attribution-tags';
import { parameterPlace, requiredParts, type ParameterPlace, type PublishingOptions } from '../private/parameter-path';
import { Carrier, ProjectNameSink, type AttributionSchema, type Problem } from '../schema';

/** What decides about the parameter of a project. */
export interface ProjectToPublish extends PublishingOptions {
  readonly schema: AttributionSchema;
  readonly attribution: Record<string, string>;
}

/** Attribution as tags of a project. */
export interface AttributionTags {
  readonly tags: Record<string, string>;
  /** What holds for these tags and for those that the stack adds. */
  readonly check: TagCheck;
  readonly problems: string[];
}

const PROJECT_ARN = /^arn:[a-z0-9-]+:bedrock-mantle:[a-z0-9-]+:\d{12}:project\/proj_[a-z0-9]+$/;

/** What AWS would refuse about the name of a project. */
export function nameProblems(projectName: string | undefined): string[] {
  if (projectName === undefined || Token.isUnresolved(projectName)) return [];
  return messages(ProjectNameSink.validate(projectName));
}

/** The tags of a project, and what is wrong with the attribution that they are made of. */
export function attributionTags(schema: AttributionSchema, attribution: Record<string, string>): AttributionTags {
  const { tags, unresolved, problems } = spellTags(schema.keys, Carrier.RESOURCE_TAG, attribution);
  const check: TagCheck = (all, unknown) => messages(schema.validateResourceTags(all, { unresolved: unknown }));
  return { tags, check, problems: [...problems, ...check(tags, unresolved)] };
}

/** The parameter that a project is published as. */
export function projectParameter({ schema, attribution, ...options }: ProjectToPublish): ParameterPlace {
  return parameterPlace(options, 'projects', requiredParts(schema, Carrier.RESOURCE_TAG, attribution));
}

/** What is wrong with the ARN of a project that was made elsewhere. */
export function arnProblems(projectArn: string): string[] {
  const isDefault = defaultProjectProblems(projectArn);
  if (isDefault.length > 0 || Token.isUnresolved(projectArn) || PROJECT_ARN.test(projectArn)) return isDefault;
  const allowed = 'the ARN of a project, such as arn:<partition>:bedrock-mantle:<region>:<account>:project/proj_<id>';
  return [`projectArn is ${JSON.stringify(projectArn)}: use ${allowed}`];
}

/** What is wrong when a project is the one that calls without a project go to. */
export function defaultProjectProblems(projectArn: string): string[] {
  if (!isDefaultProject(projectArn)) return [];
  return [`projectArn is ${JSON.stringify(projectArn)}, the default project, which cannot be tagged, so that nothing can be attributed to it: make a project and have callers name it`];
}

function messages(problems: Problem[]): string[] {
  return problems.map(problem => problem.message);
}
