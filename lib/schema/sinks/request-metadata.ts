import { Limits } from '../limits';
import { newProblem } from '../new-problem';
import type { Problem } from '../problem';
import { checkText } from './check-text';

/**
 * Request metadata of InvokeModel and Converse calls.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-request-metadata.html
 */
export class RequestMetadataSink {
  /** What is wrong with one pair; nothing when it is accepted. */
  public static validate(key: string, value: string): Problem[] {
    return [
      ...checkText('requestMetadata', key, Limits.REQUEST_METADATA_KEY),
      ...checkText(`requestMetadata.${key}`, value, Limits.REQUEST_METADATA_VALUE),
    ];
  }

  /** What is wrong with all the metadata of one call; nothing when it is accepted. */
  public static validateAll(metadata: Record<string, string>): Problem[] {
    const entries = Object.entries(metadata);
    return [
      ...checkCount(entries.length),
      ...entries.flatMap(([key, value]) => RequestMetadataSink.validate(key, value)),
      ...checkHeader(JSON.stringify(metadata).length),
    ];
  }
}

function checkCount(count: number): Problem[] {
  const { REQUEST_METADATA_MIN_PAIRS: min, REQUEST_METADATA_MAX_PAIRS: max } = Limits;
  if (count >= min && count <= max) return [];
  const remedy = count < min ? 'send no request metadata at all instead of an empty map' : `leave out ${count - max}`;
  return [newProblem({ code: 'count', path: 'requestMetadata', got: count, allowed: `${min} to ${max} pairs`, remedy })];
}

function checkHeader(length: number): Problem[] {
  if (length <= Limits.REQUEST_METADATA_HEADER) return [];
  return [newProblem({
    code: 'headerLength',
    path: 'requestMetadata',
    got: length,
    allowed: `at most ${Limits.REQUEST_METADATA_HEADER} characters as compact JSON`,
    remedy: 'shorten values or leave out pairs',
  })];
}
