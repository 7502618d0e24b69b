import type { Problem } from '../../../lib/schema';
import { type Attribution, AttributionError, type Stamp, withAttribution } from '../../src';
import { withPinnedAttribution } from '../../src/context';
import type { AnyCall } from './arbitraries';

/** What became of a call. */
export interface Stamped {
  readonly stamp?: Stamp;
  readonly error?: AttributionError;
}

/** Stamps a call; any error but the one that the policy asks for is thrown. */
export function stamped(calls: Attribution, { contexts, pinned, command, callerMetadata }: AnyCall): Stamped {
  const { input } = command === undefined ? { input: {} } : calls.attribute({ input: {} }, command);
  const call = (): Stamp => calls.stamp('InvokeModel', input, callerMetadata);
  const inContexts = contexts.reduceRight<() => Stamp>((inner, values) => () => withAttribution(values, inner), call);
  try {
    return { stamp: withPinnedAttribution(pinned, inContexts) };
  } catch (error) {
    if (!AttributionError.is(error)) throw error;
    return { error };
  }
}

/** Everything that anybody could read of problems. */
export function textOf(problems: readonly Problem[]): string {
  return JSON.stringify(problems);
}
