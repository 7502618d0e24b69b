import type { TextLimit } from '../limits';
import { newProblem } from '../new-problem';
import type { Problem } from '../problem';
import { wholeText } from '../whole-text';

/** Holds one text against its limit; length and characters are apart, so that one mistake gives one problem. */
export function checkText(path: string, text: string, limit: TextLimit): Problem[] {
  const problems: Problem[] = [];
  const { minLength, maxLength, pattern, characters, url } = limit;
  const length = codePoints(text);
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
  if (length > 0 && !wholeText(pattern).test(text)) {
    problems.push(newProblem({ code: 'characters', path, got: text, allowed: characters, remedy: `replace the other characters (${url})` }));
  }
  return problems;
}

/** A surrogate pair is one character. */
function codePoints(text: string): number {
  let count = text.length;
  for (let index = 1; index < text.length; index++) {
    if (isBetween(text.charCodeAt(index), 0xDC00, 0xDFFF) && isBetween(text.charCodeAt(index - 1), 0xD800, 0xDBFF)) count--;
  }
  return count;
}

function isBetween(unit: number, first: number, last: number): boolean {
  return unit >= first && unit <= last;
}
