/**
 * What the ledger saves, and whether it stays as quick as it begins:
 *
 * - the weekly report of the teams, asked of the ledger against the same asked of logs with bodies of 4 KB: bytes and time, on Trino;
 * - the hourly MERGE with a ledger of 3 and 12 months against one of 1 month: bytes read and written, on Trino;
 * - `bca report` of 10 million invocations against 1 million: memory, on the embedded engine.
 *
 * What is compared is measured side by side in one run, and only the ratios say something about another machine. A goal that is missed is
 * told in the table; the exit code is another than 0 only when something could not be measured, or ledger and logs do not answer the same.
 *
 * The logs are written once and kept in the user's cache folder (`BCA_CACHE` names another one).
 *
 * Usage: npm run bench:ledger [-- --invocations <n> --history <n> --report <n> --only weekly,merge,report --discard]
 */
import { mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TrinoServer } from '../test/conformance/trino/server';
import { measureEmbeddedReport } from './bench-ledger/embedded-report';
import { type Measured, tableOf } from './bench-ledger/goals';
import { measureMerge } from './bench-ledger/merge';
import { measureWeeklyReport } from './bench-ledger/weekly-report';

const { values } = parseArgs({
  options: {
    // invocations in the logs of the weekly report: many more than a million take a larger heap than the server of the tests has
    invocations: { type: 'string', default: '1000000' },
    // invocations of each month in the ledgers that are merged into
    history: { type: 'string', default: '1000000' },
    // invocations of the larger one of the two reports
    report: { type: 'string', default: '10000000' },
    only: { type: 'string', default: 'weekly,merge,report' },
    // removes the logs in the end
    discard: { type: 'boolean', default: false },
  },
});

const cache = join(
  process.env.BCA_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bedrock-cost-attribution'), 'bench-ledger',
);

async function withTrino(measure: () => Promise<Measured[]>): Promise<Measured[]> {
  const server = await TrinoServer.start();
  process.env.TRINO_URL = server.url;
  process.env.TRINO_LAKE = server.lake;
  try {
    return await measure();
  } catch (error) {
    console.error(server.log());
    throw error;
  } finally {
    await server.stop();
  }
}

const MEASUREMENTS: Readonly<Record<string, () => Promise<Measured[]>>> = {
  weekly: async () => withTrino(async () => measureWeeklyReport(cache, Number(values.invocations))),
  merge: async () => withTrino(async () => measureMerge(Number(values.history))),
  report: async () => measureEmbeddedReport(cache, Number(values.report)),
};

async function main(): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const measured: Measured[] = [];
  for (const name of values.only.split(',')) {
    if (!(name in MEASUREMENTS)) throw new Error(`there is no measurement ${JSON.stringify(name)}: there are ${Object.keys(MEASUREMENTS).join(', ')}`);
    measured.push(...await MEASUREMENTS[name]());
  }
  console.log(`\n${tableOf(measured)}`);
  if (values.discard) rmSync(cache, { recursive: true, force: true });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
