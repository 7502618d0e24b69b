import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { count, type Measured } from './goals';
import { cachedLogs } from './invocation-logs';

const ROOT = join(__dirname, '..', '..');
const MONTH = { start: new Date('2026-10-01T00:00:00Z'), hours: 31 * 24 };
/** What the engine may take is 1 GB; the rest is for Node.js, the lines on their way and the threads. */
const MOST_MEBIBYTES = 2048;

/** `bca report` of logs without bodies, in a process of its own: does its memory grow with them? */
export async function measureEmbeddedReport(cache: string, invocations: number): Promise<Measured[]> {
  const most: number[] = [];
  for (const calls of [invocations / 10, invocations]) {
    const { folder } = await cachedLogs(cache, { ...MONTH, invocations: calls, bodyBytes: 0 });
    const { mebibytes, seconds } = report(folder, calls);
    console.log(`bca report of ${count(calls)} invocations: ${mebibytes.toFixed(0)} MiB at most, ${seconds.toFixed(1)} s`);
    most.push(mebibytes);
  }
  const [few, many] = most;
  return [
    { what: `bca report: memory, ${count(invocations)} invocations to a tenth`, measured: many / few },
    { what: `bca report: memory of ${count(invocations)} invocations to ${MOST_MEBIBYTES} MiB`, measured: many / MOST_MEBIBYTES, goal: 1 },
  ];
}

function report(logs: string, calls: number): { mebibytes: number; seconds: number } {
  const started = performance.now();
  const command = ['report', '--logs', logs, '--as-of', '2026-11-02T06:00:00Z', '--format', 'json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', `require('./cli/dist/bca.js').run(${JSON.stringify(command)})
    .then(() => { process.stderr.write('maxrss ' + process.resourceUsage().maxRSS); })`], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 });
  const kibibytes = /maxrss (\d+)$/.exec(stderr)?.[1];
  if (status !== 0 || kibibytes === undefined) throw new Error(`bca report failed:\n${stderr.slice(-2000)}`);
  const { totals } = JSON.parse(stdout) as { totals: { requests: number } };
  if (totals.requests !== calls) throw new Error(`bca report counts ${totals.requests} invocations of ${calls}`);
  return { mebibytes: Number(kibibytes) / 1024, seconds: (performance.now() - started) / 1000 };
}
