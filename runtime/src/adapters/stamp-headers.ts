import { METADATA_HEADER } from '../attribution-middleware';
import type { Stamper } from '../stamper';

/**
 * Headers of a call whose body belongs to the model, with what the call is stamped with in place of what the caller sends itself.
 *
 * @throws AttributionError where the options of the attribution ask for it
 */
export function stampHeaders(calls: Stamper, given: Headers, operation: string): Headers {
  const headers = new Headers(given);
  const { header } = calls.stamp(operation, undefined, headers.get(METADATA_HEADER) ?? undefined);
  if (header === undefined) headers.delete(METADATA_HEADER);
  else headers.set(METADATA_HEADER, header);
  return headers;
}
