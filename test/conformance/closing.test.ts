import type { Truth } from '../../cli/src/demo/truth';
import { spendKeysOf, viewKeys } from '../../lib/analytics/sql/view-keys';
import { AttributionSchema } from '../../lib/schema';
import { VIEW_PARAMETERS } from '../analytics/usage-ledger/view-parameters';
import { expectSameRows } from './compare';
import { openMonth } from './lake/month';
import type { World } from './lake/world';
import { type Ask, createClosingTable, runClosing } from './ledger/run-closing';
import { trinoSpelling } from './ledger/trino-spelling';

const keys = viewKeys(AttributionSchema.starter());
const PARAMETERS = { ...VIEW_PARAMETERS, keys, spendKeys: spendKeysOf(keys) };
const CLOSED = { status: 'SUCCEEDED', output: { closed: true, why: '', period: '2026-10', changedPeriods: 0 } };
const LINES = `SELECT * FROM closing_statements WHERE billing_period = '2026-10'`;

let world: World;
let truth: Truth;
let trino: Ask;
let embedded: Ask;

beforeAll(async () => {
  ({ world, truth } = await openMonth());
  trino = async sql => world.lake.trino.rows(sql);
  embedded = async sql => world.sources.engine.rows(sql);
  await world.keep('attributed_spend');
});

beforeEach(async () => {
  const { database } = world.lake;
  const athena = createClosingTable(PARAMETERS);
  await trino(`DROP TABLE IF EXISTS iceberg.${database}.closing_statements`);
  await trino(trinoSpelling(athena, database)!);
  await embedded('DROP TABLE IF EXISTS closing_statements');
  await embedded(`CREATE TABLE closing_statements (billing_period varchar, line varchar, attribution_key varchar, key_value varchar,
    detail varchar, usd double, closed_at timestamp)`);
});

afterAll(() => { world.close(); });

test('a month closes with what is billed, which each key accounts for, and both engines write the same lines', async () => {
  expect(await runClosing(trino, PARAMETERS, '2026-11-08')).toMatchObject(CLOSED);
  expect(await runClosing(embedded, PARAMETERS, '2026-11-08')).toMatchObject(CLOSED);
  const lines = await trino(LINES);
  expectSameRows('the statement', lines, await embedded(LINES));

  const sum = (chosen: (line: Record<string, unknown>) => boolean): number =>
    lines.filter(chosen).reduce((all, { usd }) => all + Number(usd), 0);
  expect(truth.totals.billed_usd).toBeGreaterThan(0);
  expect(sum(({ line }) => line === 'billed')).toBeCloseTo(truth.totals.billed_usd, 6);
  expect(sum(({ line }) => line === 'adjustment')).toBeCloseTo(truth.totals.adjustments_usd, 6);
  expect(PARAMETERS.spendKeys.length).toBeGreaterThan(1);
  for (const key of PARAMETERS.spendKeys) expect(sum(line => line.attribution_key === key)).toBeCloseTo(truth.totals.billed_usd, 6);
});

test('a month that is closed stays as it is, whoever asks and however often', async () => {
  await runClosing(trino, PARAMETERS, '2026-11-08');
  const lines = await trino(LINES);
  expect(lines.length).toBeGreaterThan(0);
  expect(await runClosing(trino, PARAMETERS, '2026-11-09')).toMatchObject(CLOSED);
  expect(await runClosing(trino, PARAMETERS, '2026-12-20', { period: '2026-10' })).toMatchObject(CLOSED);
  expectSameRows('the statement', await trino(LINES), lines);
});

test.each([
  ['of the first month', undefined],
  ['of a later month', `INSERT INTO closing_statements VALUES ('2026-09', 'billed', NULL, NULL, 'AmazonBedrock', 1e0, TIMESTAMP '2026-10-08 06:00:00')`],
])('of two closings %s at the same time, one leaves its statement', async (_, before) => {
  if (before !== undefined) await trino(before);
  // both have looked before either writes
  const merges = meeting(2);
  const together: Ask = async (sql) => {
    if (sql.startsWith('MERGE')) await merges();
    return trino(sql);
  };
  expect(await Promise.all(['2026-11-08', '2026-11-09'].map(async day => runClosing(together, PARAMETERS, day)))).toMatchObject([CLOSED, CLOSED]);
  const lines = await trino(LINES);
  expect(new Set(lines.map(line => line.closed_at)).size).toBe(1);
  await runClosing(embedded, PARAMETERS, '2026-11-08');
  const amounts = LINES.replace('*', 'line, attribution_key, key_value, detail, usd');
  expectSameRows('the statement', await trino(amounts), await embedded(amounts));
});

test('a month is not closed before it is settled', async () => {
  const asked = { period: '2026-10' };
  expect(await runClosing(trino, PARAMETERS, '2026-11-02', asked)).toMatchObject({ status: 'FAILED', error: 'NotSettled' });
  expect(await trino(LINES)).toEqual([]);
});

/** Waits until so many have come; whoever comes after them goes on at once. */
function meeting(size: number): () => Promise<void> {
  let [missing, open] = [size, (): void => undefined];
  const all = new Promise<void>((resolve) => { open = resolve; });
  return async () => {
    if (--missing <= 0) open();
    await all;
  };
}
