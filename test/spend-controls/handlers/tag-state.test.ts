import { MOST_STATE_BYTES, tagKeyDimensionValue } from '../../../lib/spend-controls/handlers/constants';
import { judge } from '../../../lib/spend-controls/handlers/judge-tags.lambda-shared';
import { parseRecord, recordText, type TagRecord, type TagState } from '../../../lib/spend-controls/handlers/tag-state.lambda-shared';

const SINCE = '2026-11-21T00:00:00Z';
const OWNER = { stackName: 'payer', logicalId: 'Tags' };

/** A record of so many keys, each in this state. */
function recordOf(count: number, state: (key: string) => TagState): TagRecord {
  return { owner: OWNER, keys: Object.fromEntries(Array.from({ length: count }, (_none, index) => [`iamPrincipal/key${index}`, state(`iamPrincipal/key${index}`)])) };
}

const refused = (key: string): TagState => ({
  state: 'refused', since: SINCE, spellings: [key, key.toUpperCase()], code: 'LimitExceeded', message: 'm'.repeat(290), activatedByUs: [key],
});

test('a record comes back as it was written', () => {
  const record: TagRecord = {
    owner: { ...OWNER, former: 'Former' },
    keys: {
      'team': { state: 'pending', since: SINCE, spellings: [] },
      'iamPrincipal/team': { state: 'active', since: SINCE, spellings: ['iamPrincipal/team'], activatedByUs: ['iamPrincipal/team'], backfilledFrom: '2026-01' },
      'env': refused('env'),
      '__proto__': { state: 'pending', since: SINCE, spellings: [] },
    },
    activatedAt: SINCE,
  };
  expect(parseRecord(recordText(record))).toEqual(record);
});

test('what the service says never reads as a reference to another parameter, which Parameter Store would refuse', () => {
  const record: TagRecord = { keys: { team: { state: 'refused', since: SINCE, spellings: [], code: 'x', message: 'see {{ssm:other}} {{{' } } };
  expect(recordText(record)).not.toContain('{{');
  expect(parseRecord(recordText(record))).toEqual(record);
});

test.each([
  ['all', 10, { code: 'LimitExceeded', message: 'm'.repeat(290), spellings: 2, ours: 1 }],
  ['shorter messages', 20, { code: 'LimitExceeded', message: 'm'.repeat(100), spellings: 2, ours: 1 }],
  ['no messages', 40, { code: 'LimitExceeded', message: undefined, spellings: 1, ours: 1 }],
  ['no spellings', 52, { code: 'LimitExceeded', message: undefined, spellings: 0, ours: 1 }],
  ['states only', 80, { code: undefined, message: undefined, spellings: 0, ours: undefined }],
])('keeps %s where %d keys are refused', (_case, count, { code, message, spellings, ours }) => {
  const text = recordText(recordOf(count, refused));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST_STATE_BYTES);
  const { keys } = JSON.parse(text) as TagRecord;
  expect(Object.keys(keys)).toHaveLength(count);
  const state = keys['iamPrincipal/key0'];
  expect([state.code, state.message, state.spellings.length, state.activatedByUs?.length]).toEqual([code, message, spellings, ours]);
});

test('fails when not even the states have room', () => {
  expect(() => recordText(recordOf(200, refused))).toThrow(/the states of 200 tag keys take \d+ bytes, but a parameter has room for 8192; activate fewer/);
});

test.each([
  ['nothing', undefined], ['text', 'a secret'], ['a number', '1'], ['a list', '[]'], ['other JSON', '{"password":"x"}'], ['a list of keys', '{"keys":[]}'],
])('%s is no record', (_case, text) => {
  expect(parseRecord(text)).toBeUndefined();
});

test('what cannot be read in a record counts as not there', () => {
  expect(parseRecord(JSON.stringify({
    owner: 1,
    activatedAt: 'yesterday',
    keys: { a: 1, b: { state: 'odd', since: SINCE }, c: { state: 'active', since: 'once' }, d: { state: 'active', since: SINCE, spellings: [1, 'd'], code: 1 } },
  }))).toEqual({ keys: { d: { state: 'active', since: SINCE, spellings: ['d'] } } });
  expect(parseRecord('{"owner":{"stackName":"s"},"keys":{}}')).toEqual({ keys: {} });
});

test('a check that was cut short keeps a refusal with its reason', () => {
  const previous = refused('team');
  const evidence = { spellings: ['team'], active: new Set<string>(), outcomes: new Map(), now: '2026-11-22T00:00:00Z' };
  expect(judge(evidence, previous)).toMatchObject({ state: 'refused', since: SINCE, code: 'LimitExceeded', message: previous.message });
});

test('a state that follows another one never began before it, whatever the clock says', () => {
  const later = '2026-11-23T00:00:00Z';
  const evidence = { spellings: ['team'], active: new Set(['team']), outcomes: new Map(), now: SINCE };
  expect(judge(evidence, { state: 'pending', since: later, spellings: [] })).toMatchObject({ state: 'active', since: later });
});

test('a long code is cut', () => {
  const outcomes = new Map([['team', { code: 'c'.repeat(65), message: '' }]]);
  expect(judge({ spellings: ['team'], active: new Set(), outcomes, now: SINCE }).code).toBe('c'.repeat(64));
});

test('the longest key, in the script that takes most room, is still a value of a dimension', () => {
  expect(tagKeyDimensionValue(`iamPrincipal/${'税'.repeat(112)}`)).toHaveLength(1021);
  expect(tagKeyDimensionValue(`iamPrincipal/${'税'.repeat(128)}`)).toHaveLength(1024);
});
