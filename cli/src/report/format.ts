import { stripVTControlCharacters } from 'node:util';

/** How a key that is not there is shown; a value that is spelled like it is quoted, so that the two never look alike. */
export const NONE = '(none)';
/** How a number that is not known is shown; never 0. */
export const UNKNOWN = '–';
/** What stands for a character that a terminal cannot be trusted to draw in a known width. */
const REPLACEMENT = '\uFFFD';

// the locale is fixed: a report must not change with the machine that prints it
const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const CENTS = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
/** From here on a double has no digits for cents, and a column no room: powers of ten instead. */
const TOO_WIDE = 1e15;

/** Text from data as one visible line: no terminal escapes, controls, bidirectional overrides or broken surrogates. */
export function plainText(value: string): string {
  return stripVTControlCharacters(value)
    .replace(/[\s\u2028\u2029]+/gu, ' ')
    .replace(/\p{C}/gu, '');
}

/**
 * Text from data for a terminal: `plainText`, and nothing whose width depends on the terminal.
 *
 * Marks that do not compose are dropped and emoji are replaced: neither can stand in an AWS tag, and terminals disagree about their width.
 */
export function terminalText(value: string): string {
  return plainText(value.normalize('NFC'))
    .replace(/\p{M}/gu, '')
    .replace(/\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}/gu, REPLACEMENT);
}

/** The value of a key for a reader. */
export function keyLabel(value: string | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  const text = plainText(value);
  return text.trim() === '' || /^\(.*\)$|^…/u.test(text) ? JSON.stringify(text) : text;
}

/** A number of things, with thousands separators. */
export function count(value: number | null): string {
  if (value === null) return UNKNOWN;
  return Math.abs(value) >= TOO_WIDE ? value.toExponential(2) : COUNT.format(value + 0);
}

/** Dollars in cents without a sign of currency; an amount below half a cent is never shown as nothing. */
export function usd(value: number | null): string {
  if (value === null) return UNKNOWN;
  if (value === 0) return '0.00';
  if (Math.abs(value) < 0.005) return value > 0 ? '<0.01' : '>-0.01';
  return Math.abs(value) >= TOO_WIDE ? value.toExponential(2) : CENTS.format(value);
}

/** `usd` with its dollar sign. */
export function dollars(value: number | null): string {
  return value === null ? UNKNOWN : usd(value).replace(/^([<>]?-?)/u, '$1$$');
}

/** Dollars for an axis or a bar: cents only where they are worth reading. */
export function shortDollars(value: number): string {
  const size = Math.abs(value);
  return size < 1_000 ? dollars(value).replace(/\.00$/u, '') : `${value < 0 ? '-' : ''}$${shortCount(size)}`;
}

/** A number of things for an axis or a bar: three digits and a unit. */
export function shortCount(value: number): string {
  const size = Math.abs(value);
  if (size >= TOO_WIDE) return value.toExponential(1);
  const [divisor, unit] = size >= 999.5e9 ? [1e12, 'T'] : size >= 999.5e6 ? [1e9, 'B'] : size >= 999.5e3 ? [1e6, 'M'] : size >= 1e3 ? [1e3, 'k'] : [1, ''];
  return `${Number((value / divisor).toPrecision(3))}${unit}`;
}

/** A share of a whole; only the whole is 100 %, and only nothing is 0 %. */
export function percent(part: number | null, whole: number | null): string {
  if (part === null || whole === null || whole === 0) return UNKNOWN;
  const share = (part / whole) * 100;
  const text = share.toFixed(1);
  if (!Number.isFinite(share) || Math.abs(share) >= 1e6) return UNKNOWN;
  if (text === '100.0' && part < whole) return '>99.9%';
  if (Number(text) === 0 && part !== 0) return part > 0 ? '<0.1%' : '>-0.1%';
  return `${Number(text) === 0 ? '0.0' : text}%`;
}

/** An instant to the minute. */
export function instant(iso: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z$/u.exec(iso);
  return parts === null ? plainText(iso) : `${parts[1]} ${parts[2]} UTC`;
}

// the ranges that cli-table3 pads by (East Asian wide and fullwidth); emoji never come here
const WIDE = /[\u1100-\u115F\u2329\u232A\u2E80-\u303E\u3040-\u3247\u3250-\u4DBF\u4E00-\uA4C6\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6B\uFF01-\uFF60\uFFE0-\uFFE6\u{1B000}\u{1B001}\u{1F200}-\u{1F251}\u{20000}-\u{3FFFD}]/u;

/** Columns that `terminalText` takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : 1;
  return width;
}

/** `text` in at most `width` columns; what is cut away shows as `…`, at the end or, for paths and ARNs, at the start. */
export function truncate(text: string, width: number, cut: 'end' | 'start' = 'end'): string {
  if (displayWidth(text) <= width) return text;
  const characters = cut === 'end' ? Array.from(text) : Array.from(text).reverse();
  const kept: string[] = [];
  let used = 1;
  for (const character of characters) {
    used += displayWidth(character);
    if (used > width) break;
    kept.push(character);
  }
  return cut === 'end' ? `${kept.join('')}…` : `…${kept.reverse().join('')}`;
}

/** `text` in lines of at most `width` columns, broken between words and, where one word is longer than a line, inside it. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (line !== '' && displayWidth(line) + 1 + displayWidth(rest) <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (displayWidth(rest) > width) {
      const head = truncate(rest, width).slice(0, -1);
      lines.push(head);
      rest = rest.slice(head.length);
    }
    line = rest;
  }
  return [...lines, line];
}

/** Text from data as the content of an HTML or SVG element or of a quoted attribute. */
export function escapeHtml(value: string): string {
  return plainText(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
