import { Refusal } from './answer';
import { METADATA_HEADER, type RecordedRequest } from './recorded-request';

/** @see https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-request-metadata.html */
const MOST_PAIRS = 16;
const MOST_CHARACTERS_OF_HEADER = 8500;
// white space of ASCII only: that of a regular expression in JavaScript has more
const KEY = /^[a-zA-Z0-9 \t\n\v\f\r:_@$#=/+,.-]{1,256}$/;
const VALUE = /^[a-zA-Z0-9 \t\n\v\f\r:_@$#=/+,.-]{0,256}$/;

/** Refuses request metadata that the service refuses. */
export function checkRequestMetadata(request: RecordedRequest): void {
  const inHeader = request.operation.startsWith('InvokeModel');
  const header = request.headers[METADATA_HEADER];
  // whatever the request says, strings or not
  const requestMetadata: unknown = request.requestMetadata;
  if ((inHeader ? header : requestMetadata) === undefined) return;
  if (header !== undefined && inHeader && header.length > MOST_CHARACTERS_OF_HEADER) {
    throw invalid(`Member must have length less than or equal to ${MOST_CHARACTERS_OF_HEADER}`);
  }
  const pairs: [string, unknown][] = Object.entries(requestMetadata ?? {});
  if (typeof requestMetadata !== 'object' || pairs.some(([, value]) => typeof value !== 'string')) {
    throw invalid('Member must be a JSON object of strings');
  }
  if (pairs.length === 0) throw invalid('Member must have length greater than or equal to 1');
  if (pairs.length > MOST_PAIRS) throw invalid(`Member must have length less than or equal to ${MOST_PAIRS}`);
  if (!pairs.every(([key, value]) => KEY.test(key) && VALUE.test(value as string))) {
    throw invalid(`Map keys and values must satisfy regular expression pattern: ${KEY.source}, ${VALUE.source}`);
  }
}

function invalid(constraint: string): Refusal {
  // the value is sensitive: the service does not repeat it
  return new Refusal('ValidationException', `1 validation error detected: Value at 'requestMetadata' failed to satisfy constraint: ${constraint}`);
}
