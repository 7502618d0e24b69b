import { Resource, type Stack } from 'aws-cdk-lib';
import type { ApplicationInferenceProfileReference, IApplicationInferenceProfileRef } from 'aws-cdk-lib/aws-bedrock';
import type { IProjectRef, ProjectReference } from 'aws-cdk-lib/aws-bedrockmantle';
import { InvocationTarget } from '../../../lib/access';
import { mantle, profile } from '../simulation/places';

/** A profile that was made elsewhere, of which no more is known than the CDK's own reference holds. */
class ImportedProfile extends Resource implements IApplicationInferenceProfileRef {
  public readonly applicationInferenceProfileRef: ApplicationInferenceProfileReference;

  constructor(stack: Stack, inferenceProfileIdentifier: string) {
    super(stack, `Profile${stack.node.children.length}`);
    this.applicationInferenceProfileRef = { inferenceProfileIdentifier };
  }
}

/** A project that was made elsewhere. */
class ImportedProject extends Resource implements IProjectRef {
  public readonly projectRef: ProjectReference;

  constructor(stack: Stack, projectArn: string) {
    super(stack, `Project${stack.node.children.length}`);
    this.projectRef = { projectArn };
  }
}

/** @param identifier id or ARN of the profile */
export function profileTarget(stack: Stack, identifier = profile('own-model')): InvocationTarget {
  return InvocationTarget.profile(new ImportedProfile(stack, identifier));
}

export function projectTarget(stack: Stack, projectId = 'proj_own'): InvocationTarget {
  return InvocationTarget.project(new ImportedProject(stack, mantle(`project/${projectId}`)));
}
