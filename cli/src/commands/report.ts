import { Command, Option } from 'commander';
import type { AthenaSettings } from '../engine/athena-engine';
import { buildAthenaReport } from '../report/build-athena-report';
import { buildReport, checkPeriod, type ReportQuestion } from '../report/build-report';
import { plainText } from '../report/format';
import { renderCsv } from '../report/render-csv';
import { renderHtml } from '../report/render-html';
import { renderJson } from '../report/render-json';
import { renderTable } from '../report/render-table';
import type { Report, ReportDetails } from '../report/report-contract';
import { scannedText, withAthena } from '../sources/open-athena';
import { checkKeys, openSources, type Progress, readSchema, tagNamesOf } from '../sources/sources';
import { output } from '../text-files';
import { addAthenaOptions, athenaSettings, type RawAthenaOptions } from './athena-options';
import { addSourceOptions, parseList, type RawSourceOptions, sourceOptions, terminalProgress } from './source-options';

interface RawReportOptions extends RawSourceOptions, RawAthenaOptions {
  readonly by?: string[];
  readonly from?: string;
  readonly to?: string;
  readonly format: 'table' | 'json' | 'csv' | 'html';
  readonly out?: string;
}

/** Groups of a report that asks for none: the keys that nearly every schema has. */
const DEFAULT_BY = ['team', 'service'];

type ReportAnswer = Awaited<ReturnType<typeof buildReport>>;

/** `bca report`: who spent what, from logs, bill or both, or from the deployed views. */
export function reportCommand(): Command {
  return addAthenaOptions(addSourceOptions(new Command('report').description('who spent what: from invocation logs, the bill, or both')))
    .option('--by <keys>', `attribution keys of the groups (default: ${DEFAULT_BY.join(',')})`, parseList)
    .option('--from <day>', 'first UTC day, YYYY-MM-DD')
    .option('--to <day>', 'last UTC day, YYYY-MM-DD')
    .addOption(new Option('--format <format>', 'form of the report').choices(['table', 'json', 'csv', 'html']).default('table'))
    .option('--out <file>', 'write to a file instead of the terminal')
    .action(async (raw: RawReportOptions, command: Command) => {
      checkPeriod(raw);
      const athena = athenaSettings(raw, command);
      const progress = terminalProgress();
      const { report, details } = athena ? await reportFromAthena(athena, raw, progress) : await reportFromFiles(raw, progress);
      progress.clear();
      // the forms for programs have no place for warnings
      const untold = raw.format === 'json' || raw.format === 'csv' ? details.warnings : [];
      for (const warning of untold) process.stderr.write(`${plainText(warning)}\n`);
      output(render(raw.format, report, details, raw.out), raw.out);
    });
}

async function reportFromFiles(raw: RawReportOptions, progress: Progress): Promise<ReportAnswer> {
  const options = sourceOptions(raw, raw.by ?? DEFAULT_BY);
  const sources = await openSources(options, progress);
  try {
    return await buildReport(sources, question(raw, options.asOf));
  } finally {
    sources.engine.close();
  }
}

async function reportFromAthena(
  settings: AthenaSettings, raw: RawReportOptions, progress: ReturnType<typeof terminalProgress>,
): Promise<ReportAnswer> {
  const asked = question(raw, new Date());
  const schema = raw.schema === undefined ? undefined : readSchema(raw.schema);
  if (schema) checkKeys(asked.by, schema);
  progress('asking Athena');
  return withAthena(settings, async (engine) => {
    const answer = await buildAthenaReport(engine, schema && tagNamesOf(schema), asked);
    progress.clear();
    process.stderr.write(`${scannedText(engine.scanned)}\n`);
    return answer;
  });
}

function question({ by = DEFAULT_BY, from, to }: RawReportOptions, asOf: Date): ReportQuestion {
  return { by, from, to, asOf };
}

function render(format: RawReportOptions['format'], report: Report, details: ReportDetails, out?: string): string {
  switch (format) {
    case 'json': return renderJson(report);
    case 'csv': return renderCsv(report);
    case 'html': return renderHtml(report, details);
    case 'table': return renderTable(report, details, { columns: process.stdout.columns, colour: out === undefined && process.stdout.isTTY });
  }
}
