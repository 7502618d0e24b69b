import { temporaryFolder } from '../../cli/test/helpers/world';
import { VIEW_NAMES } from '../../lib/analytics/sql/view-template';
import { AWKWARD_VALUES, BLANK_LINES, MALFORMED_DAY, MALFORMED_LINES, openFaultyMonth, SPEND_KEYS, TEAMS } from './lake/faulty-month';
import { Lake } from './lake/lake';
import type { World } from './lake/world';
import { expectMoneyIdentity } from './money-identity';

const folder = temporaryFolder();
let world: World;
let malformedKey: string;

beforeAll(async () => {
  ({ world, malformedKey } = await openFaultyMonth(new Lake(), folder.path));
});

afterAll(() => {
  world.close();
  folder.remove();
});

/** Some columns of some records, the same on both engines. */
async function records(columns: string, where: string): Promise<Record<string, unknown>[]> {
  return world.expectSame(`SELECT ${columns} FROM invocations WHERE ${where} ORDER BY bedrock_request_id`);
}

const onDay = (day: string): string => `usage_date = DATE '${day}'`;

test.each(VIEW_NAMES.filter(name => name !== 'bill_lines'))('%s has the same rows on both engines', async (name) => {
  await world.expectSame(`SELECT * FROM ${name}`);
});

test('every billed dollar has a team or a reason, in every bucket and on both engines, and so for each of five keys', async () => {
  await expectMoneyIdentity(world, SPEND_KEYS);
});

test('a request that is delivered twice counts once, and its complete record stands for it', async () => {
  expect(await records('bedrock_request_id, record_status, record_count', onDay('2026-10-03'))).toEqual([
    { bedrock_request_id: 'completed-later', record_status: 'complete', record_count: 2 },
    { bedrock_request_id: 'twice', record_status: 'complete', record_count: 2 },
  ]);
});

test('a stream that broke off keeps its input, and a failed request has no tokens', async () => {
  expect(await records('bedrock_request_id, record_status, input_tokens, output_tokens', onDay('2026-10-04'))).toEqual([
    { bedrock_request_id: 'failed', record_status: 'failed', input_tokens: null, output_tokens: null },
    { bedrock_request_id: 'partial', record_status: 'partial', input_tokens: 1000, output_tokens: null },
  ]);
});

test('lines that are no records are left out on both, and Trino can name their file and count them', async () => {
  expect(await records('bedrock_request_id', onDay(MALFORMED_DAY))).toEqual([{ bedrock_request_id: 'fine' }, { bedrock_request_id: 'good' }]);
  // for the SerDe a blank line is one that it cannot read
  expect(await world.lake.trino.rows(`SELECT "$path" AS path, count_if(coalesce(requestid, '') = '') AS lines
    FROM invocation_logs WHERE log_day = '${MALFORMED_DAY.replaceAll('-', '/')}' GROUP BY "$path"`)).toEqual([
    { path: expect.stringContaining(malformedKey), lines: MALFORMED_LINES.length + BLANK_LINES.length },
  ]);
  expect(world.sources.logs.malformedLines).toBe(MALFORMED_LINES.length);
});

test('an empty file has no rows, and a day with one record has one', async () => {
  expect(await records('bedrock_request_id', onDay('2026-10-06'))).toEqual([]);
  expect(await records('bedrock_request_id', onDay('2026-10-07'))).toEqual([{ bedrock_request_id: 'only-one' }]);
});

test('a record and a line without a Region are kept', async () => {
  expect(await records('bedrock_request_id, region', onDay('2026-10-08'))).toEqual([{ bedrock_request_id: 'no-region', region: null }]);
  expect(await world.expectSame(`SELECT region, billed_usd FROM billed_usage WHERE ${onDay('2026-10-08')}`)).toHaveLength(1);
});

test('a deprecated key is read into its successor, whose own value wins', async () => {
  expect(await records('bedrock_request_id, team', onDay('2026-10-09'))).toEqual([
    { bedrock_request_id: 'both-keys', team: 'payments' }, { bedrock_request_id: 'old-key', team: 'legacy' },
  ]);
});

test('a key that came in the middle of the month is NULL before', async () => {
  expect(await records('bedrock_request_id, feature', `bedrock_request_id LIKE 'called-%'`)).toEqual([
    { bedrock_request_id: 'called-2026-10-14', feature: null }, { bedrock_request_id: 'called-2026-10-15', feature: 'chat' },
  ]);
});

