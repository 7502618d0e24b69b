import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttributionKeyProps } from '../../lib/schema';
import { Assurance, AttributionKey, AttributionSchema, Cardinality, Carrier, LockVerdict, SchemaLock } from '../../lib/schema';

const TODAY = '2026-06-01';
const TOMORROW = '2026-06-02';
const LATER = '2026-07-01';
const METADATA_ONLY = { carriers: [Carrier.REQUEST_METADATA] };

const key = (name: string, props: Partial<AttributionKeyProps> = {}): AttributionKey => AttributionKey.of(name, { description: 'A key.', ...props });
const schemaOf = (version: number, ...keys: AttributionKey[]): AttributionSchema => new AttributionSchema({ version, keys: [key('team'), ...keys] });

/** What becomes of going from some keys to others: kinds of change with their verdicts. */
function changes(before: AttributionKey[], after: AttributionKey[], today: string | undefined = TODAY, versions = [1, 1]): string[] {
  return SchemaLock.compare(SchemaLock.lockText(schemaOf(versions[0], ...before)), schemaOf(versions[1], ...after), today)
    .map(({ change, verdict }) => `${change} ${verdict}`);
}

type Case = [string, Partial<AttributionKeyProps>, Partial<AttributionKeyProps>];

describe('a change of one key', () => {
  test.each<Case>([
    ['description fine', {}, { description: 'Another.' }],
    ['deprecated fine', {}, { deprecatedInFavourOf: 'team' }],
    ['undeprecated refused', { deprecatedInFavourOf: 'team' }, {}],
    ['widened fine', { allowedValues: ['a'] }, { allowedValues: ['b', 'a'] }],
    ['widened fine', { allowedValues: ['a'] }, {}],
    ['widened fine', { pattern: 'a' }, {}],
    ['widened fine', { pattern: 'a|(b|c)' }, { pattern: '(b|c)|d|a' }],
    ['widened fine', { allowedValues: ['a', 'aa'] }, { pattern: 'a+' }],
    ['narrowed refused', { allowedValues: ['a', 'b'] }, { allowedValues: ['a'] }],
    ['narrowed refused', { allowedValues: ['a', 'b'] }, { allowedValues: ['a', 'c'] }],
    ['narrowed refused', {}, { allowedValues: ['a'] }],
    ['narrowed refused', {}, { pattern: 'a' }],
    ['narrowed refused', { pattern: 'a' }, { allowedValues: ['a'] }],
    ['narrowed refused', { pattern: 'a|b' }, { pattern: 'a' }],
    ['narrowed refused', { pattern: '(a|b)c' }, { pattern: '(a|b)c\\|' }],
    ['narrowed refused', { pattern: '[|]|x' }, { pattern: '[|]' }],
    ['narrowed refused', { allowedValues: ['a', 'ab'] }, { pattern: 'a+' }],
    ['assuranceRaised fine', {}, { assurance: Assurance.ENFORCED }],
    ['assuranceLowered refused', { assurance: Assurance.ENFORCED }, {}],
    ['personalOn fine', {}, { personal: true }],
    ['personalOff refused', { personal: true }, {}],
    ['cardinalityLowered fine', { ...METADATA_ONLY, cardinality: Cardinality.HIGH }, METADATA_ONLY],
    ['cardinalityRaised fine', METADATA_ONLY, { ...METADATA_ONLY, cardinality: Cardinality.HIGH }],
    ['carrierAdded fine', METADATA_ONLY, {}],
    ['carrierRemoved refused', {}, METADATA_ONLY],
    ['spellingChanged refused', {}, { spellings: { resourceTag: 'Squad' } }],
    ['since fine', {}, { since: 2 }],
    ['madeOptional fine', { required: true }, {}],
    ['madeRequired refused', {}, { required: true }],
    ['madeRequired refused', {}, { required: true, requiredFrom: TODAY }],
    ['madeRequiredLater fine', {}, { required: true, requiredFrom: TOMORROW }],
    ['requiredLater fine', { required: true }, { required: true, requiredFrom: LATER }],
    ['requiredLater fine', { required: true, requiredFrom: TOMORROW }, { required: true, requiredFrom: LATER }],
    ['requiredSooner fine', { required: true, requiredFrom: LATER }, { required: true, requiredFrom: TOMORROW }],
    ['requiredTooSoon refused', { required: true, requiredFrom: LATER }, { required: true, requiredFrom: TODAY }],
    ['requiredTooSoon refused', { required: true, requiredFrom: TOMORROW }, { required: true }],
    ['requirementStarted fine', { required: true, requiredFrom: TODAY }, { required: true }],
  ])('is %s: %j to %j', (expected, before, after) => {
    expect(changes([key('squad', before)], [key('squad', after)], TODAY, [2, 2])).toEqual([expected]);
  });

  test('is refused when it raises the cardinality of a key that rides on tags, which also leaves the tags', () => {
    expect(changes([key('squad')], [key('squad', { cardinality: Cardinality.HIGH })])).toEqual(['cardinalityRaisedOnBill refused', 'carrierRemoved refused']);
  });

  test('is none when only the order of values or the way of writing differs', () => {
    expect(changes([key('squad', { allowedValues: ['a', 'b'] })], [key('squad', { allowedValues: ['b', 'a'], spellings: { resourceTag: 'squad' } })])).toEqual([]);
  });
});

