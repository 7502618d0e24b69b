import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { stringify } from 'csv-stringify/sync';
import type { Engine, Row } from '../engine/engine';
import { terminalText } from '../report/format';
import { openSources } from '../sources/sources';
import { output } from '../text-files';
import { UsageError } from '../usage-error';
import { addSourceOptions, type RawSourceOptions, sourceOptions, terminalProgress } from './source-options';

interface RawQueryOptions extends RawSourceOptions {
  readonly format: 'table' | 'json' | 'csv';
}

const STATEMENT = /^\s*(describe|explain|from|pivot|select|show|summarize|values|with)\b/i;

/** `bca query`: any SQL over the same views, for questions that nobody foresaw. */
export function queryCommand(): Command {
  return addSourceOptions(new Command('query').description('any SQL over the views: invocations, billed_usage, attributed_spend, …'))
    .argument('[sql]', 'one SELECT statement')
    .addOption(new Option('--format <format>', 'form of the answer').choices(['table', 'json', 'csv']).default('table'))
    .action(async (argument: string | undefined, given: RawQueryOptions) => {
      const { sql, raw } = findStatement(argument, given);
      const progress = terminalProgress();
      const sources = await openSources(sourceOptions(raw, []), progress);
      try {
        const { columns, rows } = await answer(sources.engine, sql);
        progress.clear();
        for (const warning of sources.warnings) process.stderr.write(`${warning}\n`);
        output(render(raw.format, columns, rows));
      } finally {
        sources.engine.close();
      }
    });
}

async function answer(engine: Engine, sql: string): Promise<{ columns: string[]; rows: Row[] }> {
  try {
    const statements = await engine.countStatements(sql);
    if (statements === 1) return await engine.result(sql);
    throw new Error(`it has ${statements} statements, and one is answered`);
  } catch (error) {
    throw new UsageError(`the query cannot be run: ${(error as Error).message}`);
  }
}

/** `--logs PATH… 'SELECT …'`: an option that takes many paths has taken the statement behind them too. */
function findStatement(argument: string | undefined, raw: RawQueryOptions): { sql: string; raw: RawQueryOptions } {
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
