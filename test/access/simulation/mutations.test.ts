import { checkMutations, GUARDED_TWICE, mutantsOf, reasonFor } from './mutations';

const report = checkMutations();

test('every statement and every condition of every document decides a row', () => {
  expect(report.survivors.filter(survivor => reasonFor(survivor) === undefined)).toEqual([]);
});

test.each(GUARDED_TWICE.map(pair => [pair.reason, pair] as const))('is guarded twice: %s', (_reason, { statement, removed }) => {
  expect(report.survivors.some(survivor => statement.test(survivor.statement) && removed.test(survivor.removed))).toBe(true);
});

test('documents of every layer are looked at', () => {
  expect(new Set(report.layers)).toEqual(new Set(['identity', 'trust', 'boundary', 'SCP']));
});

test('a statement is removed as a whole, and then each of its conditions alone', () => {
  const keep = { Sid: 'Keep', Effect: 'Allow', Action: 's3:GetObject' } as const;
  const change = { Sid: 'Change', Effect: 'Deny', Action: ['a:b'], Condition: { StringEquals: { x: '1', y: '2' }, Null: { z: 'true' } } } as const;
  const bare = { Sid: 'Change', Effect: 'Deny', Action: ['a:b'] };
  const without = mutantsOf({ Version: '2012-10-17', Statement: [change] }).map(({ removed, policy }) => [removed, policy.Statement]);
  expect(without).toEqual([
    ['the statement', []],
    ['StringEquals x', [{ ...bare, Condition: { StringEquals: { y: '2' }, Null: { z: 'true' } } }]],
    ['StringEquals y', [{ ...bare, Condition: { StringEquals: { x: '1' }, Null: { z: 'true' } } }]],
    ['Null z', [{ ...bare, Condition: { StringEquals: { x: '1', y: '2' } } }]],
  ]);
  expect(mutantsOf({ Version: '2012-10-17', Statement: [keep, change] })[0].policy.Statement).toEqual([change]);
});
