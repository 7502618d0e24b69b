import { columnNames, toRow, toValue } from '../src/engine/athena-values';

test.each([
  ['varchar', '', ''],
  ['varchar', 'NaN', 'NaN'],
  ['bigint', '9007199254740991', 9007199254740991],
  ['integer', '-3', -3],
  ['double', '1.5E-7', 1.5e-7],
  ['double', 'NaN', NaN],
  ['double', 'Infinity', Infinity],
  ['double', '-Infinity', -Infinity],
  ['decimal', '12.3400', 12.34],
  ['boolean', 'true', true],
  ['boolean', 'false', false],
  ['date', '2026-10-05', '2026-10-05'],
  ['timestamp', '2026-10-05 10:00:00.000', '2026-10-05T10:00:00.000Z'],
  ['timestamp', '2026-10-05 10:00:00.123456', '2026-10-05T10:00:00.123Z'],
  ['timestamp', '2026-10-05 10:00:00', '2026-10-05T10:00:00.000Z'],
  ['timestamp with time zone', '2026-10-05 10:00:00.100 UTC', '2026-10-05T10:00:00.100Z'],
  ['timestamp with time zone', '2026-10-05 10:00:00.100 Europe/Berlin', '2026-10-05 10:00:00.100 Europe/Berlin'],
  ['map', '{team=checkout}', '{team=checkout}'],
  ['array', '[a, b]', '[a, b]'],
])('a %s that Athena writes as %j is %j', (type, written, value) => {
  expect(toValue(written, type)).toEqual(value);
});

test.each(['varchar', 'bigint', 'boolean', 'timestamp', 'map'])('a %s that is not there is null', (type) => {
  expect(toValue(undefined, type)).toBeNull();
});

test('columns of one name are told apart, and values that are missing at the end of a row are null', () => {
  const columns = [{ Name: 'a', Type: 'bigint' }, { Name: 'a', Type: 'bigint' }, { Name: 'b', Label: 'c', Type: 'varchar' }];
  const names = columnNames(columns);
  expect(names).toEqual(['a', 'a:1', 'c']);
  expect(toRow([{ VarCharValue: '1' }, { VarCharValue: '2' }], columns, names)).toEqual({ 'a': 1, 'a:1': 2, 'c': null });
});
