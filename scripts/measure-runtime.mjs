// How large the client runtime is in an application: each entry bundled by itself with npm packages left out, minified and compressed.
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { globSync } from 'tinyglobby';

/** Bytes that the core, entry `.`, may have when it is bundled, minified and compressed. */
export const CORE_BUDGET = 15_000;

/** Bytes of each entry of a built package, by its name as in `exports`. */
export async function measureRuntime(dist) {
  const sizes = {};
  for (const folder of globSync('{,*/}index.d.mts', { cwd: join(dist, 'esm') }).map(dirname).sort()) {
    sizes[folder === '.' ? folder : `./${folder}`] = await compressedSize(`export * from './${join(folder, 'index.mjs')}'`, join(dist, 'esm'));
  }
  return sizes;
}

/** Bytes of a module of a folder with all that it imports but npm packages, minified and compressed. */
export async function compressedSize(contents, resolveDir) {
  const { outputFiles: [{ contents: code }] } = await build({
    stdin: { contents, resolveDir }, bundle: true, minify: true, write: false, format: 'esm', platform: 'node', target: 'node20', packages: 'external',
  });
  return gzipSync(code, { level: 9 }).length;
}

/** The sizes as text, one line for each entry. */
export function sizeTable(sizes) {
  const lines = Object.entries(sizes).map(([name, bytes]) => `${name.padEnd(20)}${String(bytes).padStart(7)}${name === '.' ? ` of ${CORE_BUDGET}` : ''}`);
  return ['bytes, minified and compressed, each entry by itself:', ...lines].join('\n');
}
