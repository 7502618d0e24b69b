import { copyFileSync, mkdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { renderBillExports } from '../../lib/analytics/sql/bill-exports';
import { dataFile } from '../src/data-files';
import { Engine } from '../src/engine/engine';
import { DELIVERY_FOLDERS } from '../src/sources/bill-exports';
import { findBillFiles, loadBill } from '../src/sources/load-bill';
import { bca, type BillLine, temporaryFolder, writeBill } from './helpers/world';

const EXPORTS = ['bill-0a1b2c3d', 'bill-99999999', `finance's_cur`, 'b'];
const PERIODS = ['2026-08', '2026-09', '2026-10', '2026-11'];
const VIEW = readFileSync(dataFile('sql', 'views', 'bill_lines.sql'), 'utf8');

const scratch = temporaryFolder();
let folders = 0;
const freshFolder = (): string => join(scratch.path, `bill-${++folders}`);

afterAll(() => { scratch.remove(); });

const line = (usd: number, fields: Partial<BillLine> = {}): BillLine => ({ usd, ...fields });

/** Puts a Parquet file where an export delivers a month, as if at an hour of 2026-11-01. */
function deliver(bill: string, exportName: string, period: string, file: string, hour = 1, name = `${exportName}-00001.snappy.parquet`): void {
  const folder = join(bill, exportName, 'data', `BILLING_PERIOD=${period}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(file, join(folder, name));
  const time = new Date(Date.UTC(2026, 10, 1, hour));
  utimesSync(join(folder, name), time, time);
}

interface Read {
  /** Dollars that count, by month; '' where no folder says which. */
  readonly usd: Record<string, number>;
  /** The exports that count, by month. */
  readonly counting: Record<string, string[]>;
  readonly warnings: readonly string[];
}

/** What counts of a bill, in the order of exports that the command line finds, or in a given one. */
async function read(bill: string, exportNames?: readonly string[]): Promise<Read> {
  const engine = await Engine.open();
  try {
    const { warnings } = await loadBill(engine, findBillFiles([bill]).files);
    if (exportNames) await engine.run(`CREATE OR REPLACE VIEW bill_exports AS ${renderBillExports(exportNames.join(','))}`);
    await engine.run(`CREATE TABLE bill_lines AS ${VIEW}`);
    const rows = await engine.rows(`SELECT coalesce(billing_period, '') AS month, sum(line_item_unblended_cost) AS usd,
      list(DISTINCT export_name ORDER BY export_name) FILTER (export_name IS NOT NULL) AS names FROM bill_lines GROUP BY ALL`);
    return {
      usd: Object.fromEntries(rows.map(row => [String(row.month), Number(row.usd)])),
      counting: Object.fromEntries(rows.map(row => [String(row.month), row.names as string[]])),
      warnings,
    };
  } finally {
    engine.close();
  }
}

describe('of each month exactly one export counts', () => {
  const pool = new Map<string, { file: string; usd: number }>();
  const fileOf = (exportName: string, period: string): { file: string; usd: number } => pool.get(`${exportName} ${period}`) ?? { file: '', usd: NaN };

  beforeAll(async () => {
    let power = 0;
    for (const exportName of EXPORTS) {
      for (const period of PERIODS) {
        // powers of two: a sum tells which files are in it
        const usd = 2 ** power++;
        const file = await writeBill(join(scratch.path, 'pool'), [line(usd, { day: `${period}-05` })], [], `${power}.parquet`);
        pool.set(`${exportName} ${period}`, { file, usd });
      }
    }
  });

  /** Which export has delivered which months, and at what hour its newest file came. */
  const deliveries = fc.record({
    periods: fc.array(fc.subarray(PERIODS), { minLength: EXPORTS.length, maxLength: EXPORTS.length }),
    hours: fc.shuffledSubarray([1, 2, 3, 4], { minLength: EXPORTS.length, maxLength: EXPORTS.length }),
    order: fc.shuffledSubarray(EXPORTS, { minLength: 0 }),
  }).filter(({ periods }) => periods.flat().length > 0);

  /** The bill that deliveries make, and what must count of it when exports are in this order, newest first. */
  function make(periods: readonly (readonly string[])[], hours: readonly number[]): (order: readonly string[]) => { bill: string } & Omit<Read, 'warnings'> {
    const bill = freshFolder();
    EXPORTS.forEach((exportName, index) => {
      for (const period of periods[index]) deliver(bill, exportName, period, fileOf(exportName, period).file, hours[index]);
    });
    return (order) => {
      const winners = PERIODS.flatMap((period) => {
        const winner = order.find(exportName => periods[EXPORTS.indexOf(exportName)].includes(period));
        return winner === undefined ? [] : [{ period, winner }];
      });
      return {
        bill,
        usd: Object.fromEntries(winners.map(({ period, winner }) => [period, fileOf(winner, period).usd])),
        counting: Object.fromEntries(winners.map(({ period, winner }) => [period, [winner]])),
      };
    };
  }

  test('the newest that has delivered it, in whatever order and with whatever months', async () => {
    await fc.assert(fc.asyncProperty(deliveries, async ({ periods, hours, order }) => {
      // those of which nothing says how new they are come last, by their names
      const unlisted = EXPORTS.filter(name => !order.includes(name)).sort();
      const { bill, usd, counting } = make(periods, hours)([...order, ...unlisted]);
      expect(await read(bill, order)).toMatchObject({ usd, counting });
      rmSync(bill, { recursive: true });
    }), { numRuns: 20 });
  });

  test('on the command line, the one with the latest month, and of two with the same the one whose files are newer', async () => {
    await fc.assert(fc.asyncProperty(deliveries, async ({ periods, hours }) => {
      const latest = (name: string): string => [...periods[EXPORTS.indexOf(name)]].sort().at(-1) ?? '';
      const order = [...EXPORTS].sort((a, b) => (
        latest(a) === latest(b) ? hours[EXPORTS.indexOf(b)] - hours[EXPORTS.indexOf(a)] : latest(a) < latest(b) ? 1 : -1
      ));
      const { bill, usd, counting } = make(periods, hours)(order);
      const found = await read(bill);
      expect(found).toMatchObject({ usd, counting });
      for (const [period, [winner]] of Object.entries(counting)) {
        if (found.warnings.length > 0) expect(found.warnings[0]).toMatch(new RegExp(`"${winner}" counts for [^;]*${period}`));
      }
      expect(found.warnings).toHaveLength(periods.filter(some => some.length > 0).length > 1 ? 1 : 0);
      rmSync(bill, { recursive: true });
    }), { numRuns: 20 });
  });
});

describe('an export that took the place of another', () => {
  const OLD = 'bill-0a1b2c3d';
  const NEW = 'bill-99999999';
  const file = (...lines: BillLine[]): Promise<string> => writeBill(join(scratch.path, 'files'), lines, [], `${++folders}.parquet`);

  async function replaced(): Promise<string> {
    const bill = freshFolder();
    deliver(bill, OLD, '2026-09', await file(line(1, { day: '2026-09-05' })), 1);
    // the old export stopped in the middle of the month, which the new one delivers from its first day on
    deliver(bill, OLD, '2026-10', await file(line(2, { day: '2026-10-05' })), 2);
    deliver(bill, NEW, '2026-10', await file(line(2, { day: '2026-10-05' }), line(4, { day: '2026-10-25' })), 3);
    deliver(bill, NEW, '2026-11', await file(line(8, { day: '2026-11-05' })), 4);
    return bill;
  }

  test('counts for the month of the replacement, and the old one for the months before', async () => {
    const { usd, counting, warnings } = await read(await replaced());
    expect(usd).toEqual({ '2026-09': 1, '2026-10': 6, '2026-11': 8 });
    expect(counting).toEqual({ '2026-09': [OLD], '2026-10': [NEW], '2026-11': [NEW] });
    expect(warnings).toEqual([
      `the bill was delivered by 2 exports, and of each month that of the newest is read: "${NEW}" counts for 2026-10, 2026-11; "${OLD}" counts for `
      + '2026-09 (to read another, give the files of the exports that are to count)',
    ]);
  });

  test('is told apart by the time of its files, and a month that has more in the other one is said', async () => {
    const bill = freshFolder();
    deliver(bill, OLD, '2026-10', await file(line(2.5)), 2);
    deliver(bill, NEW, '2026-10', await file(line(6)), 1);
    const { usd, warnings } = await read(bill);
    expect(usd).toEqual({ '2026-10': 2.5 });
    expect(warnings[0]).toContain(`"${NEW}" has 3.50 more for 2026-10, which does not count`);
  });

  test('counts with every file of a month', async () => {
    const bill = await replaced();
    deliver(bill, NEW, '2026-10', await file(line(16, { day: '2026-10-26' })), 3, 'second.parquet');
    expect((await read(bill)).usd).toMatchObject({ '2026-10': 22 });
  });

  test('counts alone when the files of the old one are missing, although it is named', async () => {
    const bill = await replaced();
    rmSync(join(bill, OLD), { recursive: true });
    expect(await read(bill)).toMatchObject({ usd: { '2026-10': 6, '2026-11': 8 }, warnings: [] });
    expect((await read(bill, [NEW, OLD])).usd).toEqual({ '2026-10': 6, '2026-11': 8 });
  });

  test('leaves a month to the old one of which it has delivered no line yet', async () => {
    const bill = await replaced();
    deliver(bill, NEW, '2026-09', await file());
    expect((await read(bill)).counting).toMatchObject({ '2026-09': [OLD] });
  });

  test('fails on the command line when the old one has accounts that the new one lacks: those dollars would be lost', async () => {
    const bill = freshFolder();
    const accounts = ['111122220001', '111122220002', '111122220003', '111122220004'];
    deliver(bill, OLD, '2026-10', await file(line(1), ...accounts.map(account => line(1, { account }))), 1);
    deliver(bill, NEW, '2026-10', await file(line(1)), 2);
    const message = `the exports "${NEW}" and "${OLD}" both hold 2026-10, and only the older one has the account(s) `
      + '111122220001, 111122220002, 111122220003, …: one cannot stand for the other; give the files of one bill at a time';
    await expect(read(bill)).rejects.toThrow(message);
    expect(await bca('report', '--bill', bill)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) as string });
  });

  test('is told of in a report', async () => {
    const { code, out } = await bca('report', '--bill', await replaced(), '--as-of', '2026-11-21');
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('the bill was delivered by 2 exports') as string });
  });
});

describe('files', () => {
  const file = (usd: number): Promise<string> => writeBill(join(scratch.path, 'files'), [line(usd)], [], `${++folders}.parquet`);

  test('in any folder all count, beside those of an export', async () => {
    const bill = freshFolder();
    deliver(bill, 'bill', '2026-10', await file(1));
    mkdirSync(join(bill, 'data'), { recursive: true });
    copyFileSync(await file(2), join(bill, 'data', 'a.parquet'));
    copyFileSync(await file(4), join(bill, 'b.parquet'));
    expect(await read(bill)).toMatchObject({
      usd: { '2026-10': 7 },
      warnings: ['2 of 3 files of the bill lie outside of folders like <export name>/data/BILLING_PERIOD=<month>/: all their lines count beside those '
        + 'of the exports; leave out what is there twice'],
    });
  });

  test('of a month in folders that do not name their exports all count, which the report says', async () => {
    const bill = freshFolder();
    const put = async (folder: string, usd: number, period: string): Promise<void> => {
      const target = join(bill, folder, `BILLING_PERIOD=${period}`);
      mkdirSync(target, { recursive: true });
      copyFileSync(await file(usd), join(target, 'a.parquet'));
    };
    await put('old', 1, '2026-09');
    await put('new', 2, '2026-10');
    expect(await read(bill)).toMatchObject({ usd: { '2026-10': 3 }, warnings: [] });
    await put('old', 4, '2026-10');
    expect(await read(bill)).toMatchObject({
      usd: { '2026-10': 7 },
      warnings: ['the bill of 2026-10 lies in several folders, and all of them count: give one copy; if they are exports of one bill, keep the '
        + 'folders that AWS made, <export name>/data/BILLING_PERIOD=<month>/, so that only the newest counts'],
    });
  });

  test('of the same export and month in two folders all count, which the report says', async () => {
    const bill = freshFolder();
    deliver(join(bill, 'first'), 'bill', '2026-10', await file(1));
    deliver(join(bill, 'second'), 'bill', '2026-10', await file(2));
    expect(await read(bill)).toMatchObject({ usd: { '2026-10': 3 }, warnings: [expect.stringContaining('the bill of 2026-10 bill lies in several folders')] });
  });

  test('say by their folders what they are of, whatever columns of such names they have', async () => {
    const bill = freshFolder();
    const engine = await Engine.open();
    const odd = join(scratch.path, 'odd.parquet');
    await engine.run(`COPY (SELECT *, 'x' AS export_name, '1999-01' AS Billing_Period, 'y' AS filename FROM read_parquet('${await file(1)}')) TO '${odd}'`);
    engine.close();
    deliver(bill, 'bill', '2026-10', odd);
    expect((await read(bill)).counting).toEqual({ '2026-10': ['bill'] });
  });

  test.each([
    ['/x/cur2/bill/data/BILLING_PERIOD=2026-10/a.parquet', 'bill', '2026-10'],
    ['/x/bill/data/billing_period=2026-10/20261102T000000Z-a/a.parquet', 'bill', '2026-10'],
    ['C:\\x\\bill\\data\\BILLING_PERIOD=2026-10\\a.parquet', 'bill', '2026-10'],
    ['/x/BILLING_PERIOD=2026-10/a.parquet', null, null],
    ['/x/data/BILLING_PERIOD=2026/a.parquet', null, null],
  ])('at %s are of %p and %p, to JavaScript and to DuckDB', async (path, exportName, period) => {
    const engine = await Engine.open();
    const part = (group: number): string => `nullif(regexp_extract('${path}', '${DELIVERY_FOLDERS}', ${group}, 'i'), '')`;
    const [row] = await engine.rows(`SELECT ${part(1)} AS name, ${part(2)} AS month`);
    engine.close();
    expect(row).toEqual({ name: exportName, month: period });
    const found = new RegExp(DELIVERY_FOLDERS, 'i').exec(path);
    expect([found?.[1] ?? null, found?.[2] ?? null]).toEqual([exportName, period]);
  });
});
