import { App, Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

/** What AwsSolutions finds in a stack, as `rule at path`; nothing when the stack is clean. */
export function nagFindings(build: (stack: Stack) => void): string[] {
  const app = new App();
  const stack = new Stack(app, 'Nag', { env: { account: '111122223333', region: 'us-east-1' } });
  build(stack);
  return new AwsSolutionsChecks(app).validateScope(app).violations
    .flatMap(({ ruleName, violatingResources }) => violatingResources.map(({ constructPath = '' }) => `${ruleName} at ${constructPath}`));
}
