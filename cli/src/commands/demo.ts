import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { generateMonth } from '../demo/generate-month';
import { buildReport } from '../report/build-report';
import { differences } from '../report/compare-truth';
import { renderHtml } from '../report/render-html';
import { renderTable } from '../report/render-table';
import { openSources, SOURCE_DEFAULTS } from '../sources/sources';
import { UsageError } from '../usage-error';
import { terminalProgress } from './source-options';

interface DemoOptions {
  readonly out: string;
  readonly calls: number;
  readonly seed: number;
}

/** `bca demo`: a generated month in the real formats, explained to the last dollar and checked against what was generated. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('generate a month in the real formats, explain it, and check the answer')
    .option('--out <folder>', 'folder for the month and the report', 'demo-out')
    .option('--calls <n>', 'calls in the month', parseCount, 60_000)
    .option('--seed <n>', 'the same seed gives the same month', parseCount, 1)
    .action(async ({ out, calls, seed }: DemoOptions) => {
      const progress = terminalProgress();
      const say = (sentence: string): void => {
        progress.clear();
        process.stdout.write(`${sentence}\n`);
      };
      prepareFolder(out);
      progress('generating a month');
      const truth = await generateMonth({ folder: out, calls, seed });
      say(`Generated a month of ${truth.totals.requests.toLocaleString('en-US')} logged calls in ${out}/logs and its bill in ${out}/bill.\n`);
      const asOf = new Date(truth.as_of);
      const { by } = truth;
      const sources = await openSources({
        logs: [join(out, 'logs')],
        bill: [join(out, 'bill')],
        schema: join(out, 'attribution-schema.json'),
        profiles: join(out, 'profiles.json'),
        principals: join(out, 'principals.json'),
        ...SOURCE_DEFAULTS,
        asOf,
        by,
      }, progress);
      try {
        const { report, details } = await buildReport(sources, { by, asOf });
        say(renderTable(report, details, { columns: process.stdout.columns, colour: process.stdout.isTTY }));
        writeFileSync(join(out, 'report.html'), renderHtml(report, details));
        say(`Report page: ${join(out, 'report.html')}`);
        const { checked, wrong } = differences(truth, report);
        if (wrong.length > 0) {
          process.stderr.write(`The report differs from what was generated:\n${wrong.map(line => `  ${line}\n`).join('')}`);
          process.exitCode = 1;
          return;
        }
        say(`Checked against ${join(out, 'truth.json')}: all ${checked} numbers are equal, dollars to 0.000001.`);
      } finally {
        sources.engine.close();
      }
    });
}

/** Removes what an earlier demo left in its folder, and nothing else. */
function prepareFolder(out: string): void {
  try {
    mkdirSync(out, { recursive: true });
    for (const part of ['logs', 'bill', 'attribution-schema.json', 'profiles.json', 'principals.json', 'truth.json', 'report.html']) {
      rmSync(join(out, part), { recursive: true, force: true });
    }
  } catch (error) {
    throw new UsageError(`${JSON.stringify(out)} cannot be used as a folder: ${(error as Error).message}`);
  }
}

function parseCount(text: string): number {
  if (!/^\d{1,8}$/.test(text)) throw new InvalidArgumentError('give a whole number.');
  return Number(text);
}
