import { statSync } from 'node:fs';
import { LOGS } from '../../test/conformance/lake/catalog';
import type { LedgerLake } from '../../test/conformance/ledger/ledger-lake';
import { openLedger, run, tableFiles } from './bench-lake';
import { count, type Measured, median, megabytes } from './goals';
import { ACCOUNT, REGION, writeLogs } from './invocation-logs';

const HISTORIES = [1, 3, 12];
const DAYS_PER_MONTH = 30;
const DAY = 86_400_000;
/** Each writes whole days, and at most a hundred of them, which is what Athena writes at once. */
const FILLING_STATEMENTS = 10;
/** The logs begin here; what was called earlier is in the ledger only. */
const FIRST_LOGS = new Date('2026-10-30T00:00:00Z');
/** Hours of logs that are merged before anything is measured: a day and a half. */
const HOURS_BEFORE = 36;
const ROUNDS = 3;
/** How much more than with one month of history: what is left for the sizes of files that are never quite the same. */
const GOAL = 1.1;

interface Cost {
  readonly read: number;
  /** Files of data and of metadata. */
  readonly written: number;
  /** Read by all statements of the run. */
  readonly readByRun: number;
}

/**
 * What the hourly run reads and writes when the ledger is long: bytes to those with a month of history.
 *
 * The logs have no bodies, so that what the run reads of the ledger weighs the more.
 */
export async function measureMerge(invocationsPerMonth: number): Promise<Measured[]> {
  const perHour = Math.ceil(invocationsPerMonth / DAYS_PER_MONTH / 24);
  const costs: Cost[] = [];
  for (const months of HISTORIES) {
    const ledger = await openLedger();
    await run(ledger, at(HOURS_BEFORE - 1)); // makes the tables
    await fill(ledger, months, perHour);
    await deliver(ledger, perHour, 0, HOURS_BEFORE);
    await run(ledger, at(HOURS_BEFORE));
    const rounds: Cost[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      await deliver(ledger, perHour, HOURS_BEFORE + round - 1, 1);
      rounds.push(await costOf(ledger, at(HOURS_BEFORE + round)));
    }
    const middle = (of: keyof Cost): number => median(rounds.map(cost => cost[of]));
    const cost = { read: middle('read'), written: middle('written'), readByRun: middle('readByRun') };
    const [{ requests }] = await ledger.rows('SELECT count(*) AS requests FROM usage_ledger');
    console.log(`ledger of ${months} months, ${count(Number(requests))} requests: MERGE reads ${megabytes(cost.read)} and writes ${megabytes(cost.written)}, the run reads ${megabytes(cost.readByRun)}`);
    costs.push(cost);
  }
  const [first, ...longer] = costs;
  return longer.flatMap((cost, index) => {
    const months = `${HISTORIES[index + 1]} months to 1`;
    return [
      { what: `MERGE: bytes read, ${months}`, measured: cost.read / first.read, goal: GOAL },
      { what: `MERGE: bytes written, ${months}`, measured: cost.written / first.written, goal: GOAL },
      { what: `hourly run: bytes read, ${months}`, measured: cost.readByRun / first.readByRun, goal: GOAL },
    ];
  });
}

/** An hour after the first logs. */
function at(hour: number): string {
  return new Date(FIRST_LOGS.getTime() + hour * DAY / 24).toISOString();
}

async function deliver(ledger: LedgerLake, perHour: number, hour: number, hours: number): Promise<void> {
  await writeLogs(ledger.lake.bucket(LOGS), { invocations: perHour * hours, bodyBytes: 0, start: new Date(at(hour)), hours });
}

/** One hourly run, which has to take over what was delivered. */
async function costOf(ledger: LedgerLake, startTime: string): Promise<Cost> {
  const from = ledger.statements.length;
  const before = new Set(tableFiles(ledger));
  await run(ledger, startTime);
  // nothing but the MERGE writes to the table between two maintenances
  const written = tableFiles(ledger).filter(path => !before.has(path)).reduce((sum, path) => sum + statSync(path).size, 0);
  const statements = ledger.statements.slice(from);
  const merge = statements.find(({ sql }) => sql.startsWith('MERGE INTO usage_ledger'));
  const [{ merged }] = await ledger.rows(`SELECT merged_records AS merged FROM ledger_health WHERE kind = 'hourly' ORDER BY run_at DESC LIMIT 1`);
  if (merge === undefined || merged === 0 || written === 0) throw new Error('the hourly run merged nothing');
  return { read: merge.bytesRead, written, readByRun: statements.reduce((sum, { bytesRead }) => sum + bytesRead, 0) };
}

/**
 * Fills the ledger with calls of months that end before the first logs.
 *
 * Every ledger in as many statements: the metadata of an Iceberg table names its commits, until a maintenance lets go of them, and would
 * else be longer for that reason alone.
 */
async function fill(ledger: LedgerLake, months: number, perHour: number): Promise<void> {
  const days = months * DAYS_PER_MONTH / FILLING_STATEMENTS;
  for (let part = 1; part <= FILLING_STATEMENTS; part++) {
    const first = new Date(FIRST_LOGS.getTime() - part * days * DAY).toISOString().slice(0, 10);
    await ledger.lake.trino.query(`INSERT INTO usage_ledger (bedrock_request_id, called_at, usage_date, account_id, region, operation, model_id, model, route,
        record_status, record_count, caller_arn, caller, caller_role, request_metadata, input_tokens, output_tokens, team, service, env, feature, merged_at)
      SELECT cast(uuid() AS varchar), date_add('second', hour * 3600 + call * 3600 / ${perHour + 1}, cast(day AS timestamp)), day, '${ACCOUNT}', '${REGION}', 'Converse',
        'amazon.nova-micro-v1:0', 'amazon.nova-micro-v1:0', 'regional', 'complete', 1,
        concat('arn:aws:sts::${ACCOUNT}:assumed-role/', service, '/session'), concat('role/', service, '/session'), concat('role/', service),
        map(ARRAY['team', 'service', 'env', 'feature'], ARRAY[team, service, 'prod', 'feature-1']), random(1, 3000), random(1, 3000), team, service, 'prod', 'feature-1',
        cast(day AS timestamp)
      FROM (
        SELECT day, hour, call, concat('team-', cast(call % 20 AS varchar)) AS team, concat('service-', cast(call % 60 AS varchar)) AS service
        FROM UNNEST(sequence(DATE '${first}', DATE '${first}' + interval '${days - 1}' day)) AS days (day)
        CROSS JOIN UNNEST(sequence(0, 23)) AS hours (hour)
        CROSS JOIN UNNEST(sequence(1, ${perHour})) AS calls (call)
      ) made_up`);
  }
}
