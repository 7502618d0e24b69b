import { AttributionError } from '../src';

/** The attribution error that a function throws. */
export function thrownBy(fn: () => unknown): AttributionError {
  try {
    fn();
  } catch (error) {
    if (AttributionError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
