import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** The stack that is deployed by itself: nested ones are in its account and Region, and are deployed with it. */
export function outermostStack(construct: IConstruct): Stack {
  let stack = Stack.of(construct);
  while (stack.nestedStackParent !== undefined) stack = stack.nestedStackParent;
  return stack;
}

/**
 * Other constructs of a kind that are deployed with this one. A stack that lies below another one in the tree is still a stack of its own,
 * perhaps of another Region.
 */
export function deployedWith(self: IConstruct, isOfKind: (construct: IConstruct) => boolean): IConstruct[] {
  const stack = outermostStack(self);
  return stack.node.findAll().filter(construct => construct !== self && isOfKind(construct) && outermostStack(construct) === stack);
}
