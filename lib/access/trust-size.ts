import type * as iam from 'aws-cdk-lib/aws-iam';
import { isFarBelow, policyCharacters, PolicyLimit } from '../private/policy-size';

/** What is wrong with the size of the trust policy of a role. */
export function trustSizeProblems(role: iam.Role): string[] {
  const trust = role.assumeRolePolicy;
  if (trust === undefined || isFarBelow(PolicyLimit.TRUST, trust)) return [];
  const characters = policyCharacters(role, trust);
  return characters <= PolicyLimit.TRUST ? [] : [
    `the trust policy has ${characters} characters, and it may have ${PolicyLimit.TRUST}: name fewer principals, or let fewer keys and values be checked by it`,
  ];
}
