import type { AwsCredentialIdentity, HttpRequest, Provider, QueryParameterBag } from '@smithy/types';
import { NodeSha256 } from './node-sha256';
import { type PlainRequest, unlessAborted } from './plain-request';

/** Credentials of AWS, or what gives them: asked for each request, so it should keep them until they expire, as those of the SDK do. */
export type Credentials = AwsCredentialIdentity | Provider<AwsCredentialIdentity>;

/** What requests are signed with. */
export interface SigningOptions {
  /** Name by which the service checks signatures: `bedrock`, or `bedrock-mantle`. */
  readonly service: string;

  /** Region of the endpoint. */
  readonly region: string;

  /** Who calls. */
  readonly credentials: Credentials;

  /**
   * Milliseconds since 1970.
   *
   * @default Date.now
   */
  readonly clock?: () => number;
}

/** Signs a request. */
export type RequestSigner = (request: PlainRequest) => Promise<PlainRequest>;

/** Headers of one connection, which no signature can cover, and those that `fetch` sets itself. */
const HOP_HEADERS = ['connection', 'content-length', 'expect', 'host', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** Headers of another signature. */
const SIGNATURE_HEADERS = ['authorization', 'date', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'];

/**
 * What signs requests with Signature Version 4: all their headers, that of request metadata among them, and their bodies.
 *
 * A signature that a request has already is taken off, and so are headers of one connection only.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export function requestSigner({ service, region, credentials, clock = Date.now }: SigningOptions): RequestSigner {
  // the signer is a peer that those who call with a bearer token do not need
  const signer = import('@smithy/signature-v4').then(({ SignatureV4 }) => new SignatureV4({ service, region, credentials, sha256: NodeSha256 }));
  // without it, requests fail, and not the process
  signer.catch(() => undefined);

  return async request => {
    const toSign = signable(request);
    const signing = signer.then(signerOfService => signerOfService.sign(toSign, { signingDate: new Date(clock()) }));
    const signed = await unlessAborted(signing, request.signal);
    return { ...request, headers: sendable(signed.headers) };
  };
}

function signable({ url, method, headers, body }: PlainRequest): HttpRequest {
  const left = new Headers(headers);
  for (const name of [...HOP_HEADERS, ...SIGNATURE_HEADERS]) left.delete(name);
  return {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: queryOf(url),
    headers: { ...Object.fromEntries(left), host: url.host },
    body,
  };
}

/** Those of the caller have been headers before, so that only credentials can be illegal: the error of `Headers` would quote them. */
function sendable(signed: Record<string, string>): Headers {
  try {
    const headers = new Headers(signed);
    headers.delete('host');
    return headers;
  } catch {
    throw new TypeError('the credentials have characters that no header may have: see where they come from');
  }
}

function queryOf({ searchParams }: URL): QueryParameterBag {
  return Object.fromEntries(Array.from(searchParams.keys(), name => [name, searchParams.getAll(name)]));
}
