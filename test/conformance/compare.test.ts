import { expectSameRows, sameValue } from './compare';

test('rows are the same in whatever order, with numbers that differ in their last digits', () => {
  const [one, two] = [{ team: 'a', usd: 0.1 + 0.2, tags: { x: '1', y: '2' } }, { team: 'b', usd: 5, tags: null }];
  expect(() => { expectSameRows('spend', [one, two], [two, { tags: { y: '2', x: '1' }, usd: 0.3, team: 'a' }]); }).not.toThrow();
});

test.each<[string, object[], object[], string]>([
  ['a value differs', [{ team: 'a', usd: 1 }], [{ team: 'a', usd: 1.001 }], 'in usd:'],
  ['a row is missing', [{ team: 'a' }], [{ team: 'a' }, { team: 'b' }], 'spend has 1 rows on Trino and 2 on the embedded engine'],
  ['a row is there twice', [{ team: 'a' }, { team: 'a' }], [{ team: 'a' }], '(no row)'],
  ['a column is missing', [{ team: 'a', env: null }], [{ team: 'a' }], 'in env:'],
  ['NULL stands for a text', [{ team: null }], [{ team: '' }], 'in team:'],
  ['a key of a map differs in case', [{ tags: { Team: 'a' } }], [{ tags: { team: 'a' } }], 'in tags:'],
])('fails when %s', (_, trino, embedded, said) => {
  expect(() => { expectSameRows('spend', trino as never, embedded as never); }).toThrow(said);
});

test.each<[unknown, unknown, boolean]>([
  [1, 1 + 1e-10, true],
  [1, 1 + 1e-8, false],
  [1e9, 1e9 + 0.5, true],
  [0, 1e-10, true],
  [NaN, NaN, true],
  [1, '1', false],
  [null, undefined, true],
  [null, 0, false],
  [[1, 2], [1, 2], true],
  [[1, 2], [2, 1], false],
  [[], {}, false],
])('%p and %p: same is %p', (a, b, same) => {
  expect(sameValue(a, b)).toBe(same);
});
