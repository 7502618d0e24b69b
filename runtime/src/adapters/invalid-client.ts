import { newProblem } from '../../../lib/schema/new-problem';
import { AttributionError } from '../attribution-error';

/** What an adapter was given, which is not what it is for. */
export interface InvalidClient {
  /** What was to be given, such as `the Anthropic client`. */
  readonly subject: string;
  readonly code: string;
  /** Name of the parameter. */
  readonly path: string;
  readonly given: unknown;
  readonly allowed: string;
  readonly remedy: string;
}

/** The error of an adapter that was given something else: only JavaScript can, or two versions of a package. */
export function invalidClient({ subject, given, ...rest }: InvalidClient): AttributionError {
  return new AttributionError('InvalidConfiguration', subject, [newProblem({ got: nameOf(given), ...rest })]);
}

/** In words: the class of an object. */
function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return (value.constructor as { name?: string } | undefined)?.name ?? 'an object';
}
