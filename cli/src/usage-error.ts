/**
 * What the user gave cannot be worked with: one clear sentence and exit code 2, never a stack trace.
 */
export class UsageError extends Error {
  readonly exitCode: number = 2;
}

/** The user has stopped the program: the exit code is that of a shell for Ctrl-C. */
export class Interrupted extends UsageError {
  override readonly exitCode: number = 130;
}
