// Bundles every *.lambda.ts of lib/ and cli/src/ with its packages into assets/<name>/index.js, at build time: users of the
// package need neither Docker nor esbuild, and new SDK fields work whatever SDK the Lambda runtime carries.
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { globSync } from 'tinyglobby';

const root = fileURLToPath(new URL('..', import.meta.url));
const assets = join(root, 'assets');
const entries = new Map(globSync('{lib,cli/src}/**/*.lambda.ts', { cwd: root }).sort().map(entry => [basename(entry, '.lambda.ts'), entry]));

mkdirSync(assets, { recursive: true });
for (const { name } of readdirSync(assets, { withFileTypes: true }).filter(entry => entry.isDirectory() && !entries.has(entry.name))) {
  rmSync(join(assets, name), { recursive: true });
}

for (const [name, entry] of entries) {
  const unfinished = join(assets, `unfinished-${name}-${process.pid}.js`);
  mkdirSync(join(assets, name), { recursive: true });
  await build({
    entryPoints: [join(root, entry)],
    outfile: unfinished,
    absWorkingDir: root,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    legalComments: 'none',
    logLevel: 'warning',
  });
  renameSync(unfinished, join(assets, name, 'index.js')); // a test that runs at the same time sees the former bundle or this one
}
