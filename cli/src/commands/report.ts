import { Command, Option } from 'commander';
import { buildReport, checkPeriod } from '../report/build-report';
import { plainText } from '../report/format';
import { renderCsv } from '../report/render-csv';
import { renderHtml } from '../report/render-html';
import { renderJson } from '../report/render-json';
import { renderTable } from '../report/render-table';
import type { Report, ReportDetails } from '../report/report-contract';
import { openSources } from '../sources/sources';
import { output } from '../text-files';
import { addSourceOptions, parseList, type RawSourceOptions, sourceOptions, terminalProgress } from './source-options';

interface RawReportOptions extends RawSourceOptions {
  readonly by?: string[];
  readonly from?: string;
  readonly to?: string;
  readonly format: 'table' | 'json' | 'csv' | 'html';
  readonly out?: string;
}

/** Groups of a report that asks for none: the keys that nearly every schema has. */
const DEFAULT_BY = ['team', 'service'];

/** `bca report`: who spent what, from logs, bill or both. */
export function reportCommand(): Command {
  return addSourceOptions(new Command('report').description('who spent what: from invocation logs, the bill, or both'))
    .option('--by <keys>', `attribution keys of the groups (default: ${DEFAULT_BY.join(',')})`, parseList)
    .option('--from <day>', 'first UTC day, YYYY-MM-DD')
    .option('--to <day>', 'last UTC day, YYYY-MM-DD')
    .addOption(new Option('--format <format>', 'form of the report').choices(['table', 'json', 'csv', 'html']).default('table'))
    .option('--out <file>', 'write to a file instead of the terminal')
    .action(async (raw: RawReportOptions) => {
      checkPeriod(raw);
      const by = raw.by ?? DEFAULT_BY;
      const options = sourceOptions(raw, by);
      const progress = terminalProgress();
      const sources = await openSources(options, progress);
      try {
        const { report, details } = await buildReport(sources, { by, from: raw.from, to: raw.to, asOf: options.asOf });
        progress.clear();
        // the forms for programs have no place for warnings
        const untold = raw.format === 'json' || raw.format === 'csv' ? details.warnings : [];
        for (const warning of untold) process.stderr.write(`${plainText(warning)}\n`);
        output(render(raw.format, report, details, raw.out), raw.out);
      } finally {
        sources.engine.close();
      }
    });
}

function render(format: RawReportOptions['format'], report: Report, details: ReportDetails, out?: string): string {
  switch (format) {
    case 'json': return renderJson(report);
    case 'csv': return renderCsv(report);
    case 'html': return renderHtml(report, details);
    case 'table': return renderTable(report, details, { columns: process.stdout.columns, colour: out === undefined && process.stdout.isTTY });
  }
}