test('a price that changes in the middle of the month holds from its day on', async () => {
  const costs = await world.expectSame(`SELECT bedrock_request_id, input_usd FROM invocation_costs WHERE bedrock_request_id LIKE 'called-%' ORDER BY 1`);
  expect(costs).toEqual([
    { bedrock_request_id: 'called-2026-10-14', input_usd: 0.004 }, { bedrock_request_id: 'called-2026-10-15', input_usd: 0.002 },
  ]);
});

test('a value keeps every character', async () => {
  const rows = await records('team, env', onDay('2026-10-16'));
  expect(rows.map(({ team }) => team).sort()).toEqual([...AWKWARD_VALUES].sort());
  const violations = await world.expectSame(`SELECT metadata_value FROM schema_violations WHERE ${onDay('2026-10-16')} AND metadata_key = 'env'`);
  expect(violations.map(row => row.metadata_value).sort()).toEqual([...AWKWARD_VALUES].sort());
});

test('keys of metadata keep their case, and another spelling is another key', async () => {
  expect(await records('bedrock_request_id, team, service, request_metadata', onDay('2026-10-17'))).toEqual([
    { bedrock_request_id: 'spelling', team: null, service: null, request_metadata: { Team: 'payments', SERVICE: 'checkout' } },
    { bedrock_request_id: 'spellings', team: 'payments', service: null, request_metadata: { Team: 'other', team: 'payments', tEAM: 'third' } },
  ]);
  const tagged = await world.expectSame(`SELECT team, service, billed_usd FROM billed_usage WHERE ${onDay('2026-10-17')} AND team IS NOT NULL`);
  expect(tagged).toEqual([{ team: `O'Brien`, service: '東京', billed_usd: 0.5 }]);
});

test('bodies and permission checks beside the records are no records', async () => {
  expect(await records('bedrock_request_id', onDay('2026-10-18'))).toEqual([{ bedrock_request_id: 'with-bodies' }]);
});

test('a call is of the day that it was in UTC, whenever it was delivered and in whatever zone its time is written', async () => {
  const days = await records('bedrock_request_id, usage_date, called_at', `usage_date IS NULL OR usage_date IN (DATE '2026-09-30', DATE '2026-10-01',
    DATE '2026-10-24', DATE '2026-10-25', DATE '2026-10-31', DATE '2026-11-01')`);
  expect(days.map(row => [row.bedrock_request_id, row.usage_date])).toEqual([
    ['again', '2026-10-25'], ['before-midnight', '2026-10-24'], ['first-of-november', '2026-11-01'], ['first-of-october', '2026-10-01'],
    ['last-of-october', '2026-10-31'], ['last-of-september', '2026-09-30'], ['no-time', null], ['once', '2026-10-25'], ['to-the-west', '2026-10-25'],
  ]);
  expect(days.find(row => row.bedrock_request_id === 'last-of-september')?.called_at).toBe('2026-09-30T23:59:59.999Z');
});

test('the bill of a month is that of its billing period, and columns that a file lacks are NULL', async () => {
  expect(await world.expectSame('SELECT billing_period, count(*) AS n FROM billed_usage GROUP BY billing_period ORDER BY 1')).toEqual([
    { billing_period: '2026-10', n: 42 }, { billing_period: '2026-11', n: 2 },
  ]);
  expect(await world.expectSame(`SELECT caller, team, billed_usd FROM billed_usage WHERE ${onDay('2026-10-22')}`)).toEqual([
    { caller: null, team: null, billed_usd: 0.4 },
  ]);
});

test('ten teams by five keys: each team has what its tags prove, and more', async () => {
  const teams = await world.expectSame(`SELECT team, sum(billed_usd) AS usd FROM attributed_spend
    WHERE ${onDay('2026-10-20')} AND team_assurance = 'enforced' GROUP BY team ORDER BY team`);
  expect(teams.map(({ team }) => team)).toEqual(TEAMS);
  const groups = await world.expectSame(`SELECT DISTINCT ${SPEND_KEYS.join(', ')} FROM attributed_spend WHERE ${onDay('2026-10-20')}`);
  expect(groups.length).toBeGreaterThan(TEAMS.length);
});
