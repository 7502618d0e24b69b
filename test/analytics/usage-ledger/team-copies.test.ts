import { ledgerDefinition } from '../../../lib/analytics/usage-ledger/ledger-definition';
import { spendTable, teamTables } from '../../../lib/analytics/usage-ledger/team-copies';
import { fillAtRunTime } from '../../../lib/private/run-time-text';
import { sqlProblems } from '../../support/sql-problems';
import { OPTIONS, queries, runLedger } from './run-ledger';
import { VIEW_PARAMETERS } from './view-parameters';

const validateDefinition = jest.requireActual<(definition: unknown) => { isValid: boolean; errors: unknown[] }>('asl-validator');

const DEFINITION = ledgerDefinition({
  ...OPTIONS,
  teams: ['search', 'd\'or'].map((value, index) => ({
    databaseName: `team_${index}`, folder: `s3://store/ledger/teams/team_${index}/`, column: 'team', literal: `'${value.replace('\'', '\'\'')}'`,
  })),
});
const BILL_DUE = ['2026-11-21 13:00:00.000', '2026-11-21 05:00:00.000', '2026-11-21 03:00:00.000'];
const ALL_DUE = [undefined, undefined, undefined];
const QUIET = ['2026-11-21 13:00:00.000', '2026-11-21 13:00:00.000', '2026-11-21 03:00:00.000'];

test('the definition is one that Step Functions takes', () => {
  const { isValid, errors } = validateDefinition(DEFINITION);
  expect({ isValid, errors }).toEqual({ isValid: true, errors: [] });
});

test('each team gets its rows, in its own database, after the bill', async () => {
  const outcome = await runLedger({ kind: 'hourly' }, { definition: DEFINITION, plan: BILL_DUE });
  expect({ status: outcome.status, cause: outcome.cause }).toEqual({ status: 'SUCCEEDED' });
  const merges = outcome.called.filter(({ query }) => query.startsWith('MERGE')).map(({ query, database }) => [query.split('\n')[0], database]);
  expect(merges.slice(-5)).toEqual([
    ['MERGE INTO spend_daily AS kept', 'bedrock'],
    ['MERGE INTO attributed_spend AS kept', 'team_0'], ['MERGE INTO usage_daily AS kept', 'team_0'],
    ['MERGE INTO attributed_spend AS kept', 'team_1'], ['MERGE INTO usage_daily AS kept', 'team_1'],
  ]);
  const [, ofGold] = queries(outcome, 'MERGE INTO attributed_spend');
  expect(ofGold).toContain(`FROM "bedrock".spend_daily\nWHERE team = 'd''or' AND (billing_period BETWEEN '2026-10' AND '2026-11')`);
  expect(outcome.path.indexOf('RecordRun')).toBeLessThan(outcome.path.indexOf('ReplaceSpend'));
});

test('a backfill copies its own months', async () => {
  const outcome = await runLedger({ kind: 'backfill', from: '2025-12-30', to: '2026-02-01' }, { definition: DEFINITION });
  expect(queries(outcome, 'MERGE INTO usage_daily').find(query => query.includes('FROM "bedrock".usage_daily'))).toContain(`usage_date >= DATE '2025-12-01' AND usage_date < DATE '2026-02-01' + interval '1' month`);
});

test('nothing is copied while no bill is read', async () => {
  expect(queries(await runLedger({}, { definition: DEFINITION, plan: QUIET }), 'MERGE INTO attributed_spend')).toEqual([]);
});

test('tables of teams are made in their folders, and maintained', async () => {
  const outcome = await runLedger({}, { definition: DEFINITION, plan: ALL_DUE, tables: false });
  expect(outcome.status).toBe('SUCCEEDED');
  const made = outcome.called.filter(({ query, database }) => query.startsWith('CREATE') && database !== 'bedrock');
  expect(made.map(({ query, database }) => [database, /LOCATION '(.*)'/.exec(query)?.[1]])).toEqual([
    ['team_0', 's3://store/ledger/teams/team_0/attributed_spend/'], ['team_0', 's3://store/ledger/teams/team_0/usage_daily/'],
    ['team_1', 's3://store/ledger/teams/team_1/attributed_spend/'], ['team_1', 's3://store/ledger/teams/team_1/usage_daily/'],
  ]);
  const maintained = outcome.called.filter(({ query, database }) => query.startsWith('VACUUM') && database !== 'bedrock');
  expect(maintained.map(({ query, database }) => `${database} ${query}`)).toEqual([
    'team_0 VACUUM attributed_spend', 'team_0 VACUUM usage_daily', 'team_1 VACUUM attributed_spend', 'team_1 VACUUM usage_daily',
  ]);
});

test('a key that was added is a new column of what is kept and of the copies', async () => {
  const outcome = await runLedger({}, { definition: DEFINITION, plan: BILL_DUE, missing: 'team' });
  expect(outcome.called.filter(({ query }) => query.startsWith('ALTER')).map(({ query, database }) => `${database} ${query}`)).toEqual(expect.arrayContaining([
    'bedrock ALTER TABLE spend_daily ADD COLUMNS (team string)',
    'team_0 ALTER TABLE attributed_spend ADD COLUMNS (team string)',
  ]));
});

test('without teams nothing of it is there', () => {
  expect(JSON.stringify(ledgerDefinition(OPTIONS))).not.toMatch(/spend_daily|OfTeam/);
});

test('every statement is one of Trino', () => {
  const values = { first_period: '2026-10', last_period: '2026-11', run_at: '2026-11-21 14:00:00.000', team_key: 'team', team_value: `'d''or'` };
  const statements = [spendTable(VIEW_PARAMETERS), ...teamTables('bedrock', VIEW_PARAMETERS)]
    .map(({ replace }) => ({ grammar: 'trino' as const, sql: `${fillAtRunTime(replace, values)};` }));
  expect(sqlProblems(statements).flat()).toEqual([]);
});
