import type { AttributionKeyProps, AttributionSchemaProps } from '../../lib/schema';
import { Assurance, AttributionKey, AttributionSchema, Cardinality, Carrier, ReservedNames, SchemaError, TagMatch } from '../../lib/schema';

const starter = AttributionSchema.starter({ teams: ['search', 'ads'] });
const key = (name: string, props: Partial<AttributionKeyProps> = {}): AttributionKey => AttributionKey.of(name, { description: 'A key.', ...props });
const schemaOf = (...keys: AttributionKey[]): AttributionSchema => new AttributionSchema({ version: 3, keys });

/** Codes and paths of everything that is wrong. */
function problemsOf(make: () => unknown): string[] {
  try {
    make();
  } catch (error) {
    return (error as SchemaError).problems.map(({ code, path }) => `${code} ${path}`);
  }
  return [];
}

describe('the starter schema', () => {
  test('requires team, service and env, and has feature and request_id beside', () => {
    expect(starter.keys.map(({ name, required, assurance, cardinality }) => [name, required, assurance, cardinality])).toEqual([
      ['team', true, 'enforced', 'low'], ['service', true, 'enforced', 'low'], ['env', true, 'enforced', 'low'],
      ['feature', false, 'declared', 'low'], ['request_id', false, 'declared', 'high'],
    ]);
  });

  test('holds values to the lists that were given and to no other', () => {
    expect(starter.key('team')?.allowedValues).toEqual(['search', 'ads']);
    expect(AttributionSchema.starter({ services: ['s'], envs: ['e'] }).keys.map(({ allowedValues }) => allowedValues))
      .toEqual([undefined, ['s'], ['e'], undefined, undefined]);
  });

  test('keeps request_id off the bill', () => {
    expect(starter.tagKeys(Carrier.RESOURCE_TAG)).toEqual(['team', 'service', 'env', 'feature']);
    expect(starter.tagKeys(Carrier.REQUEST_METADATA)).toEqual(['team', 'service', 'env', 'feature', 'request_id']);
    expect(starter.requiredTagKeys(Carrier.SESSION_TAG)).toEqual(['team', 'service', 'env']);
  });
});

