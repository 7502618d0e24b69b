const COMPILED = new Map<string, RegExp>();

/**
 * The regular expression of a pattern for a whole text.
 *
 * Schemas and limits have a handful of them, and clients hold each call against them: each is compiled once.
 */
export function wholeText(pattern: string): RegExp {
  const known = COMPILED.get(pattern);
  if (known !== undefined) return known;
  const made = new RegExp(pattern, 'u');
  COMPILED.set(pattern, made);
  return made;
}
