import type { AttributionKey } from '../../schema';

/** The name of a key as part of a statement id, which has letters and digits only. */
export function sid({ name }: AttributionKey): string {
  return name.split('_').map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
