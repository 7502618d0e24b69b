import jsonata from 'jsonata';
import { DEFINITION, queries, runLedger } from './run-ledger';

/** Made for CommonJS, and without types. */
const validateDefinition = jest.requireActual<(definition: unknown) => { isValid: boolean; errors: unknown[] }>('asl-validator');

/** Every expression in a definition. */
function expressions(value: unknown): string[] {
  if (typeof value === 'string') return /^\{%[^]*%\}$/.test(value) ? [value.slice(2, -2)] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(expressions) : [];
}

/** Names of the variables that states assign. */
function assigned(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { Assign = {} } = value as { Assign?: object };
  return [...Object.keys(Assign), ...Object.values(value).flatMap(assigned)];
}

/** A part of an expression. */
interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly lhs?: { readonly value: string };
  readonly arguments?: { readonly value: string }[];
}

/** Names of the variables of an expression that it does not define itself. */
function free(node: unknown, defined: readonly string[] = []): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { type, value, lhs, arguments: parameters } = node as Node;
  const own = [...defined];
  if (type === 'lambda') own.push(...(parameters ?? []).map(parameter => parameter.value));
  if (type === 'block') {
    const { expressions: inside } = node as { expressions: { type: string; lhs?: { value: string } }[] };
    own.push(...inside.filter(expression => expression.type === 'bind').map(expression => String(expression.lhs?.value)));
  }
  if (type === 'bind' && lhs !== undefined) own.push(lhs.value);
  const here = type === 'variable' && typeof value === 'string' && value !== '' && !own.includes(value) ? [value] : [];
  return [...here, ...Object.values(node).flatMap(child => free(child, own))];
}

const FUNCTIONS = [
  'append', 'ceil', 'contains', 'count', 'exists', 'filter', 'floor', 'formatInteger', 'fromMillis', 'join', 'match', 'min', 'not', 'number', 'parse', 'replace',
  'split', 'string', 'substring', 'toMillis', 'type',
];

test('the definition is one that Step Functions takes', () => {
  const { isValid, errors } = validateDefinition(DEFINITION);
  expect({ isValid, errors }).toEqual({ isValid: true, errors: [] });
});

test('every expression compiles, and knows its variables and functions', () => {
  const all = expressions(DEFINITION);
  expect(all.length).toBeGreaterThan(80);
  const known = new Set(['states', ...FUNCTIONS, ...assigned(DEFINITION)]);
  const unknown = all.flatMap(expression => free(jsonata(expression).ast()).filter(name => !known.has(name)));
  expect([...new Set(unknown)]).toEqual([]);
});

test('an hourly run merges, measures and is done', async () => {
  const outcome = await runLedger({ kind: 'hourly' });
  expect({ status: outcome.status, cause: outcome.cause }).toEqual({ status: 'SUCCEEDED' });
  expect(queries(outcome, 'MERGE')).toHaveLength(2);
  expect(queries(outcome, 'OPTIMIZE')).toEqual([]);
  expect(queries(outcome, 'CREATE')).toEqual([]);
  expect(queries(outcome, 'INSERT INTO ledger_health')[0]).toMatch(/VALUES \(TIMESTAMP '2026-11-21 14:00:00.000', 'it''s me', 'hourly', DATE '2026-11-20', DATE '2026-11-21', 10, 0, 0, 0, 0, 3, 30, TIMESTAMP '2026-11-21 13:30:00.000', DOUBLE '0.5', NULL, NULL, NULL\)$/);
});

test('a first run makes the tables, loads the bill and maintains', async () => {
  const outcome = await runLedger({}, { tables: false, plan: [undefined, undefined, undefined] });
  expect(outcome.status).toBe('SUCCEEDED');
  expect(queries(outcome, 'CREATE TABLE IF NOT EXISTS')).toHaveLength(6);
  expect(queries(outcome, 'MERGE INTO bill_ledger')).toHaveLength(1);
  expect(queries(outcome, 'OPTIMIZE')).toHaveLength(6);
  expect(queries(outcome, 'VACUUM')).toHaveLength(6);
});

test('a column that is missing is added', async () => {
  expect(queries(await runLedger({}, { missing: 'team' }), 'ALTER')).toEqual(['ALTER TABLE usage_ledger ADD COLUMNS (team string)', 'ALTER TABLE usage_daily ADD COLUMNS (team string)']);
});

test('an hourly run that meets an older one is done at once', async () => {
  const { status, output, path } = await runLedger({}, { executions: [{ ExecutionArn: 'arn:other', StartDate: '2026-11-21T13:59:00.000Z' }] });
  expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: { skipped: 'an older run is still at work' } });
  expect(path).not.toContain('MakeTables');
});

