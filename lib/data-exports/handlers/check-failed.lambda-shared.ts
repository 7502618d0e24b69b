import { isRefusal, messageOf, passesByItself } from '../../private/handlers/passing-errors.lambda-shared';

/** Why a check found nothing out. */
export class CheckFailedError extends Error {
  public constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'CheckFailedError';
  }
}

/**
 * Makes a call, and has a refusal say which permission the call takes and where to look for what is missing. What passes by itself is
 * thrown as it is.
 *
 * @param action the IAM action
 * @param advice where to look when access is denied
 */
export async function explained<T>(action: string, advice: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (passesByItself(error) || !isRefusal(error)) throw error;
    const { name } = error as Error;
    const hint = name.startsWith('AccessDenied') ? `; ${advice}` : '';
    throw new CheckFailedError(`${action} was refused with ${name}: ${messageOf(error)}${hint}`, error);
  }
}
