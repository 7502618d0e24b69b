import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where and how the reference app is synthesized. */
export interface Surroundings {
  /** Folder that the process runs in. */
  readonly cwd?: string;
  /** Folder that holds the checkout. */
  readonly checkout?: string;
  /** Environment variables. */
  readonly env?: Record<string, string>;
  /** Script that runs before the app. */
  readonly preload?: string;
}

/** Folder of the checkout that these tests belong to. */
export const CHECKOUT = path.join(__dirname, '..', '..');

/** Synthesizes the reference app in a process of its own, without credentials, and answers with the text of every file by its name. */
export function synthesizeApp(surroundings: Surroundings = {}): Map<string, string> {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'synth-'));
  try {
    synthesizeInto(outdir, surroundings);
    const names = fs.readdirSync(outdir).filter(name => fs.statSync(path.join(outdir, name)).isFile()).sort();
    return new Map(names.map(name => [name, fs.readFileSync(path.join(outdir, name), 'utf8')]));
  } finally {
    fs.rmSync(outdir, { recursive: true });
  }
}

/** Synthesizes the reference app in a process of its own, without credentials, into a folder, with all that is to be deployed. */
export function synthesizeInto(outdir: string, { cwd = CHECKOUT, checkout = CHECKOUT, env = {}, preload }: Surroundings = {}): void {
  const tsx = pathToFileURL(require.resolve('tsx')).href;
  const args = [...preload === undefined ? [] : ['--require', preload], '--import', tsx, path.join(checkout, 'bin', 'app.ts')];
  const { PATH = '' } = process.env;
  const { context } = JSON.parse(fs.readFileSync(path.join(CHECKOUT, 'cdk.json'), 'utf8')) as { context: object };
  const cdk = { CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) };
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, env: { PATH, ...cdk, ...env }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`synthesis ended with ${status}: ${stderr}`);
}

/** Copies what synthesis needs to another folder, the packages by a link. */
export function copyCheckout(): string {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'checkout-'));
  for (const name of ['assets', 'bin', 'lib', 'package.json', 'attribution-schema.json', 'attribution-schema.lock.json']) {
    fs.cpSync(path.join(CHECKOUT, name), path.join(copy, name), { recursive: true });
  }
  fs.symlinkSync(path.join(CHECKOUT, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}
