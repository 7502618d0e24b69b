import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AttributionSchema } from '../../lib/schema';
import { foreignToAthena } from './athena-sql';
import { synthesizeCatalog } from './lake/catalog';
import { tableInputs, viewDefinition } from './trino/glue-tables';

const SQL = join(__dirname, '..', '..', 'lib', 'analytics', 'sql');
const FILES = readdirSync(SQL, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.sql') && !name.startsWith('dialect')).sort();

test.each(FILES)('%s calls nothing that Athena does not have', (name) => {
  expect(foreignToAthena(readFileSync(join(SQL, name), 'utf8'))).toEqual([]);
});

const VIEWS = tableInputs(synthesizeCatalog({
  databaseName: 'ledger',
  schema: AttributionSchema.starter({ teams: ['payments'] }),
  accounts: ['111122223333'],
  regions: ['us-east-1'],
  firstDay: '2026-10-01',
  exportName: 'bill',
  settlementHours: 72,
}), {}).filter(({ TableType }) => TableType === 'VIRTUAL_VIEW');

test.each(VIEWS.map(view => [view.Name, view] as const))('the view %s calls nothing that Athena does not have, as it is synthesized', (_, view) => {
  expect(foreignToAthena(viewDefinition(view).originalSql)).toEqual([]);
});

test.each([
  [`SELECT json_query(body, 'lax $.usage') FROM logs`, ['function json_query']],
  [`SELECT JSON_VALUE (body, 'lax $.usage') FROM logs`, ['function json_value']],
  ['SELECT any_value(a), list(b) FROM logs', ['function any_value', 'function list']],
  [`SELECT * FROM JSON_TABLE(body, 'lax $' COLUMNS (a bigint))`, ['function json_table', 'form JSON_TABLE']],
  ['WITH FUNCTION f(x bigint) RETURNS bigint RETURN x + 1 SELECT f(a) FROM logs', ['function f', 'form WITH FUNCTION']],
  ['SELECT * EXCLUDE (a) FROM logs QUALIFY row_number() OVER (ORDER BY a) = 1', ['function exclude', 'form QUALIFY', 'form EXCLUDE']],
  ['SELECT a::bigint, count(*) FROM logs GROUP BY ALL', ['form GROUP BY ALL', 'form ::']],
])('fails what Athena does not have: %s', (sql, foreign) => {
  expect(foreignToAthena(sql)).toEqual(foreign);
});

test.each([
  `SELECT 'json_query(a)' AS "list(b)" FROM logs -- any_value(c)`,
  'WITH parts AS (SELECT 1 AS a) SELECT a IN (1, 2) FROM parts CROSS JOIN UNNEST(ARRAY[1]) AS t (b) WHERE NOT (a > 1)',
  'SELECT cast(a AS map(varchar, varchar)), sum(b) FILTER (WHERE c) OVER (PARTITION BY d) FROM logs',
])('takes what Athena has: %s', (sql) => {
  expect(foreignToAthena(sql)).toEqual([]);
});
