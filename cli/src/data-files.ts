import { existsSync } from 'node:fs';
import { join } from 'node:path';

const BUNDLED = join(__dirname, 'data');
const IN_REPOSITORY = { 'sql': join('lib', 'analytics', 'sql'), 'price-book': join('lib', 'price-book', 'data') } as const;

/** Path of a data file that ships with the command line, the same from the bundle and from the sources. */
export function dataFile(kind: keyof typeof IN_REPOSITORY, ...segments: string[]): string {
  if (existsSync(BUNDLED)) return join(BUNDLED, kind, ...segments);
  return join(__dirname, '..', '..', IN_REPOSITORY[kind], ...segments);
}
