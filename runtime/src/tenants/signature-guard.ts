import type { DeserializeMiddleware } from '@smithy/types';
import { newProblem } from '../../../lib/schema/new-problem';
import { AttributionError } from '../attribution-error';
import type { StartableSession } from './tenant-session';

interface SignedRequest {
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Lets through what is signed with the session of the tenant in whose name the call is made, and nothing else. */
export function signedBy(running: () => StartableSession | undefined): DeserializeMiddleware<object, object> {
  return next => args => {
    const session = running();
    if (session === undefined) throw noTenant();
    const token = (args.request as SignedRequest | undefined)?.headers?.['x-amz-security-token'];
    if (!session.hasGiven(token) || !session.isPinned()) throw otherSignature();
    return next(args);
  };
}

/** A call in nobody's name. */
export function noTenant(): AttributionError {
  return new AttributionError('InvalidTenant', 'the tenant of the call', [newProblem({
    code: 'noTenant',
    path: 'session',
    got: undefined,
    allowed: 'calls within the run of a session',
    remedy: 'make the call within forRequest(claims).run(…), or give its client credentials of another kind',
  })]);
}

function otherSignature(): AttributionError {
  return new AttributionError('InvalidTenant', 'the tenant of the call', [newProblem({
    code: 'otherSignature',
    path: 'session',
    got: 'a call that is not signed with the session of its tenant',
    allowed: 'the credentials of TenantCredentials alone',
    remedy: 'give the client credentials: tenants.credentials just as they are, with AWS SDK 3.775.0 or later, and unset AWS_BEARER_TOKEN_BEDROCK',
  })]);
}
