import { sid } from '../../lib/access/statements/sid';
import { AttributionKey } from '../../lib/schema';

const idOf = (name: string): string => sid(AttributionKey.of(name, { description: 'One of many.' }));

test.each([['team', 'Team'], ['cost_center', 'CostCenter'], ['level1', 'Level1'], ['level_1', 'LevelNo1']])('of the key %s is %s', (name, id) => {
  expect(idOf(name)).toBe(id);
});

test('has letters and digits only', () => {
  expect(['a', 'a_b_c', 'a1_2b', 'x_9'].map(idOf).filter(id => !/^[A-Za-z0-9]+$/.test(id))).toEqual([]);
});
