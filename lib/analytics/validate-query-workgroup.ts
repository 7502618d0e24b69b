import { type Duration, type RemovalPolicy, type Size, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';
import type { QueryResults } from './query-results';

/** What is checked about a workgroup. */
export interface WorkGroupToValidate {
  readonly workGroupName?: string;
  readonly description?: string;
  readonly bytesScannedCutoff: Size;
  readonly dailyScanThreshold?: Size;
  readonly alarmTopic?: object;
  readonly publishMetrics: boolean;
  readonly results?: QueryResults;
  readonly resultsExpireAfter?: Duration;
  readonly removalPolicy?: RemovalPolicy;
  readonly tags: Record<string, string>;
}

/** The smallest limit that Athena takes. */
const MIN_CUTOFF_BYTES = 10_000_000;

/** The most tags of a workgroup, and the most characters of a key and a value. */
const TAGS = { count: 50, key: 128, value: 256 } as const;

/**
 * Throws when Athena would refuse the workgroup, or when what was asked for contradicts itself.
 *
 * @see https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfiguration.html
 * @see https://docs.aws.amazon.com/athena/latest/APIReference/API_TagResource.html
 */
export function validateQueryWorkGroup(workGroup: WorkGroupToValidate, scope: IConstruct): void {
  const { workGroupName, description = '', bytesScannedCutoff, dailyScanThreshold, publishMetrics, results, tags } = workGroup;
  const problems = [...nameProblems(workGroupName), ...resultProblems(results)];
  if (!Token.isUnresolved(description) && description.length > 1024) {
    problems.push(`description has ${description.length} characters: use at most 1024`);
  }
  if (!bytesScannedCutoff.isUnresolved() && bytesScannedCutoff.toBytes() < MIN_CUTOFF_BYTES) {
    problems.push(`bytesScannedCutoff is ${bytesScannedCutoff.toBytes()} bytes: use at least ${MIN_CUTOFF_BYTES}, the smallest limit of Athena`);
  }
  if (dailyScanThreshold !== undefined && !dailyScanThreshold.isUnresolved() && dailyScanThreshold.toBytes() <= 0) {
    problems.push(`dailyScanThreshold is ${dailyScanThreshold.toBytes()} bytes: use more than 0, or every query sets off the alarm`);
  }
  for (const name of ['dailyScanThreshold', 'alarmTopic'] as const) {
    if (!publishMetrics && workGroup[name] !== undefined) {
      problems.push(`${name} is given and publishMetrics is false: leave one of them out, for an alarm needs the metrics`);
    }
  }
  throwProblems('InvalidQueryWorkGroup', 'the query workgroup', [
    ...problems, ...ownBucketProblems(workGroup), ...tagProblems(tags),
  ], scope);
}

/** Throws when a workgroup of that name, or with that place of results, cannot exist. */
export function validateImportedWorkGroup(attrs: Pick<WorkGroupToValidate, 'workGroupName' | 'results'>, scope: IConstruct): void {
  const problems = [...nameProblems(attrs.workGroupName), ...resultProblems(attrs.results)];
  throwProblems('InvalidQueryWorkGroup', 'the imported query workgroup', problems, scope);
}

function nameProblems(workGroupName = 'default'): string[] {
  if (Token.isUnresolved(workGroupName) || /^[a-zA-Z0-9._-]{1,128}$/.test(workGroupName)) return [];
  return [`workGroupName is ${JSON.stringify(workGroupName)}: use 1 to 128 letters, digits, dots, underscores and hyphens`];
}

function resultProblems(results: QueryResults | undefined): string[] {
  const prefix = results?.prefix ?? 'default';
  const expectedBucketOwner = results?.expectedBucketOwner ?? '111122223333';
  const problems: string[] = [];
  if (!Token.isUnresolved(prefix) && !/^[^/]+(\/[^/]+)*$/.test(prefix)) {
    problems.push(`the prefix of the results is ${JSON.stringify(prefix)}: use folder names joined by "/", with no slash at either end`);
  }
  if (!Token.isUnresolved(expectedBucketOwner) && !/^\d{12}$/.test(expectedBucketOwner)) {
    problems.push(`the expectedBucketOwner of the results is ${JSON.stringify(expectedBucketOwner)}: use the 12 digits of an account`);
  }
  return problems;
}

/** What is wrong with the bucket that is made when no place of results is given. */
function ownBucketProblems({ results, resultsExpireAfter, removalPolicy }: WorkGroupToValidate): string[] {
  const problems: string[] = [];
  if (results !== undefined && removalPolicy !== undefined) {
    problems.push(`removalPolicy is ${JSON.stringify(removalPolicy)} beside results: leave it out, it is for the bucket that is made when none are given`);
  }
  if (resultsExpireAfter === undefined) return problems;
  if (results !== undefined) {
    problems.push('resultsExpireAfter is given beside results: leave it out, for the bucket of the results has rules of its own, and managed results last 24 hours');
  }
  if (!resultsExpireAfter.isUnresolved()) {
    const days = resultsExpireAfter.toDays({ integral: false });
    if (!Number.isInteger(days) || days < 1) problems.push(`resultsExpireAfter is ${days} days: use whole days, at least 1`);
  }
  return problems;
}

function tagProblems(tags: Record<string, string>): string[] {
  const entries = Object.entries(tags);
  return [
    ...entries.length > TAGS.count ? [`tags has ${entries.length} entries: use at most ${TAGS.count}`] : [],
    ...entries.flatMap(([key, value]) => [
      ...!Token.isUnresolved(key) && (key.length < 1 || key.length > TAGS.key || /^aws:/i.test(key))
        ? [`tags has the key ${JSON.stringify(key)}: use 1 to ${TAGS.key} characters that do not begin with "aws:"`] : [],
      ...!Token.isUnresolved(value) && value.length > TAGS.value
        ? [`the value of tag ${JSON.stringify(key)} has ${value.length} characters: use at most ${TAGS.value}`] : [],
    ]),
  ];
}
