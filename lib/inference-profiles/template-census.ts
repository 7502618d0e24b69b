import { CfnOutput, CfnResource, Stack, Stage, Token } from 'aws-cdk-lib';
import { CfnApplicationInferenceProfile } from 'aws-cdk-lib/aws-bedrock';
import type { IConstruct } from 'constructs';
import { outermostStack } from '../private/outermost-stack';

/** What a template holds. */
export interface TemplateCount {
  readonly stack: Stack;
  resources: number;
  outputs: number;
  profiles: number;
}

/** Counts what the templates of an app or stage hold, whoever put it there, in one walk. */
export function countTemplates(root: IConstruct): TemplateCount[] {
  const counts: TemplateCount[] = [];
  const walk = (parent: IConstruct, template?: TemplateCount): void => {
    for (const construct of parent.node.children) {
      // a stage below has a synthesis of its own
      if (Stage.isStage(construct)) continue;
      const own = Stack.isStack(construct) ? { stack: construct, resources: 0, outputs: 0, profiles: 0 } : template;
      if (own !== undefined && own !== template) counts.push(own);
      if (own !== undefined && CfnResource.isCfnResource(construct)) {
        own.resources++;
        if (CfnApplicationInferenceProfile.isCfnApplicationInferenceProfile(construct)) own.profiles++;
      } else if (own !== undefined && construct instanceof CfnOutput) {
        own.outputs++;
      }
      walk(construct, own);
    }
  };
  walk(root);
  return counts;
}

/**
 * Whether two stacks are known to be deployed to one account and Region: those nested in one stack are; of others, accounts and Regions
 * that are known at deployment only may be any.
 */
export function inOnePlace(one: Stack, other: Stack): boolean {
  if (outermostStack(one) === outermostStack(other)) return true;
  const known = [one.account, one.region].every(part => !Token.isUnresolved(part));
  return known && one.account === other.account && one.region === other.region;
}
