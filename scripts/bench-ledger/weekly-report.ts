import { readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Engine } from '../../cli/src/engine/engine';
import { defaultBreakdown, renderSavedQuery } from '../../lib/analytics/sql/saved-query-files';
import { spendKeysOf, viewKeys } from '../../lib/analytics/sql/view-keys';
import { LOGS } from '../../test/conformance/lake/catalog';
import type { LedgerLake } from '../../test/conformance/ledger/ledger-lake';
import type { Answer } from '../../test/conformance/trino/client';
import { openLedger, run, SCHEMA } from './bench-lake';
import { count, type Measured, median, megabytes } from './goals';
import { cachedLogs } from './invocation-logs';

const BODY_BYTES = 4096;
const MONTH = { start: new Date('2026-10-01T00:00:00Z'), hours: 31 * 24 };
/** A Monday after the month: the eight weeks before it have all of the month. */
const AS_OF = '2026-11-02 06:00:00';
const ROUNDS = 5;

/**
 * The saved query `weekly-tokens`, asked of the requests and of the daily totals of the ledger, and of the records as the logs have them:
 * the same rows, for what bytes and what time?
 *
 * All read the whole month, although the ledger alone could leave out weeks that nobody asked for.
 */
export async function measureWeeklyReport(cache: string, invocations: number): Promise<Measured[]> {
  console.log(`${count(invocations)} invocations with bodies of ${BODY_BYTES} bytes …`);
  const logs = await cachedLogs(cache, { ...MONTH, invocations, bodyBytes: BODY_BYTES });
  const ledger = await openLedger();
  const bucket = join(dirname(ledger.lake.bucket('ledger')), LOGS);
  symlinkSync(logs.folder, bucket);
  const started = performance.now();
  await run(ledger, '2026-11-02T05:00:00Z', { kind: 'backfill', from: '2026-10-01', to: '2026-10-31' });
  console.log(`${count(logs.files)} log files, ${megabytes(logs.bytes)} compressed; a backfill takes them into the ledger in ${seconds(performance.now() - started)}`);

  const ofRequests = weeklyTokens();
  const ofDays = weeklyTokens('usage_daily');
  const { trino } = ledger.lake;
  const ofLogs = await trino.query(asked(ofRequests, 'FROM invocations', 'FROM invocation_records'));
  const careless = await trino.query(CARELESS);
  told('the logs', ofLogs);
  told('the logs as they are, doubles and all', careless);
  if (ofLogs.rows.length === 0) throw new Error('the report has no rows');

  const measured: Measured[] = [];
  for (const [table, sql] of [['usage_ledger', ofRequests], ['usage_daily', ofDays]]) {
    await trino.query(sql); // the first of its kind is slower than all others
    const answers: Answer[] = [];
    for (let round = 0; round < ROUNDS; round++) answers.push(await trino.query(sql));
    for (const { rows } of answers) {
      if (!isDeepStrictEqual(rows, ofLogs.rows)) throw new Error(`${table} answers otherwise than the logs:\n${JSON.stringify(rows[0])}\n${JSON.stringify(ofLogs.rows[0])}`);
    }
    const answer = { bytesRead: answers[0].bytesRead, elapsedMs: median(answers.map(({ elapsedMs }) => elapsedMs)) };
    told(table, answer);
    measured.push(
      { what: `weekly report: bytes read, ${table} to logs`, measured: answer.bytesRead / ofLogs.bytesRead, goal: 1 / 200 },
      { what: `weekly report: time, ${table} to logs`, measured: answer.elapsedMs / ofLogs.elapsedMs, goal: 1 / 50 },
      { what: `weekly report: time, ${table} to logs, doubles and all`, measured: answer.elapsedMs / careless.elapsedMs },
    );
  }
  console.log(`  ${count(ofLogs.rows.length)} rows, the same from each but the doubles`);
  measured.push({ what: 'weekly report: bytes of the columns asked for, usage_ledger to logs', measured: await columnBytes(ledger, ofRequests) / ofLogs.bytesRead });
  return measured;
}

/**
 * What the columns take in the files of `usage_ledger` that a query names. Trino reads files below 3 MB as a whole, and across gaps below
 * 1 MB: this is what is left of that when there are more calls in a day.
 *
 * @see https://trino.io/docs/current/object-storage/file-formats.html
 */
async function columnBytes(ledger: LedgerLake, sql: string): Promise<number> {
  const engine = await Engine.open();
  try {
    const paths = await ledger.lake.trino.rows('SELECT file_path FROM "usage_ledger$files"');
    const files = paths.map(path => `'${String(path.file_path).replace('local://', process.env.TRINO_LAKE ?? '')}'`).join(', ');
    const rows = await engine.rows(`SELECT path_in_schema AS name, sum(total_compressed_size) AS bytes FROM parquet_metadata([${files}]) GROUP BY 1`);
    return rows.filter(({ name }) => new RegExp(`\\b${String(name)}\\b`).test(sql)).reduce((sum, { bytes }) => sum + Number(bytes), 0);
  } finally {
    engine.close();
  }
}

/** What somebody would ask who does not know that records are delivered twice: other numbers, and the least that reading the logs takes. */
const CARELESS = `SELECT date_trunc('week', from_iso8601_timestamp("timestamp")) AS week_start, element_at(requestmetadata, 'team') AS team,
  element_at(requestmetadata, 'service') AS service, count(*) AS requests, sum(input.inputtokencount) AS input_tokens, sum(output.outputtokencount) AS output_tokens
  FROM invocation_logs WHERE requestid <> '' GROUP BY 1, 2, 3`;

function weeklyTokens(dailyUsage?: string): string {
  const text = readFileSync(join(__dirname, '..', '..', 'lib', 'analytics', 'sql', 'queries', 'weekly-tokens.sql'), 'utf8');
  const keys = viewKeys(SCHEMA);
  const spendKeys = spendKeysOf(keys);
  return renderSavedQuery('weekly-tokens', text, {
    keys: keys.map(({ name }) => name), spendKeys, breakdownKeys: defaultBreakdown(spendKeys), asOf: `TIMESTAMP '${AS_OF}'`, dailyUsage,
  }).sql;
}

function asked(sql: string, part: string, instead: string): string {
  if (sql.split(part).length !== 2) throw new Error(`the saved query does not have ${part} once`);
  return sql.replace(part, instead);
}

function told(name: string, { bytesRead, elapsedMs }: Pick<Answer, 'bytesRead' | 'elapsedMs'>): void {
  console.log(`  ${name}: ${megabytes(bytesRead)}, ${seconds(elapsedMs)}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
