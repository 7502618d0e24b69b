import { AttributionKey, type AttributionKeyProps } from '../../lib/schema';
import { hashKeyProblems, hashPersonal, personalProblems } from '../src/personal-values';

const KEY = 'k'.repeat(32);
const personal = (props: Partial<AttributionKeyProps> = {}): AttributionKey => AttributionKey.of('user', { description: 'Person.', personal: true, ...props });

test.each([
  ['no secret', undefined, 0],
  ['32 bytes', new Uint8Array(32), 0],
  ['31 bytes', new Uint8Array(31), 1],
  ['32 characters of ASCII', KEY, 0],
  ['31 characters of ASCII', KEY.slice(1), 1],
  ['16 characters of two bytes', 'é'.repeat(16), 0],
  ['an empty text', '', 1],
])('%s is judged by its bytes', (_, hashKey, problems) => {
  expect(hashKeyProblems(hashKey)).toHaveLength(problems);
});

test('a secret that is too short is not in the message', () => {
  expect(JSON.stringify(hashKeyProblems('my-secret'))).not.toContain('my-secret');
});

test.each([
  ['without a secret', {}, undefined, 'personalHashKey'],
  ['that is not allowed', { allowedValues: ['bob'] }, KEY, 'value'],
  ['that does not match', { pattern: 'b.*' }, KEY, 'value'],
])('fails for a value %s, which is in no message', (_, props, hashKey, code) => {
  const problems = personalProblems(personal(props), 'ann', hashKey);
  expect(problems).toMatchObject([{ code, path: 'requestMetadata.user', got: '"a personal value"' }]);
  expect(JSON.stringify(problems)).not.toContain('ann');
});

test.each([['any value', {}], ['an allowed value', { allowedValues: ['ann'] }], ['a value that matches', { pattern: 'a.*' }]])('%s is fine', (_, props) => {
  expect(personalProblems(personal(props), 'ann', KEY)).toEqual([]);
});

test('a secret of text and the same bytes give one hash', () => {
  expect(hashPersonal('ann', KEY)).toBe(hashPersonal('ann', Buffer.from(KEY)));
});
