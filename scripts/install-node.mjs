// Installs the releases of Node.js that the client is tested on, outside of the checkout, once per version. Prints where they are.
// BCA_CACHE names another folder than the user's cache.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const VERSIONS = { 20: '20.20.2', 22: '22.23.2', 24: '24.20.0' };
// each is an npm package with nothing but the binary of one platform
const PLATFORM = { 'darwin-arm64': 'bin-darwin-arm64', 'win32-x64': 'win-x64' }[`${process.platform}-${process.arch}`] ?? `${process.platform}-${process.arch}`;

const cache = process.env.BCA_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bedrock-cost-attribution');
console.log(JSON.stringify(Object.fromEntries(Object.entries(VERSIONS).map(([major, version]) => [major, installed(version)]))));

/** Installs beside the folder and moves it there when all is in it: nobody sees half of it, and two may install at once. */
function installed(version) {
  const folder = join(cache, `node-${version}`);
  const binary = join(folder, 'node_modules', `node-${PLATFORM}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(`${folder}-`);
  try {
    execFileSync('npm', ['install', '--prefix', unfinished, '--no-save', '--no-audit', '--no-fund', '--loglevel=error', `node-${PLATFORM}@${version}`],
      { cwd: unfinished, stdio: ['ignore', 'ignore', 'inherit'] });
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // otherwise somebody else was quicker
  }
  if (!existsSync(binary)) throw new Error(`the package node-${PLATFORM} ${version} has no ${binary}`);
  return binary;
}
