// Installs the releases of Node.js that the client is tested on, outside of the checkout, once per version. Prints where they are.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cachedFolder } from './user-cache.mjs';

const VERSIONS = { 20: '20.20.2', 22: '22.23.2', 24: '24.20.0' };
// each is an npm package with nothing but the binary of one platform
const PLATFORM = { 'darwin-arm64': 'bin-darwin-arm64', 'win32-x64': 'win-x64' }[`${process.platform}-${process.arch}`] ?? `${process.platform}-${process.arch}`;

console.log(JSON.stringify(Object.fromEntries(Object.entries(VERSIONS).map(([major, version]) => [major, installed(version)]))));

function installed(version) {
  const folder = cachedFolder(`node-${version}`, unfinished => {
    execFileSync('npm', ['install', '--prefix', unfinished, '--no-save', '--no-audit', '--no-fund', '--loglevel=error', `node-${PLATFORM}@${version}`],
      { cwd: unfinished, stdio: ['ignore', 'ignore', 'inherit'] });
  });
  const binary = join(folder, 'node_modules', `node-${PLATFORM}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(binary)) throw new Error(`the package node-${PLATFORM} ${version} has no ${binary}`);
  return binary;
}
