import type { AttributionKey } from './attribution-key';
import { matchesPattern } from './check-values';
import type { ChangeName } from './lock-table';

/** Whether the values of a key was widened, narrowed or left alone: only what is sure to allow all that was allowed is wider. */
export function compareValueRules(before: AttributionKey, after: AttributionKey): ChangeName | undefined {
  if (rule(before) === rule(after)) return undefined;
  return isWider(before, after) ? 'widened' : 'narrowed';
}

function rule({ allowedValues, pattern }: AttributionKey): string {
  return JSON.stringify([allowedValues && [...allowedValues].sort(), pattern]);
}

function isWider(before: AttributionKey, { allowedValues, pattern }: AttributionKey): boolean {
  if (allowedValues !== undefined) return before.allowedValues?.every(value => allowedValues.includes(value)) ?? false;
  if (pattern === undefined) return true;
  if (before.allowedValues !== undefined) return before.allowedValues.every(value => matchesPattern(pattern, value));
  // no program can tell in general whether one pattern takes all that another takes; with every alternative still there, it does
  const alternatives = new Set(splitAlternatives(pattern));
  return before.pattern !== undefined && splitAlternatives(before.pattern).every(alternative => alternatives.has(alternative));
}

/** Splits a regular expression at the bars outside of groups, classes and escapes. */
function splitAlternatives(pattern: string): string[] {
  const alternatives = [''];
  let depth = 0;
  let inClass = false;
  for (const part of pattern.match(/\\.|[^\\]/gsu) ?? []) {
    if (part === '[') inClass = true;
    if (part === ']') inClass = false;
    if (!inClass && part === '(') depth += 1;
    if (!inClass && part === ')') depth -= 1;
    if (part === '|' && depth === 0 && !inClass) alternatives.push('');
    else alternatives[alternatives.length - 1] += part;
  }
  return alternatives;
}
