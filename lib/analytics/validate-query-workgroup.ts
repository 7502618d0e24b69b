import { type RemovalPolicy, type Size, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';
import type { QueryResults } from './query-results';

/** What is checked about a workgroup. */
export interface WorkGroupToValidate {
  readonly workGroupName?: string;
  readonly description?: string;
  readonly bytesScannedCutoff: Size;
  readonly results?: QueryResults;
  readonly removalPolicy?: RemovalPolicy;
}

/** The smallest limit that Athena takes. */
const MIN_CUTOFF_BYTES = 10_000_000;

/**
 * Throws when Athena would refuse the workgroup.
 *
 * @see https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfiguration.html
 */
export function validateQueryWorkGroup(workGroup: WorkGroupToValidate, scope: IConstruct): void {
  const { workGroupName = 'default', description = '', bytesScannedCutoff, results, removalPolicy } = workGroup;
  const resultsPrefix = results?.prefix ?? 'default';
  const problems: string[] = [];
  if (!Token.isUnresolved(workGroupName) && !/^[a-zA-Z0-9._-]{1,128}$/.test(workGroupName)) {
    problems.push(`workGroupName is ${JSON.stringify(workGroupName)}: use 1 to 128 letters, digits, dots, underscores and hyphens`);
  }
  if (!Token.isUnresolved(description) && description.length > 1024) {
    problems.push(`description has ${description.length} characters: use at most 1024`);
  }
  if (!bytesScannedCutoff.isUnresolved() && bytesScannedCutoff.toBytes() < MIN_CUTOFF_BYTES) {
    problems.push(`bytesScannedCutoff is ${bytesScannedCutoff.toBytes()} bytes: use at least ${MIN_CUTOFF_BYTES}, the smallest limit of Athena`);
  }
  if (!Token.isUnresolved(resultsPrefix) && !/^[^/]+(\/[^/]+)*$/.test(resultsPrefix)) {
    problems.push(`the prefix of the results is ${JSON.stringify(resultsPrefix)}: use folder names joined by "/", with no slash at either end`);
  }
  if (results !== undefined && removalPolicy !== undefined) {
    problems.push(`removalPolicy is ${JSON.stringify(removalPolicy)} beside results: leave it out, it is for the bucket that is made when none are given`);
  }
  throwProblems('InvalidQueryWorkGroup', 'the query workgroup', problems, scope);
}
