import { AttributionError } from '../src';
import { callerMetadataRefused, readCallerMetadata } from '../src/caller-metadata';

test.each([
  ['nothing', undefined, {}],
  ['a map', { feature: 'f' }, { feature: 'f' }],
  ['an empty map', {}, {}],
  ['a map with undefined in it', { feature: 'f', channel: undefined }, { feature: 'f' }],
  ['the text of a map', '{"feature":"f"}', { feature: 'f' }],
  ['the text of a map with spaces around it', ' { "feature" : "f" }\n', { feature: 'f' }],
])('%s is read', (_, metadata, values) => {
  expect(readCallerMetadata(metadata)).toEqual({ values, problems: [] });
});

test.each([
  ['a text that is cut off', '{"user":"ann', 'correct the JSON text'],
  ['an empty text', '', 'correct the JSON text'],
  ['a list', ['ann'], 'send such a map, or none'],
  ['the text of a list', '["ann"]', 'send such a map, or none'],
  ['null', null, 'send such a map, or none'],
  ['a number', 7, 'send such a map, or none'],
  ['a map with a number', { user: 'ann', id: 7 }, 'make every value a string'],
  ['the text of a map with null', '{"user":"ann","id":null}', 'make every value a string'],
])('fails to read %s, and says so without what was given', (_, metadata, remedy) => {
  const { values, problems } = readCallerMetadata(metadata);
  expect(values).toEqual({});
  expect(problems).toMatchObject([{ code: 'callerMetadata', path: 'requestMetadata', remedy }]);
  expect(JSON.stringify(problems)).not.toContain('ann');
});

test('a refusal names the operation, if there is one', () => {
  expect(callerMetadataRefused('Converse').message).toMatch(/^the call of Converse has 1 problem:/);
  expect(callerMetadataRefused(undefined).message).toMatch(/^the call has 1 problem:/);
  expect(callerMetadataRefused('Converse')).toBeInstanceOf(AttributionError);
});
