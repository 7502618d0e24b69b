import { Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

/** Who may be an analyst. */
export interface AnalystTrust {
  readonly assumedBy: iam.IPrincipal;
  readonly principalTags: Record<string, string>;
  readonly sessionTagKey?: string;
}

/**
 * The caller as the trust policy of the role names it.
 *
 * Whoever assumes the role from another one, or as a user, has tags already; whoever comes from an identity provider is given them with the
 * session, by the provider.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
export function trustedAnalyst({ assumedBy, principalTags, sessionTagKey }: AnalystTrust): iam.IPrincipal {
  const isFederated = assumedBy.assumeRoleAction !== 'sts:AssumeRole';
  const required = Object.entries(principalTags)
    .map(([key, value]) => [`aws:${isFederated ? 'RequestTag' : 'PrincipalTag'}/${key}`, value]);
  const handedOver = sessionTagKey === undefined ? [] : [sessionTagKey];
  const sessionKeys = isFederated ? [...new Set([...Object.keys(principalTags), ...handedOver])] : handedOver;

  const caller = new iam.PrincipalWithConditions(assumedBy, {
    StringEquals: Object.fromEntries([
      ...required,
      // nobody takes the tag of somebody else; what a provider says is taken as it is
      ...isFederated ? [] : handedOver.map(key => [`aws:RequestTag/${key}`, `\${aws:PrincipalTag/${key}}`]),
    ]) as Record<string, string>,
    ...isFederated && handedOver.length > 0 ? { StringLike: { [`aws:RequestTag/${sessionTagKey}`]: '?*' } } : {},
    ...sessionKeys.length > 0 ? { 'ForAllValues:StringEquals': { 'aws:TagKeys': sessionKeys } } : {},
  });
  return sessionKeys.length > 0 ? new iam.SessionTagsPrincipal(caller) : caller;
}

/** What is wrong with who may be an analyst. */
export function trustProblems({ principalTags, sessionTagKey }: Omit<AnalystTrust, 'assumedBy'>): string[] {
  const entries = Object.entries(principalTags);
  if (entries.length === 0 && sessionTagKey === undefined) {
    return ['principalTags and sessionTagKey are left out: name the tag that an analyst has, or everybody whom the principal stands for gets in'];
  }
  return [
    ...[...entries.map(([key]) => key), ...sessionTagKey === undefined ? [] : [sessionTagKey]].flatMap(keyProblems),
    ...entries.filter(([, value]) => !Token.isUnresolved(value) && (value === '' || value.length > 256))
      .map(([key, value]) => `the value of tag ${JSON.stringify(key)} has ${value.length} characters: use 1 to 256`),
  ];
}

function keyProblems(key: string): string[] {
  if (Token.isUnresolved(key)) return ['a tag key is known at deployment only: write it out, for it is part of the name of a condition key'];
  if (/^[\w\s.:/=+@-]{1,128}$/.test(key)) return [];
  return [`the tag key ${JSON.stringify(key)} cannot stand in a policy: use 1 to 128 ASCII letters, digits, spaces and _.:/=+-@`];
}