describe('a schema fails for', () => {
  test.each<[string, AttributionKey, string]>([
    ['a name in camel case', key('costCenter'), 'name keys[0].name'],
    ['a name of 65 characters', key('k'.repeat(65)), 'name keys[0].name'],
    ['a name that ends with an underscore', key('team_'), 'name keys[0].name'],
    ['a column of the views', key('model'), 'reservedName keys[0].name'],
    ['a word of SQL', key('group'), 'reservedName keys[0].name'],
    ['a blank description', key('team', { description: ' ' }), 'description keys[0].description'],
    ['a key from a later version', key('team', { since: 4 }), 'since keys[0].since'],
    ['a since of 0', key('team', { since: 0 }), 'since keys[0].since'],
    ['a date for an optional key', key('team', { requiredFrom: '2027-01-01' }), 'requiredFrom keys[0].requiredFrom'],
    ['a day that is not in the calendar', key('team', { required: true, requiredFrom: '2027-02-30' }), 'date keys[0].requiredFrom'],
    ['a date in other words', key('team', { required: true, requiredFrom: '1.1.2027' }), 'date keys[0].requiredFrom'],
    ['values and pattern together', key('team', { allowedValues: ['a'], pattern: 'a' }), 'valueRules keys[0]'],
    ['an empty list of values', key('team', { allowedValues: [] }), 'allowedValues keys[0].allowedValues'],
    ['a value twice', key('team', { allowedValues: ['a', 'a'] }), 'allowedValues keys[0].allowedValues'],
    ['an empty value', key('team', { allowedValues: [''] }), 'allowedValues keys[0].allowedValues[0]'],
    ['a value that a resource tag cannot hold', key('team', { allowedValues: ['é'], carriers: [Carrier.RESOURCE_TAG] }),
      'characters keys[0].allowedValues[0] as resourceTags'],
    ['a value that request metadata cannot hold', key('team', { allowedValues: ['|'], carriers: [Carrier.REQUEST_METADATA] }),
      'characters keys[0].allowedValues[0] as requestMetadata'],
    ['a value that a session tag cannot hold', key('team', { allowedValues: ['#'], carriers: [Carrier.SESSION_TAG] }),
      'characters keys[0].allowedValues[0] as principalTags'],
    ['a broken pattern', key('team', { pattern: '(' }), 'pattern keys[0].pattern'],
    ['an empty pattern', key('team', { pattern: '' }), 'pattern keys[0].pattern'],
    ['a pattern with lookahead', key('team', { pattern: '(?=a)a' }), 'pattern keys[0].pattern'],
    ['a pattern with a back-reference', key('team', { pattern: '(a)\\1' }), 'pattern keys[0].pattern'],
    ['a key without carriers', key('team', { carriers: [] }), 'carriers keys[0].carriers'],
    ['high cardinality on a tag', key('trace', { cardinality: Cardinality.HIGH, carriers: [Carrier.SESSION_TAG] }), 'highCardinality keys[0].carriers'],
    ['a spelling that AWS keeps', key('team', { spellings: { resourceTag: 'aws:team' } }), 'reservedTagPrefix keys[0].spellings.resourceTag'],
    ['an empty spelling', key('team', { spellings: { sessionTag: '' } }), 'length keys[0].spellings.sessionTag'],
  ])('%s', (_, bad, expected) => {
    expect(problemsOf(() => schemaOf(bad))).toEqual([expected]);
  });

  test.each<[string, AttributionSchemaProps, string[]]>([
    ['a version of 0', { version: 0, keys: [key('team', { since: 0 })] }, ['version version', 'since keys[0].since']],
    ['no keys', { version: 1, keys: [] }, ['noKeys keys']],
    ['a name twice', { version: 1, keys: [key('team'), key('team')] }, ['duplicateName keys[1].name']],
    ['a name that the views make of another', { version: 1, keys: [key('team_assurance'), key('team')] }, ['reservedName keys[0].name']],
    ['a successor that is not there', { version: 1, keys: [key('team'), key('squad', { deprecatedInFavourOf: 'crew' })] },
      ['successor keys[1].deprecatedInFavourOf']],
    ['deprecation in a circle', { version: 1, keys: [key('x'), key('a', { deprecatedInFavourOf: 'b' }), key('b', { deprecatedInFavourOf: 'a' })] },
      ['successorCycle keys[1].deprecatedInFavourOf', 'successorCycle keys[2].deprecatedInFavourOf']],
    ['two keys of one spelling but for case', { version: 1, keys: [key('team'), key('squad', { carriers: [Carrier.RESOURCE_TAG], spellings: { resourceTag: 'Team' } })] },
      ['duplicateSpelling keys[1].spellings.resourceTag']],
    ['a session tag that is the principal tag of another key',
      { version: 1, keys: [key('a', { carriers: [Carrier.PRINCIPAL_TAG] }), key('b', { carriers: [Carrier.SESSION_TAG], spellings: { sessionTag: 'a' } })] },
      ['duplicateSpelling keys[1].spellings.sessionTag']],
    ['more keys than request metadata has room for', { version: 1, keys: Array.from({ length: 17 }, (_, index) => key(`k${index}`)) }, ['metadataCount keys']],
  ])('%s', (_, props, expected) => {
    expect(problemsOf(() => new AttributionSchema(props))).toEqual(expected);
  });

  test('everything that is wrong at once, each with what was given and a remedy', () => {
    expect(() => schemaOf(key('Team'), key('model', { since: 9 })))
      .toThrow(/has 3 problems:\n.*got "Team".*\n.*got "model".*choose another one, such as app_model\n.*got 9/);
  });
});

test('a schema may have sixteen keys on request metadata, and deprecated ones beside', () => {
  const keys = Array.from({ length: 16 }, (_, index) => key(`k${index}`));
  expect(problemsOf(() => schemaOf(...keys, key('old', { deprecatedInFavourOf: 'k0' })))).toEqual([]);
});

test('no name is reserved twice, and request_id is free', () => {
  const names = [...ReservedNames.COLUMNS, ...ReservedNames.SQL_WORDS];
  expect(new Set(names).size).toBe(names.length);
  expect(names).not.toContain('request_id');
});

test('a schema cannot be changed through what it hands out', () => {
  starter.keys.pop();
  starter.activeKeys.pop();
  expect(starter.keys).toHaveLength(5);
});

