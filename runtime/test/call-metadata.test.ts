import { defineAttributionSchema } from '../src';
import { baseMetadata, type CallLayers, callMetadata, type InvalidCallPolicy, type Rules } from '../src/call-metadata';
import { hashPersonal } from '../src/personal-values';

const hashKey = 'k'.repeat(32);
const schema = defineAttributionSchema({
  version: 1,
  keys: [
    { name: 'team', description: 'Team.', required: true, allowedValues: ['payments', 'search'] },
    { name: 'tenant', description: 'Tenant.', required: true },
    { name: 'feature', description: 'Feature.' },
    { name: 'user', description: 'Person.', personal: true, pattern: '[a-z]+' },
    { name: 'cost_center', description: 'Cost centre.', carriers: ['resourceTag'], pattern: '[0-9]{4}' },
  ],
}).current;
const RULES: Rules = { schema, hashKey, day: '2026-11-21' };
const BASE = { team: 'payments', tenant: 'acme' };

/** Codes and paths of the problems of a call, and what is left of it. */
function judged(layers: Partial<CallLayers>, policy: InvalidCallPolicy = 'drop-and-warn', rules = RULES, base: Record<string, string> = BASE): {
  readonly metadata: object;
  readonly problems: string[];
} {
  const { metadata, problems } = callMetadata(rules, base, { pinned: {}, values: {}, ...layers }, policy);
  return { metadata, problems: problems.map(({ code, path }) => `${code} ${path}`) };
}

describe('the values of a client', () => {
  test('are sent but for those of keys that ride on tags alone', () => {
    const { metadata, problems } = baseMetadata(RULES, { ...BASE, cost_center: '4711', user: 'ann' }, []);
    expect(metadata).toEqual({ ...BASE, user: hashPersonal('ann', hashKey) });
    expect(problems).toEqual([]);
  });

  test.each([
    ['a key that comes with each call is missing', { team: 'payments' }, ['tenant'], []],
    ['another one is', { team: 'payments' }, [], ['missingKey requestMetadata.tenant']],
    ['all come with each call', {}, ['team', 'tenant'], []],
    ['a tag breaks the rules of its key', { ...BASE, cost_center: 'x' }, [], ['value attribution.cost_center']],
    ['a personal value breaks the rules of its key', { ...BASE, user: 'ANN' }, [], ['value requestMetadata.user']],
  ])('are judged when %s', (_, base, perCall, expected) => {
    expect(baseMetadata(RULES, base, perCall).problems.map(({ code, path }) => `${code} ${path}`)).toEqual(expected);
  });
});

describe('the values of a call', () => {
  test.each([
    ['unknownKey', { values: { colour: 'red' } }, 'requestMetadata.colour'],
    ['characters', { values: { feature: 'a|b' } }, 'requestMetadata.feature'],
    ['length', { values: { feature: 'x'.repeat(257) } }, 'requestMetadata.feature'],
    ['value', { values: { user: 'ANN' } }, 'requestMetadata.user'],
    ['fixedKey', { values: { team: 'search' } }, 'requestMetadata.team'],
    ['fixedKey', { pinned: { feature: 'a' }, values: { feature: 'b' } }, 'requestMetadata.feature'],
  ])('fail with %s', (code, layers, path) => {
    for (const policy of ['drop-and-warn', 'sanitise-and-warn', 'throw'] as const) {
      expect(judged(layers, policy).problems).toEqual([`${code} ${path}`]);
    }
  });

  test('fail with personalHashKey where there is no secret', () => {
    expect(judged({ values: { user: 'ann' } }, 'throw', { ...RULES, hashKey: undefined }).problems).toEqual(['personalHashKey requestMetadata.user']);
  });

  test('fail with missingKey where there is nothing to send at all', () => {
    expect(judged({}, 'throw', RULES, {}).problems).toEqual(['missingKey requestMetadata.team', 'missingKey requestMetadata.tenant']);
  });

  test('that are right leave no problem, in the order of the client, the pinned ones and their own', () => {
    const { metadata, problems } = judged({ pinned: { user: 'ann' }, values: { feature: 'f' } });
    expect(Object.keys(metadata)).toEqual(['team', 'tenant', 'user', 'feature']);
    expect(problems).toEqual([]);
  });

  test('that are wrong are left as they are where the call is to fail', () => {
    expect(judged({ values: { feature: 'a|b' } }, 'throw').metadata).toEqual({ ...BASE, feature: 'a|b' });
  });

  test('are mended by characters, not by halves of them', () => {
    expect(judged({ values: { feature: 'a😀b\ud800' } }, 'sanitise-and-warn').metadata).toEqual({ ...BASE, feature: 'a_b_' });
  });

  test('a pinned value takes the place of the one of the client', () => {
    expect(judged({ pinned: { tenant: 'other' } })).toEqual({ metadata: { team: 'payments', tenant: 'other' }, problems: [] });
  });

  test('a pinned value that is wrong leaves neither itself nor the one of the client, which would be another’s', () => {
    expect(judged({ pinned: { team: 'ads' } })).toEqual({ metadata: { tenant: 'acme' }, problems: ['value requestMetadata.team'] });
  });

  test('an empty personal value is sent as it is, with a secret or without', () => {
    expect(judged({ values: { user: '' } }).metadata).toEqual({ ...BASE, user: '' });
    expect(judged({ values: { user: '' } }, 'throw', { ...RULES, hashKey: undefined }).problems).toEqual([]);
  });

  test('a pinned personal value that is wrong leaves neither itself nor the one of the client', () => {
    const base = { ...BASE, user: hashPersonal('ann', hashKey) };
    expect(judged({ pinned: { user: 'BOB' } }, 'drop-and-warn', RULES, base)).toEqual({ metadata: BASE, problems: ['value requestMetadata.user'] });
  });

  test('a pinned value is not mended, which would make it another’s', () => {
    expect(judged({ pinned: { feature: 'a|b' }, values: {} }, 'sanitise-and-warn').metadata).toEqual(BASE);
  });

  test.each([['a number', 7], ['null', null], ['a list', ['x']], ['an object', { toString: 'x' }], ['a large number', 7n]])('%s is no value, of no key', (_, value) => {
    const values = { feature: value, user: value, colour: value, team: value } as never;
    const problems = ['fixedKey requestMetadata.team', 'type requestMetadata.feature', 'type requestMetadata.user', 'type requestMetadata.colour'];
    for (const policy of ['drop-and-warn', 'sanitise-and-warn'] as const) expect(judged({ values }, policy)).toEqual({ metadata: BASE, problems });
  });

  test.each(['Ann Müller', 'x'.repeat(300)])('the value of a key in another case is in no message: %s', value => {
    const { problems } = callMetadata(RULES, BASE, { pinned: {}, values: { User: value } }, 'throw');
    expect(problems.map(({ code }) => code)).toEqual(['unknownKey']);
    expect(JSON.stringify(problems)).not.toContain(value);
    expect(JSON.stringify(baseMetadata(RULES, { ...BASE, User: value }, []).problems)).not.toContain(value);
  });

  test('a key that is named like a part of JavaScript is told of like any other', () => {
    const values = Object.fromEntries([['__proto__', 'x'], ['constructor', 'y']]);
    expect(judged({ values })).toEqual({ metadata: BASE, problems: ['unknownKey requestMetadata.__proto__', 'unknownKey requestMetadata.constructor'] });
  });
});
