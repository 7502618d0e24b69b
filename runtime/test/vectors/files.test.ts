import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import { readVectors, VECTORS_SCHEMA, vectorFiles, vectorText } from './vector-file';

const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true })
  .addSchema(JSON.parse(vectorText(VECTORS_SCHEMA)) as object, VECTORS_SCHEMA);
const KINDS = vectorFiles().map(name => name.replace('.json', ''));

function schemaOf(kind: string): ValidateFunction {
  return ajv.getSchema(`${VECTORS_SCHEMA}#/$defs/${kind}`)!;
}

test.each(vectorFiles())('%s is as its schema says', name => {
  const file = readVectors(name);
  const validate = schemaOf(file.kind);
  validate(file);
  expect(validate.errors ?? []).toEqual([]);
});

test.each(KINDS)('%s is a kind of file that the schema knows', kind => {
  expect(readVectors(`${kind}.json`).kind).toBe(kind);
  expect((JSON.parse(vectorText(VECTORS_SCHEMA)) as { oneOf: object[] }).oneOf).toContainEqual({ $ref: `#/$defs/${kind}` });
});

test.each(KINDS)('%s names every case once', kind => {
  const names = readVectors(`${kind}.json`).cases.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test.each(vectorFiles())('%s is ASCII, so that no editor changes a character that counts', name => {
  expect(vectorText(name)).toMatch(/^[\n -~]*$/);
});

test.each(KINDS)('%s has a test that runs it', kind => {
  expect(existsSync(join(__dirname, `${kind}.test.ts`))).toBe(true);
});

test('every table has a line in the list of tables', () => {
  const listed = [...vectorText('README.md').matchAll(/^\| \[`([a-z-]+\.json)`\]/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(vectorFiles().sort());
});

test.each([
  ['a field that is misspelt', { schemas: {}, cases: [{ name: 'a', schema: 's', base: {}, day: '2026-01-01', context: [], expected: { refused: 'call', error: 'InvalidCallAttribution', problems: [{ code: 'c', path: 'p' }] } }] }],
  ['an empty map on the wire', { schemas: {}, cases: [{ name: 'a', schema: 's', base: {}, day: '2026-01-01', expected: { metadata: {}, header: '{}', warnings: [] } }] }],
])('the schema refuses %s', (_, file) => {
  expect(schemaOf('request-metadata')({ $schema: './test-vectors.schema.json', kind: 'request-metadata', ...file })).toBe(false);
});
