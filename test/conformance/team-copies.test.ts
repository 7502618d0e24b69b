import { App, type CfnElement, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AttributionTeamCatalog, TeamRows } from '../../lib/analytics';
import { spendKeysOf, viewKeys } from '../../lib/analytics/sql/view-keys';
import type { ViewParameters } from '../../lib/analytics/sql/view-template';
import { createTable, ledgerTables } from '../../lib/analytics/usage-ledger/ledger-tables';
import { spendTable, teamTables } from '../../lib/analytics/usage-ledger/team-copies';
import { fillAtRunTime } from '../../lib/private/run-time-text';
import { AttributionSchema } from '../../lib/schema';
import { VIEW_PARAMETERS } from '../analytics/usage-ledger/view-parameters';
import { makeCatalog } from '../support/make-catalog';
import { expectSameRows } from './compare';
import { Lake } from './lake/lake';
import { openMonth } from './lake/month';
import type { World } from './lake/world';
import { trinoSpelling } from './ledger/trino-spelling';
import type { SynthesizedTemplate } from './trino/glue-tables';

const [TEAM, OTHER] = ['payments', 'data'];
const OCTOBER = { first_period: '2026-10', last_period: '2026-10', run_at: '2026-11-04 06:00:00.000' };
const NOVEMBER = { ...OCTOBER, first_period: '2026-11', last_period: '2026-11' };

let world: World;
let team: Lake;
let parameters: ViewParameters;
let spendColumns: string;
let dailyColumns: string;

beforeAll(async () => {
  const { world: month, truth } = await openMonth();
  [world, team] = [month, new Lake()];
  const keys = viewKeys(AttributionSchema.starter());
  parameters = {
    ...VIEW_PARAMETERS, keys, spendKeys: spendKeysOf(keys), asOf: `TIMESTAMP '${truth.as_of.slice(0, 19).replace('T', ' ')}'`,
  };
  [spendColumns, dailyColumns] = teamTables('', parameters).map(({ columns }) => columns.slice(0, -2).map(({ name }) => name).join(', '));
  for (const { table, lake } of [
    { table: spendTable(parameters), lake: world.lake },
    ...ledgerTables(parameters).filter(({ name }) => name === 'usage_daily').map(table => ({ table, lake: world.lake })),
    ...teamTables('', parameters).map(table => ({ table, lake: team })),
  ]) {
    await run(lake, createTable(table, 's3://ledger/'));
  }
  await world.lake.trino.query(`INSERT INTO usage_daily (usage_date, team, requests, estimated_usd)
    SELECT usage_date, team, count(*), sum(estimated_usd) FROM invocation_costs GROUP BY usage_date, team`);
  await replaceSpend();
});

afterAll(() => { world.close(); });

async function run(lake: Lake, sql: string): Promise<void> {
  await lake.trino.query(trinoSpelling(sql, lake.database) ?? sql);
}

async function replaceSpend(period = OCTOBER): Promise<void> {
  await run(world.lake, fillAtRunTime(spendTable(parameters).replace, period));
}

async function copyRowsOf(value: string, period = OCTOBER): Promise<void> {
  for (const { replace } of teamTables(world.lake.database, parameters)) {
    await run(team, fillAtRunTime(replace, { ...period, team_key: 'team', team_value: `'${value}'` }));
  }
}

/** The copies are the rows of a team in the view and in the totals; both have some. */
async function expectRowsOf(value: string): Promise<void> {
  const spend = await team.trino.rows(`SELECT ${spendColumns} FROM attributed_spend`);
  expect(spend.length).toBeGreaterThan(0);
  const where = `WHERE team = '${value}'`;
  expectSameRows('spend', spend, await world.sources.engine.rows(`SELECT ${spendColumns} FROM attributed_spend ${where}`));
  const daily = await team.trino.rows(`SELECT ${dailyColumns} FROM usage_daily`);
  expect(daily.length).toBeGreaterThan(0);
  expectSameRows('usage', daily, await world.lake.trino.rows(`SELECT ${dailyColumns} FROM usage_daily ${where}`));
}

async function countOf(table: string): Promise<unknown> {
  return (await team.trino.rows(`SELECT count(*) AS n FROM ${table}`))[0].n;
}

test('what is kept of attributed_spend is what the view answers, on either engine, however often it is made anew', async () => {
  await replaceSpend();
  const kept = await world.lake.trino.rows(`SELECT ${spendColumns} FROM spend_daily`);
  expect(kept.length).toBeGreaterThan(0);
  expectSameRows('spend_daily', kept, await world.sources.engine.rows(`SELECT ${spendColumns} FROM attributed_spend`));
});

test('a team has its rows and those of nobody else, however often they are made anew', async () => {
  await copyRowsOf(TEAM);
  await expectRowsOf(TEAM);
  await copyRowsOf(TEAM);
  await expectRowsOf(TEAM);
});

test('rows of other periods stay as they are', async () => {
  await copyRowsOf(TEAM);
  await replaceSpend(NOVEMBER);
  await copyRowsOf(TEAM, NOVEMBER);
  await expectRowsOf(TEAM);
});

test('rows of the value that a copy had before go, whatever their period', async () => {
  await copyRowsOf(TEAM);
  await copyRowsOf(OTHER, NOVEMBER);
  expect([await countOf('attributed_spend'), await countOf('usage_daily')]).toEqual([0, 0]);
  await copyRowsOf(OTHER);
  await expectRowsOf(OTHER);
});

test('rows that are no longer there go from the copy', async () => {
  await copyRowsOf(TEAM);
  expect(await countOf('attributed_spend')).not.toBe(0);
  await world.lake.trino.query(`DELETE FROM spend_daily WHERE team = '${TEAM}'`);
  await copyRowsOf(TEAM);
  expect(await countOf('attributed_spend')).toBe(0);
});

test('the views of a team have its rows on either engine', async () => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
  const catalog = makeCatalog(stack, { databaseName: world.lake.database });
  const { views } = new AttributionTeamCatalog(stack, 'Team', { catalog, value: TEAM, rows: TeamRows.VIEWS, databaseName: 'team' });
  const template = Template.fromStack(stack).toJSON() as SynthesizedTemplate;
  const ofTeam = Object.entries(template.Resources).filter(([id]) => id.startsWith('Team'));
  const viewLake = new Lake();
  viewLake.define({ Resources: Object.fromEntries(ofTeam) }, {
    [stack.getLogicalId(catalog.node.defaultChild as CfnElement)]: world.lake.database,
  });
  for (const { viewName } of views) {
    const rows = await viewLake.trino.rows(`SELECT * FROM ${viewName}`);
    expect(rows.length).toBeGreaterThan(0);
    expectSameRows(viewName, rows, await world.sources.engine.rows(`SELECT * FROM ${viewName} WHERE team = '${TEAM}'`));
  }
});
