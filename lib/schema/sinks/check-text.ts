import type { TextLimit } from '../limits';
import { newProblem } from '../new-problem';
import type { Problem } from '../problem';

/** Holds one text against its limit; length and characters are apart, so that one mistake gives one problem. */
export function checkText(path: string, text: string, limit: TextLimit): Problem[] {
  const problems: Problem[] = [];
  const length = Array.from(text).length;
  const { minLength, maxLength, pattern, characters, url } = limit;
  if (length < minLength || length > maxLength) {
    problems.push(newProblem({
      code: 'length',
      path,
      got: text,
      allowed: `${minLength} to ${maxLength} characters`,
      remedy: `${length < minLength ? 'lengthen' : 'shorten'} it, it has ${length} (${url})`,
    }));
  }
  // an empty text has no wrong character, whatever the pattern makes of it
  if (length > 0 && !new RegExp(pattern, 'u').test(text)) {
    problems.push(newProblem({ code: 'characters', path, got: text, allowed: characters, remedy: `replace the other characters (${url})` }));
  }
  return problems;
}
