import type { AttributionKey, AttributionSchema } from '../schema';
import { Carrier } from '../schema';

/** The values of a key as a policy can tell them. */
export interface PermittedValues {
  /** The operator that holds for a value of the schema; with `StringNot…` instead it holds for any other, and for a key that is absent. */
  readonly operator: 'StringEquals' | 'StringLike';
  readonly values: string[];
}

/** Present and not empty. */
export const ANY_VALUE: PermittedValues = { operator: 'StringLike', values: ['?*'] };

/**
 * What a policy can tell about the values of a key.
 *
 * Policies know lists and two wildcards, and no regular expressions: of a pattern they hold the literal beginning, so that no value of the
 * schema is refused and the rest of the pattern stays with whoever writes the tag. Values of a personal key arrive hashed.
 */
export function permittedValues(key: AttributionKey): PermittedValues {
  if (key.personal) return ANY_VALUE;
  const listed = (key.allowedValues ?? []).filter(value => value !== '');
  if (listed.length > 0) return { operator: 'StringEquals', values: listed };
  const beginning = key.pattern === undefined ? '' : literalBeginning(key.pattern);
  return beginning === '' ? ANY_VALUE : { operator: 'StringLike', values: [`${beginning}*`] };
}

/** A condition that holds for the values that are permitted. */
export function isPermitted(contextKey: string, { operator, values }: PermittedValues): Record<string, Record<string, string[]>> {
  return { [operator]: { [contextKey]: values } };
}

/** A condition that holds for every other value, and where the key is absent. */
export function isNotPermitted(contextKey: string, { operator, values }: PermittedValues): Record<string, Record<string, string[]>> {
  return { [operator.replace('String', 'StringNot')]: { [contextKey]: values } };
}

/** Conditions that must all hold, by operator; no two of them have an operator and a key in common. */
export function mergeConditions<Values>(all: Record<string, Record<string, Values>>[]): Record<string, Record<string, Values>> {
  const merged: Record<string, Record<string, Values>> = {};
  for (const [operator, keys] of all.flatMap(conditions => Object.entries(conditions))) merged[operator] = { ...merged[operator], ...keys };
  return merged;
}

/** The tag of the caller, from its role, user or session, that a key is read from. */
export function callerTag(key: AttributionKey): string {
  return `aws:PrincipalTag/${callerSpelling(key)}`;
}

/** How a key is spelled on the caller. */
export function callerSpelling(key: AttributionKey): string {
  return key.spelling(key.ridesOn(Carrier.PRINCIPAL_TAG) ? Carrier.PRINCIPAL_TAG : Carrier.SESSION_TAG);
}

/**
 * The value of the caller's own tag, to compare others with.
 *
 * A variable without a value spoils its whole statement, and with it a denial. The default keeps it alive: no tag can have this value,
 * because neither IAM nor Bedrock accepts the character.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function ownValue(key: AttributionKey): string {
  return `\${${callerTag(key)}, '!'}`;
}

/** Whether a key can be on the caller, by a tag of its role or user or by one of its session. */
export function ridesOnCaller(key: AttributionKey): boolean {
  return key.ridesOn(Carrier.PRINCIPAL_TAG) || key.ridesOn(Carrier.SESSION_TAG);
}

/**
 * Every spelling under which a caller may have an attribution tag. Deprecated keys are among them, for they are still read.
 */
export function callerTagKeys(schema: AttributionSchema): string[] {
  const carriers = [Carrier.PRINCIPAL_TAG, Carrier.SESSION_TAG];
  return [...new Set(schema.keys.flatMap(key => carriers.filter(carrier => key.ridesOn(carrier)).map(carrier => key.spelling(carrier))))];
}

/** The characters that every match of a pattern begins with, as far as they can be told without reading the pattern as a whole. */
function literalBeginning(pattern: string): string {
  if (pattern.includes('|')) return '';
  const [beginning] = /^\^?(?:[a-zA-Z0-9_:/=@ -]|\\[.+\-/])*/.exec(pattern) ?? [''];
  const quantifier = pattern.charAt(beginning.length);
  const literal = beginning.replace('^', '').replaceAll('\\', '');
  return '?*{'.includes(quantifier) && quantifier !== '' ? literal.slice(0, -1) : literal;
}
