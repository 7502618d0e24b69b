import type { AttributionKey } from '../../schema';

/**
 * The name of a key as part of a statement id, which has letters and digits only.
 *
 * A capital letter stands for an underscore; a digit has none, and gets a letter, so that `level_1` and `level1` stay apart.
 */
export function sid({ name }: AttributionKey): string {
  return name.split('_').map(word => /^\d/.test(word) ? `No${word}` : word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
