/** Stands around the name of a value in a text that is known only when it runs. No text of ours or of a schema has this character. */
const MARK = '\u0001';

/** The place in a text of a value that is known when it runs. */
export function atRunTime(name: string): string {
  return `${MARK}${name}${MARK}`;
}

/** The names of the values that a text waits for, each once. */
export function namesAtRunTime(text: string): string[] {
  return [...new Set(pieces(text).filter((_, index) => index % 2 === 1))];
}

/** A text with its values filled in. */
export function fillAtRunTime(text: string, values: Readonly<Partial<Record<string, string>>>): string {
  return pieces(text).map((piece, index) => {
    if (index % 2 === 0) return piece;
    const value = values[piece];
    if (value === undefined) throw new RangeError(`the text waits for a value of ${piece}, and there is none`);
    return value;
  }).join('');
}

/** A text as a JSONata expression that puts it together from variables of the same names, in camel case: `log_from` is `$logFrom`. */
export function toJsonata(text: string): string {
  return pieces(text)
    .map((piece, index) => index % 2 === 0 ? JSON.stringify(piece) : `$${camelCase(piece)}`)
    .filter(piece => piece !== '""')
    .join(' & ');
}

/** `logFrom` for `log_from`. */
export function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** What stands between marks is at the odd places. */
function pieces(text: string): string[] {
  return text.split(MARK);
}
