import { Stack } from 'aws-cdk-lib';
import type { PolicyDocument } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Most characters of a policy, white space aside. An account may have that of trust policies raised to 4,096. */
export const PolicyLimit = { MANAGED: 6144, INLINE: 10_240, TRUST: 2048, SERVICE_CONTROL: 10_240 } as const;

/** What a reference may come to, in characters: the longest partition, the longest Region, an account, and an ARN for all else. */
const LONGEST: Record<string, number> = { 'AWS::Partition': 10, 'AWS::Region': 15, 'AWS::AccountId': 12 };
const LONGEST_ARN = 160;

/**
 * Characters of a policy document as IAM counts them: without white space, and with references at their longest.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
 */
export function policyCharacters(scope: IConstruct, document: PolicyDocument): number {
  const resolved: unknown = Stack.of(scope).resolve(document);
  return JSON.stringify(resolved === undefined ? {} : withoutReferences(resolved)).length;
}

/**
 * Whether a document is so small that it needs no counting: to resolve all policies of a large app for it would take long.
 */
export function isFarBelow(limit: number, document: PolicyDocument): boolean {
  const text = JSON.stringify(document.toJSON() ?? {});
  return text.length + text.split('Token[').length * LONGEST_ARN <= limit;
}

function withoutReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (typeof value !== 'object' || value === null) return value;
  if ('Ref' in value) return 'x'.repeat(LONGEST[String(value.Ref)] ?? LONGEST_ARN);
  if ('Fn::Join' in value) {
    const [delimiter, parts] = value['Fn::Join'] as [string, unknown];
    return Array.isArray(parts) ? parts.map(withoutReferences).join(delimiter) : 'x'.repeat(LONGEST_ARN);
  }
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0][0].startsWith('Fn::')) return 'x'.repeat(LONGEST_ARN);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutReferences(inner)]));
}
