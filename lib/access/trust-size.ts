import type * as iam from 'aws-cdk-lib/aws-iam';
import { policyCharacters, PolicyLimit } from '../private/policy-size';

/** What is wrong with the size of the trust policy of a role. */
export function trustSizeProblems(role: iam.Role): string[] {
  const characters = role.assumeRolePolicy === undefined ? 0 : policyCharacters(role, role.assumeRolePolicy);
  return characters <= PolicyLimit.TRUST ? [] : [
    `the trust policy has ${characters} characters, and it may have ${PolicyLimit.TRUST}: name fewer principals, or let fewer keys and values be checked by it`,
  ];
}
