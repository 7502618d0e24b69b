// Installs the local AWS of the deployment tests into a virtual environment outside of the checkout, once per version of its requirements.
// BCA_CACHE names another folder than the user's cache.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const requirements = fileURLToPath(new URL('../test/deploy/emulator/requirements.txt', import.meta.url));
const cache = process.env.BCA_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bedrock-cost-attribution');
const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
const folder = join(cache, `local-aws-${version}`);

if (!existsSync(folder)) install();
console.log(join(folder, 'bin', 'python'));

/** Installs beside the folder and moves it there when all is in it: nobody sees half of it, and two may install at once. */
function install() {
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(`${folder}-`);
  const options = { stdio: ['ignore', 'inherit', 'inherit'] };
  try {
    execFileSync('python3', ['-m', 'venv', unfinished], options);
    execFileSync(join(unfinished, 'bin', 'python'),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements], options);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // otherwise somebody else was quicker
  }
}
