import { randomBytes } from 'node:crypto';
import { type Answer, escapeXml, Refusal } from './answer';
import type { RecordedRequest } from './recorded-request';

/** A session that the endpoint has handed out. */
export interface StsSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** End of the session, in milliseconds since 1970. */
  readonly expiresAt: number;
  readonly roleArn: string;
  readonly sessionName: string;
  /** The principal as billing shows it. */
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string;
  readonly externalId?: string;
  readonly durationSeconds: number;
  /** The session that assumed the role, when roles are chained. */
  readonly caller?: StsSession;
}

interface Tag {
  readonly key: string;
  readonly value: string;
}

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const MOST_TAGS = 50;
const USUAL_SECONDS = 3600;
const LEAST_SECONDS = 900;
const MOST_SECONDS = 43_200;

/** A new session for a request, if the service would give one. */
export function assumeRole({ body }: RecordedRequest, caller: StsSession | undefined, now: number): StsSession {
  const form = new URLSearchParams(body);
  const tags: Tag[] = members(form, 'Tags', '.Key').map((key, index) => ({ key, value: form.get(`Tags.member.${index + 1}.Value`) ?? '' }));
  const transitiveTagKeys = members(form, 'TransitiveTagKeys', '');
  const roleArn = form.get('RoleArn') ?? '';
  const sessionName = form.get('RoleSessionName') ?? '';
  const sourceIdentity = form.get('SourceIdentity') ?? undefined;
  const externalId = form.get('ExternalId') ?? undefined;
  const durationSeconds = Number(form.get('DurationSeconds') ?? USUAL_SECONDS);

  check(/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(roleArn), 'ValidationError', `${roleArn} is invalid`);
  check(SESSION_NAME.test(sessionName), 'ValidationError', unsatisfied('roleSessionName', '[\\w+=,.@-]* with 2 to 64 characters'));
  check(sourceIdentity === undefined || SESSION_NAME.test(sourceIdentity), 'ValidationError', unsatisfied('sourceIdentity', '[\\w+=,.@-]*'));
  check(externalId === undefined || EXTERNAL_ID.test(externalId), 'ValidationError', unsatisfied('externalId', '[\\w+=,.@:\\/-]*'));
  checkTags(tags, transitiveTagKeys);
  checkChain(caller, tags, sourceIdentity);
  check(durationSeconds >= LEAST_SECONDS && durationSeconds <= MOST_SECONDS, 'ValidationError',
    unsatisfied('durationSeconds', `${LEAST_SECONDS} to ${MOST_SECONDS}`));
  check(caller === undefined || durationSeconds <= USUAL_SECONDS, 'ValidationError',
    'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining');

  const [, , , , account, role] = roleArn.split(':') as [string, string, string, string, string, string];
  const inherited = (caller?.transitiveTagKeys ?? []).map(key => [key, caller!.tags[key]] as const);
  return {
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString('hex'),
    sessionToken: randomBytes(64).toString('base64'),
    // Expiration has whole seconds
    expiresAt: Math.floor(now / 1000) * 1000 + durationSeconds * 1000,
    roleArn,
    sessionName,
    arn: `arn:aws:sts::${account}:assumed-role/${role.split('/').at(-1)}/${sessionName}`,
    tags: Object.fromEntries([...inherited, ...tags.map(({ key, value }) => [key, value] as const)]),
    transitiveTagKeys: [...inherited.map(([key]) => key), ...transitiveTagKeys],
    sourceIdentity: sourceIdentity ?? caller?.sourceIdentity,
    externalId,
    durationSeconds,
    caller,
  };
}

/** The answer to AssumeRole, in XML. */
export function assumeRoleAnswer(session: StsSession): Answer {
  const text = (name: string, value: string): string => `<${name}>${escapeXml(value)}</${name}>`;
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: [
      '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>',
      text('AccessKeyId', session.accessKeyId),
      text('SecretAccessKey', session.secretAccessKey),
      text('SessionToken', session.sessionToken),
      text('Expiration', new Date(session.expiresAt).toISOString().replace('.000Z', 'Z')),
      '</Credentials><AssumedRoleUser>',
      text('AssumedRoleId', `AROAEXAMPLE:${session.sessionName}`),
      text('Arn', session.arn),
      '</AssumedRoleUser>',
      session.sourceIdentity === undefined ? '' : text('SourceIdentity', session.sourceIdentity),
      '<PackedPolicySize>6</PackedPolicySize></AssumeRoleResult>',
      '<ResponseMetadata><RequestId>assumed</RequestId></ResponseMetadata></AssumeRoleResponse>',
    ].join(''),
  };
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html */
function checkTags(tags: readonly Tag[], transitiveTagKeys: readonly string[]): void {
  check(tags.length <= MOST_TAGS, 'ValidationError', unsatisfied('tags', `at most ${MOST_TAGS} members`));
  check(transitiveTagKeys.length <= MOST_TAGS, 'ValidationError', unsatisfied('transitiveTagKeys', `at most ${MOST_TAGS} members`));
  tags.forEach(({ key, value }, index) => {
    check(TAG_KEY.test(key), 'ValidationError', unsatisfied(`tags.${index + 1}.member.key`, TAG_KEY.source));
    check(TAG_VALUE.test(value), 'ValidationError', unsatisfied(`tags.${index + 1}.member.value`, TAG_VALUE.source));
  });
  check(new Set(tags.map(({ key }) => key.toLowerCase())).size === tags.length, 'InvalidParameterValue',
    'Duplicate tag keys found. Please note that Tag keys are case insensitive.');
}

/** What a session may not change that assumes a further role. */
function checkChain(caller: StsSession | undefined, tags: readonly Tag[], sourceIdentity: string | undefined): void {
  const inherited = new Set(caller?.transitiveTagKeys.map(key => key.toLowerCase()));
  check(!tags.some(({ key }) => inherited.has(key.toLowerCase())), 'InvalidParameterValue',
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.");
  check(sourceIdentity === undefined || caller?.sourceIdentity === undefined || caller.sourceIdentity === sourceIdentity, 'AccessDenied',
    'The source identity of the calling session cannot be changed');
}

function check(condition: boolean, code: string, message: string): void {
  if (!condition) throw new Refusal(code, message);
}

function unsatisfied(member: string, constraint: string): string {
  return `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`;
}

/** Values of a list in the query protocol: `Name.member.1`, `Name.member.2`, … */
function members(form: URLSearchParams, name: string, field: string): string[] {
  const values: string[] = [];
  for (let value = form.get(`${name}.member.1${field}`); value !== null; value = form.get(`${name}.member.${values.length + 1}${field}`)) {
    values.push(value);
  }
  return values;
}
