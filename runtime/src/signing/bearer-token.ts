import { newProblem } from '../../../lib/schema/new-problem';
import { AttributionError } from '../attribution-error';
import { unlessAborted } from './plain-request';

/**
 * A key for Bedrock, or what gives one: asked for each request, since short-term keys end after at most 12 hours.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
 */
export type BearerToken = string | (() => string | Promise<string>);

/**
 * The `authorization` header of a request.
 *
 * @throws AttributionError `InvalidConfiguration` for a text that no header may have: that of `fetch` would have the key in its message
 */
export async function bearerAuthorization(bearerToken: BearerToken, signal?: AbortSignal): Promise<string> {
  const token = typeof bearerToken === 'string' ? bearerToken : await unlessAborted(Promise.resolve(bearerToken()), signal);
  if (isSendable(token)) return `Bearer ${token.trim()}`;
  throw new AttributionError('InvalidConfiguration', 'the bearer token', [newProblem({
    code: 'auth', path: 'auth.bearerToken', got: 'a text that no header may have', allowed: 'an API key of visible ASCII characters', remedy: 'see where it comes from',
  })]);
}

/** Whether a header may have it; files and secrets often end with a line feed. */
export function isSendable(token: unknown): token is string {
  return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token.trim());
}
