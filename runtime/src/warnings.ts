import type { Problem } from '../../lib/schema';

/** Which call a warning is about. */
export interface WarningContext {
  /** Name of the operation, such as `Converse`; undefined outside of a call. */
  readonly operation?: string;
}

/** Hears of what was wrong with calls that went on nevertheless. Called for each of them: what is told how often is up to it. */
export type WarningListener = (problem: Problem, context: WarningContext) => void;

/** So many different warnings are printed by a process at most. */
const MOST = 100;

/** Prints each warning once, as a warning of the process. */
export function printedOnce(): WarningListener {
  const printed = new Set<string>();
  return ({ code, path, got, message }, { operation }) => {
    // the path of an unknown key has the key in it, of which there may be any number; of models, each needs a profile of its own
    const id = `${code} ${path}${path === 'modelId' ? ` ${got}` : ''}`;
    if (printed.has(id) || printed.size >= MOST) return;
    printed.add(id);
    const last = printed.size === MOST ? ' (further kinds of warnings are not printed)' : '';
    process.emitWarning(`${operation === undefined ? '' : `${operation}: `}${message}${last}`, { type: 'AttributionWarning', code });
  };
}