describe('a deprecated key', () => {
  const schema = schemaOf(
    key('team', { required: true, spellings: { resourceTag: 'Team' } }),
    key('squad', { deprecatedInFavourOf: 'team', required: true }),
    key('group_name', { deprecatedInFavourOf: 'squad', spellings: { principalTag: 'Group', sessionTag: 'group-session' } }),
  );

  test('is read into the column of its last successor, nearest first', () => {
    expect(schema.activeKeys.map(({ name }) => name)).toEqual(['team']);
    expect(schema.deprecatedNames('team')).toEqual(['squad', 'group_name']);
    expect(schema.deprecatedNames('group_name')).toEqual([]);
    expect(schema.columns()).toEqual([{
      name: 'team', description: 'A key.', metadataKeys: ['team', 'squad', 'group_name'],
      resourceTags: ['Team', 'squad', 'group_name'], principalTags: ['team', 'squad', 'Group', 'group-session'],
    }]);
  });

  test('stands in for its successor and is not required itself', () => {
    expect(schema.validateRequestMetadata({ group_name: 'a' })).toEqual([]);
    expect(schema.validateResourceTags({ squad: 'a' })).toEqual([]);
    expect(schema.key('squad')?.isRequiredOn('2030-01-01')).toBe(false);
  });
});

describe('case', () => {
  const cost = key('cost_center', { spellings: { resourceTag: 'CostCenter', principalTag: 'costCentre' } });

  test.each([
    [Carrier.RESOURCE_TAG, 'CostCenter', TagMatch.EXACT],
    [Carrier.RESOURCE_TAG, 'costcenter', TagMatch.VARIANT],
    [Carrier.RESOURCE_TAG, 'cost_center', TagMatch.NONE],
    [Carrier.PRINCIPAL_TAG, 'costCentre', TagMatch.EXACT],
    [Carrier.SESSION_TAG, 'costCentre', TagMatch.EXACT],
    [Carrier.SESSION_TAG, 'COSTCENTRE', TagMatch.VARIANT],
    [Carrier.REQUEST_METADATA, 'cost_center', TagMatch.EXACT],
    [Carrier.REQUEST_METADATA, 'Cost_Center', TagMatch.NONE],
    [Carrier.REQUEST_METADATA, 'CostCenter', TagMatch.NONE],
  ])('on %s the key %s matches: %s', (carrier, found, expected) => {
    expect(cost.match(carrier, found)).toBe(expected);
  });

  test('of a tag is reported, and the tag still counts', () => {
    expect(schemaOf(key('team', { required: true })).validateResourceTags({ Team: 'a' }))
      .toMatchObject([{ code: 'spellingVariant', got: '"Team"', allowed: 'team' }]);
  });

  test('of request metadata makes an unknown key, and the remedy names the known one', () => {
    expect(starter.validateRequestMetadata({ team: 'ads', service: 's', env: 'e', Feature: 'f' }))
      .toMatchObject([{ code: 'unknownKey', got: '"Feature"', remedy: expect.stringContaining('write feature') }]);
  });
});

describe('tags', () => {
  const tags = { team: 'ads', service: 's', env: 'e' };
  const validators = [
    ['resource', (given: Record<string, string>, unresolved?: string[]) => starter.validateResourceTags(given, { unresolved })],
    ['principal', (given: Record<string, string>, unresolved?: string[]) => starter.validatePrincipalTags(given, { unresolved })],
    ['session', (given: Record<string, string>, unresolved?: string[]) => starter.validateSessionTags(given, { unresolved })],
  ] as const;

  test.each(validators)('of a %s may have other meanings beside', (_, validate) => {
    expect(validate({ ...tags, Owner: 'x' })).toEqual([]);
  });

  test.each(validators)('of a %s fail for values that are not allowed and keys that are missing, all at once', (_, validate) => {
    expect(validate({ team: 'Ads', env: '' }).map(({ code }) => code)).toEqual(['value', 'missingKey', 'missingKey']);
  });

  test.each(validators)('of a %s whose value is known only later count as present and are not judged', (_, validate) => {
    expect(validate({ ...tags, team: '${Token[TOKEN.1]}' }, ['team'])).toEqual([]);
    expect(validate({ ...tags, team: '${Token[TOKEN.1]}' })).not.toEqual([]);
  });
});

test('a key with a requiredFrom date is required from that day on, and not without a day to judge by', () => {
  const later = key('team', { required: true, requiredFrom: '2027-01-31' });
  expect([undefined, '2027-01-30', '2027-01-31'].map(day => later.isRequiredOn(day))).toEqual([false, false, true]);
  expect(schemaOf(later).validateResourceTags({}, { day: '2027-01-31' })).toMatchObject([{ code: 'missingKey', got: 'nothing' }]);
});

test('the rules for the values of a personal key do not hold for its hash', () => {
  const schema = schemaOf(key('user', { personal: true, allowedValues: ['ann|1'] }), key('owner', { personal: true, pattern: 'o' }));
  expect(schema.validateRequestMetadata({ user: '9f86d0', owner: '818' })).toEqual([]);
});

