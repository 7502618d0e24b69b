import type { IncomingMessage } from 'node:http';
import { Refusal, setting } from './server-requests';

/** Reads the claims of the token of a request: one whose signature, algorithm, issuer, audience and expiry are right. */
export async function tokenVerifier(): Promise<(request: IncomingMessage) => Promise<object>> {
  const { createRemoteJWKSet, jwtVerify } = await import('jose');
  const keys = createRemoteJWKSet(new URL(setting('JWKS_URL')));
  const expected = { issuer: setting('JWT_ISSUER'), audience: setting('JWT_AUDIENCE'), algorithms: ['ES256', 'RS256'], requiredClaims: ['exp'] };

  return async request => {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) throw new Refusal(401, 'send a token: authorization: Bearer …');
    try {
      return (await jwtVerify(token, keys, expected)).payload;
    } catch (error) {
      throw new Refusal(401, `the token is not accepted: ${(error as Error).message}`);
    }
  };
}
