import type { Provider } from '@smithy/types';
import type { Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import { type Credentials, requestSigner, type RequestSigner, unlessAborted } from '../signing';

/**
 * A key for Bedrock, which is sent as a bearer token.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
 */
export interface BearerToken {
  /** The key, or what gives it: asked for each request, so it should keep a key until it expires. */
  readonly bearerToken: string | Provider<string>;
}

/** Who calls: credentials of AWS or what gives them, by which requests are signed, or a key for Bedrock. */
export type BedrockAuth = Credentials | BearerToken;

/** What makes requests those of the caller, whatever they said before. */
export function authorizer(auth: BedrockAuth, region: string): RequestSigner {
  if (!('bearerToken' in auth)) return requestSigner({ service: 'bedrock', region, credentials: auth });
  const { bearerToken } = auth;
  return async request => {
    const token = typeof bearerToken === 'string' ? bearerToken : await unlessAborted(bearerToken(), request.signal);
    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${token}`);
    return { ...request, headers };
  };
}

/** What is wrong with who calls, without anything of it in the messages. */
export function authProblems(auth: BedrockAuth): Problem[] {
  // an environment variable that is not set comes as undefined in spite of the types
  const { accessKeyId, secretAccessKey, bearerToken } = Object(auth) as Partial<Exclude<Credentials, Provider<unknown>> & BearerToken>;
  if (typeof auth === 'function' || typeof bearerToken === 'function' || isText(bearerToken)) return [];
  if (isText(accessKeyId) && isText(secretAccessKey)) return [];
  return [newProblem({
    code: 'auth',
    path: 'auth',
    got: 'none, or a part of them',
    allowed: 'credentials with accessKeyId and secretAccessKey, a function that gives them, or { bearerToken }',
    remedy: 'give one of them, for example fromNodeProviderChain() of @aws-sdk/credential-providers',
  })];
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0;
}
