/** Types without parts, as Athena writes them in a table. */
const PRIMITIVE = /^(boolean|tinyint|smallint|int|bigint|float|double|string|binary|date|timestamp)$/;

/** The greatest numbers that a type with numbers takes. */
const LIMITS: Readonly<Record<string, readonly number[]>> = { char: [255], varchar: [65_535], decimal: [38, 38] };

/**
 * Whether a text is the type of a column in an Athena table: lower case and without blanks, as in `map<string,array<double>>`.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/data-types.html
 */
export function isAthenaType(text: string): boolean {
  const nested = /^(array|map|struct)<(.+)>$/.exec(text);
  if (nested === null) return isScalar(text);
  const parts = splitAtTopLevel(nested[2]);
  switch (nested[1]) {
    case 'array': return parts.length === 1 && isAthenaType(parts[0]);
    case 'map': return parts.length === 2 && isScalar(parts[0]) && isAthenaType(parts[1]);
    default: return parts.every((part) => {
      const field = /^[a-z_][a-z0-9_]*:(.+)$/.exec(part);
      return field !== null && isAthenaType(field[1]);
    });
  }
}

function isScalar(text: string): boolean {
  if (PRIMITIVE.test(text)) return true;
  const sized = /^(char|varchar|decimal)\((\d{1,5})(?:,(\d{1,2}))?\)$/.exec(text);
  if (sized === null) return false;
  const [, name, ...numbers] = sized;
  // a group that matched nothing is undefined, whatever its type says
  const given = numbers.filter(Boolean).map(Number);
  const limits = LIMITS[name];
  // the first is a length, the second a scale, which is not greater than it
  return given.length <= limits.length && given[0] >= 1 && given.every((number, index) => number <= Math.min(limits[index], given[0]));
}

/** The parts between the commas that stand in no bracket. */
function splitAtTopLevel(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const letter of text) {
    if (letter === '<' || letter === '(') depth++;
    if (letter === '>' || letter === ')') depth--;
    if (letter === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts;
}
