import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { globSync, isDynamicPattern } from 'tinyglobby';
import { UsageError } from '../usage-error';

/**
 * The files behind paths that a user gave: a file stands for itself, a folder for all files below it that `accept` takes, a pattern for
 * what it matches. Sorted, each file once.
 *
 * @param kind what is looked for, as the error names it
 * @throws UsageError when a path names nothing, or there is no such file below a folder
 */
export function findFiles(kind: string, paths: readonly string[], accept: (path: string) => boolean): string[] {
  const found = new Map<string, string>();
  for (const path of paths) {
    const files = expand(kind, path, accept);
    if (files.length === 0) throw new UsageError(`${JSON.stringify(path)} holds no ${kind}`);
    // one path cannot name a file twice, and asking the file system about each of many files takes its time
    for (const file of files) found.set(paths.length > 1 ? realpathSync.native(file) : file, file);
  }
  return [...found.values()].sort();
}

function expand(kind: string, path: string, accept: (path: string) => boolean): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return [path];
  if (stat?.isDirectory()) return filesBelow(path, accept);
  if (isDynamicPattern(path)) {
    return globSync(path, { absolute: path.startsWith('/'), dot: true, onlyFiles: true }).filter(accept);
  }
  throw new UsageError(`${JSON.stringify(path)} does not exist: give a file, a folder or a pattern of ${kind}`);
}

function filesBelow(folder: string, accept: (path: string) => boolean): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(path => accept(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}
