import { bearerAuthorization, type BedrockAuth, type FetchFunction, type FetchInput, signedFetch } from '../signing';

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock-mantle.html */
const SIGNING_NAME = 'bedrock-mantle';

/** What a `fetch` that authenticates is made of. */
export interface AuthorizedFetchOptions {
  readonly auth: BedrockAuth;
  readonly region: string;
  readonly fetch?: FetchFunction;
  readonly clock?: () => number;
}

/** A `fetch` that calls as one principal, whatever the client that uses it calls as. */
export function authorizedFetch({ auth, ...options }: AuthorizedFetchOptions): FetchFunction {
  if (auth.credentials !== undefined) {
    const fetchSigned = signedFetch({ ...options, service: SIGNING_NAME, credentials: auth.credentials });
    return (input, init) => fetchSigned(input, changed(input, init, headers => {
      headers.delete('x-api-key');
    }));
  }
  const { bearerToken } = auth;
  const { fetch: fetchFunction = fetch } = options;
  return async (input, init) => {
    const authorization = await bearerAuthorization(bearerToken, init?.signal ?? requestOf(input)?.signal);
    return fetchFunction(input, changed(input, init, headers => {
      for (const name of ['x-api-key', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256']) headers.delete(name);
      headers.set('authorization', authorization);
    }));
  };
}

/** Options with which a request goes out with other headers than it has. */
export function changed(input: FetchInput, init: RequestInit | undefined, change: (headers: Headers) => void): RequestInit {
  const headers = new Headers(init?.headers ?? requestOf(input)?.headers);
  change(headers);
  return { ...init, headers };
}

/** The input as a request, if it is one; that of another implementation of `fetch` counts as well. */
export function requestOf(input: FetchInput): Request | undefined {
  return typeof input === 'string' || input instanceof URL ? undefined : input;
}
