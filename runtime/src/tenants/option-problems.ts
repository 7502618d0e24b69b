import type { Problem } from '../../../lib/schema';
import { newProblem } from '../../../lib/schema/new-problem';
import { hashKeyProblems, type PersonalHashKey } from '../personal-values';
import type { ResolvedLimits } from './tenant-credentials-options';

/** Seconds for which a role can start sessions of another role. */
const CHAINED_SECONDS = 3600;

const ROLE_ARN = /^arn:[a-z-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;

interface RoleOptions {
  readonly roleArn: string;
  readonly externalId?: string;
  readonly personalHashKey?: PersonalHashKey;
}

/** What is wrong with the options that do not depend on the schema. */
export function optionProblems(
  { roleArn, externalId, personalHashKey }: RoleOptions,
  { durationSeconds, maxSessions, refreshAheadSeconds, negativeSeconds }: ResolvedLimits,
): Problem[] {
  const duration = numberProblems('durationSeconds', durationSeconds, 900, 43_200,
    `a role that starts sessions of another role can have them for ${CHAINED_SECONDS} at most`);
  return [
    ...ROLE_ARN.test(roleArn) ? [] : [newProblem({
      code: 'roleArn', path: 'roleArn', got: roleArn, allowed: 'arn:<partition>:iam::<account>:role/<name>', remedy: 'give the ARN of the role, with its path',
    })],
    ...externalId === undefined || EXTERNAL_ID.test(externalId) ? [] : [newProblem({
      code: 'externalId', path: 'externalId', got: externalId, allowed: '2 to 1224 ASCII letters, digits and _ + = , . @ : / -', remedy: 'use the one that the role asks for',
    })],
    ...hashKeyProblems(personalHashKey),
    ...duration,
    ...numberProblems('maxSessions', maxSessions, 1, 1_000_000, 'take the number of tenants that call within an hour'),
    ...duration.length > 0 ? [] : numberProblems('refreshAheadSeconds', refreshAheadSeconds, 120, Math.floor(durationSeconds / 2), 'leave it out'),
    ...numberProblems('negativeSeconds', negativeSeconds, 0, 3600, 'leave it out'),
  ];
}

function numberProblems(path: string, got: number, min: number, max: number, remedy: string): Problem[] {
  if (Number.isInteger(got) && got >= min && got <= max) return [];
  return [newProblem({ code: path, path, got, allowed: `a whole number from ${min} to ${max}`, remedy })];
}
