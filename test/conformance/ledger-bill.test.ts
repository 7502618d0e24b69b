import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Engine } from '../../cli/src/engine/engine';
import { AttributionSchema } from '../../lib/schema';
import { BILLS } from './lake/catalog';
import { EXPORT, LedgerLake } from './ledger/ledger-lake';

const PERIODS = `SELECT billing_period, count(*) AS lines, sum(line_item_unblended_cost) AS usd FROM bill_ledger GROUP BY billing_period ORDER BY billing_period`;

function fileOf(ledger: LedgerLake, period: string): string {
  return join(ledger.lake.bucket(BILLS), ledger.billFolder(period), `${EXPORT}-00001.snappy.parquet`);
}

/** Delivers a billing period anew: lines of Amazon Bedrock at a dollar each, and one of another service. */
async function deliver(ledger: LedgerLake, period: string, lines: number): Promise<void> {
  const file = fileOf(ledger, period);
  mkdirSync(dirname(file), { recursive: true });
  const engine = await Engine.open();
  await engine.run(`COPY (
    SELECT CASE WHEN range = 0 THEN 'AmazonEC2' ELSE 'AmazonBedrock' END AS line_item_product_code, 1e0 AS line_item_unblended_cost,
      TIMESTAMP '${period}-01 00:00:00' AS line_item_usage_start_date, 'Usage' AS line_item_line_item_type, MAP {'user_team': 'search'} AS tags
    FROM range(${lines + 1})) TO '${file}' (FORMAT parquet)`);
  engine.close();
}

async function run(ledger: LedgerLake, startTime: string, input?: unknown): Promise<void> {
  const { status, error, cause } = await ledger.run(startTime, input);
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED' });
}

test('billing periods are replaced as a whole, and kept where nothing is delivered any more', async () => {
  const ledger = new LedgerLake(AttributionSchema.starter());
  await deliver(ledger, '2026-09', 3);
  await deliver(ledger, '2026-10', 2);
  await run(ledger, '2026-10-05T00:00:00Z');
  expect(await ledger.rows(PERIODS)).toEqual([{ billing_period: '2026-09', lines: 3, usd: 3 }, { billing_period: '2026-10', lines: 2, usd: 2 }]);

  // the same delivery, six hours later
  await run(ledger, '2026-10-05T06:00:00Z');
  expect(await ledger.rows(PERIODS)).toEqual([{ billing_period: '2026-09', lines: 3, usd: 3 }, { billing_period: '2026-10', lines: 2, usd: 2 }]);

  // whoever reads meanwhile sees a whole delivery
  await deliver(ledger, '2026-10', 5);
  const seen = new Set<unknown>();
  const running = new AbortController();
  const reader = (async (): Promise<void> => {
    while (!running.signal.aborted) for (const { lines } of await ledger.rows(PERIODS.replace('GROUP', `WHERE billing_period = '2026-10' GROUP`))) seen.add(lines);
  })();
  await run(ledger, '2026-10-05T12:00:00Z');
  running.abort();
  await reader;
  expect([...seen].filter(lines => lines !== 2 && lines !== 5)).toEqual([]);
  expect(await ledger.rows(PERIODS)).toEqual([{ billing_period: '2026-09', lines: 3, usd: 3 }, { billing_period: '2026-10', lines: 5, usd: 5 }]);

  rmSync(fileOf(ledger, '2026-09'));
  await deliver(ledger, '2026-10', 0);
  await run(ledger, '2026-10-05T18:00:00Z');
  expect(await ledger.rows(PERIODS)).toEqual([{ billing_period: '2026-09', lines: 3, usd: 3 }]);
  expect(await ledger.rows(`SELECT bill_lines, bill_usd, undelivered_periods FROM ledger_health WHERE kind = 'hourly' ORDER BY run_at DESC LIMIT 1`))
    .toEqual([{ bill_lines: 3, bill_usd: 3, undelivered_periods: 1 }]);
});

test('a month before the current ones is loaded by a backfill', async () => {
  const ledger = new LedgerLake(AttributionSchema.starter());
  for (const period of ['2026-05', '2026-06', '2026-09']) await deliver(ledger, period, 1);
  await run(ledger, '2026-09-05T00:00:00Z');
  expect(await ledger.rows(PERIODS)).toEqual([{ billing_period: '2026-09', lines: 1, usd: 1 }]);
  await run(ledger, '2026-09-05T01:00:00Z', { kind: 'backfill', from: '2026-05-15', to: '2026-06-01' });
  expect(await ledger.rows(PERIODS)).toHaveLength(3);
  const reads = ledger.statements.filter(({ sql }) => sql.startsWith('MERGE INTO bill_ledger'));
  expect(reads).toHaveLength(2);
});
