// Bundles every lib/**/*.lambda.ts with its AWS SDK into assets/<name>/index.js, at build time: users of the package
// need neither Docker nor esbuild, and new SDK fields work whatever SDK the Lambda runtime carries.
import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { globSync } from 'tinyglobby';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(join(root, 'assets'), { recursive: true, force: true });

for (const entry of globSync('lib/**/*.lambda.ts', { cwd: root }).sort()) {
  const name = basename(entry, '.lambda.ts');
  mkdirSync(join(root, 'assets', name), { recursive: true });
  await build({
    entryPoints: [join(root, entry)],
    outfile: join(root, 'assets', name, 'index.js'),
    absWorkingDir: root,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    legalComments: 'none',
    logLevel: 'warning',
  });
}
