/** A tag, spelled as any of the services spells it. */
export interface ListedTag {
  readonly key: string | undefined;
  readonly value: string | undefined;
}

/**
 * Those tags whose keys are known, as they are spelled: case does not count, because IAM ignores it too.
 *
 * @param keys the known keys, in lower case
 */
export function ownTags(tags: readonly ListedTag[], keys: ReadonlySet<string>): Record<string, string> {
  const own = tags.flatMap(({ key, value }) => key !== undefined && keys.has(key.toLowerCase()) ? [[key, value ?? ''] as const] : []);
  return Object.fromEntries(own.sort(([one], [other]) => one < other ? -1 : 1));
}
