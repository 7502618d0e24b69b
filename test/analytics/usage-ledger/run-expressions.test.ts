import fc from 'fast-check';
import {
  billDueExpression, CORRUPT_PATH, CORRUPT_REASON, DAYS_OF_TWO_MONTHS, DAYS_WITH_STRAYS, maintenanceDueExpression, MAX_SLICE_DAYS,
  MAX_STRAY_DAYS,
  OLDER_EXECUTIONS, periodsExpression, PROBLEM, QUARANTINED_OBJECTS, SINCE_DAY, SLICE_DAYS, slicesExpression, UNREAD, windowExpression,
} from '../../../lib/analytics/usage-ledger/run-expressions';
import { evaluateJsonata } from '../../support/run-state-machine';

const DAY = 86_400_000;
const HOURLY = { kind: 'hourly', from: '', to: '', lastRunAt: '', lastBillAt: '', lastMaintenanceAt: '' };
const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const at = (instant: string): number => new Date(instant).getTime();

describe('input', () => {
  const problem = async (input: unknown): Promise<unknown> => evaluateJsonata(PROBLEM, { input, context: { Execution: { StartTime: '2026-11-21T00:30:00.000Z' } } });

  test.each([
    {}, { kind: 'hourly' }, { kind: 'maintenance' }, { kind: 'backfill', from: '2026-10-01', to: '2026-10-31' },
    { kind: 'backfill', from: '2024-02-29', to: '2024-02-29' }, { kind: 'backfill', from: '2026-11-21', to: '2026-11-21' },
    { kind: 'backfill', from: '2023-11-22', to: '2026-11-21' },
  ])('%j is good', async (input) => {
    expect(await problem(input)).toBe('');
  });

  test.each<[unknown, string]>([
    [{ kind: 'daily' }, 'kind is "daily": use "hourly", "backfill" or "maintenance"'],
    [{ kind: 7 }, 'kind is "7"'],
    [{ kind: 'backfill' }, 'from is missing: use the first day of the backfill in UTC, as in 2026-10-01'],
    [{ kind: 'backfill', from: '2026-10-01' }, 'to is missing'],
    [{ kind: 'backfill', from: 20261001, to: '2026-10-31' }, 'from is 20261001'],
    [{ kind: 'backfill', from: '2026-10-01', to: '2026-10-01\' OR 1=1 --' }, 'to is 2026-10-01\' OR 1=1 --'],
    [{ kind: 'backfill', from: '2026-02-29', to: '2026-03-01' }, 'from is 2026-02-29'],
    [{ kind: 'backfill', from: '2026-10-01', to: '2026-11-31' }, 'to is 2026-11-31'],
    [{ kind: 'backfill', from: '2026-10-02', to: '2026-10-01' }, 'to is 2026-10-01, before from, which is 2026-10-02: exchange them'],
    [{ kind: 'backfill', from: '2026-10-02', to: '2026-11-22' }, 'to is 2026-11-22, and today is 2026-11-21 in UTC: use a day that has begun'],
    [{ kind: 'backfill', from: '2023-11-21', to: '2026-11-21' }, 'from 2023-11-21 to 2026-11-21 are more than 1096 days: use several backfills'],
  ])('fails with %j', async (input, sentence) => {
    expect(await problem(input)).toContain(sentence);
  });
});

describe('window', () => {
  const window = async (variables: object, overlap = 1): Promise<unknown> => (
    evaluateJsonata(windowExpression(overlap), {}, { ...HOURLY, ...variables })
  );

  test.each([
    ['2026-11-21T14:00:00Z', { from: '2026-11-20', to: '2026-11-21' }],
    ['2026-03-01T00:00:00Z', { from: '2026-02-28', to: '2026-03-01' }],
    ['2024-03-01T23:59:59Z', { from: '2024-02-29', to: '2024-03-01' }],
    ['2027-01-01T00:00:00Z', { from: '2026-12-31', to: '2027-01-01' }],
  ])('of a first run at %s is today and yesterday', async (startTime, expected) => {
    expect(await window({ startedMs: at(startTime) })).toEqual(expected);
  });

  test('goes back to the last run that got through, and overlaps it', async () => {
    const startedMs = at('2026-11-21T14:00:00Z');
    expect(await window({ startedMs, lastRunAt: '2026-11-21 13:00:00.000000' })).toEqual({ from: '2026-11-20', to: '2026-11-21' });
    expect(await window({ startedMs, lastRunAt: '2026-11-03 13:00:00.000000' }, 3)).toEqual({ from: '2026-10-31', to: '2026-11-21' });
    expect(await window({ startedMs, lastRunAt: '2026-11-22 00:00:00.000' }, 0)).toEqual({ from: '2026-11-21', to: '2026-11-21' });
  });

  test('of a backfill has the day after its last, unless that has not begun', async () => {
    const backfill = { kind: 'backfill', from: '2026-10-01', startedMs: at('2026-11-21T14:00:00Z') };
    expect(await window({ ...backfill, to: '2026-10-31' })).toEqual({ from: '2026-10-01', to: '2026-11-01' });
    expect(await window({ ...backfill, to: '2026-11-21' })).toEqual({ from: '2026-10-01', to: '2026-11-21' });
  });
});

