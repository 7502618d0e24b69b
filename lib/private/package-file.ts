import * as fs from 'fs';
import * as path from 'path';

/** The package is not laid out as it was published, as after bundling an app into one file. */
class PackageFileError extends Error {}

/**
 * Absolute path of a data file or asset of this package (`assets/…`, `lib/analytics/sql/…`), the same whether the code runs from the
 * sources, from `dist/` or from an installed package: it walks up to the folder that holds the package's manifest.
 */
export function packageFile(...segments: string[]): string {
  let folder = __dirname;
  while (!fs.existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new PackageFileError(`no package.json above ${__dirname}: keep this package in node_modules instead of bundling it`);
    folder = parent;
  }
  return path.join(folder, ...segments);
}

/** Text of a data file of this package. */
export function packageText(...segments: string[]): string {
  return fs.readFileSync(packageFile(...segments), 'utf8');
}
