import { ParameterTier } from 'aws-cdk-lib/aws-ssm';
import { parameterNameProblems } from '../private/parameter-path';
import { LockVerdict, type LockChange } from '../schema';

const KIB = 1024;

/** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html (read 2026-11-21) */
const STANDARD_BYTES = 4 * KIB;
const ADVANCED_BYTES = 8 * KIB;

/** What is wrong with the name and the size of the parameter, one sentence each. */
export function parameterProblems(name: string, text: string, tier: ParameterTier): string[] {
  return [...parameterNameProblems(name, 'choose another'), ...sizeProblems(text, tier)];
}

function sizeProblems(text: string, tier: ParameterTier): string[] {
  const max = tier === ParameterTier.STANDARD ? STANDARD_BYTES : ADVANCED_BYTES;
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes <= max) return [];
  const remedy = tier === ParameterTier.STANDARD ? 'set tier to ParameterTier.ADVANCED, or shorten' : 'shorten';
  return [`schema takes ${bytes} bytes as compact JSON, but at most ${max} are allowed in the tier ${tier}; ${remedy} descriptions and allowed values`];
}

/** The changes that the lock refuses, one sentence each. */
export function refusals(changes: LockChange[]): string[] {
  return changes.filter(({ verdict }) => verdict === LockVerdict.REFUSED).map(({ sentence }) => sentence);
}
