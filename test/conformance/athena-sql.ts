import athena from './athena-functions.json';

const KNOWN = new Set([...athena.documentedByTrino, ...athena.addedByAthena]);

/** Words that stand before a parenthesis and are no functions. */
const NO_FUNCTIONS = new Set(`all and any array as between by check columns conflict cross cube distinct else end except exists from grouping having in insert
  intersect into is join lateral like not on or over partition range rollup rows select set sets some table then timestamp union unnest update using values
  varchar when where with within bigint double char decimal map row`.split(/\s+/));

/**
 * Forms that the Trino of these tests reads and Athena does not document, or that only another engine has.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/select.html
 */
const FOREIGN_FORMS: Readonly<Record<string, RegExp>> = {
  'WITH FUNCTION': /\bWITH\s+FUNCTION\b/i,
  'WITH SESSION': /\bWITH\s+SESSION\b/i,
  'CORRESPONDING': /\bCORRESPONDING\b/i,
  'JSON_TABLE': /\bJSON_TABLE\s*\(/i,
  'TABLE(…) function': /\bFROM\s+TABLE\s*\(/i,
  'QUALIFY': /\bQUALIFY\b/i,
  'EXCLUDE': /\*\s*EXCLUDE\b/i,
  'GROUP BY ALL': /\bGROUP\s+BY\s+ALL\b/i,
  'ILIKE': /\bILIKE\b/i,
  '::': /::/,
};

/** What Athena would not understand of a text of SQL, each in a few words. */
export function foreignToAthena(sql: string): string[] {
  const code = withoutTexts(sql);
  const functions = calledFunctions(code).filter(name => !KNOWN.has(name));
  const forms = Object.keys(FOREIGN_FORMS).filter(form => FOREIGN_FORMS[form].test(code));
  return [...functions.map(name => `function ${name}`), ...forms.map(form => `form ${form}`)];
}

/** The code alone: no comments, no texts, no quoted names and no placeholders of a template. */
function withoutTexts(sql: string): string {
  return sql
    .replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*/g, found => found.startsWith('--') ? '' : found[0] + found[0])
    .replace(/\{[\w:]+\}/g, '{}');
}

/** Names before a parenthesis, but for those of common table expressions and of the columns of an alias. */
function calledFunctions(code: string): string[] {
  const lists = new Set([...code.matchAll(/\bAS\s+(\w+)\s*\(|\bINSERT\s+INTO\s+([\w.]+)\s*\(/gi)].map(match => match.index + match[0].length));
  const names = [...code.matchAll(/\b([a-z_]\w*)\s*\(/gi)].filter(match => !lists.has(match.index + match[0].length)).map(match => match[1].toLowerCase());
  return [...new Set(names)].filter(name => !NO_FUNCTIONS.has(name)).sort();
}
