import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A statement, and the grammar that it is to follow. */
export interface StatementOf {
  readonly grammar: 'trino' | 'hive';
  readonly sql: string;
}

const ROOT = join(__dirname, '..', '..');

/** The grammars come as modules that only bundlers can put together. */
const PROGRAM = `
  import { TrinoSQL } from 'dt-sql-parser/dist/parser/trino';
  import { HiveSQL } from 'dt-sql-parser/dist/parser/hive';
  const grammars = { trino: new TrinoSQL(), hive: new HiveSQL() };
  const statements = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
  console.log(JSON.stringify(statements.map(({ grammar, sql }) => grammars[grammar].validate(sql).map(({ startLine, message }) => startLine + ': ' + message))));
`;

/** What a grammar says against each of some statements; nothing where it takes one. */
export function sqlProblems(statements: readonly StatementOf[]): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'sql-'));
  try {
    const bundle = join(folder, 'parse.cjs');
    execFileSync(join(ROOT, 'node_modules', '.bin', 'esbuild'), ['--bundle', '--platform=node', '--format=cjs', '--log-level=error', `--outfile=${bundle}`], { cwd: ROOT, input: PROGRAM });
    return JSON.parse(execFileSync(process.execPath, [bundle], { input: JSON.stringify(statements), encoding: 'utf8' })) as string[][];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
