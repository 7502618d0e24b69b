import { type FetchFunction, plainRequest, send } from './plain-request';
import { requestSigner, type SigningOptions } from './sign-request';

/** What a `fetch` that signs is made of. */
export interface SignedFetchOptions extends SigningOptions {
  /**
   * What sends the signed requests.
   *
   * @default - the global `fetch`
   */
  readonly fetch?: FetchFunction;
}

/**
 * A `fetch` whose requests are signed with Signature Version 4. Bodies that are streams are read to their end before they are sent.
 */
export function signedFetch({ fetch: fetchFunction, ...options }: SignedFetchOptions): FetchFunction {
  const sign = requestSigner(options);
  return async (input, init) => send(await sign(await plainRequest(input, init)), fetchFunction);
}
