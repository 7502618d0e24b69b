import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { companionFiles } from './companion-files';
import { recordsOf } from './log-records';
import { otherLines } from './other-lines';
import { Random } from './random';
import { monthOf, simulateCalls } from './simulate-calls';
import { tellTruth } from './tell-truth';
import { tokenLines } from './token-lines';
import type { Truth } from './truth';
import { writeBill } from './write-bill';
import { writeLogs } from './write-logs';

/** The report is made one day and six hours into the next month: the bill of the last two days, and some hours, is not settled yet. */
const AS_OF_DELAY = 30 * 3_600_000;

export interface GenerateMonthOptions {
  /** Folder to write into; made when it does not exist. */
  readonly folder: string;
  /**
   * Start of the pseudo-random numbers.
   *
   * @default 1
   */
  readonly seed?: number;
  /**
   * Year and month.
   *
   * @default '2026-10'
   */
  readonly month?: string;
  /**
   * How many calls the company makes, logged or not.
   *
   * @default 60000
   */
  readonly calls?: number;
  /**
   * Keys that the truth divides the bill by.
   *
   * @default ['team', 'service']
   */
  readonly by?: readonly string[];
}

/**
 * Writes a month of a made-up company: invocation logs, bill, schema, profiles, principals, and the truth about them.
 *
 * The same options give the same bytes, whatever the clock, the locale and the machine.
 */
export async function generateMonth(options: GenerateMonthOptions): Promise<Truth> {
  const { folder, seed = 1, month: monthName = '2026-10', calls: count = 60_000, by = ['team', 'service'] } = options;
  const month = monthOf(monthName);
  const random = new Random(seed);
  mkdirSync(folder, { recursive: true });
  const calls = simulateCalls(random, month, count);
  const records = recordsOf(random, calls);
  const malformed = writeLogs(random, folder, records);
  const lines = [...tokenLines(calls), ...otherLines(month)].sort((a, b) => a.start - b.start);
  await writeBill(folder, monthName, month, lines);
  const truth = tellTruth({ lines, records, malformed, by, asOf: month.end + AS_OF_DELAY });
  for (const [name, content] of Object.entries({ ...companionFiles(), 'truth.json': truth })) writeFileSync(join(folder, name), `${JSON.stringify(content, undefined, 2)}\n`);
  return truth;
}
