import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What is there before the tests start. */
export interface World {
  /** The client as it would be published. */
  readonly tarball: string;
  /** Project with the client and nothing else. */
  readonly alone: string;
  /** Project with the client and everything that it works with. */
  readonly withPeers: string;
  /** The same with the oldest versions that the client says it works with. */
  readonly withOldestPeers: string;
  /** Binaries of Node.js by their major version. */
  readonly nodes: Readonly<Record<string, string>>;
}

export const PACKAGE = 'bedrock-cost-attribution-runtime';

export const world = JSON.parse(process.env.PACKAGES_WORLD ?? '{}') as World;

/** The package as it is installed in the project with its peers. */
export const installed = join(world.withPeers, 'node_modules', PACKAGE);

/** Its package.json. */
export const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, Readonly<Record<'import' | 'require', Readonly<Record<'types' | 'default', string>>>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
};

/** What applications import: `.`, `./ssm` and the like. */
export const entries = Object.keys(manifest.exports).filter(name => name !== './package.json');

/** Files of the installed package whose names end so. */
export function filesEnding(...endings: readonly string[]): string[] {
  return readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter(name => endings.some(ending => name.endsWith(ending)));
}

/** Runs a script of a project, which answers with JSON on its output. */
export async function runScript(node: string, project: string, script: string, ...args: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(node, [join(project, script), ...args], { cwd: project });
  return JSON.parse(stdout);
}
