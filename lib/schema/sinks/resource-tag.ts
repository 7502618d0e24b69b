import { Limits } from '../limits';
import type { Problem } from '../problem';
import { checkTag, checkTagCount } from './check-tags';

/**
 * Tags on Bedrock resources: application inference profiles, projects, batch jobs.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Tag.html
 */
export class ResourceTagSink {
  /** What is wrong with one tag; nothing when it is accepted. */
  public static validate(key: string, value: string): Problem[] {
    return checkTag('resourceTags', key, value, Limits.RESOURCE_TAG_KEY, Limits.RESOURCE_TAG_VALUE);
  }

  /** What is wrong with all the tags of one resource; nothing when they are accepted. */
  public static validateAll(tags: Record<string, string>): Problem[] {
    const entries = Object.entries(tags);
    return [
      ...checkTagCount('resourceTags', entries.length, Limits.RESOURCE_TAGS),
      ...entries.flatMap(([key, value]) => ResourceTagSink.validate(key, value)),
    ];
  }
}
