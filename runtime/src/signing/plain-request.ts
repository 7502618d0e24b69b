/** What `fetch` is called with. */
export type FetchInput = Parameters<typeof fetch>[0];

/** A function that does what `fetch` does. */
export type FetchFunction = (input: FetchInput, init?: RequestInit) => Promise<Response>;

/** A request whose body is there as a whole, so that it can be looked at before it is sent. */
export interface PlainRequest {
  readonly url: URL;
  readonly method: string;
  /** Those of the caller, and the content type that `fetch` would have added. */
  readonly headers: Headers;
  /** Undefined when there is none. */
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal;
  /** What else `fetch` was told: `redirect`, `keepalive`, and what only one implementation knows, such as `dispatcher`. */
  readonly rest: RequestInit;
}

/**
 * Reads what `fetch` was called with. A stream is read to its end, since nothing can be signed before; so is the body of a `Request`.
 */
export async function plainRequest(input: FetchInput, init: RequestInit = {}): Promise<PlainRequest> {
  const given = input instanceof Request ? input : undefined;
  const signal = (init.signal === undefined ? given?.signal : init.signal) ?? undefined;
  // the signal of a Request follows that of the caller only for as long as the Request is there: the caller's own is passed on
  const request = new Request(input, { ...init, signal: null });
  const body = request.body === null ? undefined : new Uint8Array(await unlessAborted(request.arrayBuffer(), signal));
  const { url, method, headers } = request;
  return { url: new URL(url), method, headers, signal, body, rest: { ...given === undefined ? {} : restOf(given), ...init } };
}

/** Sends a request. It goes as an address and options: another implementation of `fetch` would not know a `Request` of this one. */
export function send({ url, method, headers, body, signal, rest }: PlainRequest, fetchFunction: FetchFunction = fetch): Promise<Response> {
  return fetchFunction(url.href, { ...rest, method, headers, body, signal });
}

/** What a promise gives, unless the caller no longer wants it. */
export async function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  const aborted = new AbortController();
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_resolve, reject) => {
        const fail = (): void => {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- fetch rejects with the very reason of the signal
          reject(signal.reason);
        };
        if (signal.aborted) fail();
        else signal.addEventListener('abort', fail, { once: true, signal: aborted.signal });
      }),
    ]);
  } finally {
    aborted.abort();
  }
}

function restOf({ credentials, integrity, keepalive, mode, redirect, referrer, referrerPolicy }: Request): RequestInit {
  return { credentials, integrity, keepalive, mode, redirect, referrer, referrerPolicy };
}
