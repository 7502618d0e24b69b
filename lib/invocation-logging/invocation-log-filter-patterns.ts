import { FilterPattern, type IFilterPattern, type JsonPattern } from 'aws-cdk-lib/aws-logs';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html (read 2026-11-21) */
export const LONGEST_PATTERN = 1024;

/** What is measured of a record, and which records have it. */
export interface RecordMeasure {
  /** Literal number or field. */
  readonly value: string;
  readonly conditions: JsonPattern[];
}

/** A key that is a dimension. */
export interface AdmittedKey {
  readonly dimension: string;
  /** Names to read from request metadata, first the one in use. */
  readonly metadataKeys: string[];
  readonly values: string[];
}

/** The values of a key that a metric filter admits, and the one name in request metadata that it reads them under. */
export interface AdmittedValues {
  readonly dimension: string;
  readonly name: string;
  /** Newer names of the key: a call that uses one of them is counted by another filter. */
  readonly newerNames: string[];
  readonly values: string[];
}

const RECORD = FilterPattern.stringValue('$.schemaType', '=', 'ModelInvocationLog');
const ANSWERED = FilterPattern.notExists('$.errorCode');

/** Every call, failed ones too. */
export const CALLS: RecordMeasure = { value: '1', conditions: [RECORD] };

/** Calls that were answered with an error. */
export const FAILED_CALLS: RecordMeasure = { value: '1', conditions: [RECORD, FilterPattern.exists('$.errorCode')] };

/** A count of tokens, of calls that did not fail. */
export function tokens(path: string): RecordMeasure {
  return { value: path, conditions: [RECORD, ANSWERED, FilterPattern.exists(path)] };
}

/** The records that a metric filter takes: all that have the measure, or those among them that declare admitted values. */
export function filterPattern({ conditions }: RecordMeasure, admitted: AdmittedValues[] = []): IFilterPattern {
  return FilterPattern.all(...conditions, ...admitted.flatMap(({ name, newerNames, values }) => [
    ...newerNames.map(newer => FilterPattern.notExists(metadataField(newer))),
    FilterPattern.any(...values.map(value => FilterPattern.stringValue(metadataField(name), '=', value))),
  ]));
}

/** Field of a key in request metadata. */
export function metadataField(name: string): string {
  return `$.requestMetadata.${name}`;
}

/**
 * What metric filters admit so that, together, they count every call with allowed values once: one for each way of naming the keys, and
 * more where the values do not fit into one pattern. Values that no pattern can hold stand alone in one that is too long.
 */
export function admittedBlocks(keys: AdmittedKey[], measures: RecordMeasure[]): AdmittedValues[][] {
  if (keys.length === 0) return [];
  const ways = keys.reduce<AdmittedValues[][]>((before, { metadataKeys, ...key }) => before.flatMap(way =>
    metadataKeys.map((name, index) => [...way, { ...key, name, newerNames: metadataKeys.slice(0, index) }])), [[]]);
  return ways.flatMap(way => split(way, measures));
}

/** The longest pattern of a block. */
export function patternLength(block: AdmittedValues[], measures: RecordMeasure[]): number {
  return Math.max(...measures.map(measure => filterPattern(measure, block).logPatternString.length));
}

/** Halves the longest list until the pattern fits. */
function split(block: AdmittedValues[], measures: RecordMeasure[]): AdmittedValues[][] {
  const longest = block.reduce((a, b) => b.values.length > a.values.length ? b : a);
  const { length } = longest.values;
  if (length < 2 || patternLength(block, measures) <= LONGEST_PATTERN) return [block];
  const half = Math.ceil(length / 2);
  return [longest.values.slice(0, half), longest.values.slice(half)].flatMap(values =>
    split(block.map(admitted => admitted === longest ? { ...longest, values } : admitted), measures));
}
