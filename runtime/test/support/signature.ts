import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Refusal } from './answer';
import { METADATA_HEADER, type RecordedRequest, type ServiceName } from './recorded-request';

/** Keys that the endpoint knows. */
export interface KnownKey {
  readonly secretAccessKey: string;
  /** Token without which the keys of a session are worth nothing. */
  readonly sessionToken?: string;
  /** When the session ends, in milliseconds since 1970. */
  readonly expiresAt?: number;
}

/** What the signature of a request says. */
export interface SignatureCheck {
  readonly accessKeyId?: string;
  readonly signedHeaders?: readonly string[];
  readonly signatureValid?: boolean;
  /** Why the request is refused, when it is. */
  readonly refusal?: Refusal;
}

interface Scope {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** Names with which a service may be signed. */
const SIGNING_NAMES: Readonly<Record<ServiceName, readonly string[]>> = {
  'bedrock-runtime': ['bedrock'],
  'bedrock-mantle': ['bedrock-mantle', 'bedrock'],
  'sts': ['sts'],
  'ssm': ['ssm'],
};

/** The security token service has words of its own for the same refusals. */
const STS_CODES: Readonly<Record<string, string>> = {
  ExpiredTokenException: 'ExpiredToken',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  UnrecognizedClientException: 'InvalidClientTokenId',
};

/**
 * Computes the signature of a request again, apart from any SDK, and compares.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function checkSignature(
  request: RecordedRequest, known: (accessKeyId: string) => KnownKey | undefined, now: number,
): SignatureCheck {
  const refuse = (code: string, message: string): Refusal => new Refusal(request.service === 'sts' ? STS_CODES[code] : code, message);
  const scope = parseScope(request.headers.authorization ?? '');
  if (scope === undefined) return { refusal: refuse('MissingAuthenticationTokenException', 'Missing Authentication Token') };
  const { accessKeyId, signedHeaders } = scope;
  const key = known(accessKeyId);
  if (key === undefined || (key.sessionToken ?? '') !== (request.headers['x-amz-security-token'] ?? '')) {
    const refusal = refuse('UnrecognizedClientException', 'The security token included in the request is invalid.');
    return { accessKeyId, signedHeaders, signatureValid: false, refusal };
  }
  const wrong = (message: string): SignatureCheck =>
    ({ accessKeyId, signedHeaders, signatureValid: false, refusal: refuse('InvalidSignatureException', message) });
  if (!SIGNING_NAMES[request.service].includes(scope.service)) {
    return wrong(`Credential should be scoped to correct service: '${SIGNING_NAMES[request.service][0]}'.`);
  }
  if (!sameText(signatureOf(request, scope, key.secretAccessKey), scope.signature)) {
    return wrong('The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.');
  }
  // a header that decides on attribution must not be added on the way
  if (METADATA_HEADER in request.headers && !signedHeaders.includes(METADATA_HEADER)) {
    return wrong(`'${METADATA_HEADER}' must be a 'SignedHeader' in the AWS Authorization.`);
  }
  if (key.expiresAt !== undefined && now >= key.expiresAt) {
    const refusal = refuse('ExpiredTokenException', 'The security token included in the request is expired');
    return { accessKeyId, signedHeaders, signatureValid: true, refusal };
  }
  return { accessKeyId, signedHeaders, signatureValid: true };
}

function parseScope(authorization: string): Scope | undefined {
  const parts = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
    .exec(authorization);
  if (parts === null) return undefined;
  const [, accessKeyId, date, region, service, signedHeaders, signature] = parts;
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature };
}

function signatureOf(request: RecordedRequest, scope: Scope, secretAccessKey: string): string {
  const { pathname: path, search: query } = new URL(request.path, 'http://aws');
  const canonicalRequest = [
    request.method,
    path.split('/').map(encode).join('/'),
    canonicalQuery(query),
    ...scope.signedHeaders.map(name => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    scope.signedHeaders.join(';'),
    createHash('sha256').update(request.body).digest('hex'),
  ].join('\n');
  const textToSign = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'] ?? '',
    `${scope.date}/${scope.region}/${scope.service}/aws4_request`,
    createHash('sha256').update(canonicalRequest).digest('hex'),
  ].join('\n');
  const signingKey = [scope.date, scope.region, scope.service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  return hmac(signingKey, textToSign).toString('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Query parameters in the order of their names, encoded once. */
function canonicalQuery(query: string): string {
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return pairs.sort((one, other) => one < other ? -1 : 1).join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sameText(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
