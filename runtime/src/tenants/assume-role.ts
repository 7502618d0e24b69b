import { AssumeRoleCommand, type AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@smithy/types';
import { newProblem } from '../../../lib/schema/new-problem';
import { AttributionError } from '../attribution-error';
import type { SessionRequest } from './session-request';
import type { AssumeRoleClient } from './tenant-credentials-options';

/** What is the same for all sessions. */
export interface AssumedRole {
  readonly client: AssumeRoleClient;
  readonly roleArn: string;
  readonly externalId?: string;
  readonly durationSeconds: number;
}

/** A session as STS has given it. */
export interface StartedSession {
  readonly credentials: AwsCredentialIdentity;
  /** Its end, in milliseconds since 1970. */
  readonly expiresAt: number;
  readonly attempts?: number;
}

/** Starts a session of a tenant. */
export async function assumeRole(role: AssumedRole, request: SessionRequest): Promise<StartedSession> {
  const answer = await role.client.send(new AssumeRoleCommand({
    RoleArn: role.roleArn,
    RoleSessionName: request.sessionName,
    SourceIdentity: request.sourceIdentity,
    ExternalId: role.externalId,
    DurationSeconds: role.durationSeconds,
    Tags: Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value })),
    TransitiveTagKeys: request.transitiveTags.length === 0 ? undefined : [...request.transitiveTags],
  }));
  return started(answer);
}

function started({ Credentials, $metadata: { attempts } }: AssumeRoleCommandOutput): StartedSession {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
  if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined || Expiration === undefined) {
    throw new Error('STS has answered without the credentials of the session');
  }
  return {
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken, expiration: Expiration },
    expiresAt: Expiration.getTime(),
    attempts,
  };
}

const THROTTLED = new Set(['Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'TooManyRequestsException', 'RequestThrottled']);

const DURATION = 'a role that starts sessions of another role can have them for 3600 seconds at most: set durationSeconds to 3600';

/** What to do about refusals that do not pass by themselves; the SDK ends some of the codes with `Exception`. */
const REMEDIES: Record<string, string | undefined> = {
  AccessDenied: 'compare roleArn, sessionKeys, sessionNameKey, sourceIdentityKey, transitiveKeys and externalId with the trust policy of the role, and give the gateway sts:AssumeRole, sts:TagSession and, with a source identity, sts:SetSourceIdentity',
  ValidationError: 'compare the options with the limits of AssumeRole',
  PackedPolicyTooLarge: 'name fewer sessionKeys, or shorten their values: tags have less room than their number and lengths allow',
  MalformedPolicyDocument: 'correct the policies of the role',
  RegionDisabled: 'activate STS in the Region in the settings of the account, or give a client of another Region',
};

/** Code of an error of STS, of the connection to it, or of the gateway's own credentials. */
export function codeOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** Whether STS wants fewer requests. */
export function isThrottled(error: unknown): boolean {
  return THROTTLED.has(codeOf(error));
}

/** The error for a refusal that STS would repeat; undefined for errors that may pass by themselves. */
export function refusalOf(error: unknown, { roleArn, durationSeconds }: AssumedRole): AttributionError | undefined {
  const code = codeOf(error).replace(/Exception$/, '');
  const remedy = Object.hasOwn(REMEDIES, code) ? REMEDIES[code] : undefined;
  if (remedy === undefined) return undefined;
  return new AttributionError('InvalidTenant', 'the session of the tenant', [newProblem({
    code: 'sessionRefused',
    path: 'AssumeRole',
    got: code,
    allowed: `what the trust policy of ${roleArn}, the permissions of the gateway and the limits of STS let through`,
    remedy: code === 'ValidationError' && durationSeconds > 3600 ? DURATION : remedy,
  })], { cause: error });
}
