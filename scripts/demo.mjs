// The main job from end to end: the stacks that would collect the data in real accounts, then a month in the same formats, explained.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function run(command, args, stdio) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, command), ...args], { cwd: root, stdio, encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  process.exit(status ?? 1);
}

run('scripts/bundle-handlers.mjs', [], 'inherit');
run('scripts/bundle-cli.mjs', [], 'inherit');
run('node_modules/aws-cdk/bin/cdk', ['synth', '--quiet', '--no-notices'], 'pipe');
const { artifacts } = JSON.parse(readFileSync(join(root, 'cdk.out', 'manifest.json'), 'utf8'));
const stacks = Object.values(artifacts).filter(({ type }) => type === 'aws:cloudformation:stack');
console.log(`Synthesized ${stacks.length} stacks of the reference app into cdk.out: payer, one workload per account and Region, ledger.`);
run('cli/bin/bca.js', ['demo', '--out', 'demo-out', ...process.argv.slice(2)], 'inherit');