test('a backfill that meets an older run waits, and gives up after twelve hours', async () => {
  const outcome = await runLedger({ kind: 'backfill', from: '2026-10-01', to: '2026-10-31' }, { executions: [{ ExecutionArn: 'arn:other', StartDate: '2026-11-21T13:59:00.000Z' }] });
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'OthersStillRun' });
  expect(outcome.path.filter(state => state === 'WaitForOthers')).toHaveLength(720);
});

test('a backfill goes slice by slice and measures nothing of today', async () => {
  const outcome = await runLedger({ kind: 'backfill', from: '2026-10-01', to: '2026-10-31' });
  expect(queries(outcome, 'MERGE INTO usage_ledger')).toHaveLength(5);
  expect(queries(outcome, 'MERGE INTO usage_ledger').map(query => /log_day BETWEEN '([^']*)' AND '([^']*)'/.exec(query)?.slice(1))).toEqual([
    ['2026/10/01', '2026/10/07'], ['2026/10/08', '2026/10/14'], ['2026/10/15', '2026/10/21'], ['2026/10/22', '2026/10/28'], ['2026/10/29', '2026/11/01'],
  ]);
  expect(outcome.called.map(({ resource }) => resource)).not.toContain('aws-sdk:cloudwatch:putMetricData');
  expect(queries(outcome, 'OPTIMIZE usage_ledger')).toEqual([`OPTIMIZE usage_ledger REWRITE DATA USING BIN_PACK\nWHERE usage_date >= DATE '2026-10-01'`]);
});

test('maintenance merges nothing', async () => {
  const outcome = await runLedger({ kind: 'maintenance' });
  expect(queries(outcome, 'MERGE').map(query => query.slice(0, 22))).toEqual(['MERGE INTO usage_daily']);
  expect(queries(outcome, 'VACUUM')).toHaveLength(6);
});

test('fails with an input that is not understood', async () => {
  expect(await runLedger({ kind: 'weekly' })).toMatchObject({ status: 'FAILED', error: 'InvalidInput', cause: 'kind is "weekly": use "hourly", "backfill" or "maintenance"' });
});

test('fails when more than ten objects cannot be read', async () => {
  const outcome = await runLedger({}, { fails: (query, count) => query.includes('log_lines,') ? `HIVE_BAD_DATA: s3://logs/AWSLogs/1/BedrockModelInvocationLogs/us-east-1/2026/11/21/10/${count}.json.gz` : undefined });
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'LogsNotMerged' });
  expect(outcome.cause).toMatch(/^more than 10 log objects cannot be read: HIVE_BAD_DATA.*Runbook: https/);
  expect(queries(outcome, 'INSERT INTO quarantined_objects')).toHaveLength(10);
});

test('fails when Athena goes on failing without naming an object, and not before', async () => {
  const always = await runLedger({}, { fails: query => query.startsWith('MERGE INTO usage_ledger') ? 'GENERIC_INTERNAL_ERROR' : undefined });
  expect(always).toMatchObject({ status: 'FAILED', error: 'LogsNotMerged', cause: 'Athena failed 4 times: GENERIC_INTERNAL_ERROR. Runbook: https://example.com/runbook' });
  const once = await runLedger({}, { fails: (query, count) => query.startsWith('MERGE INTO usage_ledger') && count === 1 ? 'GENERIC_INTERNAL_ERROR' : undefined });
  expect(once.status).toBe('SUCCEEDED');
});

test('a VACUUM that has more to do than one day is no failure, and any other failure is one', async () => {
  const more = await runLedger({ kind: 'maintenance' }, { fails: query => query === 'VACUUM usage_ledger' ? 'ICEBERG_VACUUM_MORE_RUNS_NEEDED: again' : undefined });
  expect(more.status).toBe('SUCCEEDED');
  expect(queries(more, 'VACUUM usage_ledger')).toHaveLength(6);
  const other = await runLedger({ kind: 'maintenance' }, { fails: query => query === 'VACUUM usage_ledger' ? 'ACCESS_DENIED' : undefined });
  expect(other).toMatchObject({ status: 'FAILED', error: 'NotMaintained' });
});

test('records of more days than a run takes in beside its own are counted with those that have no time', async () => {
  const days = Array.from({ length: 41 }, (_, index) => new Date(Date.UTC(2025, 0, 1 + index)).toISOString().slice(0, 10)).join(',');
  const outcome = await runLedger({}, { inspection: ['100', '0', '1', '41', days] });
  expect(queries(outcome, 'INSERT INTO ledger_health')[0]).toContain('100, 0, 42, 41,');
});
