import { createHmac } from 'node:crypto';
import { attribution, defineAttributionSchema } from '../../src';
import { readVectors, type VectorFile } from './vector-file';

type Case = { readonly value: string; readonly hash: string } & ({ readonly key: string } | { readonly keyHex: string });

const { cases } = readVectors('personal-hash.json') as VectorFile<Case>;
const schema = defineAttributionSchema({ version: 1, keys: [{ name: 'user_hash', description: 'Person who asked.', personal: true }] });

test.each(cases.map(vector => [vector.name, vector] as const))('%s', (_, vector) => {
  const personalHashKey = 'keyHex' in vector ? Buffer.from(vector.keyHex, 'hex') : vector.key;
  const calls = attribution(schema, { user_hash: vector.value }, { personalHashKey });
  expect(calls.stamp().metadata).toEqual({ user_hash: vector.hash });
});

test('the hash is the HMAC-SHA-256 of RFC 2104', () => {
  const [{ value, hash, ...key }] = cases;
  expect(createHmac('sha256', 'key' in key ? key.key : '').update(value).digest('hex')).toBe(hash);
});

test('no two cases have one hash', () => {
  expect(new Set(cases.map(({ hash }) => hash)).size).toBe(cases.length);
});
