import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { devDependencies } from '../../package.json';
import { peerDependencies } from '../../runtime/package.json';
import type { World } from './world';

const ROOT = join(__dirname, '..', '..');
const run = promisify(execFile);

/** The versions that this repository is tested with. */
const versioned = (names: readonly string[]): string[] => names.map(name => `${name}@${(devDependencies as Record<string, string>)[name] ?? 'latest'}`);

/** The oldest versions that the client says it works with. */
const oldest = Object.entries(peerDependencies).map(([name, range]) => `${name}@${range.replace(/^[^\d]*/, '')}`);

/**
 * Packs the client and installs it as its users do: alone, and beside everything that it works with, new and old. Then the releases of
 * Node.js.
 */
export default async function setUp(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'packages-'));
  process.env.PACKAGES_FOLDER = folder;
  const [{ filename }] = JSON.parse(npm(join(ROOT, 'runtime'), ['pack', '--json', '--pack-destination', folder])) as { filename: string }[];
  const tarball = join(folder, filename);
  const [alone, withPeers, withOldestPeers] = await Promise.all([
    install(join(folder, 'alone'), [tarball]),
    install(join(folder, 'with-peers'), [tarball, ...versioned([...Object.keys(peerDependencies), '@types/node']), '@smithy/node-http-handler']),
    install(join(folder, 'with-oldest-peers'), [tarball, ...oldest, ...versioned(['@types/node']), '@smithy/node-http-handler']),
  ]);
  const nodes = JSON.parse(execFileSync(process.execPath, [join(ROOT, 'scripts', 'install-node.mjs')], {
    encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'],
  })) as Record<string, string>;
  process.env.PACKAGES_WORLD = JSON.stringify({ tarball, alone, withPeers, withOldestPeers, nodes } satisfies World);
}

function npm(cwd: string, args: string[]): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** A project with these packages, and with the scripts of the tests. */
async function install(project: string, packages: readonly string[]): Promise<string> {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  cpSync(join(__dirname, 'consumers'), project, { recursive: true });
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...packages], { cwd: project });
  return project;
}