test('slices cover every day of the window once, in order, and none is larger than it may be', async () => {
  await fc.assert(fc.asyncProperty(
    fc.integer({ min: at('2024-01-01T00:00:00Z') / DAY, max: at('2027-12-31T00:00:00Z') / DAY }), fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: MAX_SLICE_DAYS }),
    async (first, days, sliceDays) => {
      const window = { from: isoDay(first * DAY), to: isoDay((first + days - 1) * DAY) };
      const slices = await evaluateJsonata(slicesExpression(sliceDays), {}, { ...HOURLY, window }) as { from: string; to: string }[];
      const covered = slices.flatMap(({ from, to }) => {
        const count = (at(to) - at(from)) / DAY + 1;
        expect(count).toBeLessThanOrEqual(sliceDays);
        return Array.from({ length: count }, (_, index) => isoDay(at(from) + index * DAY));
      });
      expect(covered).toEqual(Array.from({ length: days }, (_, index) => isoDay((first + index) * DAY)));
    },
  ), { numRuns: 40 });
});

test('maintenance has no slices', async () => {
  expect(await evaluateJsonata(slicesExpression(7), {}, { ...HOURLY, kind: 'maintenance', window: { from: '2026-10-01', to: '2026-10-02' } })).toEqual([]);
});

test('a slice is looked for on its days, three before and one after', async () => {
  const days = await evaluateJsonata(SLICE_DAYS, {}, { slices: [{ from: '2026-12-31', to: '2026-12-31' }], sliceAt: 0 });
  expect(days).toBe(`DATE '2026-12-28', DATE '2026-12-29', DATE '2026-12-30', DATE '2026-12-31', DATE '2027-01-01'`);
});

test('days of late records are added, as many as Athena may write at once', async () => {
  const days = `DATE '2026-10-01'`;
  const withStrays = async (strayDays: string): Promise<unknown> => evaluateJsonata(DAYS_WITH_STRAYS, {}, { days, strayDays });
  expect(await withStrays('')).toBe(days);
  expect(await withStrays('2026-09-01')).toBe(`${days}, DATE '2026-09-01'`);
  const many = Array.from({ length: 60 }, (_, index) => isoDay(at('2026-01-01T00:00:00Z') + index * DAY));
  expect((await withStrays(many.join(',')) as string).split(', ')).toHaveLength(1 + MAX_STRAY_DAYS);
  // slice, days around it, late days, and the undated ones
  expect(MAX_SLICE_DAYS + 4 + MAX_STRAY_DAYS + 1).toBeLessThanOrEqual(100);
});

test.each([
  ['2026-11-21T00:00:00Z', 2, `'2026-10', '2026-11'`], ['2026-01-01T00:00:00Z', 2, `'2025-12', '2026-01'`], ['2026-12-31T00:00:00Z', 1, `'2026-12'`],
  ['2026-02-15T00:00:00Z', 3, `'2025-12', '2026-01', '2026-02'`],
])('at %s, %d billing periods are %s', async (startTime, count, expected) => {
  expect(await evaluateJsonata(periodsExpression(count), {}, { ...HOURLY, startedMs: at(startTime) })).toBe(expected);
});

test('a backfill loads the billing periods of its days', async () => {
  expect(await evaluateJsonata(periodsExpression(2), {}, { kind: 'backfill', from: '2025-12-31', to: '2026-02-01', startedMs: at('2026-11-21') }))
    .toBe(`'2025-12', '2026-01', '2026-02'`);
});

test.each([
  ['hourly', '', true], ['hourly', '2026-11-21 09:00:00.000000', false], ['hourly', '2026-11-21 08:05:00.000000', true], ['hourly', '2026-11-21 08:15:00.000', false],
  ['backfill', '2026-11-21 13:00:00.000', true], ['maintenance', '', false],
])('at 14:00, a run that is %s and follows a bill of %s reads the bill: %s', async (kind, lastBillAt, expected) => {
  expect(await evaluateJsonata(billDueExpression(6), {}, { kind, lastBillAt, startedMs: at('2026-11-21T14:00:00Z') })).toBe(expected);
});

