import { createHmac } from 'node:crypto';
import type { AttributionKey, Problem } from '../../lib/schema';
import { matchesPattern } from '../../lib/schema/check-values';
import { newProblem } from '../../lib/schema/new-problem';

/** Secret of the keyed hash: text is taken as UTF-8. */
export type PersonalHashKey = string | Uint8Array;

/** Bytes below which a secret can be guessed: those of the hash itself are what RFC 2104 recommends as a minimum. */
const SHORTEST_KEY = 32;

/** What is wrong with the secret, if there is one. */
export function hashKeyProblems(hashKey: PersonalHashKey | undefined): Problem[] {
  if (hashKey === undefined) return [];
  const length = Buffer.from(hashKey as string).length;
  if (length >= SHORTEST_KEY) return [];
  return [newProblem({
    code: 'personalHashKey',
    path: 'personalHashKey',
    got: `a secret of ${length} bytes`,
    allowed: `${SHORTEST_KEY} bytes or more`,
    remedy: 'take random ones, and keep them where no reader of the logs can see them',
  })];
}

/** What is wrong with a personal value before it is hashed; the value itself is in no message. */
export function personalProblems(key: AttributionKey, value: string, hashKey: PersonalHashKey | undefined): Problem[] {
  const path = `requestMetadata.${key.name}`;
  const got = 'a personal value';
  if (hashKey === undefined) {
    return [newProblem({ code: 'personalHashKey', path, got, allowed: 'its keyed hash', remedy: 'give personalHashKey, or leave the key out' })];
  }
  if (key.allowedValues?.includes(value) === false) {
    return [newProblem({ code: 'value', path, got, allowed: 'one of allowedValues of the schema', remedy: 'use one of them, or widen allowedValues' })];
  }
  if (key.pattern !== undefined && !matchesPattern(key.pattern, value)) {
    return [newProblem({ code: 'value', path, got, allowed: `text that matches ${key.pattern}`, remedy: 'correct it, or widen pattern in the schema' })];
  }
  return [];
}

/** What is sent instead of a personal value: its HMAC-SHA-256 in 64 lower-case hexadecimal digits. */
export function hashPersonal(value: string, hashKey: PersonalHashKey): string {
  return createHmac('sha256', hashKey).update(value).digest('hex');
}
