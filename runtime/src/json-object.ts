/**
 * The object that a text is the JSON of. Any other text is undefined: who reports it must not quote it, since a name that is wrong may be
 * that of a secret.
 */
export function jsonObject(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}

/** What is told of a text that is none. */
export const NO_OBJECT = 'a text that is no JSON object';
