/** Runs what must not break a call: gives what the function gives, or undefined when it throws. */
export type Guard = <R>(fn: () => R) => R | undefined;

/**
 * Makes a guard that prints the first failure as a warning of the process, and no other.
 *
 * @param subject who fails, as a reader of the warning would write it
 */
export function newGuard(subject: string, code: string): Guard {
  const warn = firstFailurePrinted(reason => `${subject} failed (${reason}); the calls go on, and further failures are not printed`, code);
  return fn => {
    try {
      const result = fn();
      // a listener may be asynchronous although nobody waits for it: its rejection would end the process
      if (isThenable(result)) result.then(undefined, warn);
      return result;
    } catch (error) {
      warn(error);
      return undefined;
    }
  };
}

/** Prints the first failure that it is told of as a warning of the process, and no other. */
export function firstFailurePrinted(textOf: (reason: string) => string, code: string): (error: unknown) => void {
  let printed = false;
  return error => {
    if (printed) return;
    printed = true;
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    process.emitWarning(textOf(reason), { type: 'AttributionWarning', code });
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