test('a personal value that was not hashed is refused without being repeated', () => {
  const schema = schemaOf(key('user', { personal: true, spellings: { sessionTag: 'User' } }));
  const problems = [
    ...schema.validateRequestMetadata({ user: 'auth0|ann' }),
    ...schema.validateSessionTags({ User: 'auth0|ann' }),
    ...schema.validateSessionTags({ USER: 'auth0|ann' }),
    ...schema.validateRequestMetadata({ User: 'auth0|ann' }),
  ];
  expect(problems.map(({ code }) => code)).toEqual(['characters', 'characters', 'characters', 'spellingVariant', 'characters', 'unknownKey']);
  expect(JSON.stringify(problems)).not.toContain('ann');
});

test('a key with line feeds has one line of the message', () => {
  const problems = schemaOf(key('team')).validateRequestMetadata({ 'team': 'a', 'x\n2027-01-01 ERROR': 'b' });
  expect(problems.filter(({ message }) => message.includes('\n'))).toEqual([]);
  expect(problems.map(({ path }) => path)).toContain('requestMetadata.x\n2027-01-01 ERROR');
});

test('a pattern must match the whole value', () => {
  const schema = schemaOf(key('team', { pattern: 'a|bc' }));
  expect(['a', 'bc', 'ab', 'abc', 'xbc'].map(team => schema.validateRequestMetadata({ team }).length)).toEqual([0, 0, 1, 1, 1]);
});

describe('the file format', () => {
  const full = schemaOf(key('team', {
    required: true, requiredFrom: '2027-01-31', pattern: 'a+', assurance: Assurance.ENFORCED, personal: true, since: 2,
    carriers: [Carrier.SESSION_TAG, Carrier.RESOURCE_TAG], spellings: { sessionTag: 'S', resourceTag: 'T' },
  }), key('squad', { deprecatedInFavourOf: 'team', allowedValues: ['x'] }));

  test('gives back the same schema, from the long and from the compact text', () => {
    for (const schema of [starter, full]) {
      expect(AttributionSchema.fromJson(schema.toJson())).toEqual(AttributionSchema.fromJson(schema.compactJson()));
      expect(AttributionSchema.fromJson(schema.compactJson()).toJson()).toBe(schema.toJson());
    }
  });

  test('is one text for one schema, however that was written', () => {
    const text = '{"keys":[{"description":"A.","name":"team","spellings":{"sessionTag":"S","resourceTag":"T"},"carriers":["sessionTag","resourceTag"]}],"version":1,"$schema":"x"}';
    expect(AttributionSchema.fromJson(text).compactJson()).toBe('{"version":1,"keys":[{"name":"team","description":"A.","required":false,'
      + '"assurance":"declared","cardinality":"low","carriers":["resourceTag","sessionTag"],"spellings":{"resourceTag":"T","sessionTag":"S"}}]}');
  });

  test.each<[string, unknown, string[]]>([
    ['a list', [], ['json schema']],
    ['null', null, ['json schema']],
    ['no version and no keys', {}, ['missingField schema', 'missingField schema']],
    ['keys that are no list', { version: 1, keys: {} }, ['fieldType schema.keys']],
    ['an unknown field', { version: 1, owner: 'x', keys: [{ name: 'team', description: 'A.' }] }, ['unknownField schema']],
    ['a key without a name', { version: 1, keys: [{ description: 'A.' }] }, ['missingField keys[0]']],
    ['an unknown field of a key', { version: 1, keys: [{ name: 'team', description: 'A.', constructor: 1 }] }, ['unknownField keys[0]']],
    ['fields of other types', { version: '1', keys: [{ name: 'team', description: 1, required: 'yes', allowedValues: 'a', assurance: 'high', carriers: ['tag'] }] },
      ['fieldType schema.version', 'fieldType keys[0].description', 'fieldType keys[0].required', 'fieldType keys[0].allowedValues',
        'fieldType keys[0].assurance', 'fieldType keys[0].carriers']],
    ['an unknown spelling', { version: 1, keys: [{ name: 'team', description: 'A.', spellings: { requestMetadata: 'T' } }] }, ['unknownField keys[0].spellings']],
    ['wrong form and wrong meaning', { version: 1, keys: [{ name: 'Team', description: 'A.', required: 1 }] }, ['fieldType keys[0].required', 'name keys[0].name']],
  ])('fails for %s', (_, file, expected) => {
    expect(problemsOf(() => AttributionSchema.fromJson(JSON.stringify(file)))).toEqual(expected);
  });

  test('fails for a text that is no JSON, with the reason', () => {
    expect(() => AttributionSchema.fromJson('{"version":1,')).toThrow(/got "\{\\"version\\":1,".*correct the text \(/);
  });
});
