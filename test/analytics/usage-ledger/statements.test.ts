import { viewKeys } from '../../../lib/analytics/sql/view-keys';
import { createTable, ledgerTables } from '../../../lib/analytics/usage-ledger/ledger-tables';
import { type LedgerStatements, ledgerStatements } from '../../../lib/analytics/usage-ledger/statements';
import { atRunTime, fillAtRunTime, namesAtRunTime, toJsonata } from '../../../lib/private/run-time-text';
import { AttributionSchema } from '../../../lib/schema';
import { evaluateJsonata } from '../../support/run-state-machine';
import { sqlProblems, type StatementOf } from '../../support/sql-problems';
import { VIEW_PARAMETERS } from './view-parameters';

const VALUES = {
  log_from: '2026/10/01', log_to: '2026/10/02', unread: ` AND "$path" NOT IN ('s3://logs/a.json.gz')`, days: `DATE '2026-10-01', DATE '2026-10-02'`,
  run_at: '2026-10-02 14:00:00.000', periods: `'2026-09', '2026-10'`, first_day: '2026-09-28', last_day: '2026-10-03',
};
const RENDERED = ledgerStatements(VIEW_PARAMETERS);
const STATEMENTS = (Object.keys(RENDERED) as (keyof LedgerStatements)[]).map((name): [string, string] => [name, RENDERED[name]]);

const TABLES = ledgerTables(VIEW_PARAMETERS);

test('every statement is one of Trino, and DDL is one of Hive, but for partitions, which have no type in Athena', () => {
  const statements = [
    ...STATEMENTS.map(([name, text]): [string, StatementOf] => [name, { grammar: 'trino', sql: `${fillAtRunTime(text, VALUES)};` }]),
    ...TABLES.map((table): [string, StatementOf] => [
      table.name, { grammar: 'hive', sql: `${createTable(table, 's3://store/ledger/').replace(/PARTITIONED BY \((\w+)\)/, 'PARTITIONED BY ($1 string)')};` },
    ]),
    ['a new column', { grammar: 'hive', sql: 'ALTER TABLE usage_ledger ADD COLUMNS (team string);' }] as [string, StatementOf],
    ['no statement', { grammar: 'trino', sql: 'SELECT 1 FROM WHERE;' }] as [string, StatementOf],
  ];
  const problems = sqlProblems(statements.map(([, statement]) => statement));
  expect(statements.filter((_, index) => problems[index].length > 0).map(([name]) => name)).toEqual(['no statement']);
});

test.each(TABLES.map(table => [table.name, table] as const))('%s lies in its own folder', (name, table) => {
  expect(createTable(table, 's3://store/ledger/')).toContain(`LOCATION 's3://store/ledger/${name}/'`);
});

test.each(STATEMENTS)('%s waits for nothing that a run does not work out', (_, text) => {
  expect(Object.keys(VALUES)).toEqual(expect.arrayContaining(namesAtRunTime(text)));
  expect(text).not.toMatch(/\{[a-z_]+\}/);
});

test.each(STATEMENTS)('%s is short enough for Athena to say why it failed', (_, text) => {
  // Step Functions cuts the cause of a failure off after 32,768 characters, and Athena repeats the query in it, escaped
  expect(JSON.stringify(JSON.stringify(text)).length).toBeLessThan(24_000);
});

test('what people wrote into a schema stays text', () => {
  const schema = JSON.parse(AttributionSchema.starter().toJson()) as { keys: { name: string; requestMetadataKey?: string }[] };
  const keys = viewKeys(AttributionSchema.fromJson(JSON.stringify(schema))).map(key => key.name === 'team' ? { ...key, metadataNames: [`{days} -- '{log_from}'`] } : key);
  const { mergeUsage } = ledgerStatements({ ...VIEW_PARAMETERS, keys });
  expect(fillAtRunTime(mergeUsage, VALUES)).toContain(`'{days} -- ''{log_from}'''`);
});

test('a text becomes an expression with the same value', async () => {
  const text = `SELECT '${atRunTime('log_from')}', "\\", '\n'${atRunTime('days')}`;
  expect(await evaluateJsonata(toJsonata(text), {}, { logFrom: 'a', days: 'b' })).toBe(fillAtRunTime(text, { log_from: 'a', days: 'b' }));
});

test('fails when a value is missing', () => {
  expect(() => fillAtRunTime(atRunTime('days'), {})).toThrow('the text waits for a value of days, and there is none');
});
