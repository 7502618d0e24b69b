/**
 * How long `bca report` takes on a million invocations, against DuckDB that only reads and counts the lines of the same files: both are
 * measured side by side in one run, in processes of their own, and only their ratio says something about another machine.
 *
 * Usage: npm run bench:report [-- <calls>]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateMonth } from '../cli/src/demo/generate-month';

const ROUNDS = 3;
const ROOT = join(__dirname, '..');
const calls = Number(process.argv[2] ?? 1_000_000);
const folder = join(ROOT, 'bench-out', String(calls));

interface Measure {
  readonly seconds: number;
  readonly megabytes: number;
  readonly output: string;
}

/** Runs a script in a process of its own, start-up included. */
function measure(script: string): Measure {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', `${script}
    .then(() => { process.stderr.write('maxrss ' + process.resourceUsage().maxRSS); })`], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(stderr);
  return { seconds: (performance.now() - started) / 1000, megabytes: Number(/maxrss (\d+)/.exec(stderr)?.[1]) / 1024, output: stdout };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function main(): Promise<void> {
  const finished = join(folder, 'finished');
  if (!existsSync(finished)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    console.log(`generating ${calls.toLocaleString('en-US')} invocations in ${folder} …`);
    await generateMonth({ folder, calls });
    writeFileSync(finished, '');
  }
  const files = readdirSync(join(folder, 'logs'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.json.gz') && !name.includes('/data/'));
  const counting = `(async () => {
    const { DuckDBInstance } = require('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:', { threads: String(require('os').availableParallelism()) })).connect();
    const files = ${JSON.stringify(`${folder}/logs/AWSLogs/*/BedrockModelInvocationLogs/*/*/*/*/*/*.json.gz`)};
    const reader = await connection.runAndReadAll("SELECT count(*) AS n, sum(strlen(line)) AS bytes FROM read_csv('" + files + "', delim = '\\u0001', quote = '', escape = '', header = false, auto_detect = false, columns = {'line': 'VARCHAR'})");
    console.log(String(reader.getRowsJS()[0][0]));
  })()`;
  const reporting = `require('./cli/dist/bca.js').run(${JSON.stringify([
    'report', '--logs', join(folder, 'logs'), '--schema', join(folder, 'attribution-schema.json'), '--profiles', join(folder, 'profiles.json'), '--format', 'json',
  ])})`;
  const counts: Measure[] = [];
  const reports: Measure[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    counts.push(measure(counting));
    reports.push(measure(reporting));
  }
  const count = median(counts.map(({ seconds }) => seconds));
  const report = median(reports.map(({ seconds }) => seconds));
  console.log(`${files.length.toLocaleString('en-US')} files, ${Number(counts[0].output).toLocaleString('en-US')} lines, ${ROUNDS} rounds, medians`);
  console.log(`DuckDB reads and counts the lines   ${count.toFixed(2)} s`);
  console.log(`bca report --logs, gzip check on    ${report.toFixed(2)} s, ${Math.max(...reports.map(({ megabytes }) => megabytes)).toFixed(0)} MiB at most`);
  console.log(`ratio ${(report / count).toFixed(2)} (goal: 2.5), memory goal 2048 MiB`);
}

void main();
