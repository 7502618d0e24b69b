import { sideBySide } from './compare-configurations.lambda-shared';
import type { LoggingConfiguration } from './constants';
import type { Owner, OwnerId } from './parameters.lambda-shared';

/** Why a foreign configuration was not replaced, whose it is, how it differs, and the ways out. */
export function foreignMessage(live: object, wanted: LoggingConfiguration, putBy: Owner | undefined, self: OwnerId): string {
  return [
    'this account and Region already have a model invocation logging configuration that this stack did not make; it was left as it is.',
    ...ownerSentence(putBy, self),
    'There are three ways out:',
    '1. Keep it, and have it watched: onForeignConfiguration: OnForeignConfiguration.ADOPT, with a store made by InvocationLogStore.fromBucket or fromLogGroup.',
    '2. Replace it, and have it put back when this stack goes: onForeignConfiguration: OnForeignConfiguration.OVERWRITE. Ask its owner first.',
    '3. Have its owner remove it ("aws bedrock delete-model-invocation-logging-configuration" in this Region), and deploy again.',
    sideBySide(live, wanted),
  ].join('\n');
}

function ownerSentence(putBy: Owner | undefined, self: OwnerId): string[] {
  if (putBy === undefined) return [];
  if (putBy.stackId !== self.stackId) return [`It was put by the stack ${putBy.stackId}.`];
  return [
    `It was put by the resource ${putBy.logicalId} of this stack: to CloudFormation, a construct with another id or path is another resource. `
    + 'Give InvocationLogging its former id and path, or take it out, deploy, and put it in again.',
  ];
}

/** Whether the service refused because its test of a destination failed, which it also says while new policies are on their way. */
export function isPermissionCheck(error: Error): boolean {
  return error.name === 'ValidationException' && error.message.includes('Failed to validate permissions for');
}

/** Whether the refused destination is the log group. */
export function isLogGroupCheck(error: Error): boolean {
  return isPermissionCheck(error) && error.message.includes('for log group');
}

/** What a refusal may mean beside what it says. */
export function possibleCauses(error: Error): string {
  if (!isPermissionCheck(error)) return '';
  return isLogGroupCheck(error)
    ? ' The service says the same when the log group does not exist, when its KMS key refuses CloudWatch Logs, and when the role '
      + 'refuses bedrock.amazonaws.com or may not write the log stream aws/bedrock/modelinvocations.'
    : ' The service says the same when the bucket policy refuses bedrock.amazonaws.com and when the KMS key policy of the bucket does.';
}

/** What a search for the log group found, as a sentence. */
export function logGroupSentence(name: string, exists: boolean | undefined): string {
  if (exists === undefined) return `Whether the log group ${name} exists could not be found out.`;
  return exists ? `The log group ${name} exists.` : `The log group ${name} does not exist.`;
}
