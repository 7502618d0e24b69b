import type { Problem } from '../../lib/schema';
import { newProblem } from '../../lib/schema/new-problem';
import { AttributionError } from './attribution-error';
import type { Values } from './call-metadata';
import { given, type GivenValues } from './context';
import { kindOf } from './kind-of';

/** Reads the pairs that a call site sends itself: the map of Converse, or the JSON text of InvokeModel. */
export function readCallerMetadata(metadata: unknown): { values: Values; problems: Problem[] } {
  const allowed = 'a map of strings, as JSON text for InvokeModel';
  const unreadable = (remedy: string): { values: Values; problems: Problem[] } => (
    { values: {}, problems: [newProblem({ code: 'callerMetadata', path: 'requestMetadata', got: kindOf(metadata), allowed, remedy })] }
  );
  if (metadata === undefined) return { values: {}, problems: [] };
  try {
    const pairs: unknown = typeof metadata === 'string' ? JSON.parse(metadata) : metadata;
    if (typeof pairs !== 'object' || pairs === null || Array.isArray(pairs)) return unreadable('send such a map, or none');
    if (!Object.values(pairs).every(value => typeof value === 'string' || value === undefined)) return unreadable('make every value a string');
    return { values: given(pairs as GivenValues), problems: [] };
  } catch {
    // the parser's own message quotes the text, which may have personal values
    return unreadable('correct the JSON text');
  }
}

/** A call site has sent metadata where it must not. */
export function callerMetadataRefused(operation: string | undefined): AttributionError {
  return new AttributionError('CallerMetadataRefused', `the call${operation === undefined ? '' : ` of ${operation}`}`, [newProblem({
    code: 'callerMetadata',
    path: 'requestMetadata',
    got: 'metadata of the call site',
    allowed: 'none beside what the client stamps',
    remedy: 'use withAttribution or attribute instead, or set callerMetadata to merge',
  })]);
}
