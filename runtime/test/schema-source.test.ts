import { attributionSchemaFromJson, AttributionError, defineAttributionSchema } from '../src';

const DEFINITION = { version: 2, keys: [{ name: 'team', description: 'Team.', required: true }] } as const;

test('a definition and the same as text are one schema', () => {
  const source = defineAttributionSchema(DEFINITION);
  expect(source.current.toJson()).toBe(attributionSchemaFromJson(JSON.stringify(DEFINITION)).current.toJson());
  expect(source.definition).toEqual(DEFINITION);
});

test.each([
  ['a text that is cut off', '{"version":1', 'json'],
  ['a text that holds no object', '[]', 'json'],
  ['a schema without keys', '{"version":1}', 'missingField'],
  ['a field that there is not', '{"version":1,"keys":[{"name":"team","description":"Team.","require":true}]}', 'unknownField'],
  ['a name that is none', '{"version":1,"keys":[{"name":"Team","description":"Team."}]}', 'name'],
])('fails for %s', (_, text, code) => {
  const error = (() => {
    try {
      return attributionSchemaFromJson(text);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(AttributionError.is(error)).toBe(true);
  expect(error).toMatchObject({ code: 'InvalidSchema', problems: expect.arrayContaining([expect.objectContaining({ code })]) });
});

test('fails for a definition that is wrong, with all its problems', () => {
  expect(() => defineAttributionSchema({ version: 0, keys: [{ name: 'Team', description: '' }] })).toThrow(/the attribution schema has 4 problems:/);
});
