import { createHash } from 'crypto';

/** A configuration as paths and values: `s3Config.bucketName` → `"logs"`. */
type Flat = ReadonlyMap<string, string>;

/**
 * Whether two logging configurations mean the same to the service.
 *
 * A switch that is absent counts as off, and a key prefix means the same with and without slashes at its ends.
 */
export function sameConfiguration(a: object | undefined, b: object | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const left = flatten(a);
  const right = flatten(b);
  return left.size === right.size && [...left].every(([path, value]) => right.get(path) === value);
}

/** The same short text for the same configurations, another for others. */
export function fingerprint(configuration: object): string {
  const settings = [...flatten(configuration)].map(setting => setting.join('=')).sort();
  return createHash('sha256').update(settings.join('\n')).digest('hex');
}

/** The settings of two configurations beside each other, one per line, in a stable order. */
export function sideBySide(found: object, wanted: object): string {
  const left = flatten(found);
  const right = flatten(wanted);
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort();
  return paths.map(path => {
    const unset = path.endsWith('Enabled') ? 'false' : 'nothing';
    return `${path}: found ${left.get(path) ?? unset}, wanted ${right.get(path) ?? unset}`;
  }).join('\n');
}

function flatten(configuration: object): Flat {
  return new Map(leaves(configuration, []));
}

/** Every setting that is not the same as leaving it out. */
function leaves(value: object, path: string[]): [string, string][] {
  return Object.entries(value).flatMap(([name, raw]: [string, unknown]): [string, string][] => {
    const setting = name === 'keyPrefix' && typeof raw === 'string' ? raw.replace(/^\/+|\/+$/g, '') : raw;
    if (setting === undefined || setting === null || setting === false || setting === '') return [];
    const here = [...path, name];
    return typeof setting === 'object' ? leaves(setting, here) : [[here.join('.'), JSON.stringify(setting)]];
  });
}
