// Installs the local AWS of the deployment tests into a virtual environment outside of the checkout, once per version of its requirements.
// BCA_CACHE names another folder than the user's cache.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const requirements = fileURLToPath(new URL('../test/deploy/emulator/requirements.txt', import.meta.url));
const cache = process.env.BCA_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bedrock-cost-attribution');
const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
const folder = join(cache, `emulator-${version}`);
const complete = join(folder, 'complete');

if (!existsSync(complete)) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  execFileSync(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements],
    { stdio: ['ignore', 'inherit', 'inherit'] });
  writeFileSync(`${complete}.tmp`, '');
  renameSync(`${complete}.tmp`, complete); // only a folder in which everything is gets the mark
}
console.log(join(folder, 'bin', 'python'));