test.each([
  ['2026-11-21T02:59:00Z', '2026-11-20 03:00:00.000', false], ['2026-11-21T03:00:00Z', '2026-11-20 03:00:00.000', true], ['2026-11-21T09:00:00Z', '2026-11-21 03:00:00.000', false],
  ['2026-11-21T02:00:00Z', '2026-11-20 02:00:00.000', true], ['2026-11-21T02:00:00Z', '', true], ['2026-11-24T01:00:00Z', '2026-11-21 03:00:00.000', true],
])('at %s, after maintenance at %s, it is due: %s', async (startTime, lastMaintenanceAt, expected) => {
  expect(await evaluateJsonata(maintenanceDueExpression(3), {}, { ...HOURLY, lastMaintenanceAt, startedMs: at(startTime) })).toBe(expected);
});

test('maintenance looks at this month and the one before, and after a backfill at its days as well', async () => {
  const variables = { ...HOURLY, startedMs: at('2027-01-02T05:00:00Z') };
  expect(await evaluateJsonata(SINCE_DAY, {}, variables)).toBe('2026-12-01');
  expect(await evaluateJsonata(SINCE_DAY, {}, { ...variables, kind: 'backfill', from: '2025-03-04' })).toBe('2025-03-04');
  const days = (await evaluateJsonata(DAYS_OF_TWO_MONTHS, {}, variables) as string).split(', ');
  expect([days[0], days.at(-1), days.length]).toEqual([`DATE '2026-12-01'`, `DATE '2027-01-02'`, 33]);
});

test.each<[string[][], number]>([
  [[], 0], [[['11:59', 'b']], 1], [[['12:01', 'b']], 0], [[['12:00', 'a']], 1], [[['12:00', 'z']], 0], [[['11:00', 'a'], ['10:00', 'b']], 2],
])('of the others %j, so many are older: %d', async (others, expected) => {
  const executions = others.map(([time, name]) => ({ ExecutionArn: `arn:${name}`, StartDate: `2026-11-21T${time}:00.000Z` }));
  const states = {
    context: { Execution: { Id: 'arn:self' } },
    result: { Executions: [...executions, { ExecutionArn: 'arn:self', StartDate: '2026-11-21T12:00:00.000Z' }] },
  };
  expect(await evaluateJsonata(OLDER_EXECUTIONS, states, { startedMs: at('2026-11-21T12:00:00Z') })).toBe(expected);
});

const object = (day: string, name = 'a'): string => `s3://logs/mil/AWSLogs/111122223333/BedrockModelInvocationLogs/us-east-1/${day}/10/${name}.json.gz`;

test('quarantined objects of the slice are left out, and no others', async () => {
  const slices = [{ from: '2026-10-01', to: '2026-10-07' }];
  const unread = async (quarantined: string[]): Promise<unknown> => evaluateJsonata(UNREAD, {}, { slices, sliceAt: 0, quarantined });
  expect(await unread([])).toBe('');
  expect(await unread([object('2026/09/30'), object('2026/10/08')])).toBe('');
  expect(await unread([object('2026/10/01', `o'clock`), object('2026/10/07'), object('2026/10/08')]))
    .toBe(` AND "$path" NOT IN ('${object('2026/10/01', `o''clock`)}', '${object('2026/10/07')}')`);
  expect(await evaluateJsonata(QUARANTINED_OBJECTS, {}, { window: { from: '2026-10-01', to: '2026-10-02' }, quarantined: [object('2026/10/01'), object('2026/10/03')] })).toBe(1);
});

test('the object that cannot be read is the one that Athena names and that is not left out already', async () => {
  const known = object('2026/10/01', 'known');
  const bad = object('2026/10/01', 'bad');
  const failure = JSON.stringify({
    QueryExecution: { Query: `SELECT 1 WHERE "$path" NOT IN ('${known}')`, Status: { StateChangeReason: `HIVE_CURSOR_ERROR: Failed to read file at ${bad}: it's cut` } },
  });
  expect(await evaluateJsonata(CORRUPT_PATH, {}, { failure, quarantined: [known] })).toBe(bad);
  expect(await evaluateJsonata(CORRUPT_PATH, {}, { failure, quarantined: [known, bad] })).toBe('');
  expect(await evaluateJsonata(CORRUPT_PATH, {}, { failure: 'Query exhausted resources', quarantined: [] })).toBe('');
  expect(await evaluateJsonata(CORRUPT_REASON, {}, { failure })).toBe(`HIVE_CURSOR_ERROR: Failed to read file at ${bad}: it''s cut`);
  expect(await evaluateJsonata(CORRUPT_REASON, {}, { failure: 'States.TaskFailed' })).toBe('Athena cannot read it');
});
