/** Runs what must not break a call: gives what the function gives, or undefined when it throws. */
export type Guard = <R>(fn: () => R) => R | undefined;

/** Makes a guard that prints the first failure as a warning of the process, and no other. */
export function newGuard(): Guard {
  let warned = false;
  const warn = (error: unknown): void => {
    if (warned) return;
    warned = true;
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    process.emitWarning(`an observer of Bedrock calls failed (${reason}); the calls go on, and further failures are not printed`, {
      type: 'AttributionWarning', code: 'usageObserver',
    });
  };
  return fn => {
    try {
      const result = fn();
      // a listener may be asynchronous although nobody waits for it: its rejection would end the process
      if (result instanceof Promise) result.catch(warn);
      return result;
    } catch (error) {
      warn(error);
      return undefined;
    }
  };
}
