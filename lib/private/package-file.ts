import * as fs from 'fs';
import * as path from 'path';

/**
 * Absolute path of a data file or asset of this package (`assets/…`, `lib/analytics/sql/…`), the same whether the code runs from the
 * sources, from `dist/` or from an installed package: it walks up to the folder that holds the package's manifest.
 */
export function packageFile(...segments: string[]): string {
  let folder = __dirname;
  while (!fs.existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return path.join(folder, ...segments);
}
