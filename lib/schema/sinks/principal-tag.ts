import { Limits } from '../limits';
import { newProblem } from '../new-problem';
import type { Problem } from '../problem';
import { checkTag, checkTagCount } from './check-tags';

/**
 * Tags on IAM roles, users and sessions: the three share one set of rules.
 *
 * A session has one limit more, on the packed size of its policies and tags together. STS works that out and tells the percentage used as
 * `PackedPolicySize`; nothing outside STS can foretell it.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
export class PrincipalTagSink {
  /** What is wrong with one tag; nothing when it is accepted. */
  public static validate(key: string, value: string): Problem[] {
    return checkTag('principalTags', key, value, Limits.PRINCIPAL_TAG_KEY, Limits.PRINCIPAL_TAG_VALUE);
  }

  /** What is wrong with all the tags of one principal or session; nothing when they are accepted. */
  public static validateAll(tags: Record<string, string>): Problem[] {
    const entries = Object.entries(tags);
    return [
      ...checkTagCount('principalTags', entries.length, Limits.PRINCIPAL_TAGS),
      ...entries.flatMap(([key, value]) => PrincipalTagSink.validate(key, value)),
      ...checkUnique(Object.keys(tags)),
    ];
  }
}

/** IAM keeps the case of a tag key but refuses two keys that differ in nothing else. */
function checkUnique(keys: string[]): Problem[] {
  const seen = new Map<string, string>();
  return keys.flatMap(key => {
    const other = seen.get(key.toLowerCase());
    seen.set(key.toLowerCase(), other ?? key);
    if (other === undefined) return [];
    return [newProblem({
      code: 'duplicateTagKey',
      path: 'principalTags',
      got: [other, key],
      allowed: 'tag keys that differ in more than upper and lower case',
      remedy: 'leave out one of the two',
    })];
  });
}
