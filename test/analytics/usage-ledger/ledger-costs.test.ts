import * as fs from 'node:fs';
import { packageFile } from '../../../lib/private/package-file';
import { runLedger } from './run-ledger';

/** US dollars in us-east-1, November 2026. */
const PRICES = { athenaPerTb: 5, minimumBytes: 10e6, perTransition: 0.000025, freeTransitions: 4000, metric: 0.3, alarmMetric: 0.1 };
const HOURS = 730;
const DAYS = HOURS / 24;
/** How many days of logs and of the ledger a run reads: yesterday and today, and three more before and one after. */
const [LOG_DAYS, LEDGER_DAYS] = [2, 6];

interface Work {
  readonly queries: number;
  readonly transitions: number;
}

/** What a run does. DDL is free. */
async function workOf(plan: string[]): Promise<Work> {
  const { called, path, status } = await runLedger({ kind: 'hourly' }, { plan });
  expect(status).toBe('SUCCEEDED');
  return { queries: called.filter(({ query }) => /^(SELECT|MERGE|INSERT|OPTIMIZE|VACUUM)/.test(query)).length, transitions: path.length };
}

const times = (work: Work, count: number): Work => ({ queries: work.queries * count, transitions: work.transitions * count });
const without = (work: Work, other: Work): Work => (
  { queries: work.queries - other.queries, transitions: work.transitions - other.transitions }
);
const scanned = (bytes: number): number => bytes / 1e12 * PRICES.athenaPerTb;

/** US dollars a month by row of the page. */
async function costs(): Promise<Record<string, number>> {
  const quiet = await workOf(['2026-11-21 13:00:00.000', '2026-11-21 13:00:00.000', '2026-11-21 03:00:00.000']);
  const withBill = await workOf(['2026-11-21 13:00:00.000', '2026-11-21 05:00:00.000', '2026-11-21 03:00:00.000']);
  const withMaintenance = await workOf(['2026-11-21 13:00:00.000', '2026-11-21 13:00:00.000', '2026-11-20 03:00:00.000']);
  const parts = [times(quiet, HOURS), times(without(withBill, quiet), HOURS / 6), times(without(withMaintenance, quiet), DAYS)];
  const sum = (key: keyof Work): number => parts.reduce((total, part) => total + part[key], 0);
  return {
    'Athena, the least that a query costs': scanned(sum('queries') * PRICES.minimumBytes),
    'state transitions of Step Functions': (sum('transitions') - PRICES.freeTransitions) * PRICES.perTransition,
    'metrics': 4 * PRICES.metric,
    'alarms': 8 * PRICES.alarmMetric,
    'Athena, for each GB of logs a day': scanned(HOURS * 2 * LOG_DAYS * 1e9),
    'Athena, for each GB of the ledger a day': scanned(HOURS * 2 * LEDGER_DAYS * 1e9),
  };
}

test('the page says what a month costs', async () => {
  const page = fs.readFileSync(packageFile('docs', 'ledger.md'), 'utf8');
  const said = Object.fromEntries([...page.matchAll(/^\| ([^|]+?) \| [^|]+ \| (\d+\.\d\d) \|$/gm)].map(([, row, usd]) => [row, usd]));
  expect(said).toEqual(Object.fromEntries(Object.entries(await costs()).map(([row, usd]) => [row, usd.toFixed(2)])));
});
