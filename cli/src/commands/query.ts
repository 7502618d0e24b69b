import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { stringify } from 'csv-stringify/sync';
import type { AthenaSettings } from '../engine/athena-engine';
import type { Engine } from '../engine/engine';
import type { QueryResult, Row } from '../engine/query-engine';
import { checkPeriod } from '../report/build-report';
import { terminalText } from '../report/format';
import { scannedText, withAthena } from '../sources/open-athena';
import { openSources, type Progress, readSchema } from '../sources/sources';
import { output } from '../text-files';
import { UsageError } from '../usage-error';
import { addAthenaOptions, athenaSettings, type RawAthenaOptions } from './athena-options';
import { savedQueries, savedQuery } from './saved-queries';
import { addSourceOptions, parseList, type RawSourceOptions, sourceOptions, terminalProgress } from './source-options';

interface RawQueryOptions extends RawSourceOptions, RawAthenaOptions {
  readonly format: 'table' | 'json' | 'csv';
  readonly list?: true;
  readonly saved?: string;
  readonly by?: string[];
  readonly from?: string;
  readonly to?: string;
}

interface Statement {
  readonly sql: string;
  readonly raw: RawQueryOptions;
}

interface Answer extends QueryResult {
  /** Sentences for the reader, beside the answer. */
  readonly notes: readonly string[];
}

const STATEMENT = /^\s*(describe|explain|from|pivot|select|show|summarize|values|with)\b/i;

/** Statements of Athena that change nothing, behind comments. */
const READING = /^(\s|--.*(\n|$))*(describe|explain|select|show|values|with)\b/i;

/** `bca query`: a saved query, or any SQL over the same views for questions that nobody foresaw. */
export function queryCommand(): Command {
  const command = new Command('query').description('saved queries, or any SQL over the views: invocations, billed_usage, attributed_spend, …');
  return addAthenaOptions(addSourceOptions(command))
    .argument('[sql]', 'one SELECT statement')
    .option('--list', 'name the saved queries and their questions')
    .option('--saved <name>', 'run a saved query')
    .option('--by <keys>', 'attribution keys that the saved query breaks down by (default: team,service)', parseList)
    .option('--from <day>', 'first UTC day of the saved query, YYYY-MM-DD')
    .option('--to <day>', 'last UTC day of the saved query, YYYY-MM-DD')
    .addOption(new Option('--format <format>', 'form of the answer').choices(['table', 'json', 'csv']).default('table'))
    .action(async (argument: string | undefined, given: RawQueryOptions) => {
      const athena = athenaSettings(given, command);
      if (given.list) {
        output(listSaved(given));
        return;
      }
      const statement = given.saved === undefined ? findStatement(argument, given) : savedStatement(given.saved, argument, given);
      const progress = terminalProgress();
      const { columns, rows, notes } = athena ? await askAthena(athena, statement.sql, progress) : await askFiles(statement, progress);
      progress.clear();
      for (const note of notes) process.stderr.write(`${note}\n`);
      output(render(given.format, columns, rows));
    });
}

async function askFiles({ sql, raw }: Statement, progress: Progress): Promise<Answer> {
  const sources = await openSources(sourceOptions(raw, raw.by ?? []), progress);
  try {
    return { ...await answer(sources.engine, sql), notes: sources.warnings };
  } finally {
    sources.engine.close();
  }
}

async function askAthena(settings: AthenaSettings, sql: string, progress: Progress): Promise<Answer> {
  if (!READING.test(sql)) throw new UsageError('the query cannot be run: it is no SELECT; what changes data or tables is not sent to Athena');
  progress('asking Athena');
  return withAthena(settings, async engine => ({ ...await engine.result(sql), notes: [scannedText(engine.scanned)] }));
}

function listSaved({ schema, format }: RawQueryOptions): string {
  const queries = savedQueries({ schema: readSchema(schema), asOf: new Date() });
  if (format === 'table') {
    // not known where the answer goes into a file
    const { columns = 100 } = process.stdout as { columns?: number };
    const nameWidth = Math.max(...queries.map(({ name }) => name.length)) + 2;
    const table = new Table({
      head: ['name', 'question, and period'],
      colWidths: [nameWidth, Math.max(60, columns) - nameWidth - 3],
      wordWrap: true,
      style: { head: [], border: [] },
    });
    table.push(...queries.map(({ name, question, period }) => [name, `${question}\n(${period})`]));
    return table.toString();
  }
  return render(format, ['name', 'question', 'period'], queries.map(({ name, question, period }) => ({ name, question, period })));
}

function savedStatement(name: string, argument: string | undefined, raw: RawQueryOptions): Statement {
  const { by, from, to, asOf = new Date() } = raw;
  if (argument !== undefined) throw new UsageError(`--saved ${name} stands beside the statement ${JSON.stringify(argument)}: give one of them`);
  if ((from === undefined) !== (to === undefined)) throw new UsageError('a saved query takes both ends of a period or none: give --from and --to');
  checkPeriod(raw);
  const { sql, engines } = savedQuery(name, { schema: readSchema(raw.schema), by, from, to, asOf, isDeployed: raw.athena });
  if (!raw.athena && !engines.includes('DuckDB')) {
    throw new UsageError(`the saved query ${name} runs on ${engines.join(' and ')} only: give --athena; of files, warnings and \`bca report\` name what it looks for`);
  }
  return { sql, raw: { ...raw, asOf } };
}

async function answer(engine: Engine, sql: string): Promise<QueryResult> {
  try {
    const statements = await engine.countStatements(sql);
    if (statements === 1) return await engine.result(sql);
    throw new Error(`it has ${statements} statements, and one is answered`);
  } catch (error) {
    throw new UsageError(`the query cannot be run: ${(error as Error).message}`);
  }
}

/** `--logs PATH… 'SELECT …'`: an option that takes many paths has taken the statement behind them too. */
function findStatement(argument: string | undefined, raw: RawQueryOptions): Statement {
  for (const option of ['by', 'from', 'to'] as const) {
    if (raw[option] !== undefined) throw new UsageError(`--${option} is for a saved query: name one with --saved, or say it in the statement`);
  }
  if (argument !== undefined) return { sql: argument, raw };
  let taken = '';
  for (const option of ['bill', 'logs'] as const) {
    const paths = raw[option] ?? [];
    const last = paths.at(-1);
    if (last !== undefined && /\s/.test(last)) taken = ` (${JSON.stringify(last)} was read as a path of --${option})`;
    if (last !== undefined && paths.length > 1 && STATEMENT.test(last)) return { sql: last, raw: { ...raw, [option]: paths.slice(0, -1) } };
  }
  throw new UsageError(`no statement${taken}: give one behind the options, such as 'SELECT model, count(*) FROM invocations GROUP BY model'`);
}

function render(format: RawQueryOptions['format'], columns: readonly string[], rows: readonly Row[]): string {
  switch (format) {
    case 'json': return JSON.stringify(rows, undefined, 2);
    case 'csv': return stringify(rows.map(row => columns.map(column => cell(row[column]))), { header: true, columns: [...columns] });
    case 'table': {
      const table = new Table({ head: [...columns], style: { head: [], border: [] } });
      table.push(...rows.map(row => columns.map(column => terminalText(cell(row[column])))));
      return table.toString();
    }
  }
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