describe('a change of the keys', () => {
  const squad = key('squad', { required: true, pattern: 's' });

  test.each<[string, AttributionKey[], AttributionKey[]]>([
    ['addedOptional fine', [], [key('squad')]],
    ['addedRequiredLater fine', [], [key('squad', { required: true, requiredFrom: TOMORROW })]],
    ['addedRequired refused', [], [key('squad', { required: true })]],
    ['addedRequired refused', [], [key('squad', { required: true, requiredFrom: TODAY })]],
    ['removed refused', [squad], []],
    ['renamed refused', [squad], [key('crew', { required: true, pattern: 's', description: 'Renamed.', since: 1 })]],
    ['reordered fine', [key('a'), key('b')], [key('b'), key('a')]],
  ])('is %s', (expected, before, after) => {
    expect(changes(before, after)).toEqual([expected]);
  });

  test('is refused as removal, not as renaming, when the new key is another one', () => {
    expect(changes([squad], [key('crew')])).toEqual(['removed refused', 'addedOptional fine']);
  });

  test('may rename a required key by deprecating it', () => {
    const deprecated = key('squad', { required: true, pattern: 's', deprecatedInFavourOf: 'crew' });
    expect(changes([squad], [deprecated, key('crew', { required: true })])).toEqual(['deprecated fine', 'addedInPlace fine']);
  });

  test('may not slip in a requirement by deprecating an optional key', () => {
    expect(changes([key('squad')], [key('squad', { deprecatedInFavourOf: 'crew' }), key('crew', { required: true })]))
      .toEqual(['deprecated fine', 'addedRequired refused']);
  });

  test('is refused when the version goes down, and fine when it goes up', () => {
    expect(changes([], [], TODAY, [1, 2])).toEqual(['versionRaised fine']);
    expect(changes([], [], TODAY, [2, 1])).toEqual(['versionLowered refused']);
  });
});

test('without a day to judge by, every announced day counts as future and every dropped one as past', () => {
  const compare = (before: AttributionKey[], after: AttributionKey[]): string[] =>
    SchemaLock.compare(SchemaLock.lockText(schemaOf(1, ...before)), schemaOf(1, ...after)).map(({ change }) => change);
  const dated = key('squad', { required: true, requiredFrom: '2001-01-01' });
  expect(compare([], [dated])).toEqual(['addedRequiredLater']);
  expect(compare([], [key('squad', { required: true })])).toEqual(['addedRequired']);
  expect(compare([dated], [key('squad', { required: true })])).toEqual(['requirementStarted']);
});

describe('the lock', () => {
  const schema = AttributionSchema.starter();

  test('of an unchanged schema holds, and is one text for one schema', () => {
    expect(SchemaLock.compare(SchemaLock.lockText(schema), schema, TODAY)).toEqual([]);
    expect(SchemaLock.lockText(AttributionSchema.fromJson(schema.compactJson()))).toBe(SchemaLock.lockText(schema));
  });

  test('stays readable when a later rule would refuse the schema that it holds', () => {
    const old = SchemaLock.lockText(schema).replace('"feature"', '"model"');
    expect(SchemaLock.compare(old, schema, TODAY).map(({ change }) => change)).toEqual(['renamed']);
  });

  test('says in one sentence what was changed and what to do instead', () => {
    const withoutLast = new AttributionSchema({ version: 1, keys: schema.keys.slice(0, 4) });
    const [{ sentence }] = SchemaLock.compare(SchemaLock.lockText(schema), withoutLast, TODAY);
    expect(sentence).toBe('key request_id: key removed; keep it and set deprecatedInFavourOf to the key that takes its place, so that its history is still read');
  });

  test.each([
    ['no JSON', 'x'],
    ['another format', '{"lockVersion":2,"schema":{}}'],
    ['a lock without a schema', '{"lockVersion":1}'],
  ])('fails for %s', (_, text) => {
    expect(() => SchemaLock.compare(text, schema, TODAY)).toThrow(/^the lock of the attribution schema has /);
  });
});

const page = readFileSync(join(__dirname, '..', '..', 'docs', 'schema.md'), 'utf8');

test('the file in the documentation is the starter schema', () => {
  const [, text] = /```json\n([^`]*)```/.exec(page)!;
  expect(AttributionSchema.fromJson(text).toJson()).toBe(AttributionSchema.starter().toJson());
});

test('the table in the documentation is the table in the code', () => {
  const rows = page.split('\n').filter(line => /\| (fine|refused) \|/.test(line))
    .map(line => line.split('|').slice(1, -1).map(cell => cell.trim().replaceAll('`', '')));
  expect(rows).toEqual(SchemaLock.RULES.map(({ change, description, verdict, advice }) => [change, description, verdict, advice]));
  expect(new Set(SchemaLock.RULES.map(({ verdict }) => verdict))).toEqual(new Set([LockVerdict.FINE, LockVerdict.REFUSED]));
});
