// Bundles the command line (with the pure schema and price-book sources it shares with lib/) into cli/dist/bca.js and
// copies the data that it reads at run time: the .sql views and the price-book data. npm dependencies stay external.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'cli', 'dist');
rmSync(dist, { recursive: true, force: true });

await build({
  entryPoints: [join(root, 'cli', 'src', 'main.ts')],
  outfile: join(dist, 'bca.js'),
  absWorkingDir: root,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
});
cpSync(join(root, 'lib', 'analytics', 'sql'), join(dist, 'data', 'sql'), { recursive: true, filter: (path) => !path.endsWith('.ts') });
cpSync(join(root, 'lib', 'price-book', 'data'), join(dist, 'data', 'price-book'), { recursive: true });
