import { CustomResource, Duration, type Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IDependable } from 'constructs';

/** Answers every request in the words of its property `answer`; a deletion always succeeds. */
const CODE = `
exports.handler = async event => {
  const fails = event.RequestType !== 'Delete' && event.ResourceProperties.answer === 'FAILED';
  await fetch(event.ResponseURL, { method: 'PUT', headers: { 'content-type': '' }, body: JSON.stringify({
    Status: fails ? 'FAILED' : 'SUCCESS', Reason: 'as asked', PhysicalResourceId: 'rest', StackId: event.StackId,
    RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId,
  }) });
};`;

/** Adds a resource that comes after the given ones, and fails or not: the rest of a stack. */
export function addRest(stack: Stack, answer: 'SUCCESS' | 'FAILED', ...after: IDependable[]): void {
  const handler = new lambda.Function(stack, 'RestHandler', {
    runtime: lambda.Runtime.NODEJS_22_X, code: lambda.Code.fromInline(CODE), handler: 'index.handler', timeout: Duration.seconds(30),
  });
  const rest = new CustomResource(stack, 'Rest', {
    serviceToken: handler.functionArn, serviceTimeout: Duration.seconds(60), properties: { answer },
  });
  rest.node.addDependency(...after);
}
