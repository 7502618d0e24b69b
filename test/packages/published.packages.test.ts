import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as ts from 'typescript';
import { entries, filesEnding, installed, manifest, world } from './world';

const ROOT = join(__dirname, '..', '..');
const run = promisify(execFile);

interface Sizes { readonly budget: number; readonly entries: Readonly<Record<string, number>>; readonly all: number; readonly one: number }

/** What the installed package weighs; in a process of its own, since what measures is an ES module. */
async function measure(): Promise<Sizes> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', `
    import { compressedSize, CORE_BUDGET, measureRuntime } from './scripts/measure-runtime.mjs';
    const [, dist] = process.argv;
    const of = names => compressedSize(\`export \${names} from './index.mjs'\`, dist + '/esm');
    const sizes = { budget: CORE_BUDGET, entries: await measureRuntime(dist), all: await of('*'), one: await of('{ withAttribution }') };
    console.log(JSON.stringify(sizes));
  `, join(installed, 'dist')], { cwd: ROOT });
  return JSON.parse(stdout) as Sizes;
}

const packageOf = (specifier: string): string => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');

test.each([
  ['publint', ['run', world.tarball, '--strict']],
  ['attw', [world.tarball]],
])('%s finds nothing', async (tool, args) => {
  const { stdout } = await run(join(ROOT, 'node_modules', '.bin', tool), args).catch((error: unknown) => error as { stdout: string });
  expect(stdout).toMatch(/All good!|No problems found/);
});

test('the reference has everything that is exported', async () => {
  await run(join(ROOT, 'node_modules', '.bin', 'typedoc'), ['--options', 'runtime/typedoc.config.mjs', '--emit', 'none'], { cwd: ROOT });
});

test('every entry has code and types for both ways', () => {
  for (const entry of entries) {
    const path = join('dist', 'FORMAT', entry, 'index');
    expect(manifest.exports[entry]).toEqual({
      import: { types: `./${path.replace('FORMAT', 'esm')}.d.mts`, default: `./${path.replace('FORMAT', 'esm')}.mjs` },
      require: { types: `./${path.replace('FORMAT', 'cjs')}.d.ts`, default: `./${path.replace('FORMAT', 'cjs')}.js` },
    });
  }
});

test('code and types import nothing but what the package says it needs', () => {
  const known = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies), ...builtinModules];
  const files = filesEnding('.mjs', '.js', '.d.ts', '.d.mts');
  const foreign = files.flatMap(file => ts.preProcessFile(readFileSync(join(installed, file), 'utf8')).importedFiles
    .map(({ fileName }) => fileName)
    .filter(name => name.startsWith('.')
      ? !files.includes(join(dirname(file), /\.d\.m?ts$/.test(file) ? name.replace(/\.(m?)js$/, '.d.$1ts') : name))
      : !known.includes(packageOf(name.replace(/^node:/, ''))))
    .map(name => `${file}: ${name}`));
  expect(files.length).toBeGreaterThan(entries.length);
  expect(foreign).toEqual([]);
});

test('the core keeps its budget', async () => {
  const { budget, entries: sizes } = await measure();
  expect(Object.keys(sizes).sort()).toEqual([...entries].sort());
  expect(sizes['.']).toBeLessThanOrEqual(budget);
});

test('an application has little of the core that it does not use', async () => {
  const { all, one } = await measure();
  expect(one).toBeLessThan(all / 10);
});

test('source maps have the sources in them', () => {
  const maps = filesEnding('.map').map(file => JSON.parse(readFileSync(join(installed, file), 'utf8')) as { sources: string[]; sourcesContent?: string[] });
  expect(maps.length).toBeGreaterThan(entries.length);
  for (const { sources, sourcesContent } of maps) expect(sourcesContent).toHaveLength(sources.length);
});
