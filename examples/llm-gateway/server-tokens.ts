import type { IncomingMessage } from 'node:http';
import type { TenantCredentials, TenantSession } from '../../runtime/src/tenants';
import { Refusal, setting } from './server-requests';

/** Finds the session of a request by the claims of its token: one whose signature, algorithm, issuer, audience and expiry are right. */
export async function sessionsByToken(tenants: Pick<TenantCredentials, 'forRequest'>): Promise<(request: IncomingMessage) => Promise<TenantSession>> {
  const { createRemoteJWKSet, jwtVerify } = await import('jose');
  const keys = createRemoteJWKSet(new URL(setting('JWKS_URL')));
  const expected = { issuer: setting('JWT_ISSUER'), audience: setting('JWT_AUDIENCE'), algorithms: ['ES256', 'RS256'], requiredClaims: ['exp'] };

  return async request => {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) throw new Refusal(401, 'send a token: authorization: Bearer …');
    const { payload } = await jwtVerify(token, keys, expected).catch((error: unknown) => {
      throw new Refusal(401, `the token is not accepted: ${(error as Error).message}`);
    });
    try {
      return tenants.forRequest(payload);
    } catch (error) {
      console.error(error);
      throw new Refusal(403, 'the token names no tenant that may call');
    }
  };
}
