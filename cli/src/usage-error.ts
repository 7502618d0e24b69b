/**
 * What the user gave cannot be worked with: one clear sentence and exit code 2, never a stack trace.
 */
export class UsageError extends Error {
  readonly exitCode = 2;
}
