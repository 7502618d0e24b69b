import type { Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import { bearerAuthorization, type BedrockAuth, type Credentials, requestSigner, type RequestSigner } from '../signing';

/** What makes requests those of the caller, whatever they said before. */
export function authorizer({ bearerToken, credentials }: BedrockAuth, region: string): RequestSigner {
  if (credentials !== undefined) return requestSigner({ service: 'bedrock', region, credentials });
  return async request => {
    const headers = new Headers(request.headers);
    headers.set('authorization', await bearerAuthorization(bearerToken, request.signal));
    return { ...request, headers };
  };
}

/** What is wrong with who calls, without anything of it in the messages. */
export function authProblems(auth: BedrockAuth): Problem[] {
  // an environment variable that is not set comes as undefined in spite of the types
  const { bearerToken, credentials } = Object(auth) as Partial<BedrockAuth>;
  const ways = [bearerToken, credentials].filter(way => way !== undefined && way !== '');
  if (ways.length === 1 && (credentials === undefined || isWhole(credentials))) return [];
  return [newProblem({
    code: 'auth',
    path: 'auth',
    got: ['neither', 'incomplete credentials', 'both'][ways.length],
    allowed: 'either credentials, with accessKeyId and secretAccessKey or a function that gives them, or bearerToken',
    remedy: 'give one of the two, for example the credentials of fromNodeProviderChain() of @aws-sdk/credential-providers',
  })];
}

function isWhole(credentials: Credentials): boolean {
  return typeof credentials === 'function' || Boolean(credentials.accessKeyId && credentials.secretAccessKey);
}
