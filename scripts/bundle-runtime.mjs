// Bundles the client runtime into runtime/dist: each entry that runtime/package.json exports, from runtime/src/index.ts or
// runtime/src/<name>/index.ts, as ES modules, as CommonJS, and with types for both. npm packages stay external; sources of lib/ are taken in.
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { rollup } from 'rollup';
import dts from 'rollup-plugin-dts';
import { measureRuntime, sizeTable } from './measure-runtime.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'runtime', 'src');
const { exports } = JSON.parse(readFileSync(join(root, 'runtime', 'package.json'), 'utf8'));
const entries = Object.fromEntries(Object.keys(exports).filter(name => name !== './package.json').map(name => {
  const entry = join(name, 'index');
  return [entry, join(source, `${entry}.ts`)];
}));

const dist = join(root, 'runtime', `unfinished-dist-${process.pid}`);
try {
  await bundleTypes(await bundleCode());
  console.log(sizeTable(await measureRuntime(dist)));
  replaceBy(dist, join(root, 'runtime', 'dist')); // whatever runs at the same time sees the former bundle or this one
} finally {
  rmSync(dist, { recursive: true, force: true });
}

/** Moves a folder to the place of another one, which is removed. */
function replaceBy(folder, place) {
  const former = `${folder}-former`;
  if (existsSync(place)) renameSync(place, former);
  renameSync(folder, place);
  rmSync(former, { recursive: true, force: true });
}

/** @returns the values that each entry exports */
async function bundleCode() {
  // as package.json says: what is not used is not there, even if reading its file would do something
  const treeshake = { moduleSideEffects: false };
  const bundle = await rollup({ input: entries, plugins: [typescript()], treeshake, onLog: failOnWarning });
  const shared = { sourcemap: true, generatedCode: { preset: 'es2015', symbols: false } };
  // one file for each source, so that bundlers leave out what an application does not use
  await bundle.write({ ...shared, format: 'es', dir: join(dist, 'esm'), preserveModules: true, entryFileNames: ({ facadeModuleId }) => `${placeOf(facadeModuleId)}.mjs` });
  // few files, which load faster; what entries share is there once, or errors of one were none of the other
  const { output } = await bundle.write({ ...shared, format: 'cjs', dir: join(dist, 'cjs'), chunkFileNames: 'chunks/[name].js', exports: 'named' });
  await bundle.close();
  return new Map(output.filter(({ isEntry }) => isEntry).map(({ name, exports }) => [name, exports]));
}

/** Two copies, because TypeScript tells by the ending whether types are those of an ES module. */
async function bundleTypes(values) {
  const plugins = [dts({ tsconfig: join(root, 'runtime', 'tsconfig.json') })];
  const bundle = await rollup({ input: entries, external: /^node:/, plugins, onLog: failOnWarning });
  for (const [folder, ending] of [['esm', 'd.mts'], ['cjs', 'd.ts']]) {
    const output = [typesAreTypes(values)];
    await bundle.write({ format: 'es', dir: join(dist, folder), entryFileNames: `[name].${ending}`, chunkFileNames: `types/[name].${ending}`, plugins: output });
  }
  await bundle.close();
}

/** A class of which an entry exports the type alone would be declared as a value that is not there. */
function typesAreTypes(values) {
  return {
    name: 'types-are-types',
    renderChunk: (code, { isEntry, name }) => !isEntry ? null : code.replace(/(?<=^export )\{ (.*) \}/gm, (_, list) => {
      const ofType = list.split(', ').map(item => values.get(name).includes(item.split(' as ').at(-1)) ? item : `type ${item}`);
      return `{ ${ofType.join(', ')} }`;
    }),
  };
}

/** Reads TypeScript, and takes everything for external that is no file of this repository. */
function typescript() {
  return {
    name: 'typescript',
    resolveId(id, importer) {
      if (importer === undefined) return id;
      if (!id.startsWith('.')) return { id, external: true };
      const path = join(dirname(importer), id);
      return [`${path}.ts`, join(path, 'index.ts')].find(file => existsSync(file));
    },
    transform: (code, id) => transform(code, { loader: 'ts', target: 'node20', sourcemap: true, sourcefile: id }),
  };
}

/** Where the code of a source goes: sources of lib/ to folders of their own. */
function placeOf(file) {
  const path = relative(source, file).startsWith('..') ? join('lib', relative(join(root, 'lib'), file)) : relative(source, file);
  return path.replace(/\.ts$/, '');
}

/** A warning of a build that is published is something to be mended; a type that entries share need not be exported by each. */
function failOnWarning(level, { message }) {
  if (level === 'warn' && !message.includes('with no public re-export')) throw new Error(message);
}
