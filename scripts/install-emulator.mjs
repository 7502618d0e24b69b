// Installs the local AWS of the deployment tests into a virtual environment outside of the checkout, once per version of its requirements.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedFolder } from './user-cache.mjs';

const requirements = fileURLToPath(new URL('../test/deploy/emulator/requirements.txt', import.meta.url));
const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
const folder = cachedFolder(`local-aws-${version}`, unfinished => {
  const options = { stdio: ['ignore', 'inherit', 'inherit'] };
  execFileSync('python3', ['-m', 'venv', unfinished], options);
  execFileSync(join(unfinished, 'bin', 'python'),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements], options);
});
console.log(join(folder, 'bin', 'python'));
