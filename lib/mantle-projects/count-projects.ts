import { Annotations, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { outermostStack } from '../private/outermost-stack';

/** @see https://docs.aws.amazon.com/bedrock/latest/userguide/projects.html (read 2026-11-21) */
const MOST_PROJECTS = 1000;

/** How many projects each app makes, by the account and Region where these are known, else by the stack that is deployed by itself. */
const counts = new WeakMap<IConstruct, Map<string, number>>();

/** Counts a project, and warns once when an app makes more of them than AWS allows in an account; AWS may have allowed more. */
export function countProject(project: IConstruct): void {
  const places = counts.get(project.node.root) ?? new Map<string, number>();
  counts.set(project.node.root, places);
  const { place, what } = placeOf(project);
  const count = (places.get(place) ?? 0) + 1;
  places.set(place, count);
  if (count !== MOST_PROJECTS + 1) return;
  Annotations.of(project).addWarningV2('bedrock-cost-attribution:tooManyProjects', (
    `this is project ${count} in ${what}, but AWS allows ${MOST_PROJECTS} per account: share projects, or spread them over accounts`
  ));
}

function placeOf(project: IConstruct): { readonly place: string; readonly what: string } {
  const stack = outermostStack(project);
  const { account, region } = stack;
  if (Token.isUnresolved(account) || Token.isUnresolved(region)) return { place: stack.node.path, what: `the stack ${stack.node.path}` };
  return { place: stack.environment, what: `account ${account} and Region ${region}` };
}
