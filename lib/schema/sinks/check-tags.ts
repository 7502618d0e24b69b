import { Limits } from '../limits';
import type { TextLimit } from '../limits';
import { newProblem } from '../new-problem';
import type { Problem } from '../problem';
import { checkText } from './check-text';

/** One tag: both texts within their limits, and a key that is not kept by AWS. */
export function checkTag(path: string, key: string, value: string, keyLimit: TextLimit, valueLimit: TextLimit): Problem[] {
  return [...checkTagKey(path, key, keyLimit), ...checkText(`${path}.${key}`, value, valueLimit)];
}

/** A tag key on its own. */
export function checkTagKey(path: string, key: string, limit: TextLimit): Problem[] {
  const problems = checkText(path, key, limit);
  if (key.toLowerCase().startsWith(Limits.RESERVED_TAG_PREFIX)) {
    problems.push(newProblem({
      code: 'reservedTagPrefix',
      path,
      got: key,
      allowed: `a tag key that does not start with ${Limits.RESERVED_TAG_PREFIX}`,
      remedy: 'choose another prefix, AWS keeps this one to itself',
    }));
  }
  return problems;
}

/** How many tags there are. */
export function checkTagCount(path: string, count: number, max: number): Problem[] {
  if (count <= max) return [];
  return [newProblem({ code: 'count', path, got: count, allowed: `at most ${max} tags`, remedy: `leave out ${count - max}` })];
}
